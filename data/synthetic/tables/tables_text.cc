#include "data/synthetic/tables/tables_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/synthetic/tables/table_maker.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kBudgetSteps = 1000;  // the budget is rounded up to a thousandth, and one more

int64_t Rejected(const std::vector<FaultPlace>& places, const TableCounts& counts) {
  int64_t rows = 0;
  for (size_t i = 0; i < places.size(); ++i) rows += places[i].reason.empty() ? 0 : counts.faults[i];
  return rows;
}

int64_t Of(TableFault fault, const std::vector<FaultPlace>& places, const TableCounts& counts) {
  int64_t rows = 0;
  for (size_t i = 0; i < places.size(); ++i) rows += places[i].fault == fault ? counts.faults[i] : 0;
  return rows;
}

std::string SourceText(std::string_view name, std::string_view uri, const std::vector<std::string>& columns) {
  std::string text = fmt::format("  {}:\n    uri: {}\n    columns: {{", name, uri);
  for (size_t i = 0; i < columns.size(); ++i)
    text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", columns[i], columns[i]);
  return text + "}\n";
}

std::vector<std::string> NamesOf(const MadeTable& made) {
  std::vector<std::string> names;
  for (const MadeColumn& column : made.columns()) names.push_back(column.name);
  return names;
}

Json TableJson(BaseShape shape, TableId table, const TableCounts& counts) {
  const MadeTable made = EmptyTable(table, shape);
  const std::vector<FaultPlace> places = FaultsOf(table, made);
  const int64_t rejected = Rejected(places, counts);
  const int64_t duplicates = Of(TableFault::kDuplicate, places, counts);
  Json faults = Json::array();
  for (size_t i = 0; i < places.size(); ++i) {
    Json fault = {{"kind", Name(places[i].fault)}, {"column", places[i].column}, {"rows", counts.faults[i]}};
    if (!places[i].reason.empty()) fault["reason"] = places[i].reason;
    faults.push_back(std::move(fault));
  }
  Json missing;
  for (size_t i = 0; i < made.columns().size(); ++i) {
    missing[made.columns()[i].name] = i < counts.missing.size() ? counts.missing[i] : 0;
  }
  Json json = {{"a_run_accounts",
                {{"read", counts.rows},
                 {"accepted", counts.rows - rejected - duplicates},
                 {"rejected", rejected},
                 {"duplicates", duplicates},
                 {"blank", 0},
                 {"skipped", 0}}},
               {"rows_after_the_last_day", Of(TableFault::kFuture, places, counts)},
               {"rows_that_hold", counts.holding},
               {"missing_of_those", missing},
               {"faults", faults}};
  if (table == TableId::kCustomers) json["orphan_referrers"] = counts.orphan_referrers;
  return json;
}

}  // namespace

std::string TableSourcesText(BaseShape shape, std::span<const TableCounts> counts, SyntheticFormat format) {
  std::string text;
  for (size_t i = 0; i < kCustomerTables.size(); ++i) {
    const MadeTable made = EmptyTable(kCustomerTables[i], shape);
    const std::string_view name = SchemaOf(kCustomerTables[i]).name;
    std::vector<std::string> columns = NamesOf(made);
    const auto tickets = std::find(columns.begin(), columns.end(), kTicketsColumn);
    const bool has_tickets = tickets != columns.end();
    if (has_tickets) columns.erase(tickets);
    text += SourceText(name, name, columns);
    if (has_tickets) text += fmt::format("    extra: {{{0}: {{column: {0}, type: number}}}}\n", kTicketsColumn);
    const int64_t rejected = Rejected(FaultsOf(kCustomerTables[i], made), counts[i]);
    if (rejected == 0) continue;
    const double ratio = static_cast<double>(rejected) / static_cast<double>(counts[i].rows);
    text += fmt::format("    error_budget: {{rejected_ratio_max: {}}}\n",
                        std::min(1.0, (std::ceil(ratio * kBudgetSteps) + 1) / kBudgetSteps));
  }
  text += SourceText("products", fmt::format("products.{}", Name(format)),
                     {"product_id", "category", "brand", "price_tier", "launch_date", "unit_cost", "function_tags"});
  text += SourceText("market", fmt::format("market.{}", Name(format)), NamesOf(MadeTable(TableId::kMarket)));
  return text;
}

std::string TableModelsText() {
  return "  value: {window_days: all, treatment: {A: personal care, B: offers, C: mass mail, D: stop}}\n"
         "  levels: {cuts: [0.5, 0.8]}\n"
         "  life_cycle: {gap_days: 365}\n"
         "reports: all\n"
         "segments:\n"
         "  vip: grade = 'A' AND net >= 500\n"
         "  lapsing: purchase_days >= 3 AND NOT EXISTS (SELECT * FROM transactions WHERE days_ago < 90)\n"
         "  complained: EXISTS (SELECT * FROM cases WHERE kind = 'complaint' AND days_ago < 365)\n"
         "  top_vip: segment('vip') AND net >= percentile_disc(net, 0.9)\n";
}

std::string TablesTruthText(const World& world, std::span<const TableCounts> counts) {
  Json tables;
  for (size_t i = 0; i < kCustomerTables.size(); ++i) {
    tables[std::string(SchemaOf(kCustomerTables[i]).name)] =
        TableJson(world.options.shape, kCustomerTables[i], counts[i]);
  }
  Json categories, kano, satisfaction;
  for (const PlantedCategory& category : kPlantedCategories) {
    categories[std::string(category.name)] = category.margin_thousandths / 1000.0;
  }
  for (const KanoItem& item : kKanoItems) kano[std::string(item.item)] = item.planted_class;
  for (size_t i = 0; i < world.groups.size(); ++i) {
    satisfaction[std::string(world.groups[i].shape.name)] = kMeanSatisfaction[i % kMeanSatisfaction.size()];
  }
  const Json truth = {
      {"format_version", kSyntheticFormatVersion},
      {"tables", tables},
      {"customers_who_never_buy", world.options.customers / kNeverBuysDivisor},
      {"margin_of_category", categories},
      {"loss_makers", {{"share", kLossMakerShare}}},
      {"held_back", {{"share", kHeldBackShare}, {"of_margin", kHeldBackPercent / 100.0}}},
      {"moves", {{"previous_as_of", FormatDay(world.last_day() - kMoveDays)}, {"as_of", FormatDay(world.last_day())}}},
      {"late_feed", {{"table", "usage"}, {"newest_day", FormatDay(world.last_day() - kLateFeedDays)}}},
      {"mean_satisfaction", satisfaction},
      {"complaint_share", {{"service", kComplaintShareService}, {"others", kComplaintShare}}},
      {"kano", kano},
      {"redeemed_share", {{"treated", kRedeemedTreated}, {"control", kRedeemedControl}}}};
  return truth.dump(2) + "\n";
}

}  // namespace strata
