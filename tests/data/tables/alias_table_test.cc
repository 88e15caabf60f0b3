// The object of merged identities against a map, and what becomes of rows when one table follows another.
#include "data/tables/alias_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using ::testing::HasSubstr;
using Table = std::map<std::string, std::string>;

std::string BytesOf(const Table& table) {
  std::vector<AliasEntry> entries;
  for (const auto& [id, target] : table) entries.push_back({Hash64(id), id, target});
  return EncodeAliasTable(std::move(entries));
}

TEST(AliasTable, FindsWhatAMapFinds) {
  for (const size_t size : {0u, 1u, 2u, 3u, 100u, 5000u}) {
    SCOPED_TRACE(size);
    Table expected;
    for (size_t i = 0; i < size; ++i) expected["id-" + std::to_string(i)] = "customer-" + std::to_string(i % 7);
    const std::string bytes = BytesOf(expected);
    const auto table = AliasTable::Open(bytes);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->size(), size);
    for (size_t i = 0; i < size + 100; ++i) {
      const std::string id = "id-" + std::to_string(i);
      const auto found = expected.find(id);
      EXPECT_EQ(table->Resolve(id), found == expected.end() ? id : found->second);
      EXPECT_EQ(table->Find(Hash64(id), id).has_value(), found != expected.end());
    }
    EXPECT_FALSE(table->Find(Hash64("id-0"), "another id with this hash").has_value());
  }
}

TEST(AliasTable, RefusesWhatIsNotOne) {
  const std::string bytes = BytesOf({{"a", "b"}});
  EXPECT_THAT(AliasTable::Open(""), FailsWith(absl::StatusCode::kDataLoss, "TABLE_CORRUPT"));
  EXPECT_THAT(AliasTable::Open(bytes.substr(0, bytes.size() - 1)),
              FailsWith(absl::StatusCode::kDataLoss, "TABLE_CORRUPT"));
  std::string newer = bytes;
  newer[8] = 9;
  EXPECT_THAT(AliasTable::Open(newer), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
}

constexpr uint32_t kShards = 4;

absl::StatusOr<std::set<std::string>> Moved(const Table& before, const Table& after) {
  const std::string one = BytesOf(before), other = BytesOf(after);
  STRATA_ASSIGN_OR_RETURN(const AliasMoves moves,
                          MovesBetween(*AliasTable::Open(one), *AliasTable::Open(other), kShards));
  std::set<std::string> ids;
  std::set<uint32_t> shards;
  for (const AliasEntry& entry : moves.entries) {
    ids.insert(std::string(entry.id));
    shards.insert(ShardOf(entry.hash, kShards));
  }
  EXPECT_EQ(std::vector<uint32_t>(shards.begin(), shards.end()), moves.shards);
  return ids;
}

TEST(AliasMoves, OnlyCustomersOfTheirOwnMove) {
  using Ids = std::set<std::string>;
  EXPECT_EQ(*Moved({}, {}), Ids());
  EXPECT_EQ(*Moved({}, {{"a", "b"}}), Ids{"a"});
  EXPECT_EQ(*Moved({{"a", "b"}}, {{"a", "b"}}), Ids());
  EXPECT_EQ(*Moved({{"a", "b"}}, {{"a", "c"}, {"b", "c"}}), Ids{"b"}) << "a's rows are b's, and go with them";
  EXPECT_EQ(*Moved({{"a", "b"}}, {{"b", "a"}}), Ids{"b"}) << "the other way round is the same person still";
  EXPECT_EQ(*Moved({{"a", "b"}}, {{"a", "b"}, {"c", "b"}}), Ids{"c"});
}

TEST(AliasMoves, WhatRowsNoLongerKnowIsAnError) {
  for (const auto& [before, after] : std::vector<std::pair<Table, Table>>{
           {{{"a", "b"}}, {}},
           {{{"a", "b"}}, {{"a", "c"}}},
           {{{"a", "b"}}, {{"b", "c"}}},
           {{{"a", "c"}, {"b", "c"}}, {{"a", "c"}}},
       }) {
    const auto moved = Moved(before, after);
    ASSERT_THAT(moved, FailsWith(absl::StatusCode::kFailedPrecondition, "ALIASES_CHANGED"));
    EXPECT_THAT(std::string(moved.status().message()), HasSubstr("--rebuild-ledger"));
    EXPECT_THAT(std::string(moved.status().message()), HasSubstr("1 id(s) belong to another customer"));
  }
  const auto moved = Moved({{"a", "c"}, {"b", "c"}}, {{"a", "c"}});
  EXPECT_THAT(std::string(moved.status().message()), HasSubstr("'b' was 'c' and is 'b' now"));
}

// A row is under the customer that it was put under, and moves when that one does. Afterwards it must be under the
// customer that the later table says it is; where that cannot be, and only there, the change is refused.
TEST(AliasMoves, RowsArriveWhereTheLaterTablePutsThem) {
  int moved = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const uint64_t ids = 2 + random() % 6;
    const auto name = [](uint64_t i) { return "id" + std::to_string(i); };
    const auto draw = [&] {  // resolved: a target is nobody's alias
      Table table;
      std::set<uint64_t> targets = {random() % ids, random() % ids};
      for (uint64_t i = 0; i < ids; ++i) {
        if (targets.contains(i) || random() % 2 == 0) continue;
        table[name(i)] = name(*std::next(targets.begin(), static_cast<int64_t>(random() % targets.size())));
      }
      return table;
    };
    const Table before = draw(), after = draw();
    const auto customer = [](const Table& table, const std::string& id) {
      const auto found = table.find(id);
      return found == table.end() ? id : found->second;
    };
    bool possible = true;
    for (uint64_t i = 0; i < ids; ++i) {
      possible &= customer(after, customer(before, name(i))) == customer(after, name(i));
    }
    const auto result = Moved(before, after);
    ASSERT_EQ(result.ok(), possible);
    ++(possible ? moved : refused);
    if (!possible) continue;
    for (uint64_t i = 0; i < ids; ++i) {
      const std::string was = customer(before, name(i));
      const std::string is = result->contains(was) ? customer(after, was) : was;
      EXPECT_EQ(is, customer(after, name(i)));
    }
  }
  EXPECT_GT(moved, 100);
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace strata
