// Tables beside transactions in a job file: what is read, what a ledger depends on, and every way to get it wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "run/job_sources.h"
#include "run/source_fields.h"
#include "tests/run/broken_case.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kSources[] = R"(sources:
  cases:
    uri: cases.csv
    columns: {case_id: no, customer_id: id, kind: art, opened: opened, updated_at: upd}
  customers:
    uri: data/customers.parquet
    columns: {customer_id: id, gender: sex, region: state, valid_from: changed}
    values: {gender: {F: female, M: male}}
    extra: {loyalty_tier: {column: tier, type: category}, trips: {column: n, type: number}}
    time_format: "%d.%m.%Y"
    delimiter: ";"
    on_missing_customer: skip
    on_vanished: remove
    on_changed: replace
    error_budget: {rejected_ratio_max: 0.01, rejected_max: 5}
  products:
    uri: data/products*.csv
    columns: {product_id: sku, unit_cost: cost, risk_grade: risk}
    valid_from: {"products_2024*.csv": 2024-01-01, "products_2025*.csv": 2025-06-30}
  costs:
    uri: costs.csv
    columns: {activity: what, period: month, type: kind, amount: eur}
)";

absl::StatusOr<std::vector<TableSource>> Read(const std::string& yaml) {
  STRATA_ASSIGN_OR_RETURN(const YamlSection root, YamlSection::ParseFile(yaml, "job.yaml", {"sources"}));
  std::vector<std::string> names;
  for (const TableSchema& table : AllTables()) names.emplace_back(table.name);
  STRATA_ASSIGN_OR_RETURN(const auto sources, root.Section("sources", names));
  return ReadTableSources(*sources);
}

std::string Edited(const std::string& replace, const std::string& with) {
  std::string text = kSources;
  const size_t at = text.find(replace);
  EXPECT_NE(at, std::string::npos) << replace;
  return at == std::string::npos ? text : text.replace(at, replace.size(), with);
}

std::string MessageOf(const std::string& yaml) { return std::string(Read(yaml).status().message()); }

TEST(TableSources, AreReadInTheOrderOfTables) {
  const auto tables = Read(kSources);
  ASSERT_TRUE(tables.ok()) << tables.status();
  ASSERT_EQ(tables->size(), 4u);
  const TableSource& customers = tables->at(0);
  EXPECT_EQ(customers.table, TableId::kCustomers);
  EXPECT_EQ(tables->at(1).table, TableId::kProducts);
  EXPECT_EQ(tables->at(2).table, TableId::kCosts);
  EXPECT_EQ(tables->at(3).table, TableId::kCases);
  EXPECT_EQ(customers.uri, "data/customers.parquet");
  EXPECT_THAT(customers.columns, ElementsAre(Pair("customer_id", "id"), Pair("gender", "sex"), Pair("region", "state"),
                                             Pair("valid_from", "changed")));
  EXPECT_THAT(customers.values.at("gender"), ElementsAre(Pair("F", "female"), Pair("M", "male")));
  ASSERT_EQ(customers.extra.size(), 2u);
  EXPECT_EQ(customers.extra[0].name, "loyalty_tier");
  EXPECT_EQ(customers.extra[0].column, "tier");
  EXPECT_EQ(customers.extra[0].type, ValueType::kCategory);
  EXPECT_EQ(customers.extra[1].type, ValueType::kDecimal);
  EXPECT_EQ(customers.time_format, "%d.%m.%Y");
  EXPECT_EQ(customers.delimiter, ';');
  EXPECT_EQ(customers.on_missing_customer, OnMissingCustomer::kSkip);
  EXPECT_EQ(customers.on_vanished, OnVanished::kRemove);
  EXPECT_EQ(customers.on_changed, OnChanged::kReplace);
  ASSERT_TRUE(customers.error_budget.has_value());
  EXPECT_EQ(customers.error_budget->rejected_ratio_max, 0.01);
  EXPECT_EQ(customers.error_budget->rejected_max, 5);
}

