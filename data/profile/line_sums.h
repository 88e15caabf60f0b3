// What a profile has from the details of transactions, customer by customer, in one pass over them. Plain values; not
// thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/profile/day_facts.h"
#include "data/profile/profile_rules.h"
#include "data/rows/table_shard.h"
#include "model/customer_columns.h"

namespace strata {

// Sums are of the rules' window; kNoWhole and -1: absent.
struct LineSums {
  std::vector<int64_t> gross, returns;   // of rows that are no returns, of the others (above 0)
  std::vector<int64_t> orders;           // distinct order ids of purchases, and their days where an id is missing
  std::vector<int64_t> discount;         // absent where no row has one
  std::vector<int64_t> goods_cost;       // absent where no row's cost is known
  std::vector<int64_t> unit_price;       // of the main category: gross by quantity of the rows that have one
  std::vector<int32_t> category;         // of the greatest gross; code in `categories`
  std::vector<int32_t> region, channel;  // of most rows; codes in `regions`, `channels`
  std::vector<std::string_view> categories, regions, channels;  // ascending by bytes; view the tables
};

// Precondition: the tables are aligned to `today`, and transactions are among them. INTERNAL (ACCOUNTING) where a
// customer's details are not as many as its rows or have another net; OUT_OF_RANGE (PROFILE_OVERFLOW) names a customer
// whose sums leave 64 bits.
absl::StatusOr<LineSums> SumLines(const CustomerColumns& today, const ShardTables& tables, const DayFacts& days,
                                  const ProfileRules& rules);

}  // namespace strata
