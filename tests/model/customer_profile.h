// A made-up profile for the customers of a test: columns that follow from their features and hashes, with absent values
// in each, so that it is the same in any split into shards. Owns what columns() views.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/columns.h"
#include "model/customer_columns.h"

namespace strata {

class CustomerProfile {
 public:
  explicit CustomerProfile(const CustomerColumns& today);
  CustomerProfile(const CustomerProfile&) = delete;
  CustomerProfile& operator=(const CustomerProfile&) = delete;

  const ColumnSet& columns() const { return columns_; }

  std::vector<int64_t> margin, average_order, unit_price, active_quarters, last_gap_days;
  std::vector<int64_t> rfm_recency, rfm_frequency, rfm_monetary;  // of the last 200 days, by the last purchase alone
  std::vector<int64_t> opportunities_x, opportunities_last, opportunities_n, contract_periods, contract_lost;
  std::vector<int32_t> category, region, tenure;

 private:
  void AddCustomer(const CustomerColumns& today, size_t row);
  void AddDiscrete(const CustomerColumns& today, size_t row);
  void AddColumns();

  std::vector<std::string> categories_, regions_, tenures_;
  ColumnSet columns_;
};

}  // namespace strata
