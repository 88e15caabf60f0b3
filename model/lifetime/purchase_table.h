// The exact compressed form of a customer base for the BG/NBD model: how many customers have each history (x, t_x, T)
// in whole days. It is all that the likelihood needs, and it is small: a few hundred thousand rows for millions of
// customers. A plain value; equal tables have equal bytes however they were put together. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "model/customer_columns.h"

namespace strata {

struct PurchaseRow {
  int32_t x = 0;         // repeat purchase days
  int32_t t_x_days = 0;  // from the first to the last purchase day
  int32_t T_days = 0;    // from the first purchase day to the date
  int64_t customers = 0;
};

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
  struct Entry {
    uint64_t key;  // x, t_x, T in kKeyBits each, x highest
    int64_t customers;
  };
  using Run = std::vector<Entry>;  // ascending in key, without repetition

  static Run MergeRuns(const Run& left, const Run& right);
  void Push(Run run);
  Run Merged() const;

  // Runs of falling length, merged like the digits of a binary counter: adding many shards costs n log n, not n^2.
  std::vector<Run> runs_;
  // Customers whose columns contradict the definition of a purchase day (x > t_x, a last day before the first, ...).
  int64_t impossible_ = 0;
};

}  // namespace strata
