#include "run/segments/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "tests/base/status_matchers.h"
#include "tests/run/segments/sample_catalogue.h"

namespace strata {
namespace {

std::string Tree(const std::string& condition) {
  const auto root = ParseCondition(condition, SampleCatalogue());
  EXPECT_OK(root) << condition;
  return root.ok() ? ToText(**root) : "";
}

struct Example {
  std::string condition, tree;
};

void ExpectTrees(const std::vector<Example>& examples) {
  for (const Example& example : examples) EXPECT_EQ(Tree(example.condition), example.tree) << example.condition;
}

TEST(Parser, BindsAsSqlDoes) {
  ExpectTrees({
      {"no_purchase OR TRUE AND FALSE", R"((or "no_purchase" (and flag 1 flag 0)))"},
      {"NOT no_purchase AND TRUE", R"((and (not "no_purchase") flag 1))"},
      {"NOT rows = 1", R"((not (= "rows" integer 1)))"},
      {"(no_purchase OR TRUE) AND FALSE", R"((and (or "no_purchase" flag 1) flag 0))"},
      {"TRUE AND no_purchase AND FALSE", R"((and flag 1 "no_purchase" flag 0))"},
      {"rows - 1 - 2 = 3", R"((= (- (- "rows" integer 1) integer 2) integer 3))"},
      {"rows + 2 * -rows < 7", R"((< (+ "rows" (* integer 2 (negate "rows"))) integer 7))"},
      {"(rows + 2) * 3 < 7", R"((< (* (+ "rows" integer 2) integer 3) integer 7))"},
      {"rows BETWEEN 1 AND 2 AND no_purchase",
       R"((and (and (>= "rows" integer 1) (<= "rows" integer 2)) "no_purchase"))"},
      {"rows NOT BETWEEN 1 AND 2", R"((not (and (>= "rows" integer 1) (<= "rows" integer 2))))"},
      {"(rows = 1) = TRUE", R"((= (= "rows" integer 1) flag 1))"},
      {"NOT NOT no_purchase", R"((not (not "no_purchase")))"},
  });
}

TEST(Parser, GivesOperandsOneRepresentation) {
  ExpectTrees({
      {"net >= 500", R"((>= "net" money 500000000))"},
      {"500.25 <= net", R"((<= decimal 500250000 "net"))"},
      {"net > rows", R"((> "net" (to money "rows")))"},
      {"purchase_days > 2.5", R"((> (to decimal "purchase_days") decimal 2500000))"},
      {"p_alive > 0.5", R"((> "p_alive" number 3fe0000000000000))"},
      {"p_alive > 1", R"((> "p_alive" number 3ff0000000000000))"},
      {"net > 1e2", R"((> (to number "net") number 4059000000000000))"},
      {"net * 2 > 3", R"((> (* "net" integer 2) money 3000000))"},
      {"net * completeness > 0.5", R"((> (* (to number "net") (to number "completeness")) number 3fe0000000000000))"},
      {"net / rows > 0.5", R"((> (/ (to number "net") (to number "rows")) number 3fe0000000000000))"},
      {"net + completeness > margin", R"((> (+ "net" "completeness") "margin"))"},
      {"completeness = 0.1000000", R"((= "completeness" decimal 100000))"},
      {"completeness > 0.000001", R"((> "completeness" decimal 1))"},
      {"completeness > 0.00000025", R"((> (to number "completeness") number 3e90c6f7a0b5ed8d))"},
      {"coalesce(margin, 0) > 1", R"((> (coalesce "margin" money 0) money 1000000))"},
      {"rows IN (1, 2.5)", R"((in (to decimal "rows") decimal 1000000 decimal 2500000))"},
      {"net IN (-1, 2)", R"((in "net" money -1000000 money 2000000))"},
      {"abs(rows) > -1", R"((> (abs "rows") integer -1))"},
  });
}

TEST(Parser, CalculatesWithDays) {
  ExpectTrees({
      {"CURRENT_DATE - last_day > 30", R"((> (- today "last_day") integer 30))"},
      {"last_day >= current_date - 30", R"((>= "last_day" (- today integer 30)))"},
      {"last_day < DATE '1970-01-11'", R"((< "last_day" day 10))"},
      {"30 + last_day IS NOT NULL", R"((not (is_null (+ integer 30 "last_day"))))"},
  });
}

TEST(Parser, ReadsSelects) {
  ExpectTrees({
      {"EXISTS (SELECT * FROM transactions)", "(select exists * from transactions)"},
      {"NOT EXISTS (SELECT 1 FROM transactions WHERE days_ago < 60)",
       R"((not (select exists * from transactions where (< "days_ago" integer 60))))"},
      {"(SELECT count(*) FROM transactions WHERE category = 'tea' AND NOT is_return) >= 3",
       R"((>= (select count * from transactions where (and (= "category" 'tea') (not "is_return"))) integer 3))"},
      {"(SELECT sum(net * 2) FROM transactions) > 3",
       R"((> (select sum (* "net" integer 2) from transactions) money 3000000))"},
      {"(SELECT avg(net) FROM transactions) > 3",
       R"((> (select avg "net" from transactions) number 4008000000000000))"},
      {"(SELECT max(day) FROM cases WHERE cases.kind = 'complaint') > last_day",
       R"((> (select max "day" from cases where (= "kind" 'complaint')) "last_day"))"},
      {"(SELECT count(DISTINCT products.brand) FROM transactions) > 1",
       R"((> (select count distinct "products.brand" from transactions) integer 1))"},
      {"(SELECT count(order_id) FROM transactions) > 1",
       R"((> (select count "order_id" from transactions) integer 1))"},
  });
}

TEST(Parser, ReadsTextsSegmentsAndPercentiles) {
  ExpectTrees({
      {"grade IN ('A', 'B')", R"((in "grade" 'A' 'B'))"},
      {"grade NOT IN ('A')", R"((not (in "grade" 'A')))"},
      {"main_category LIKE 'it''s %'", R"((like "main_category" 'it''s %'))"},
      {"customers.gender = 'male' AND customers.consent", R"((and (= "customers.gender" 'male') "customers.consent"))"},
      {"customers.\"Größe\" > 1", R"((> "customers.Größe" decimal 1000000))"},
      {"segment('vip') AND SEGMENT ( 'new' )", "(and (segment 'vip') (segment 'new'))"},
      {"net >= percentile_disc(net, 0.9)", R"((>= "net" (percentile_disc 'net' 900000)))"},
      {"net >= PERCENTILE_DISC(net, 1)", R"((>= "net" (percentile_disc 'net' 1000000)))"},
  });
}

TEST(Parser, ComparesIdsByTheirHash) {
  const auto root = ParseCondition("EXISTS (SELECT * FROM transactions WHERE order_id = 'A7')", SampleCatalogue());
  ASSERT_OK(root);
  const Node& literal = *(*root)->where->operands[1];
  EXPECT_EQ(literal.stored, Stored::kKey);
  EXPECT_EQ(static_cast<uint64_t>(literal.whole), Hash64("A7"));
}

TEST(Parser, TakesOneMeaningInManyWritings) {
  const std::vector<std::vector<std::string>> same = {
      {"rows = 1 AND grade = 'A'", "rows=1 and grade='A'", "(((rows) = (1)) AND (grade = 'A'))",
       "rows = 1 -- one\n AND grade = 'A'", "\"rows\" = 1 And grade = 'A'"},
      {"rows <> 1", "rows != 1"},
      {"rows BETWEEN 1 AND 2", "rows >= 1 AND rows <= 2"},
      {"net >= 1.5", "net >= 1.50", "net >= 1.5000000000", "net >= 01.5"},
      {"grade IS NOT NULL", "NOT grade IS NULL"},
  };
  for (const std::vector<std::string>& writings : same) {
    for (const std::string& writing : writings) EXPECT_EQ(Tree(writing), Tree(writings[0])) << writing;
  }
}

TEST(Parser, TakesNamesOfFunctionsForColumnsWhereNoBracketFollows) {
  ColumnCatalogue catalogue = SampleCatalogue();
  catalogue.columns["count"] = {ColumnType::kInteger};
  catalogue.columns["date"] = {ColumnType::kDay};
  catalogue.columns["customers.order"] = {ColumnType::kInteger};
  const auto root = ParseCondition("count > 1 AND date IS NULL AND customers.order = 1", catalogue);
  ASSERT_OK(root);
  EXPECT_EQ(ToText(**root), R"((and (> "count" integer 1) (is_null "date") (= "customers.order" integer 1)))");
}

TEST(Parser, NestsAHundredLevelsAndNoMore) {
  const auto brackets = [](int levels) {
    return std::string(static_cast<size_t>(levels), '(') + "TRUE" + std::string(static_cast<size_t>(levels), ')');
  };
  EXPECT_OK(ParseCondition(brackets(kMaxConditionDepth - 1), SampleCatalogue()));
  EXPECT_THAT(ParseCondition(brackets(kMaxConditionDepth), SampleCatalogue()), SaysThat("more than 100 levels"));
  EXPECT_THAT(ParseCondition(brackets(2000), SampleCatalogue()), SaysThat("more than 100 levels"));
  std::string sum = "rows";
  std::string chain = "no_purchase";
  for (int i = 0; i < 500; ++i) {
    sum += "+1";
    chain += " AND TRUE";
  }
  EXPECT_THAT(ParseCondition(sum + " > 1", SampleCatalogue()), SaysThat("more than 100 levels"));
  EXPECT_OK(ParseCondition(chain, SampleCatalogue())) << "a chain of ANDs is one level";
}

}  // namespace
}  // namespace strata
