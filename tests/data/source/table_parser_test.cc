// Rows of tables beside transactions: what is kept of each value, when a row counts, which rows are the same, and every
// way for a row to be wrong.
#include "data/source/table_parser.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "run/source_fields.h"

namespace strata {
namespace {

using Values = std::map<std::string, std::string>;

// A source of the table in which every column is mapped but those of `without`.
TableSource SourceOf(TableId table, const std::set<std::string_view>& without = {}) {
  TableSource source;
  source.table = table;
  for (const ColumnSchema& column : SchemaOf(table).columns) {
    if (!without.contains(column.name)) source.columns.emplace(column.name, column.name);
  }
  return source;
}

// One row, and the words that its values need to stay alive.
struct Parsed {
  Values values;
  std::vector<Cell> cells;
  ParsedTableRow row;
  std::string outcome;  // "ok", or the reason and what is allowed
  SourceFields fields;
  std::optional<TableParser> parser;  // keeps words alive

  const TableValue& operator[](std::string_view name) const {
    size_t i = 0;
    while (fields.fields.at(i).name != name) ++i;
    return row.values[i];
  }
};

void ParseInto(const TableSource& source, Values values, std::optional<Day> valid_from, Parsed* parsed) {
  Job job;
  job.time_zone = "Europe/Berlin";
  parsed->values = std::move(values);
  parsed->fields = FieldsOf(source);
  parsed->parser.emplace(TableParser::ForSource(job, source, valid_from).value());
  for (const SourceField& field : parsed->fields.fields) {
    const auto found = parsed->values.find(field.name);
    parsed->cells.emplace_back();
    if (!field.is_mapped()) continue;
    parsed->cells.back().kind = Cell::Kind::kText;
    if (found != parsed->values.end()) parsed->cells.back().text = found->second;
  }
  Fault fault;
  const bool good = parsed->parser->Parse(parsed->cells, &parsed->row, &fault);
  const SourceField& field = parsed->fields.fields.at(fault.field);
  parsed->outcome = good ? "ok" : ReasonOf(fault.kind, field) + ": " + MessageOf(fault, field, FaultWords());
}

std::string Outcome(const TableSource& source, const Values& values) {
  Parsed parsed;
  ParseInto(source, values, std::nullopt, &parsed);
  return parsed.outcome;
}

// Key and row hash as one text.
std::pair<std::string, uint64_t> Identity(const TableSource& source, const Values& values,
                                          std::optional<Day> valid_from = {}) {
  Parsed parsed;
  ParseInto(source, values, valid_from, &parsed);
  EXPECT_EQ(parsed.outcome, "ok");
  return {Hex(parsed.row.key), parsed.row.row_hash};
}

Day DayOf(const char* text) { return ParseDay(text).value(); }

TEST(TableParser, KeepsValuesAsTheSchemaSays) {
  TableSource source = SourceOf(TableId::kCustomers);
  source.values["gender"] = {{"F", "female"}, {"male", "other"}};
  source.extra = {{.name = "points", .column = "p", .type = ValueType::kDecimal}};
  Parsed parsed;
  ParseInto(source,
            {{"customer_id", " c1 "},
             {"gender", " F "},
             {"age", "41"},
             {"registered_at", "2024-02-29T13:00"},
             {"consent_marketing", "YES"},
             {"referrer_id", "c0"},
             {"points", "12.50"},
             {"valid_from", "2024-03-01"}},
            std::nullopt, &parsed);
  ASSERT_EQ(parsed.outcome, "ok");
  EXPECT_EQ(parsed.row.customer_id, " c1 ") << "ids are taken as they are";
  EXPECT_EQ(parsed["gender"].text, "female");
  EXPECT_EQ(parsed["age"].whole, 41);
  EXPECT_EQ(parsed["registered_at"].whole, DayOf("2024-02-29"));
  EXPECT_EQ(parsed["consent_marketing"].whole, 1);
  EXPECT_EQ(parsed["referrer_id"].text, "c0");
  EXPECT_EQ(parsed["points"].whole, 12'500'000);
  EXPECT_FALSE(parsed["city"].present);
  EXPECT_EQ(parsed.row.day, DayOf("2024-03-01"));
  EXPECT_EQ(parsed.row.updated_at_us, std::numeric_limits<int64_t>::min());
  // What the job says of a word wins over the choice's own.
  Parsed other;
  ParseInto(source, {{"customer_id", "c1"}, {"gender", "male"}}, std::nullopt, &other);
  EXPECT_EQ(other["gender"].text, "other");
}

TEST(TableParser, KeepsTimesSharesAndTags) {
  Parsed survey;
  ParseInto(SourceOf(TableId::kSurveys),
            {{"customer_id", "c"},
             {"time", "2024-07-01T22:30Z"},
             {"instrument", "csat"},
             {"score", "62.5"},
             {"updated_at", "2024-07-02T00:00Z"}},
            std::nullopt, &survey);
  ASSERT_EQ(survey.outcome, "ok");
  EXPECT_EQ(survey.row.day, DayOf("2024-07-02")) << "Berlin's clocks had half past midnight";
  EXPECT_EQ(survey.row.minute, 30);
  EXPECT_EQ(survey["time"].whole, int64_t{DayOf("2024-07-02")} * 1440 + 30);
  EXPECT_EQ(survey["score"].whole, 62'500'000);
  EXPECT_EQ(survey.row.updated_at_us, int64_t{DayOf("2024-07-02")} * 86'400'000'000);
  Parsed market;
  ParseInto(SourceOf(TableId::kMarket), {{"region", "r"}, {"category", "c"}, {"own_share", "0.125"}}, std::nullopt,
            &market);
  EXPECT_EQ(market["own_share"].whole, 125'000);
  EXPECT_EQ(market.row.customer_id, "");
  Parsed product;
  ParseInto(SourceOf(TableId::kProducts), {{"product_id", "p"}, {"function_tags", "warm| dry |warm||"}}, std::nullopt,
            &product);
  EXPECT_EQ(product["function_tags"].text, "dry|warm");
}

TEST(TableParser, RowsCountFromTheDayThatTheyName) {
  const auto day_of = [](const TableSource& source, const Values& values, std::optional<Day> file = {}) {
    Parsed parsed;
    ParseInto(source, values, file, &parsed);
    EXPECT_EQ(parsed.outcome, "ok");
    return parsed.row.day;
  };
  const TableSource kyc = SourceOf(TableId::kKyc);
  EXPECT_EQ(day_of(kyc, {{"customer_id", "c"}, {"valid_from", "2024-05-01"}, {"assessed_at", "2024-04-01"}}, 5),
            DayOf("2024-05-01"));
  EXPECT_EQ(day_of(kyc, {{"customer_id", "c"}, {"assessed_at", "2024-04-01"}}, 5), DayOf("2024-04-01"));
  EXPECT_EQ(day_of(kyc, {{"customer_id", "c"}}, 5), 5) << "what the job says of the file";
  EXPECT_EQ(day_of(kyc, {{"customer_id", "c"}}), kTimelessDay);
  const TableSource campaigns = SourceOf(TableId::kCampaigns);
  const Values row = {{"customer_id", "c"}, {"campaign_id", "x"}};
  const auto with = [&row](std::vector<std::pair<std::string, std::string>> more) {
    Values values = row;
    values.insert(more.begin(), more.end());
    return values;
  };
  EXPECT_EQ(day_of(campaigns, with({{"assigned_at", "2024-01-01"}, {"sent", "2024-01-02"}})), DayOf("2024-01-01"));
  EXPECT_EQ(day_of(campaigns, with({{"sent", "2024-01-02"}})), DayOf("2024-01-02"));
  EXPECT_EQ(day_of(campaigns, with({{"sent", "true"}})), kTimelessDay);
  EXPECT_EQ(day_of(campaigns, row), kTimelessDay);
}

TEST(TableParser, FlagsServeForTimes) {
  Parsed parsed;
  ParseInto(SourceOf(TableId::kCampaigns),
            {{"customer_id", "c"},
             {"campaign_id", "x"},
             {"assigned_at", "2024-01-01T10:05"},
             {"opened", "Yes"},
             {"clicked", "0"},
             {"redeemed", "2024-01-03"}},
            std::nullopt, &parsed);
  ASSERT_EQ(parsed.outcome, "ok");
  EXPECT_EQ(parsed["opened"].whole, parsed["assigned_at"].whole);
  EXPECT_FALSE(parsed["clicked"].present);
  EXPECT_EQ(parsed["redeemed"].whole, int64_t{DayOf("2024-01-03")} * 1440);
}

TEST(TableParser, RowsAreTheSameByContentNotBySpelling) {
  const TableSource cases = SourceOf(TableId::kCases);
  const Values row = {{"case_id", "7"}, {"customer_id", "c"}, {"kind", "opinion"}, {"opened", "2024-01-01"}};
  const auto edited = [&row](const char* field, const char* value) {
    Values values = row;
    values[field] = value;
    return values;
  };
  const auto first = Identity(cases, row);
  EXPECT_EQ(Identity(cases, edited("opened", " 2024-01-01T00:00:00 ")), first);
  EXPECT_EQ(Identity(cases, edited("region", " ")), first) << "a blank value is a missing one";
  for (const auto& [field, value] :
       std::vector<std::pair<const char*, const char*>>{{"customer_id", "d"},
                                                        {"kind", "complaint"},
                                                        {"opened", "2024-01-01T00:00:00.000000001"},
                                                        {"region", "x"},
                                                        {"rep", "x"},
                                                        {"suggestion_followed", "no"},
                                                        {"updated_at", "2024-02-01"}}) {
    const auto other = Identity(cases, edited(field, value));
    EXPECT_EQ(other.first, first.first) << field << " is not in the key";
    EXPECT_NE(other.second, first.second) << field;
  }
  EXPECT_NE(Identity(cases, edited("case_id", "07")).first, first.first);
  EXPECT_NE(Identity(cases, edited("rep", "x")).second, Identity(cases, edited("cause", "x")).second);
  // A version is told from others of its day, wherever the day is said.
  const TableSource products = SourceOf(TableId::kProducts, {"valid_from"});
  EXPECT_NE(Identity(products, {{"product_id", "p"}}, 1).first, Identity(products, {{"product_id", "p"}}, 2).first);
  EXPECT_EQ(Identity(products, {{"product_id", "p"}}, 1), Identity(products, {{"product_id", "p"}}, 1));
  EXPECT_EQ(Identity(SourceOf(TableId::kVisits), {{"customer_id", "c"}, {"time", "2024-01-01"}}).first, Hex(Hash128()))
      << "visits have no key";
}

struct WrongRow {
  TableId table;
  Values values;
  const char* outcome;  // its beginning
};

TEST(TableParser, WrongRowsSayWhatIsAllowed) {
  const Values survey = {{"customer_id", "c"}, {"time", "2024-01-01"}, {"instrument", "nps"}, {"score", "7"}};
  const auto with = [](Values values, const char* field, const char* value) {
    values[field] = value;
    return values;
  };
  const Values customer = {{"customer_id", "c"}};
  const Values cost = {{"activity", "shows"}, {"period", "2024-01-01"}, {"type", "goods"}, {"amount", "-1.5"}};
  const Values visit = {{"customer_id", "c"}, {"time", "2024-01-01"}};
  using enum TableId;
  const WrongRow rows[] = {
      {kSurveys, survey, "ok"},
      {kCustomers, customer, "ok"},
      {kCosts, cost, "ok"},
      {kVisits, visit, "ok"},
      {kCustomers,
       {},
       "MISSING_CUSTOMER: customer_id (column 'customer_id') is missing; allowed: a value in every row"},
      {kVisits, with(visit, "time", " "), "MISSING_TIME"},
      {kVisits, with(visit, "time", "soon"), "TIME_MALFORMED"},
      {kVisits, with(visit, "duration", "1.5"),
       "DURATION_NOT_INTEGER: duration (column 'duration') '1.5' is not whole"},
      {kVisits, with(visit, "duration", "-1"),
       "DURATION_OUT_OF_RANGE: duration (column 'duration') '-1' is out of range; "
       "allowed: 0 or more"},
      {kVisits, with(visit, "duration", "1,000"), "DURATION_THOUSANDS_SEPARATOR"},
      {kVisits, with(visit, "page", "\xC0"), "PAGE_NOT_UTF8"},
      {kCustomers, with(customer, "age", "131"),
       "AGE_OUT_OF_RANGE: age (column 'age') '131' is out of range; allowed: 0 to "
       "130"},
      {kCustomers, with(customer, "gender", "F"),
       "GENDER_CHOICE_UNKNOWN: gender (column 'gender') 'F' is no word of the "
       "choice; allowed: female, male, other, unknown"},
      {kCustomers, with(customer, "gender", "Female"), "GENDER_CHOICE_UNKNOWN"},
      {kCustomers, with(customer, "consent_marketing", "maybe"), "CONSENT_MARKETING_MALFORMED"},
      {kCustomers, with(customer, "birth_date", "2001-02-29"), "DATE_IMPOSSIBLE"},
      {kCustomers, with(with(customer, "contract_start", "2024-02-01"), "contract_end", "2024-01-31"),
       "CONTRACT_END_ENDS_BEFORE_START: contract_end (column 'contract_end') '2024-01-31' is before its start; "
       "allowed: "
       "2024-02-01 or later, which is contract_start"},
      {kCustomers, with(with(customer, "contract_start", "2024-02-01"), "contract_end", "2024-02-01"), "ok"},
      {kCosts, with(cost, "activity", ""),
       "ROW_INCOMPLETE: customer_id (column 'customer_id') and what could stand for it "
       "are missing; allowed: customer_id, activity or both in every row"},
      {kCosts, with(with(cost, "activity", ""), "customer_id", "c"), "ok"},
      {kCosts, with(cost, "type", "rent"), "TYPE_CHOICE_UNKNOWN"},
      {kCosts, with(cost, "amount", ""), "MISSING_AMOUNT"},
      {kSurveys, with(survey, "score", "10"), "ok"},
      {kSurveys, with(survey, "score", "11"),
       "SCORE_OUT_OF_RANGE: score (column 'score') '11' is out of range; allowed: nps "
       "as a whole number from 0 to 10"},
      {kSurveys, with(survey, "score", "6.5"), "SCORE_OUT_OF_RANGE"},
      {kSurveys, with(with(survey, "instrument", "kano"), "score", "0"), "SCORE_OUT_OF_RANGE"},
      {kSurveys, with(with(survey, "instrument", "csat"), "score", "6.5"), "ok"},
      {kSurveys, with(with(survey, "instrument", "csat"), "score", "100.000001"), "SCORE_OUT_OF_RANGE"},
      {kMarket,
       {{"region", "r"}, {"category", "c"}, {"own_share", "1.1"}},
       "OWN_SHARE_OUT_OF_RANGE: own_share (column 'own_share') '1.1' is out of range; allowed: 0 to 1"},
      {kProducts, {{"product_id", "p"}, {"unit_cost", "-0.01"}}, "UNIT_COST_OUT_OF_RANGE"},
  };
  for (const WrongRow& row : rows) {
    const std::string outcome = Outcome(SourceOf(row.table), row.values);
    EXPECT_EQ(outcome.substr(0, std::string(row.outcome).size()), row.outcome);
  }
}

TEST(TableParser, TextsAreBounded) {
  const std::string long_text(257, 'x');
  for (const std::string field : {"customer_id", "city"}) {
    Values values = {{"customer_id", "c"}};
    values[field] = long_text;
    const std::string outcome = Outcome(SourceOf(TableId::kCustomers), values);
    EXPECT_NE(outcome.find("_TOO_LONG: " + field), std::string::npos) << outcome;
    EXPECT_NE(outcome.find("allowed: at most 256 bytes"), std::string::npos) << outcome;
  }
}

}  // namespace
}  // namespace strata