TEST(TableSources, HaveDefaultsWhereNothingIsSaid) {
  const auto tables = Read(kSources);
  ASSERT_TRUE(tables.ok()) << tables.status();
  const TableSource& costs = tables->at(2);
  EXPECT_EQ(costs.time_format, "");
  EXPECT_EQ(costs.delimiter, ',');
  EXPECT_EQ(costs.on_missing_customer, OnMissingCustomer::kReject);
  EXPECT_EQ(costs.on_vanished, OnVanished::kKeep);
  EXPECT_EQ(costs.on_changed, OnChanged::kError);
  EXPECT_FALSE(costs.error_budget.has_value());
  EXPECT_TRUE(costs.Maps("activity"));
  EXPECT_FALSE(costs.Maps("customer_id"));
  EXPECT_FALSE(costs.HasRowKey()) << "costs never have a key";
  EXPECT_TRUE(tables->at(3).HasRowKey());
  const auto without_key = Read(Edited("case_id: no, customer_id: id, kind: art, opened: opened, updated_at: upd",
                                       "customer_id: id, kind: art, opened: opened"));
  ASSERT_TRUE(without_key.ok()) << without_key.status();
  EXPECT_FALSE(without_key->at(3).HasRowKey());
  EXPECT_TRUE(Read("sources: {}").value().empty());
}

TEST(TableSources, HoldFromDatesOfFilesOrFromOneDate) {
  const Day first = ParseDay("2024-01-01").value();
  EXPECT_THAT(
      Read(kSources)->at(1).valid_from,
      ElementsAre(Pair("products_2024*.csv", first), Pair("products_2025*.csv", ParseDay("2025-06-30").value())));
  const auto one =
      Read(Edited(R"({"products_2024*.csv": 2024-01-01, "products_2025*.csv": 2025-06-30})", "2024-01-01"));
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_THAT(one->at(1).valid_from, ElementsAre(Pair("*", first)));
}

TEST(TableSources, EveryTableCanBeReadWithAllItsColumns) {
  std::string yaml = "sources:\n";
  for (const TableSchema& table : AllTables()) {
    if (table.id == TableId::kTransactions) continue;
    yaml += "  " + std::string(table.name) + ":\n    uri: x\n    columns:\n";
    for (const ColumnSchema& column : table.columns) {
      yaml += "      " + std::string(column.name) + ": c_" + std::string(column.name) + "\n";
    }
  }
  const auto tables = Read(yaml);
  ASSERT_TRUE(tables.ok()) << tables.status();
  ASSERT_EQ(tables->size(), kTableCount - 1);
  for (const TableSource& source : *tables) {
    const SourceFields fields = FieldsOf(source);
    ASSERT_EQ(fields.size(), SchemaOf(source.table).columns.size());
    for (size_t i = 0; i < fields.size(); ++i) {
      const std::string name(SchemaOf(source.table).columns[i].name);
      EXPECT_EQ(fields.fields[i].name, name);
      EXPECT_EQ(fields.fields[i].column, "c_" + name);
    }
  }
}

TEST(TableSources, AreFieldsInTheOrderOfTheSchemaThenOwnColumns) {
  const auto tables = Read(kSources);
  ASSERT_TRUE(tables.ok()) << tables.status();
  const SourceFields fields = FieldsOf(tables->at(0));
  EXPECT_EQ(fields.delimiter, ';');
  const size_t columns = SchemaOf(TableId::kCustomers).columns.size();
  ASSERT_EQ(fields.size(), columns + 2);
  EXPECT_EQ(fields.fields[0].name, "customer_id");
  EXPECT_EQ(fields.fields[0].upper_name, "CUSTOMER_ID");
  EXPECT_EQ(fields.fields[0].column, "id");
  EXPECT_EQ(fields.fields[0].key, "sources.customers.columns.customer_id");
  EXPECT_FALSE(fields.fields[1].is_mapped()) << "type is not mapped";
  EXPECT_EQ(fields.fields[columns].name, "loyalty_tier");
  EXPECT_EQ(fields.fields[columns].key, "sources.customers.extra.loyalty_tier.column");
  EXPECT_EQ(fields.fields[columns].read, FieldRead::kText);
  EXPECT_EQ(fields.fields[columns + 1].column, "n");
  EXPECT_EQ(fields.fields[columns + 1].read, FieldRead::kNumber);
}

