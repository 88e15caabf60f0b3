#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "run/segments/parser.h"
#include "tests/base/status_matchers.h"
#include "tests/run/segments/sample_catalogue.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

struct Refused {
  std::string condition;
  std::string at;  // line:column
  std::vector<std::string> parts;
};

void ExpectRefused(const std::vector<Refused>& cases) {
  for (const Refused& refused : cases) {
    SCOPED_TRACE(refused.condition);
    const auto root = ParseCondition(refused.condition, SampleCatalogue());
    ASSERT_THAT(root, FailsWith(absl::StatusCode::kInvalidArgument, "SEGMENT_INVALID"));
    const auto metadata = DetailOf(root.status())->metadata;
    EXPECT_EQ(metadata.at("line") + ":" + metadata.at("column"), refused.at);
    for (const std::string& part : refused.parts) EXPECT_THAT(std::string(root.status().message()), HasSubstr(part));
  }
}

TEST(ConditionErrors, WhatCannotStandThere) {
  ExpectRefused({
      {"", "1:1", {"found the end of the condition", "a column"}},
      {"rows >", "1:7", {"found the end of the condition"}},
      {"rows = 1 rows = 2", "1:10", {"found rows", "AND, OR or the end"}},
      {"1 < rows < 3", "1:10", {"found <", "AND or OR between two comparisons"}},
      {"(rows = 1", "1:10", {"found the end", "allowed: )"}},
      {"rows = 1)", "1:9", {"found )"}},
      {"rows IS TRUE", "1:9", {"found TRUE", "allowed: NULL"}},
      {"rows = NULL", "1:8", {"found NULL", "IS"}},
      {"rows IN (1, NULL)", "1:13", {"found NULL"}},
      {"rows IN (1, rows)", "1:13", {"no literal"}},
      {"rows IN ()", "1:10", {"found )"}},
      {"rows IN (SELECT 1 FROM cases)", "1:10", {"found SELECT", "EXISTS"}},
      {"rows NOT = 1", "1:10", {"found =", "BETWEEN, IN or LIKE"}},
      {"rows BETWEEN 1 OR 2", "1:16", {"found OR", "allowed: AND"}},
      {"main_category LIKE grade", "1:20", {"found grade", "'pattern'"}},
      {"last_day = DATE '2024-02-30'", "1:17", {"'2024-02-30'", "YYYY-MM-DD"}},
      {"rows = 9223372036854775808", "1:8", {"integers up to"}},
      {"net = 9223372036855", "1:7", {"up to 9223372036854.775807"}},
      {"p_alive = 1e999", "1:11", {"1e999"}},
      {"lower(grade) = 'a'", "1:1", {"found lower", "abs, coalesce"}},
      {"count(*) > 1", "1:1", {"count stands at the head of a select"}},
  });
}

TEST(ConditionErrors, WhatNobodyKnows) {
  ExpectRefused({
      {"TRUE AND purchase_day = 1", "1:10", {"unknown column purchase_day", "did you mean 'purchase_days'?"}},
      {"grade = \"A\"", "1:9", {"unknown column A", "single quotes"}},
      {"life_cycle = 'new'", "1:1", {"life_cycle", "needs models.life_cycle"}},
      {"category = 'tea'", "1:1", {"unknown column category"}},
      {"transactions.category = 'tea'", "1:1", {"inside of a select", "EXISTS (SELECT * FROM transactions"}},
      {"EXISTS (SELECT * FROM contacts)", "1:23", {"contacts has no rows", "needs sources.contacts"}},
      {"EXISTS (SELECT * FROM transaction)", "1:23", {"did you mean 'transactions'?", "cases, transactions"}},
      {"EXISTS (SELECT *\n FROM cases\n WHERE region = 'x')", "3:8", {"cases.region", "sources.cases.columns.region"}},
      {"EXISTS (SELECT * FROM cases WHERE grade = 'A')", "1:35", {"grade is a column of the customer"}},
      {"EXISTS (SELECT * FROM cases WHERE kin = 'A')", "1:35", {"did you mean 'kind'?", "days_ago"}},
      {"grade = 'E'", "1:9", {"'E' is no word of grade", "A, B, C, D"}},
      {"'F' <> grade", "1:1", {"'F' is no word of grade"}},
      {"customers.gender IN ('male', 'femal')", "1:30", {"did you mean 'female'?"}},
  });
}

