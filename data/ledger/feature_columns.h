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

// Calls visit(name, &CustomerColumns::member) for every column but hash.
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
static_assert(sizeof(CustomerColumns) == sizeof(int64_t) + 16 * sizeof(std::span<const int64_t>),
              "a column of CustomerColumns is missing from VisitFeatureColumns");

// The bytes of the Arrow file: the as_of view, and with churn the test and the train view. The ids are those of the
// as_of view, as texts of an Arrow array; nobody asks the others for theirs, so they have empty ones.
absl::StatusOr<std::string> EncodeFeatures(const std::vector<CustomerColumns>& views,
                                           std::span<const int32_t> id_offsets, std::string_view ids,
                                           const FeatureDates& dates);

}  // namespace strata