TEST(TableSources, AreWhatALedgerDependsOn) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const Pairs pairs = TablesFingerprint(Read(kSources).value());
  const Pairs expected = {
      {"sources.customers.columns.customer_id", "id"},
      {"sources.customers.columns.gender", "sex"},
      {"sources.customers.columns.region", "state"},
      {"sources.customers.columns.valid_from", "changed"},
      {"sources.customers.values.gender.F", "female"},
      {"sources.customers.values.gender.M", "male"},
      {"sources.customers.extra.loyalty_tier.column", "tier"},
      {"sources.customers.extra.loyalty_tier.type", "category"},
      {"sources.customers.extra.trips.column", "n"},
      {"sources.customers.extra.trips.type", "number"},
      {"sources.customers.time_format", "%d.%m.%Y"},
      {"sources.customers.delimiter", ";"},
      {"sources.customers.on_missing_customer", "skip"},
      {"sources.products.columns.product_id", "sku"},
      {"sources.products.columns.unit_cost", "cost"},
      {"sources.products.columns.risk_grade", "risk"},
      {"sources.products.valid_from.products_2024*.csv", "2024-01-01"},
      {"sources.products.valid_from.products_2025*.csv", "2025-06-30"},
      {"sources.products.time_format", ""},
      {"sources.products.delimiter", ","},
      {"sources.costs.columns.activity", "what"},
      {"sources.costs.columns.period", "month"},
      {"sources.costs.columns.type", "kind"},
      {"sources.costs.columns.amount", "eur"},
      {"sources.costs.time_format", ""},
      {"sources.costs.delimiter", ","},
      {"sources.cases.columns.case_id", "no"},
      {"sources.cases.columns.customer_id", "id"},
      {"sources.cases.columns.kind", "art"},
      {"sources.cases.columns.opened", "opened"},
      {"sources.cases.columns.updated_at", "upd"},
      {"sources.cases.time_format", ""},
      {"sources.cases.delimiter", ","},
      {"sources.cases.on_missing_customer", "reject"},
  };
  EXPECT_EQ(pairs, expected);
  EXPECT_TRUE(TablesFingerprint({}).empty());
  // Where files are and what happens to them is not the ledger's.
  std::string moved = Edited("uri: costs.csv", "uri: s3://costs\n    error_budget: {rejected_max: 7}");
  EXPECT_EQ(TablesFingerprint(Read(moved).value()), expected);
}