TEST(ConditionErrors, WhatHasNoMeaning) {
  ExpectRefused({
      {"net", "1:1", {"a value of type money where a condition is needed"}},
      {"rows AND TRUE", "1:1", {"type integer"}},
      {"NOT rows", "1:5", {"type integer"}},
      {"rows = 'a'", "1:6", {"compares integer with text"}},
      {"last_day = '2024-01-01'", "1:10", {"compares day with text", "DATE '"}},
      {"last_day = 3", "1:10", {"compares day with integer"}},
      {"no_purchase > FALSE", "1:13", {"flags have no order"}},
      {"grade + 1 = 2", "1:1", {"+ calculates with a text"}},
      {"last_day * 2 = last_day", "1:10", {"day * integer", "day + integer"}},
      {"last_day + last_day = last_day", "1:10", {"day + day"}},
      {"1 - last_day = 3", "1:3", {"integer - day"}},
      {"last_day + 0.5 = last_day", "1:10", {"day + decimal"}},
      {"-grade = 'A'", "1:2", {"- stands before a text"}},
      {"abs(last_day) = 1", "1:5", {"abs of a day"}},
      {"coalesce(net, 'a') = 1", "1:15", {"coalesce of money and text"}},
      {"rows LIKE 'a'", "1:6", {"LIKE on a value of type integer"}},
      {"percentile_disc(grade, 0.5) = 'A'", "1:17", {"percentile_disc of a text"}},
      {"net > percentile_disc(net, 1.5)", "1:28", {"a share from 0 to 1"}},
      {"net > percentile_disc(net, 0.0000001)", "1:28", {"at most six decimals"}},
      {"net > percentile_disc(net, p_alive)", "1:28", {"found p_alive"}},
      {"segment(vip)", "1:9", {"found vip", "as a 'text'"}},
  });
}

TEST(ConditionErrors, WhatASelectCannotHold) {
  ExpectRefused({
      {"(SELECT net FROM transactions) > 1", "1:9", {"found net", "count(...)"}},
      {"(SELECT count(*)) > 1", "1:9", {"a select without a table"}},
      {"EXISTS (SELECT net FROM transactions)", "1:16", {"found net", "* or a number"}},
      {"EXISTS (transactions)", "1:8", {"EXISTS (SELECT"}},
      {"EXISTS (SELECT * FROM transactions GROUP BY category)", "1:36", {"found GROUP", "WHERE or )"}},
      {"EXISTS (SELECT * FROM transactions WHERE net)", "1:42", {"type money where a condition"}},
      {"EXISTS (SELECT * FROM cases WHERE EXISTS (SELECT * FROM cases))", "1:35", {"EXISTS inside of a select"}},
      {"EXISTS (SELECT * FROM cases WHERE (SELECT count(*) FROM cases) > 1)", "1:35", {"a select inside of a select"}},
      {"(SELECT sum((SELECT count(*) FROM cases)) FROM transactions) > 1",
       "1:13",
       {"allowed there: columns of transactions"}},
      {"EXISTS (SELECT * FROM cases WHERE segment('a'))", "1:35", {"segment inside of a select"}},
      {"EXISTS (SELECT * FROM cases WHERE days_ago > percentile_disc(days_ago, 0.5))",
       "1:46",
       {"percentile_disc inside"}},
      {"(SELECT sum(category) FROM transactions) > 1", "1:13", {"sum of a text"}},
      {"(SELECT max(is_return) FROM transactions) = TRUE", "1:13", {"max of a flag"}},
      {"(SELECT min(order_id) FROM transactions) = 'a'", "1:13", {"min of the id order_id"}},
      {"EXISTS (SELECT * FROM transactions WHERE order_id < 'a')", "1:51", {"ids have no order"}},
      {"EXISTS (SELECT * FROM transactions WHERE order_id LIKE 'a%')", "1:42", {"LIKE of the id order_id"}},
      {"EXISTS (SELECT * FROM transactions WHERE order_id = category)",
       "1:51",
       {"an id with a text of another column"}},
      {"EXISTS (SELECT * FROM cases WHERE kind = 'complain')", "1:42", {"did you mean 'complaint'?"}},
  });
}

}  // namespace
}  // namespace strata
