// What a row's columns hold, for both formats: times, texts and what is left out of dirty rows. Pure functions;
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/synthetic/life.h"
#include "data/synthetic/world.h"

namespace strata {

// The columns of a transaction file in their order; a job maps each to the field of the same name.
inline constexpr std::array<std::string_view, 16> kSyntheticColumns = {
    "transaction_id", "customer_id", "time",       "amount", "quantity", "unit_price",   "currency", "is_return",
    "updated_at",     "order_id",    "product_id", "region", "channel",  "promotion_id", "due_date", "payment_date"};

// Further ones of a base with all tables.
inline constexpr std::array<std::string_view, 2> kSyntheticCostColumns = {"discount", "cost"};

inline constexpr uint32_t kExportSecond = 2 * 3600;  // rows are updated at two o'clock of the next day
inline constexpr int kBadYear = 2999;                // of bad dates in typed columns
inline constexpr std::string_view kBadTimeText = "2023-02-30 10:00:00";
inline constexpr std::string_view kBadAmountText = "n/a";

inline int32_t DayOf(const SyntheticRow& row) { return static_cast<int32_t>(row.second / kSecondsPerDay); }
// Seconds since the period's first midnight.
inline int64_t UpdatedAt(const SyntheticRow& row) {
  const int64_t day = DayOf(row) + (row.dirt == DirtyKind::kConflict ? 0 : 1);
  return day * kSecondsPerDay + kExportSecond;
}

std::string ProductId(uint32_t product);      // "P00042"
std::string PromotionId(uint32_t promotion);  // 1..kPromotions: "promo-07"

// Sorts by time; rows of one second keep their order. Precondition: no more than 2^32 rows.
void SortByTime(std::vector<SyntheticRow>* rows);

}  // namespace strata