class BrokenTableSource : public ::testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenTableSource, SaysWhereWhatAndWhatIsAllowed) {
  const BrokenCase& c = GetParam();
  const auto tables = Read(Edited(c.replace, c.with));
  ASSERT_FALSE(tables.ok());
  EXPECT_EQ(tables.status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(DetailOf(tables.status()).has_value());
  EXPECT_EQ(DetailOf(tables.status())->reason, "JOB_INVALID");
  const std::string message(tables.status().message());
  EXPECT_THAT(message, HasSubstr("job.yaml:" + std::to_string(c.line) + ": sources." + c.key + ": "));
  for (const char* part : c.parts) EXPECT_THAT(message, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    Columns, BrokenTableSource,
    ::testing::Values(
        BrokenCase{"unknown key", "uri: cases", "ury: cases", 3, "cases.ury", {"did you mean 'uri'?", "known keys"}},
        BrokenCase{"no uri", "    uri: cases.csv\n", "", 2, "cases.uri", {"a file, folder or glob"}},
        BrokenCase{"unknown column", "gender: sex", "gendr: sex", 7, "customers.columns.gendr", {"'gender'?", "age"}},
        BrokenCase{"customer", "customer_id: id, kind", "kind", 4, "cases.columns.customer_id", {"name of a column"}},
        BrokenCase{"no kind", "kind: art, ", "", 4, "cases.columns.kind", {"name of a column of the source"}},
        BrokenCase{"no product", "product_id: sku, ", "", 18, "products.columns.product_id", {"name of a column"}},
        BrokenCase{"blank column", "region: state", "region: ''", 7, "customers.columns.region", {"not blank"}},
        BrokenCase{"column list", "region: state", "region: [a]", 7, "customers.columns.region", {"found a list"}},
        BrokenCase{"twice", "region: state", "gender: state", 7, "customers.columns.gender", {"given twice"}},
        BrokenCase{
            "no key", "case_id: no, ", "", 4, "cases.columns.updated_at", {"without case_id", "both or neither"}},
        BrokenCase{"no columns",
                   "    columns: {activity: what, period: month, type: kind, amount: eur}\n",
                   "",
                   20,
                   "costs.columns",
                   {"a mapping from columns of the table"}},
        BrokenCase{"columns",
                   "{activity: what, period: month, type: kind, amount: eur}",
                   "all",
                   22,
                   "costs.columns",
                   {"found 'all'", "a mapping with the keys customer_id, activity, period"}},
        BrokenCase{
            "nobody", "activity: what, ", "", 22, "costs.columns", {"neither", "customer_id, activity or both"}}),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Words, BrokenTableSource,
    ::testing::Values(
        BrokenCase{"no choice", "{gender: {F", "{region: {F", 8, "customers.values.region", {"unknown key", "gender"}},
        BrokenCase{"not mapped", "gender: sex, ", "", 8, "customers.values.gender", {"with gender in columns"}},
        BrokenCase{"word",
                   "F: female",
                   "F: woman",
                   8,
                   "customers.values.gender.F",
                   {"found 'woman'", "female, male, other, unknown"}},
        BrokenCase{"no mapping",
                   "{F: female, M: male}",
                   "female",
                   8,
                   "customers.values.gender",
                   {"found 'female'", "words of the source to female, male"}},
        BrokenCase{"no words", "{F: female, M: male}", "{}", 8, "customers.values.gender", {"words of the source"}},
        BrokenCase{"blank word", "F: female", "' ': female", 8, "customers.values.gender", {"found a blank key"}},
        BrokenCase{"word twice", "M: male", "F: male", 8, "customers.values.gender.F", {"given twice"}},
        BrokenCase{"no choices",
                   "    uri: costs.csv\n    columns: {activity: what, ",
                   "    uri: costs.csv\n    values: {activity: {a: b}}\n    columns: {activity: what, ",
                   22,
                   "costs.values.activity",
                   {"unknown key", "type"}}),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    OwnColumns, BrokenTableSource,
    ::testing::Values(
        BrokenCase{"elsewhere",
                   "    uri: costs.csv",
                   "    extra: {a: {column: b, type: day}}\n    uri: costs.csv",
                   21,
                   "costs.extra",
                   {"unknown key"}},
        BrokenCase{"name", "loyalty_tier:", "LoyaltyTier:", 9, "customers.extra.LoyaltyTier", {"a small letter"}},
        BrokenCase{"taken", "loyalty_tier:", "city:", 9, "customers.extra.city", {"column of the table itself"}},
        BrokenCase{"type",
                   "type: category",
                   "type: text",
                   9,
                   "customers.extra.loyalty_tier.type",
                   {"found 'text'", "category, number, day, flag"}},
        BrokenCase{"no type", ", type: category", "", 9, "customers.extra.loyalty_tier.type", {"category, number"}},
        BrokenCase{"no column", "column: tier, ", "", 9, "customers.extra.loyalty_tier.column", {"name of a column"}},
        BrokenCase{"unknown key",
                   "column: tier, ",
                   "field: tier, ",
                   9,
                   "customers.extra.loyalty_tier.field",
                   {"unknown key", "column, type"}},
        BrokenCase{"list",
                   "{loyalty_tier: {column: tier, type: category}, trips: {column: n, type: number}}",
                   "[tier]",
                   9,
                   "customers.extra",
                   {"found a list", "a mapping from a name"}}),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Rules, BrokenTableSource,
    ::testing::Values(
        BrokenCase{"valid from twice",
                   "    error_budget",
                   "    valid_from: 2024-01-01\n    error_budget",
                   15,
                   "customers.valid_from",
                   {"although a column says it", "not both"}},
        BrokenCase{"valid from of events",
                   "    uri: costs.csv",
                   "    valid_from: 2024-01-01\n    uri: costs.csv",
                   21,
                   "costs.valid_from",
                   {"unknown key"}},
        BrokenCase{"date",
                   "2025-06-30",
                   "2025-06-31",
                   19,
                   "products.valid_from.products_2025*.csv",
                   {"found '2025-06-31'", "YYYY-MM-DD", "1900"}},
        BrokenCase{"one date",
                   R"({"products_2024*.csv": 2024-01-01, "products_2025*.csv": 2025-06-30})",
                   "soon",
                   19,
                   "products.valid_from",
                   {"found 'soon'", "a day of the calendar"}},
        BrokenCase{"dates",
                   R"({"products_2024*.csv": 2024-01-01, "products_2025*.csv": 2025-06-30})",
                   "[2024-01-01]",
                   19,
                   "products.valid_from",
                   {"found a list"}},
        BrokenCase{"time format", "%d.%m.%Y", "%d.%m", 10, "customers.time_format", {"year"}},
        BrokenCase{"delimiter", "\";\"", "x", 11, "customers.delimiter", {"found 'x'", "or tab"}},
        BrokenCase{"missing customer", "skip", "drop", 12, "customers.on_missing_customer", {"'drop'", "reject, skip"}},
        BrokenCase{"no customers",
                   "    uri: data/products*.csv",
                   "    on_missing_customer: skip\n    uri: x",
                   17,
                   "products.on_missing_customer",
                   {"unknown key"}},
        BrokenCase{"vanished", "remove", "forget", 13, "customers.on_vanished", {"'forget'", "keep, error, remove"}},
        BrokenCase{"changed", "replace", "merge", 14, "customers.on_changed", {"'merge'", "error, replace"}},
        BrokenCase{"ratio", "0.01", "2", 15, "customers.error_budget.rejected_ratio_max", {"found '2'", "from 0 to 1"}},
        BrokenCase{"rejected", "max: 5", "max: -1", 15, "customers.error_budget.rejected_max", {"found '-1'"}},
        BrokenCase{"budget", "rejected_max", "max", 15, "customers.error_budget.max", {"unknown key"}}),
    NameOfCase);

TEST(TableSources, NamesAreBounded) {
  const std::string long_name(257, 'x');
  EXPECT_THAT(MessageOf(Edited("region: state", "region: " + long_name)),
              HasSubstr("found a column name of 257 bytes; allowed: 256 at most"));
  EXPECT_THAT(MessageOf(Edited("F: female", long_name + ": female")),
              HasSubstr("found a word of 257 bytes; allowed: 256 at most"));
  EXPECT_THAT(MessageOf(Edited("uri: costs.csv", "uri: " + std::string(4097, 'x'))),
              HasSubstr("found 4097 bytes; allowed: 4096 at most"));
  std::string many = "extra: {";
  for (size_t i = 0; i <= kMaxExtraColumns; ++i) many += "c" + std::to_string(i) + ": {column: x, type: day}, ";
  EXPECT_THAT(MessageOf(Edited("extra: {", many)), HasSubstr("found 67 entries; allowed: 64 at most"));
}

}  // namespace
}  // namespace strata
