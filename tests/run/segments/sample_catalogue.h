// What the conditions of these tests may name: some of every type.
#pragma once

#include "run/segments/catalogue.h"

namespace strata {

inline ColumnCatalogue SampleCatalogue() {
  using enum ColumnType;
  ColumnCatalogue catalogue;
  catalogue.columns = {{"net", {kMoney}},
                       {"margin", {kMoney}},
                       {"purchase_days", {kInteger}},
                       {"rows", {kInteger}},
                       {"p_alive", {kNumber}},
                       {"lifetime_value_low", {kNumber}},
                       {"overdue_ratio", {kNumber}},
                       {"next_purchase_50", {kDay}},
                       {"completeness", {kShare}},
                       {"last_day", {kDay}},
                       {"no_purchase", {kFlag}},
                       {"grade", {kText, {"A", "B", "C", "D"}}},
                       {"main_category", {kText}},
                       {"customers.gender", {kText, {"female", "male", "other", "unknown"}}},
                       {"customers.consent", {kFlag}},
                       {"customers.Größe", {kShare}}};
  const NameInfos always = {{"day", {kDay}}, {"days_ago", {kInteger}}, {"minute", {kInteger}}};
  NameInfos transactions = always;
  transactions.insert({{"net", {kMoney}},
                       {"quantity", {kShare}},
                       {"is_return", {kFlag}},
                       {"category", {kText}},
                       {"order_id", {kText, {}, Stored::kKey}},
                       {"product_id", {kText, {}, Stored::kKey}},
                       {"due_date", {kDay}},
                       {"products.brand", {kText}}});
  NameInfos cases = always;
  cases.insert({{"kind", {kText, {"opinion", "complaint", "consultation"}}}, {"closed", {kDay, {}, Stored::kMinutes}}});
  catalogue.events = {{"transactions", transactions}, {"cases", cases}};
  catalogue.absent = {{"life_cycle", "models.life_cycle"},
                      {"contacts", "sources.contacts"},
                      {"cases.region", "sources.cases.columns.region"}};
  return catalogue;
}

}  // namespace strata
