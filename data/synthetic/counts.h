// What a synthetic base holds, in whole numbers: sums over customers and rows that are the same in any order. Plain
// values; merging is addition.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "data/synthetic/life.h"

namespace strata {

// A dirty kind as a run accounts for it.
enum class DirtyClass : uint8_t { kRejected, kDuplicate };
struct DirtyKindInfo {
  std::string_view name;
  DirtyClass outcome = DirtyClass::kRejected;
  std::string_view csv_reason, parquet_reason;  // of the reject; empty for duplicates
};
// Entry i describes the kind with the value i; entry 0, the clean rows, is empty.
inline constexpr std::array<DirtyKindInfo, kDirtyKinds> kDirtyKindInfos = {{
    {},
    {"missing_customer", DirtyClass::kRejected, "MISSING_CUSTOMER", "MISSING_CUSTOMER"},
    {"bad_amount", DirtyClass::kRejected, "AMOUNT_MALFORMED", "MISSING_AMOUNT"},
    {"bad_date", DirtyClass::kRejected, "DATE_IMPOSSIBLE", "DATE_OUT_OF_RANGE"},
    {"other_currency", DirtyClass::kRejected, "CURRENCY_OTHER", "CURRENCY_OTHER"},
    {"missing_transaction_id", DirtyClass::kRejected, "MISSING_TRANSACTION_ID", "MISSING_TRANSACTION_ID"},
    {"duplicate", DirtyClass::kDuplicate, "", ""},
    {"conflict", DirtyClass::kDuplicate, "", ""},
}};

// Customers by their planted purchase rate, and what merging the purchases of a day does to them.
inline constexpr std::array<double, 7> kRateClassBounds = {0.02, 0.05, 0.1, 0.2, 0.5, 1, 2};  // per week
struct RateClass {
  int64_t customers = 0;
  int64_t purchases = 0;
  int64_t purchase_days = 0;
  bool operator==(const RateClass&) const = default;
};

struct SyntheticCounts {
  int64_t customers = 0;
  int64_t purchases = 0;
  int64_t purchase_days = 0;
  int64_t clean_rows = 0;  // returns included
  int64_t return_rows = 0;
  int64_t net_cents = 0;  // of the clean rows
  int64_t alive = 0;
  int64_t winding_down = 0;                                           // of the alive
  std::array<int64_t, kDirtyKinds> dirty{};                           // [0] stays 0
  std::array<int64_t, kLeavingReasons> left_by_reason{};              // sum: customers - alive
  std::vector<RateClass> groups;                                      // by group
  std::array<RateClass, kRateClassBounds.size() + 1> rate_classes{};  // class i: below bound i; the last: the rest

  void Add(const CustomerTruth& truth);
  void AddDirty(DirtyKind kind) { ++dirty[static_cast<size_t>(kind)]; }
  void Add(const SyntheticCounts& other);

  int64_t dirty_rows() const;
  int64_t rejected() const;
  int64_t duplicates() const;
  int64_t rows() const { return clean_rows + dirty_rows(); }
  bool operator==(const SyntheticCounts&) const = default;
};

// How much counting days instead of purchases loses. `repeats_lost`: of all purchases after a customer's first, the
// share that falls on a day that already has one; repeat purchase rates come out that much too low.
struct Merging {
  double purchases_lost = 0;
  double repeats_lost = 0;
};
Merging MergingOf(const SyntheticCounts& counts);

// The share of purchases lost at a steady rate: 1 - (1 - e^-x) / x with x purchases a day.
double PurchasesLostAt(double rate_per_week);

}  // namespace strata
