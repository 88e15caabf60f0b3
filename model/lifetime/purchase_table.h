// The exact compressed form of a customer base for the models of repeat buying: how many customers have each history
// (x, t_x, T) in whole days. It is all that a likelihood needs, and it is small: a few hundred thousand rows for
// millions of customers. A plain value; equal tables have equal bytes however they were put together. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/lifetime/counted_runs.h"

namespace strata {

struct PurchaseRow {
  int32_t x = 0;         // repeat purchase days
  int32_t t_x_days = 0;  // from the first to the last purchase day
  int32_t T_days = 0;    // from the first purchase day to the date
  int64_t customers = 0;
};

// A customer's history as one number, ordered as (x, t_x, T). Absent: no calendar allows it (more repeat purchase days
// than days between the first and the last, days after the date). Precondition: the customer has a purchase day.
std::optional<uint64_t> PackedHistory(const CustomerColumns& columns, size_t row);
// The history of such a number, with no customers; absent: it is none.
std::optional<PurchaseRow> UnpackedHistory(uint64_t packed);

// INTERNAL (PURCHASE_HISTORY_IMPOSSIBLE): so many customers have a history that no calendar allows.
absl::Status ImpossibleHistories(int64_t customers);

class PurchaseTable {
 public:
  // Customers without a purchase day are left out.
  static PurchaseTable Of(const CustomerColumns& columns);

  // Adds the counts of `other`; associative and commutative.
  void Merge(const PurchaseTable& other);

  // Rows in the order (x, t_x, T). DATA_LOSS where decoded rows are out of order or impossible; INTERNAL where columns
  // held histories that no calendar allows (see impossible_).
  absl::StatusOr<std::vector<PurchaseRow>> Rows() const;

  void Encode(ByteWriter* writer) const;
  static PurchaseTable Decode(ByteReader* reader);

 private:
  CountedRuns<uint64_t> runs_;  // of packed histories
  // Customers whose columns contradict the definition of a purchase day (x > t_x, a last day before the first, ...).
  int64_t impossible_ = 0;
};

}  // namespace strata
