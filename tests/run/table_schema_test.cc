// The schemas hold together, their numbers stay, and the page about them is what they say.
#include "run/table_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "run/source_fields.h"
#include "run/transaction_fields.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

bool IsName(std::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

int CountOf(const TableSchema& table, ColumnMark mark) {
  return static_cast<int>(std::count_if(table.columns.begin(), table.columns.end(),
                                        [mark](const ColumnSchema& column) { return column.Is(mark); }));
}

std::vector<std::string> KeyOf(TableId table) {
  std::vector<std::string> key;
  for (const ColumnSchema& column : SchemaOf(table).columns) {
    if (column.Is(kRowKey)) key.emplace_back(column.name);
  }
  return key;
}

TEST(TableSchema, NumbersOfTablesStay) {
  const std::vector<std::string> names = {"transactions", "customers", "products", "costs",     "contacts", "cases",
                                          "surveys",      "usage",     "visits",   "campaigns", "kyc",      "market"};
  ASSERT_EQ(AllTables().size(), kTableCount);
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(AllTables()[i].name, names[i]);
    EXPECT_EQ(AllTables()[i].id, static_cast<TableId>(i));
    EXPECT_EQ(TableNamed(names[i]), static_cast<TableId>(i));
    EXPECT_EQ(&SchemaOf(static_cast<TableId>(i)), &AllTables()[i]);
  }
  EXPECT_EQ(SchemaOf(TableId::kLinks).id, TableId::kLinks);
  EXPECT_FALSE(TableNamed("links").has_value()) << "no job may name it";
  EXPECT_FALSE(TableNamed("Customers").has_value());
}

TEST(TableSchema, ColumnsHoldTogether) {
  for (const TableSchema& table : AllTables()) {
    std::set<std::string_view> names;
    for (const ColumnSchema& column : table.columns) {
      SCOPED_TRACE(std::string(table.name) + "." + std::string(column.name));
      EXPECT_TRUE(IsName(column.name));
      EXPECT_TRUE(names.insert(column.name).second) << "the name is there twice";
      EXPECT_EQ(FindColumn(table.id, column.name), &column);
      EXPECT_FALSE(column.meaning.empty());
      EXPECT_FALSE(column.meaning.ends_with('.'));
      EXPECT_EQ(column.type == ValueType::kChoice, !column.words.empty());
      const std::vector<std::string> words = WordsOf(column);
      EXPECT_EQ(std::set<std::string>(words.begin(), words.end()).size(), words.size());
      EXPECT_EQ(std::count(words.begin(), words.end(), ""), 0);
      if (column.min.has_value() && column.max.has_value()) {
        EXPECT_LT(*column.min, *column.max);
      }
      if (!column.not_before.empty()) {
        const ColumnSchema* first = FindColumn(table.id, column.not_before);
        ASSERT_NE(first, nullptr);
        EXPECT_EQ(first->type, column.type);
      }
      if (column.Is(kFlagServes)) {
        EXPECT_EQ(column.type, ValueType::kTime);
      }
    }
    EXPECT_EQ(FindColumn(table.id, "no such column"), nullptr);
    EXPECT_LE(table.columns.size() + kMaxExtraColumns, kMaxTableColumns);
  }
}

TEST(TableSchema, EveryRowHasAPlaceAndADay) {
  for (const TableSchema& table : AllTables()) {
    SCOPED_TRACE(std::string(table.name));
    const bool is_version = table.effect == Effect::kVersion;
    EXPECT_EQ(CountOf(table, kRowTime), is_version ? 0 : 1);
    EXPECT_EQ(CountOf(table, kValidFrom), is_version ? 1 : 0);
    EXPECT_EQ(CountOf(table, kCustomer), table.placing == Placing::kReference ? 0 : 1);
    EXPECT_LE(CountOf(table, kStandsIn), 1);
    if (is_version) {
      EXPECT_TRUE(table.Marked(kValidFrom)->Is(kRowKey)) << "two versions of one day are the same row";
    } else {
      EXPECT_TRUE(table.Marked(kRowTime)->Is(kRequired) || table.Marked(kStandsIn) != nullptr);
    }
    if (table.placing == Placing::kCustomer) {
      EXPECT_TRUE(table.Marked(kCustomer)->Is(kRequired));
    }
    EXPECT_EQ(CountOf(table, kUpdatedAt), !is_version && table.FirstKey() != nullptr ? 1 : 0);
  }
}

