// The exact compressed form of a customer base some time ago, with what its customers did since: how many have each
// history (x, t_x, T) in whole days at the cutoff, as many purchase days in the hold-out after it, and as many in the
// same time before it. All that choosing and judging a model needs to see of customers' purchases. A plain value; equal
// tables have equal bytes however they were put together. Not thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/lifetime/counted_runs.h"
#include "model/lifetime/purchase_table.h"

namespace strata {

struct HoldoutRow {
  int32_t x = 0, t_x_days = 0, T_days = 0;  // at the cutoff
  int32_t y = 0;                            // purchase days in (cutoff, cutoff + hold-out]
  int64_t customers = 0;
  int32_t y_before = 0;  // purchase days in (cutoff - hold-out, cutoff]
};

class HoldoutTable {
 public:
  // Of ShardFeatures::holdout, which has future_purchase_days and purchase_days_before, or is empty. Customers without
  // a purchase day by the cutoff are left out.
  static HoldoutTable Of(const CustomerColumns& columns);

  // Adds the counts of `other`; associative and commutative.
  void Merge(const HoldoutTable& other);

  // In the order (x, t_x, T, y, y_before). DATA_LOSS where decoded rows are out of order or impossible; INTERNAL where
  // columns held histories that no calendar allows.
  absl::StatusOr<std::vector<HoldoutRow>> Rows() const;

  void Encode(ByteWriter* writer) const;
  static HoldoutTable Decode(ByteReader* reader);

 private:
  struct Key {
    uint64_t history = 0;  // PackedHistory
    uint64_t counts = 0;   // y in the upper half, y_before in the lower
    auto operator<=>(const Key&) const = default;
  };

  CountedRuns<Key> runs_;
  int64_t impossible_ = 0;  // customers, as PurchaseTable counts them
};

// What was known at the cutoff: y summed over.
// In any order, rows of one history merged or not.
std::vector<PurchaseRow> BeforeHoldout(std::span<const HoldoutRow> rows);

}  // namespace strata
