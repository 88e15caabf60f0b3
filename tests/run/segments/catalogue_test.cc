#include "run/segments/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "run/segments/score_names.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;

using ::testing::Contains;
using ::testing::Key;
using ::testing::Pair;

// Schemas in small, with a column of every kind that matters here.
constexpr ColumnSchema kTransactionColumns[] = {
    {.name = "customer_id", .type = ValueType::kKey, .marks = kRequired | kCustomer},
    {.name = "time", .type = ValueType::kTime, .marks = kRequired | kRowTime},
    {.name = "amount", .type = ValueType::kMoney},
    {.name = "quantity", .type = ValueType::kDecimal},
    {.name = "product_id", .type = ValueType::kKey, .marks = kOfProducts | kLineDetail},
    {.name = "category", .type = ValueType::kCategory, .marks = kLineDetail},
    {.name = "channel", .type = ValueType::kCategory, .marks = kLineDetail}};
constexpr ColumnSchema kCustomerColumns[] = {
    {.name = "customer_id", .type = ValueType::kKey, .marks = kRequired | kRowKey | kCustomer},
    {.name = "gender", .type = ValueType::kChoice, .words = "female|male|other"},
    {.name = "referrer_id", .type = ValueType::kKey, .marks = kOfCustomers},
    {.name = "region", .type = ValueType::kCategory},
    {.name = "valid_from", .type = ValueType::kDay, .marks = kRowKey | kValidFrom}};
constexpr ColumnSchema kProductColumns[] = {
    {.name = "product_id", .type = ValueType::kCategory, .marks = kRequired | kRowKey},
    {.name = "brand", .type = ValueType::kCategory},
    {.name = "unit_cost", .type = ValueType::kMoney},
    {.name = "valid_from", .type = ValueType::kDay, .marks = kRowKey | kValidFrom}};
constexpr ColumnSchema kCaseColumns[] = {
    {.name = "customer_id", .type = ValueType::kKey, .marks = kRequired | kCustomer},
    {.name = "opened", .type = ValueType::kTime, .marks = kRequired | kRowTime},
    {.name = "product_id", .type = ValueType::kKey, .marks = kOfProducts},
    {.name = "solved", .type = ValueType::kFlag}};

const TableSchema kTransactions = {TableId::kTransactions, "transactions", Effect::kEvent, Placing::kCustomer, "",
                                   kTransactionColumns};
const TableSchema kCustomers = {TableId::kCustomers, "customers", Effect::kVersion,
                                Placing::kCustomer,  "",          kCustomerColumns};
const TableSchema kProducts = {TableId::kProducts,  "products", Effect::kVersion,
                               Placing::kReference, "",         kProductColumns};
const TableSchema kCases = {TableId::kCases, "cases", Effect::kEvent, Placing::kCustomer, "", kCaseColumns};

// A job that has all tables and models.
CatalogueSources Whole() {
  CatalogueSources sources;
  sources.tables = {
      {&kTransactions, true, {"customer_id", "time", "amount", "quantity", "product_id", "category"}, {}},
      {&kCustomers, true, {"customer_id", "gender", "referrer_id"}, {{"tier", "tier", ValueType::kCategory}}},
      {&kProducts, true, {"product_id", "brand"}, {}},
      {&kCases, true, {"customer_id", "opened"}, {}}};
  sources.rfm = sources.clustering = sources.lifetime = sources.churn = true;
  sources.value = sources.levels = sources.life_cycle = sources.windowed_rfm = true;
  sources.rfm_classes = {"champions", "rest"};
  return sources;
}

std::vector<std::string> NamesOf(const NameInfos& infos) {
  std::vector<std::string> names;
  for (const auto& [name, info] : infos) names.push_back(name);
  return names;
}