TEST(TableSchema, KeysSayWhatADuplicateIs) {
  EXPECT_THAT(KeyOf(TableId::kTransactions), ElementsAre("transaction_id"));
  EXPECT_THAT(KeyOf(TableId::kCustomers), ElementsAre("customer_id", "valid_from"));
  EXPECT_THAT(KeyOf(TableId::kProducts), ElementsAre("product_id", "valid_from"));
  EXPECT_THAT(KeyOf(TableId::kCosts), ElementsAre());
  EXPECT_THAT(KeyOf(TableId::kContacts), ElementsAre());
  EXPECT_THAT(KeyOf(TableId::kCases), ElementsAre("case_id"));
  EXPECT_THAT(KeyOf(TableId::kSurveys), ElementsAre("response_id", "item", "form"));
  EXPECT_THAT(KeyOf(TableId::kUsage), ElementsAre());
  EXPECT_THAT(KeyOf(TableId::kVisits), ElementsAre());
  EXPECT_THAT(KeyOf(TableId::kCampaigns), ElementsAre("customer_id", "campaign_id"));
  EXPECT_THAT(KeyOf(TableId::kKyc), ElementsAre("customer_id", "valid_from"));
  EXPECT_THAT(KeyOf(TableId::kMarket), ElementsAre("region", "category", "competitor", "valid_from"));
}

TEST(TableSchema, TransactionsAreTheFieldsThatAreRead) {
  const std::span<const ColumnSchema> columns = SchemaOf(TableId::kTransactions).columns;
  const SourceFields fields = FieldsOf(TransactionSource());
  ASSERT_LE(fields.size(), columns.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    EXPECT_EQ(fields.fields[i].name, columns[i].name);
    EXPECT_EQ(fields.fields[i].upper_name, kTransactionFields[i].upper_name);
    EXPECT_EQ(fields.fields[i].key, "sources.transactions.columns." + std::string(columns[i].name));
    EXPECT_FALSE(fields.fields[i].is_mapped());
  }
}

TEST(TableSchema, IsTheDocumentation) {
  std::ifstream file("docs/tables.md");
  ASSERT_TRUE(file.is_open());
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), TablesMarkdown()) << "write the page anew from the schemas";
}

TEST(TableSchema, DocumentationNamesEveryColumnWithItsRules) {
  const std::string page = TablesMarkdown();
  for (const TableSchema& table : AllTables()) {
    EXPECT_THAT(page, HasSubstr("\n## " + std::string(table.name) + "\n"));
  }
  for (const char* line : {
           "| customer_id | key |  | required; key | who |\n",
           "| age | integer | 0 to 130; years |  | in whole years |\n",
           "| closed | time | not before opened |  | when it was closed |\n",
           "| unit_cost | money | 0 or more |  | what one piece costs the seller |\n",
           "| own_share | share | 0 to 1 |  | of the market |\n",
           "| score | decimal | 0 to 100; points | required |",
           "| sent | time |  | in place of assigned_at where that is not there; a flag will do | when it was sent |\n",
           "| assessed_at | day |  | in place of valid_from where that is not there | when |\n",
           "| investor_class | choice | retail, professional |  | as the law classes investors |\n",
           "Key: `region`, `category`, `competitor`, `valid_from`.",
       }) {
    EXPECT_THAT(page, HasSubstr(line));
  }
}

}  // namespace
}  // namespace strata
