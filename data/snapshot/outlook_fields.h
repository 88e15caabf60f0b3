// The fields of a customer's outlook under the names that the API, the Parquet files and exports give them, in the
// API's order. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/customer_score.h"

namespace strata {

// Calls visit.Number(name, member), visit.Date(name, place in next_purchase) or visit.Count(name, member).
template <typename V>
void VisitOutlook(V& visit) {
  using O = CustomerOutlook;
  visit.Number("p_alive_low", &O::p_alive_low);
  visit.Number("p_alive_high", &O::p_alive_high);
  visit.Number("expected_purchases_low", &O::expected_purchases_low);
  visit.Number("expected_purchases_high", &O::expected_purchases_high);
  visit.Number("p_no_purchase_low", &O::p_no_purchase_low);
  visit.Number("p_no_purchase_high", &O::p_no_purchase_high);
  visit.Number("expected_spend_low", &O::expected_spend_low);
  visit.Number("expected_spend_high", &O::expected_spend_high);
  visit.Number("lifetime_value_low", &O::lifetime_value_low);
  visit.Number("lifetime_value_high", &O::lifetime_value_high);
  visit.Number("lifetime_value_by_period", &O::lifetime_value_by_period);
  visit.Number("residual_value", &O::residual_value);
  visit.Number("overdue_ratio", &O::overdue_ratio);
  visit.Number("p_silence", &O::p_silence);
  visit.Date("next_purchase_10", 0);
  visit.Date("next_purchase_50", 1);
  visit.Date("next_purchase_90", 2);
  visit.Count("predicted_purchases_low", &O::predicted_purchases_low);
  visit.Count("predicted_purchases_high", &O::predicted_purchases_high);
  visit.Number("predicted_spend_low", &O::predicted_spend_low);
  visit.Number("predicted_spend_high", &O::predicted_spend_high);
  visit.Number("predicted_value_low", &O::predicted_value_low);
  visit.Number("predicted_value_high", &O::predicted_value_high);
}

}  // namespace strata
