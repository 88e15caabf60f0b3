// The profile of a shard's customers: named columns from days, details of transactions and tables, which schemes,
// segments and reports read beside the features. A pure function; thread-safe.
//
// Sums are of the window that the rules give. Money is micros. A column that nothing is known of is there without
// values, so that every profile has the same ones, but for rfm_*, opportunities_*, contract_*, churn_* and attributes,
// which are there as the rules say.
//
//   orders             distinct orders of purchases; purchase days where no order id is mapped
//   gross, returns     amounts of purchases, and of returns; without details the net of purchase days, and what the
//                      others take away
//   discount           of the rows
//   goods_cost         cost of the rows, else quantity * unit cost of the product on that day, and costs of type goods
//   service_cost, contact_cost, retention_cost, discount_cost, other_cost
//                      costs of the customer by type; the last is their sum
//   margin             gross - returns - goods_cost - other_cost, as far as they are known; absent without any row
//   average_order      gross / orders
//   main_category      of the greatest gross; category of the row, else of the product. unit_price is gross / quantity
//                      there
//   main_region        customers.region, else that of most rows; main_channel that of most rows
//   tenure_band        days since the first purchase: 0-90, 91-365, 366-1095, 1096+
//   last_gap_days, last_row_day, active_quarters, rfm_*
//                      data/profile/day_facts.h
//   opportunities_*, contract_*
//                      model/lifetime/discrete_table.h
//   churn_tenure, churn_lost
//                      data/profile/churn_columns.h
//   customers.*, kyc.* attributes of the version that applies
//   completeness       share of attributes that are present, in millionths; all of none where only ids are mapped
//
// Of equals the first by bytes is the main one. Quotients are rounded half to even.
#pragma once

#include "base/status.h"
#include "data/profile/day_facts.h"
#include "data/profile/owned_columns.h"
#include "data/profile/profile_rules.h"
#include "data/rows/table_shard.h"
#include "model/customer_columns.h"

namespace strata {

// The rows of `today`, to which the tables are aligned. Versions of products are all that there are (Versions::kAll);
// those of customers and kyc may be: the last is the one that applies. `days` has seen every customer. Errors of
// SumLines (line_sums.h).
absl::StatusOr<OwnedColumns> BuildProfile(const CustomerColumns& today, const DayFacts& days, const ShardTables& tables,
                                          const ProfileRules& rules);

// The customers of the base that a table of customers names: known not after as_of. Views the table. registered_at
// says since when a customer is known, where it is mapped and present; else the first version does.
std::vector<KnownCustomer> KnownCustomers(const TableShard& customers, Day as_of);

}  // namespace strata
