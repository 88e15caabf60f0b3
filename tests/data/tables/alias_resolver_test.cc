// What rows of merged identities say of every id: stories, and a slow oracle over random tables.
#include "data/tables/alias_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "data/tables/alias_table.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Said {
  std::string old_id, new_id;
  Day day = 0;
};

absl::StatusOr<ResolvedAliases> ResolveRows(const std::vector<Said>& rows) {
  AliasResolver resolver;
  int64_t line = 1;
  for (const Said& row : rows) resolver.Add(row.old_id, row.new_id, row.day, 0, 0, ++line);
  return resolver.Resolve({"a.csv"});
}

std::map<std::string, std::string> TableOf(const ResolvedAliases& resolved) {
  std::map<std::string, std::string> table;
  const AliasTable aliases = *AliasTable::Open(resolved.table);
  for (size_t i = 0; i < aliases.size(); ++i) {
    const AliasEntry entry = aliases.At(i);
    table[std::string(entry.id)] = std::string(entry.target);
  }
  return table;
}

using Table = std::map<std::string, std::string>;

TEST(AliasResolver, FollowsChainsToTheirEnd) {
  const auto resolved = ResolveRows({{"c", "d"}, {"a", "b"}, {"b", "c"}, {"x", "d"}});
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(TableOf(*resolved), (Table{{"a", "d"}, {"b", "d"}, {"c", "d"}, {"x", "d"}}));
  EXPECT_EQ(resolved->aliases, 4);
  EXPECT_EQ(resolved->customers, 1);
  EXPECT_THAT(resolved->examples, ElementsAre("a → b → c → d", "b → c → d", "c → d"));
}

TEST(AliasResolver, TheLaterDateCountsAndIsNoConflict) {
  const auto resolved = ResolveRows({{"a", "new", 20}, {"a", "old", 10}, {"a", "older", 9}, {"a", "new", 20}});
  ASSERT_TRUE(resolved.ok());
  EXPECT_EQ(TableOf(*resolved), (Table{{"a", "new"}}));
  EXPECT_EQ(resolved->superseded, 2);
  EXPECT_EQ(resolved->conflicts, 0);
}

TEST(AliasResolver, EqualDatesAreAConflictThatTheHashDecides) {
  const auto hash = [](const char* new_id) {
    ByteWriter content;
    content.Text("a");
    content.Text(new_id);
    content.I32(10);
    content.I64(0);
    return Hash64(content.bytes());
  };
  const std::string winner = hash("one") > hash("two") ? "one" : "two";
  for (const std::vector<Said>& rows :
       {std::vector<Said>{{"a", "one", 10}, {"a", "two", 10}}, {{"a", "two", 10}, {"a", "one", 10}}}) {
    const auto resolved = ResolveRows(rows);
    ASSERT_TRUE(resolved.ok());
    EXPECT_EQ(TableOf(*resolved), (Table{{"a", winner}}));
    EXPECT_EQ(resolved->conflicts, 1);
    ASSERT_EQ(resolved->conflict_examples.size(), 1u);
    EXPECT_THAT(resolved->conflict_examples[0], HasSubstr("'a' is '" + winner + "' and '"));
    EXPECT_THAT(resolved->conflict_examples[0], HasSubstr("on 1970-01-11"));
  }
}

TEST(AliasResolver, NamesTheCircleFromItsSmallestId) {
  const auto resolved = ResolveRows({{"x", "y"}, {"q", "p"}, {"p", "r"}, {"r", "q"}, {"y", "p"}});
  ASSERT_THAT(resolved, FailsWith(absl::StatusCode::kInvalidArgument, "ALIAS_CYCLE"));
  EXPECT_THAT(std::string(resolved.status().message()), HasSubstr("a.csv:4: "));
  EXPECT_THAT(std::string(resolved.status().message()), HasSubstr("p → r → q → p"));
}

TEST(AliasResolver, ASupersededRowClosesNoCircle) {
  const auto resolved = ResolveRows({{"a", "b", 1}, {"b", "a", 1}, {"b", "c", 2}});
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(TableOf(*resolved), (Table{{"a", "c"}, {"b", "c"}}));
}

TEST(AliasResolver, ALongChainIsFollowedWithoutRecursion) {
  constexpr int kLinks = 200'000;
  std::vector<Said> rows;
  for (int i = 0; i < kLinks; ++i) rows.push_back({std::to_string(i), std::to_string(i + 1)});
  const auto resolved = ResolveRows(rows);
  ASSERT_TRUE(resolved.ok());
  const AliasTable table = *AliasTable::Open(resolved->table);
  EXPECT_EQ(table.Resolve("0"), std::to_string(kLinks));
  EXPECT_EQ(table.Resolve("123456"), std::to_string(kLinks));
}

// Follows rows one step at a time; nullopt: round in a circle.
std::optional<Table> SlowTable(const std::vector<Said>& rows) {
  std::map<std::string, Said> chosen;  // later dates only: the random tables below have no equal ones
  for (const Said& row : rows) {
    const auto [at, is_new] = chosen.try_emplace(row.old_id, row);
    if (!is_new && row.day > at->second.day) at->second = row;
  }
  Table table;
  for (const auto& [id, row] : chosen) {
    std::string at = id;
    for (size_t steps = 0; chosen.contains(at); ++steps) {
      if (steps > chosen.size()) return std::nullopt;
      at = chosen.at(at).new_id;
    }
    table[id] = at;
  }
  return table;
}

TEST(AliasResolver, EqualsTheSlowWayWhateverTheOrderOfRows) {
  int circles = 0, tables = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::vector<Said> rows;
    const uint64_t ids = 2 + random() % 30;
    const uint64_t count = random() % 25;
    while (rows.size() < count) {
      Said row{"c" + std::to_string(random() % ids), "c" + std::to_string(random() % ids),
               static_cast<Day>(rows.size())};
      if (row.old_id != row.new_id) rows.push_back(row);
    }
    const auto expected = SlowTable(rows);
    std::string bytes;
    for (int order = 0; order < 3; ++order) {
      std::shuffle(rows.begin(), rows.end(), random);
      const auto resolved = ResolveRows(rows);
      ASSERT_EQ(resolved.ok(), expected.has_value());
      if (!expected.has_value()) continue;
      EXPECT_EQ(TableOf(*resolved), *expected);
      if (order > 0) {
        EXPECT_EQ(resolved->table, bytes);
      }
      bytes = resolved->table;
    }
    ++(expected.has_value() ? tables : circles);
  }
  EXPECT_GT(circles, 20);
  EXPECT_GT(tables, 100);
}

}  // namespace
}  // namespace strata