TEST(Catalogue, HasEveryScoreThatTheJobAsksFor) {
  const ColumnCatalogue catalogue = CatalogueOf(Whole());
  std::set<std::string> names;
  for (const ScoreName& score : ScoreNames()) {
    EXPECT_THAT(catalogue.columns, Contains(Key(std::string(score.name))));
    EXPECT_TRUE(names.emplace(score.name).second) << score.name << " is there twice";
  }
  EXPECT_EQ(catalogue.columns.at("net").type, ColumnType::kMoney);
  EXPECT_THAT(catalogue.columns.at("grade").words, ElementsAre("A", "B", "C", "D"));
  EXPECT_THAT(catalogue.columns.at("rfm_segment").words, ElementsAre("champions", "rest"));
}

TEST(Catalogue, SaysWhatAModelWouldBring) {
  const ColumnCatalogue catalogue = CatalogueOf({});
  EXPECT_THAT(catalogue.columns, Contains(Key("purchase_days")));
  for (const auto& [name, key] :
       {std::pair("grade", "models.value"), std::pair("life_cycle", "models.life_cycle"),
        std::pair("amount_level", "models.levels"), std::pair("cluster", "models.clustering"),
        std::pair("p_alive", "models.lifetime"), std::pair("churn_probability", "models.churn"),
        std::pair("rfm_segment", "models.rfm")}) {
    EXPECT_THAT(catalogue.columns, Not(Contains(Key(name))));
    EXPECT_THAT(catalogue.absent, Contains(Pair(name, key)));
  }
}

TEST(Catalogue, TakesAttributesFromVersionsWithoutIdsAndDatesOfVersions) {
  const ColumnCatalogue catalogue = CatalogueOf(Whole());
  std::vector<std::string> attributes;
  for (const auto& [name, info] : catalogue.columns) {
    if (name.starts_with("customers.")) attributes.push_back(name);
  }
  EXPECT_THAT(attributes, ElementsAre("customers.gender", "customers.tier"));
  EXPECT_THAT(catalogue.columns.at("customers.gender").words, ElementsAre("female", "male", "other"));
  EXPECT_THAT(catalogue.absent, Contains(Pair("customers.region", "sources.customers.columns.region")));
  EXPECT_THAT(catalogue.events, Not(Contains(Key("customers"))));
}

TEST(Catalogue, TakesEventsWithTheirProducts) {
  const ColumnCatalogue catalogue = CatalogueOf(Whole());
  EXPECT_THAT(NamesOf(catalogue.events.at("transactions")),
              ElementsAre("category", "day", "days_ago", "is_return", "minute", "net", "product_id", "products.brand",
                          "quantity"));
  EXPECT_EQ(catalogue.events.at("transactions").at("product_id").stored, Stored::kKey);
  EXPECT_EQ(catalogue.events.at("transactions").at("quantity").type, ColumnType::kShare);
  EXPECT_THAT(NamesOf(catalogue.events.at("cases")), ElementsAre("day", "days_ago", "minute", "opened"));
  EXPECT_EQ(catalogue.events.at("cases").at("opened").type, ColumnType::kDay);
  EXPECT_EQ(catalogue.events.at("cases").at("opened").stored, Stored::kPlain)
      << "rows keep their time as day and minute";
  EXPECT_THAT(catalogue.absent, Contains(Pair("transactions.channel", "sources.transactions.columns.channel")));
  EXPECT_THAT(catalogue.absent,
              Contains(Pair("transactions.products.unit_cost", "sources.products.columns.unit_cost")));
  EXPECT_THAT(catalogue.absent, Contains(Pair("cases.products.brand", "sources.cases.columns.product_id")));
  EXPECT_THAT(catalogue.events, Not(Contains(Key("products"))));
}

TEST(Catalogue, SaysWhichTableIsMissing) {
  CatalogueSources sources;
  sources.tables = {{&kTransactions, false, {}, {}}, {&kCases, false, {}, {}}};
  const ColumnCatalogue catalogue = CatalogueOf(sources);
  EXPECT_TRUE(catalogue.events.empty());
  EXPECT_EQ(catalogue.absent.at("cases"), "sources.cases");
  EXPECT_THAT(catalogue.absent.at("transactions"), ::testing::HasSubstr("lines: keep"));
}

}  // namespace
}  // namespace strata
