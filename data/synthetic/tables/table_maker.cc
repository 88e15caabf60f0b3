#include "data/synthetic/tables/table_maker.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/synthetic/purposes.h"
#include "data/synthetic/row_values.h"
#include "data/synthetic/tables/tables_text.h"

namespace strata {
namespace {

constexpr int64_t kMicrosPerCent = 10'000;
constexpr Day kRegisteredBeforeDays = 30;  // of the first purchase, at most
constexpr Day kMetAfterDays = 60;          // after the last one
constexpr Day kCertainlyLostDays = 365;    // the longest gap that the rule of stages looks at
constexpr Day kCertainlyNewDays = 30;
constexpr int kLossRows = 3;
constexpr int64_t kLossExcessPercent = 125;
constexpr int64_t kLossExtraCents = 500;

}  // namespace

MadeTable TruthTable() {
  return MadeTable({{"customer_id", ValueType::kKey},
                    {"margin", ValueType::kMoney},
                    {"goods_cost", ValueType::kMoney},
                    {"other_cost", ValueType::kMoney},
                    {"loss_cause", ValueType::kCategory},
                    {"held_back", ValueType::kMoney},
                    {"life_cycle", ValueType::kCategory},
                    {"rows_last_28_days", ValueType::kInteger}});
}

MadeTable EmptyTable(TableId table, BaseShape shape) {
  if (table == TableId::kCustomers && shape == BaseShape::kCauses) {
    MadeTable made(table, {"parent_id", "age"});
    made.AddColumn(std::string(kTicketsColumn), ValueType::kDecimal);
    return made;
  }
  if (table == TableId::kCustomers) return MadeTable(table, {"valid_from", "parent_id", "age"});
  return MadeTable(table, {"updated_at", "valid_from"});
}

TableMaker::TableMaker(const World& world)
    : world_(world), last_day_(world.last_day()), made_{.tables = {}, .counts = {}, .truth = TruthTable()} {
  made_.counts.resize(kCustomerTables.size());
  for (const TableId table : kCustomerTables) {
    const MadeTable& made = made_.tables.emplace_back(EmptyTable(table, world.options.shape));
    planters_.emplace_back(table, made, world.dirty_per_clean, last_day_);
  }
}

MadeTable& TableMaker::Table(TableId table) {
  return made_.tables[static_cast<size_t>(std::find(kCustomerTables.begin(), kCustomerTables.end(), table) -
                                          kCustomerTables.begin())];
}

DrawStream TableMaker::Draws(TableId table, const Person& person) const {
  return DrawStream(world_.options.seed, kPurposeTable + static_cast<uint64_t>(table), person.number);
}

void TableMaker::Finish(TableId table, const Person& person, DrawStream* draws) {
  MadeTable& made = Table(table);
  made.Fill(draws);
  const auto place = static_cast<size_t>(&made - made_.tables.data());
  planters_[place].Plant(person.number, &fault_draws_[place], &made, &made_.counts[place]);
}

void TableMaker::AddBuyer(uint32_t customer, const CustomerTruth& truth, std::span<const SyntheticRow> rows) {
  const Day first_day = world_.options.first_day;
  Person person{.number = customer, .truth = &truth, .id = CustomerId(customer)};
  DrawStream plan(world_.options.seed, kPurposePlan, customer);
  const double lot = plan.Unit();
  person.registered = first_day + truth.first_day - static_cast<Day>(plan.Below(kRegisteredBeforeDays));
  person.last = std::min(last_day_, first_day + truth.last_purchase_day + kMetAfterDays);
  AddEvents(person);

  int64_t goods = 0, returned = 0, recent = 0;
  for (const SyntheticRow& row : rows) {
    goods += world_.catalogue->GoodsCents(row);
    if (row.is_return) returned -= row.amount_cents;
    recent += DayOf(row) >= world_.options.days - kMoveDays ? 1 : 0;
  }
  const int64_t margin = truth.net_cents - goods;
  int64_t other = 0, held = 0;
  std::string_view cause;
  if (lot < kLossMakerShare && margin > 0) {
    cause = plan.Below(2) == 0 ? "contact" : "service";
    const int64_t each =
        (std::max({margin, goods, returned}) * kLossExcessPercent / 100 + kLossExtraCents) / kLossRows + 1;
    for (int i = 0; i < kLossRows; ++i) AddCost(person, person.registered, cause, each);
    other = kLossRows * each;
  } else if (lot < kLossMakerShare + kHeldBackShare && margin > 0) {
    held = other = margin * kHeldBackPercent / 100;
    AddCost(person, person.registered, "retention", held);
  }
  MadeTable& made = made_.truth;
  made.Begin();
  made.Text("customer_id", person.id);
  made.Whole("margin", (margin - other) * kMicrosPerCent);
  made.Whole("goods_cost", goods * kMicrosPerCent);
  made.Whole("other_cost", other * kMicrosPerCent);
  made.Text("loss_cause", cause);
  if (held > 0) made.Whole("held_back", held * kMicrosPerCent);
  if (truth.last_purchase_day < world_.options.days - 1 - kCertainlyLostDays) made.Text("life_cycle", "lost");
  if (truth.first_day >= world_.options.days - kCertainlyNewDays) made.Text("life_cycle", "new");
  made.Whole("rows_last_28_days", recent);
}

void TableMaker::AddWhoNeverBuys(uint32_t customer) {
  Person person{.number = customer, .id = CustomerId(customer)};
  DrawStream plan(world_.options.seed, kPurposePlan, customer);
  person.registered =
      world_.options.first_day + static_cast<Day>(plan.Below(static_cast<uint32_t>(world_.options.days)));
  person.last = last_day_;
  AddEvents(person);
  made_.truth.Begin();
  made_.truth.Text("customer_id", person.id);
  made_.truth.Text("life_cycle", "potential");
  made_.truth.Whole("rows_last_28_days", 0);
}

void TableMaker::AddEvents(const Person& person) {
  fault_draws_.clear();
  for (const TableId table : kCustomerTables) {
    fault_draws_.emplace_back(world_.options.seed, kPurposeTableFault + static_cast<uint64_t>(table), person.number);
  }
  AddCustomer(person);
  AddContacts(person);
  AddCases(person);
  AddSurveys(person);
  AddUses(person);
  AddCampaigns(person);
  AddKyc(person);
}

void TableMaker::AddCost(const Person& person, Day period, std::string_view type, int64_t cents) {
  DrawStream draws = Draws(TableId::kCosts, person);
  MadeTable& made = Table(TableId::kCosts);
  made.Begin();
  made.Text("customer_id", person.id);
  made.Text("activity", "");
  made.Whole("period", std::max(period, world_.options.first_day));
  made.Text("type", type);
  made.Whole("amount", cents * kMicrosPerCent);
  Finish(TableId::kCosts, person, &draws);
}

void TableMaker::AddActivities() {
  constexpr Day kQuarterDays = 91;
  constexpr int64_t kCentsACustomer = 2;  // what a show costs for each customer
  const size_t place = 1;                 // of the costs in kCustomerTables
  MadeTable& made = Table(TableId::kCosts);
  for (Day day = world_.options.first_day; day <= last_day_; day += kQuarterDays) {
    for (const std::string_view activity : {"trade show", "web site"}) {
      made.Begin();
      made.Text("activity", activity);
      made.Whole("period", day);
      made.Text("type", "contact");
      made.Whole("amount", world_.options.customers * kCentsACustomer * kMicrosPerCent);
      planters_[place].Count(made, &made_.counts[place]);
    }
  }
}

MadeTables TableMaker::Take() { return std::move(made_); }

MadeTable MakeProducts(const World& world) {
  MadeTable made({{"product_id", ValueType::kCategory},
                  {"category", ValueType::kCategory},
                  {"brand", ValueType::kCategory},
                  {"price_tier", ValueType::kCategory},
                  {"launch_date", ValueType::kDay},
                  {"unit_cost", ValueType::kMoney},
                  {"function_tags", ValueType::kTags},
                  {"rank", ValueType::kInteger},
                  {"list_price", ValueType::kMoney}});
  constexpr int64_t kDearCents = 2000, kFairCents = 700;
  for (uint32_t i = 0; i < world.list_price_cents.size(); ++i) {
    const CatalogueProduct& product = (*world.catalogue)[i];
    const int64_t price = world.list_price_cents[i];
    made.Begin();
    made.Text("product_id", ProductId(i));
    made.Text("category", kPlantedCategories[product.category].name);
    made.Text("brand", fmt::format("brand {}", product.brand + 1));
    made.Text("price_tier", price >= kDearCents ? "dear" : price >= kFairCents ? "fair" : "cheap");
    made.Whole("launch_date", product.launch);
    made.Whole("unit_cost", product.unit_cost_cents * kMicrosPerCent);
    made.Text("function_tags", product.brand % 2 == 0 ? "everyday|gift" : "everyday");
    made.Whole("rank", i + 1);
    made.Whole("list_price", price * kMicrosPerCent);
  }
  return made;
}

MadeTable MakeMarket(const World& world) {
  MadeTable made(TableId::kMarket);
  for (uint32_t region = 0; region < kRegions; ++region) {
    for (uint32_t category = 0; category < kPlantedCategories.size(); ++category) {
      DrawStream draws(world.options.seed, kPurposeTable + static_cast<uint64_t>(TableId::kMarket),
                       region * kPlantedCategories.size() + category);
      for (const std::string_view competitor : {"Alder", "Birch"}) {
        constexpr int64_t kPerThousand = 1000;
        made.Begin();
        made.Text("region", kRegionNames[region]);
        made.Text("category", kPlantedCategories[category].name);
        made.Text("competitor", competitor);
        made.Whole("market_size", (1 + draws.Below(900)) * world.options.customers * kMicrosPerCent);
        made.Whole("own_share", (20 + draws.Below(200)) * kPerThousand);
        made.Whole("competitor_share", (20 + draws.Below(300)) * kPerThousand);
        made.Whole("valid_from", world.options.first_day);
        made.Fill(&draws);
      }
    }
  }
  return made;
}

}  // namespace strata
