// The columns of CustomerColumns by name, in the order of the files that hold them: the one list that writing, reading
// and exporting share. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/ledger/features.h"
#include "model/customer_columns.h"

namespace strata {

// Calls visit(name, &CustomerColumns::member) for every column but hash and those of the hold-out view alone.
template <typename Visit>
void VisitFeatureColumns(Visit&& visit) {
  visit("purchase_days", &CustomerColumns::purchase_days);
  visit("first_day", &CustomerColumns::first_day);
  visit("last_day", &CustomerColumns::last_day);
  visit("net_micros", &CustomerColumns::net_micros);
  visit("repeat_net_micros", &CustomerColumns::repeat_net_micros);
  visit("rows", &CustomerColumns::rows);
  visit("return_rows", &CustomerColumns::return_rows);
  visit("purchase_days_30", &CustomerColumns::purchase_days_30);
  visit("purchase_days_90", &CustomerColumns::purchase_days_90);
  visit("purchase_days_180", &CustomerColumns::purchase_days_180);
  visit("purchase_days_365", &CustomerColumns::purchase_days_365);
  visit("net_micros_90", &CustomerColumns::net_micros_90);
  visit("net_micros_365", &CustomerColumns::net_micros_365);
  visit("squared_gap_days", &CustomerColumns::squared_gap_days);
  visit("future_purchase_days", &CustomerColumns::future_purchase_days);
}
// Calls visit(name, &CustomerColumns::member) for the columns of the hold-out view alone.
template <typename Visit>
void VisitHoldoutColumns(Visit&& visit) {
  visit("future_net_micros", &CustomerColumns::future_net_micros);
  visit("purchase_days_before", &CustomerColumns::purchase_days_before);
}
static_assert(sizeof(CustomerColumns) == sizeof(int64_t) + 18 * sizeof(std::span<const int64_t>),
              "a column of CustomerColumns is missing from VisitFeatureColumns and VisitHoldoutColumns");

// The bytes of the Arrow file: the as_of view, those of churn, newest first, and the one of the hold-out
// where the dates have one. The ids are those of the as_of view, as texts of an Arrow array; nobody asks the others for
// theirs, so they have empty ones. All batches of a file have the same columns, so the other views have zeros in those
// of the hold-out.
absl::StatusOr<std::string> EncodeFeatures(const std::vector<CustomerColumns>& views,
                                           std::span<const int32_t> id_offsets, std::string_view ids,
                                           const FeatureDates& dates);

}  // namespace strata
