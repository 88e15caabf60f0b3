// What conditions mean, by the scalar evaluator: it is the oracle of faster ones, and this table is its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/base/status_matchers.h"
#include "tests/run/segments/sample_catalogue.h"
#include "tests/run/segments/scalar_evaluator.h"

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;
constexpr int64_t kUnit = 1'000'000;

ScalarEvent Purchase(int days_ago, int64_t net, const char* category, const char* order) {
  return {kAsOf - days_ago,
          600,
          {{"net", WholeValue(net * kUnit)},
           {"is_return", WholeValue(net < 0 ? 1 : 0)},
           {"category", category == nullptr ? ScalarValue() : TextValue(category)},
           {"order_id", KeyValue(order)}}};
}

// One customer whose margin, due dates and main category nobody knows.
ScalarCustomer Ann() {
  ScalarCustomer ann;
  ann.columns = {{"net", WholeValue(70 * kUnit)},
                 {"purchase_days", WholeValue(3)},
                 {"rows", WholeValue(4)},
                 {"p_alive", NumberValue(0.75)},
                 {"completeness", WholeValue(500'000)},
                 {"last_day", WholeValue(kAsOf - 10)},
                 {"no_purchase", WholeValue(0)},
                 {"grade", TextValue("B")},
                 {"customers.gender", TextValue("female")}};
  ann.events["transactions"] = {Purchase(100, 50, "tea", "o1"), Purchase(40, 30, "tea", "o2"),
                                Purchase(40, -20, "tea", "o2"), Purchase(10, 10, nullptr, "o3"),
                                Purchase(-1, 99, "tea", "o4")};
  ScalarEvent open{kAsOf - 5, 0, {{"kind", TextValue("complaint")}}};
  ScalarEvent closed{std::nullopt, 0, {{"kind", TextValue("opinion")}, {"closed", WholeValue(-1)}}};
  ann.events["cases"] = {open, closed};
  return ann;
}

std::vector<Condition> ParseOne(const std::string& condition) {
  const auto parsed =
      ParseSegments({{.name = "a", .title = "", .condition = condition, .line = 1}}, SampleCatalogue(), "job.yaml");
  EXPECT_OK(parsed);
  return parsed.ok() ? *parsed : std::vector<Condition>();
}

bool Holds(const std::string& condition) {
  const auto members = ScalarMembers(ParseOne(condition), {kAsOf, {Ann()}});
  EXPECT_OK(members) << condition;
  return members.ok() && members->at("a").at(0);
}

void ExpectTrue(const std::vector<std::string>& conditions) {
  for (const std::string& condition : conditions) {
    EXPECT_TRUE(Holds(condition)) << condition;
    EXPECT_FALSE(Holds("NOT (" + condition + ")")) << condition;
  }
}

void ExpectUnknown(const std::vector<std::string>& conditions) {
  for (const std::string& condition : conditions) {
    EXPECT_FALSE(Holds(condition)) << condition;
    EXPECT_FALSE(Holds("NOT (" + condition + ")")) << condition;
    EXPECT_TRUE(Holds("(" + condition + ") IS NULL")) << condition;
  }
}

TEST(Meaning, OfComparisons) {
  ExpectTrue({"net = 70", "net <> 70.000001", "net < 70.000001", "net > 69.999999", "purchase_days < 3.5",
              "p_alive = 0.75", "p_alive > completeness", "grade = 'B'", "grade <> 'A'", "grade > 'A'",
              "last_day = CURRENT_DATE - 10", "no_purchase = FALSE", "customers.gender IN ('male', 'female')",
              "grade NOT IN ('A', 'C')", "rows IN (4.0)", "net BETWEEN 70 AND 70", "net NOT BETWEEN 71 AND 99",
              "net NOT BETWEEN 99 AND 1", "CURRENT_DATE = DATE '2024-10-04'"});
}

TEST(Meaning, OfPatterns) {
  ExpectTrue({"customers.gender LIKE 'fem%'", "customers.gender LIKE '%male'", "customers.gender LIKE '%a%'",
              "customers.gender LIKE '_e_a_e'", "customers.gender LIKE '%'", "customers.gender NOT LIKE 'male'",
              "customers.gender NOT LIKE '_____'", "customers.gender NOT LIKE 'FEMALE'",
              "coalesce(main_category, 'größe') LIKE 'gr__e'", "coalesce(main_category, '') LIKE ''"});
}

TEST(Meaning, OfArithmetic) {
  ExpectTrue({"net + 1 = 71", "net - 70.5 = -0.5", "net * purchase_days = 210", "net * 0.5 = 35", "net / rows = 17.5",
              "7 / 2 = 3.5", "rows - purchase_days = 1", "-rows = -4", "abs(-net) = net", "abs(rows - 10) = 6",
              "(last_day - (CURRENT_DATE - 30)) * 2 = 40", "1 + 2 * 3 = 7", "10 - 3 - 2 = 5", "completeness * 2 = 1"});
}

TEST(Meaning, OfWhatNobodyKnows) {
  ExpectTrue({"margin IS NULL", "net IS NOT NULL", "coalesce(margin, net) = 70", "coalesce(margin, 1.5) = 1.5",
              "margin > 1 OR TRUE", "NOT (margin > 1 AND FALSE)", "rows / 0 IS NULL"});
  ExpectUnknown({"margin > 1", "margin + 1 = 2", "margin <> margin", "margin IN (1, 2)", "net BETWEEN margin AND 99",
                 "main_category LIKE '%'", "margin > 1 AND TRUE", "margin > 1 OR FALSE", "NOT margin > 1",
                 "rows / (rows - 4) > 1", "customers.consent", "abs(margin) = 1", "coalesce(margin, margin) = 1"});
  EXPECT_FALSE(Holds("net BETWEEN margin AND 69")) << "FALSE decides AND";
  EXPECT_TRUE(Holds("net NOT BETWEEN margin AND 69"));
}

TEST(Meaning, OfEvents) {
  ExpectTrue({"(SELECT count(*) FROM transactions) = 4",
              "(SELECT count(category) FROM transactions) = 3",
              "(SELECT count(DISTINCT order_id) FROM transactions) = 3",
              "(SELECT count(DISTINCT category) FROM transactions) = 1",
              "(SELECT count(*) FROM transactions WHERE category = 'tea' AND days_ago < 90 AND NOT is_return) = 1",
              "(SELECT count(*) FROM transactions WHERE days_ago BETWEEN 30 AND 60) = 2",
              "(SELECT sum(net) FROM transactions) = net",
              "(SELECT avg(net) FROM transactions) = 17.5",
              "(SELECT min(net) FROM transactions) = -20",
              "(SELECT max(day) FROM transactions) = last_day",
              "(SELECT max(category) FROM transactions) = 'tea'",
              "(SELECT sum(net * 2) FROM transactions WHERE is_return) = -40",
              "(SELECT sum(net / 2) FROM transactions) = 35",
              "EXISTS (SELECT * FROM transactions WHERE order_id = 'o3')",
              "NOT EXISTS (SELECT 1 FROM transactions WHERE order_id = 'o4')",
              "NOT EXISTS (SELECT * FROM transactions WHERE days_ago < 10)",
              "EXISTS (SELECT * FROM transactions WHERE order_id IN ('x', 'o1'))",
              "(SELECT count(*) FROM transactions WHERE category <> 'tea') = 0",
              "(SELECT sum(net) FROM transactions WHERE category = 'milk') IS NULL",
              "(SELECT count(*) FROM transactions WHERE category = 'milk') = 0",
              "(SELECT count(*) FROM transactions WHERE minute = 600) = 4"});
}

TEST(Meaning, OfEventsWithoutDate) {
  ExpectTrue({"(SELECT count(*) FROM cases) = 2", "(SELECT count(day) FROM cases) = 1",
              "(SELECT count(*) FROM cases WHERE days_ago >= 0 OR days_ago IS NULL) = 2",
              "EXISTS (SELECT * FROM cases WHERE closed = DATE '1969-12-31')"});
}

TEST(Meaning, OfSegmentsAndPercentiles) {
  ScalarBase base{kAsOf, {}};
  for (int i = 1; i <= 10; ++i) {
    ScalarCustomer customer;
    customer.columns["net"] = WholeValue(i * kUnit);
    if (i > 5) customer.columns["p_alive"] = NumberValue(0.1 * i);
    base.customers.push_back(customer);
  }
  const auto parsed = ParseSegments({{"top", "", "net >= percentile_disc(net, 0.9)", 1},
                                     {"least", "", "net = percentile_disc(net, 0)", 2},
                                     {"middle", "", "p_alive = percentile_disc(p_alive, 0.5)", 3},
                                     {"nobody", "", "rows >= percentile_disc(rows, 0.5)", 4},
                                     {"rest", "", "NOT segment('top') AND NOT segment('nobody')", 5}},
                                    SampleCatalogue(), "job.yaml");
  ASSERT_OK(parsed);
  const auto members = ScalarMembers(*parsed, base);
  ASSERT_OK(members);
  using Bits = std::vector<bool>;
  EXPECT_EQ(members->at("top"), Bits({false, false, false, false, false, false, false, false, true, true}));
  EXPECT_EQ(members->at("least"), Bits({true, false, false, false, false, false, false, false, false, false}));
  EXPECT_EQ(members->at("middle"), Bits({false, false, false, false, false, false, false, true, false, false}));
  EXPECT_EQ(members->at("nobody"), Bits(10, false));
  EXPECT_EQ(members->at("rest"), Bits({true, true, true, true, true, true, true, true, false, false}));
}

TEST(Meaning, OfNumbersThatAreTooLargeIsAnError) {
  for (const char* condition :
       {"rows + 9223372036854775807 > 1", "rows * 9223372036854775807 > 1", "net + 9223372036854 > 1",
        "-rows - 9223372036854775807 < 1", "p_alive * 1e308 * 1e9 > 1", "9223372036854775807 * rows > 0 OR TRUE"}) {
    EXPECT_THAT(ScalarMembers(ParseOne(condition), {kAsOf, {Ann()}}),
                FailsWith(absl::StatusCode::kOutOfRange, "SEGMENT_OVERFLOW"))
        << condition;
  }
}

}  // namespace
}  // namespace strata
