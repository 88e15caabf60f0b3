// Conditions that nobody would write: whatever stands there, the parser answers with a tree or with a place.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "run/segments/parser.h"
#include "tests/base/status_matchers.h"
#include "tests/run/segments/sample_catalogue.h"

namespace strata {
namespace {

constexpr std::string_view kWords[] = {"AND",
                                       "OR",
                                       "NOT",
                                       "IS NULL",
                                       "IS NOT NULL",
                                       "BETWEEN",
                                       "IN",
                                       "(",
                                       ")",
                                       "(1, 2)",
                                       "('A', 'B')",
                                       "LIKE 'a%'",
                                       "=",
                                       "<>",
                                       "<",
                                       ">=",
                                       "+",
                                       "-",
                                       "*",
                                       "/",
                                       ",",
                                       ".",
                                       "1",
                                       "0.5",
                                       "1e9",
                                       "9223372036854775807",
                                       "'A'",
                                       "''",
                                       "DATE '2024-01-01'",
                                       "CURRENT_DATE",
                                       "TRUE",
                                       "FALSE",
                                       "NULL",
                                       "net",
                                       "rows",
                                       "p_alive",
                                       "last_day",
                                       "grade",
                                       "no_purchase",
                                       "customers.gender",
                                       "segment('a')",
                                       "percentile_disc(net, 0.5)",
                                       "coalesce(",
                                       "abs(",
                                       "EXISTS (",
                                       "SELECT * FROM transactions",
                                       "SELECT count(*) FROM cases",
                                       "SELECT sum(",
                                       "FROM transactions WHERE",
                                       "days_ago < 60",
                                       "category = 'tea'",
                                       "order_id",
                                       "\"x\"",
                                       "-- c\n",
                                       "'",
                                       "\"",
                                       "#",
                                       "ä",
                                       "\n"};

// Every tree keeps what evaluators rely on.
void CheckTree(const Node& node, int depth) {
  ASSERT_LE(depth, 2 * kMaxConditionDepth);
  for (const NodePtr& operand : node.operands) {
    ASSERT_NE(operand, nullptr);
    CheckTree(*operand, depth + 1);
  }
  const bool compares = node.kind >= NodeKind::kEqual && node.kind <= NodeKind::kGreaterEqual;
  if (compares) {
    const Node& a = *node.operands.at(0);
    const Node& b = *node.operands.at(1);
    const auto is_micros = [](ColumnType type) { return type == ColumnType::kMoney || type == ColumnType::kShare; };
    EXPECT_TRUE(a.type == b.type || (is_micros(a.type) && is_micros(b.type))) << ToText(node);
  }
  if (node.where != nullptr) CheckTree(*node.where, depth + 1);
  if (node.argument != nullptr) CheckTree(*node.argument, depth + 1);
}

// Brackets around all of it change nothing.
void Check(const std::string& condition, const ColumnCatalogue& catalogue, int* trees) {
  const auto root = ParseCondition(condition, catalogue);
  if (!root.ok()) {
    ASSERT_THAT(root, FailsWith(absl::StatusCode::kInvalidArgument, "SEGMENT_INVALID"));
    const auto metadata = DetailOf(root.status())->metadata;
    const int lines = 1 + static_cast<int>(std::count(condition.begin(), condition.end(), '\n'));
    ASSERT_GE(std::stoi(metadata.at("line")), 1);
    ASSERT_LE(std::stoi(metadata.at("line")), lines);
    ASSERT_GE(std::stoi(metadata.at("column")), 1);
    ASSERT_LE(std::stoi(metadata.at("column")), static_cast<int>(condition.size()) + 1);
    return;
  }
  ++*trees;
  ASSERT_EQ((*root)->type, ColumnType::kFlag);
  CheckTree(**root, 1);
  const auto bracketed = ParseCondition("((" + condition + "\n))", catalogue);
  ASSERT_OK(bracketed);
  ASSERT_EQ(ToText(**bracketed), ToText(**root));
}

TEST(Soup, OfWordsIsATreeOrAnErrorWithItsPlace) {
  constexpr uint64_t kSeed = 20'240'601;
  const ColumnCatalogue catalogue = SampleCatalogue();
  std::mt19937_64 random(kSeed);
  int trees = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string condition;
    const uint64_t words = 1 + random() % 12;
    for (uint64_t i = 0; i < words; ++i) {
      condition += kWords[random() % std::size(kWords)];
      condition += ' ';
    }
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round << ": " << condition);
    Check(condition, catalogue, &trees);
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
  EXPECT_GT(trees, 100) << "the soup has too few conditions in it to test anything";
}

TEST(Soup, OfBytesInAGoodConditionIsATreeOrAnErrorWithItsPlace) {
  constexpr uint64_t kSeed = 20'240'602;
  const ColumnCatalogue catalogue = SampleCatalogue();
  const std::string good =
      "grade IN ('A', 'B') AND net >= 1.5 * percentile_disc(net, 0.9) OR NOT (coalesce(margin, 0) < -3) AND\n"
      "(SELECT count(*) FROM transactions WHERE category = 'tea' AND days_ago BETWEEN 30 AND 60) >= 3 -- often";
  std::mt19937_64 random(kSeed);
  int trees = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string condition = good;
    for (uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      const size_t at = random() % condition.size();
      switch (random() % 3) {
        case 0:
          condition[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          condition.erase(at, 1 + random() % 8);
          break;
        default:
          condition.insert(at, condition.substr(random() % condition.size(), 1 + random() % 8));
          break;
      }
    }
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round << ": " << condition);
    Check(condition, catalogue, &trees);
    if (HasFatalFailure() || HasNonfatalFailure()) return;
  }
  EXPECT_GT(trees, 100);
}

}  // namespace
}  // namespace strata
