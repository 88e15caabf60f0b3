// Who entered and who left, against sets of names.
#include "data/segments/shard_members.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>

#include "base/hash.h"
#include "tests/base/status_matchers.h"
#include "tests/run/segments/sample_catalogue.h"

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;

// Customers of a shard with a number of rows each; a member of "many" has more than 5, of "few" fewer.
struct Base {
  explicit Base(const std::map<std::string, int64_t>& rows_by_id) {
    for (const auto& [id, count] : rows_by_id) ids.push_back(id);
    std::sort(ids.begin(), ids.end(),
              [](const auto& a, const auto& b) { return std::pair(Hash64(a), a) < std::pair(Hash64(b), b); });
    for (const std::string& id : ids) {
      hash.push_back(Hash64(id));
      rows.push_back(rows_by_id.at(id));
      scored.push_back({.hash = hash.back(), .id = id, .score = {}});
    }
    columns.Add({.name = "rows", .type = ColumnType::kInteger, .whole = rows});
  }
  Base(const Base&) = delete;
  Base& operator=(const Base&) = delete;

  std::vector<std::string> ids;
  std::vector<uint64_t> hash;
  std::vector<int64_t> rows;
  std::vector<ScoredCustomer> scored;
  ColumnSet columns;
};

using Named = std::map<std::string, std::string>;  // conditions by segment

absl::StatusOr<ShardMembers> Evaluate(const Named& segments, const Base& base, const FollowedMembers* followed) {
  std::vector<SegmentDefinition> definitions;
  for (const auto& [name, condition] : segments) definitions.push_back({name, "", condition, 1});
  STRATA_ASSIGN_OR_RETURN(const auto conditions, ParseSegments(definitions, SampleCatalogue(), "job.yaml"));
  STRATA_ASSIGN_OR_RETURN(const auto program, SegmentProgram::Compile(conditions, {}));
  return EvaluateSegments(
      program, base.columns, {}, kAsOf, base.hash, [&](size_t i) { return std::string_view(base.ids[i]); }, followed);
}

using Names = std::set<std::string>;

Names Members(const MemberBits& members, size_t segment, const Base& base) {
  Names names;
  for (size_t i = 0; i < base.ids.size(); ++i) {
    if (members.Has(segment, i)) names.insert(base.ids[i]);
  }
  return names;
}

Names Without(const Names& a, const Names& b) {
  Names rest;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(rest, rest.end()));
  return rest;
}

std::map<std::string, int64_t> RandomCustomers(std::mt19937_64* random) {
  std::map<std::string, int64_t> customers;
  for (uint64_t left = (*random)() % 400; left > 0; --left) {
    customers["c" + std::to_string((*random)() % 500)] = static_cast<int64_t>((*random)() % 12);
  }
  return customers;
}

TEST(ShardMembers, EnteredAndLeftAreDifferencesOfSets) {
  const Named before = {{"few", "rows < 5"}, {"gone", "rows = 1"}, {"many", "rows > 5"}, {"odd", "rows IN (1, 3)"}};
  const Named now = {{"few", "rows < 5"}, {"many", "rows > 4"}, {"new", "rows = 2"}, {"odd", "rows IN (1, 3)"}};
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const Base yesterday(RandomCustomers(&random)), today(RandomCustomers(&random));
    const auto first = Evaluate(before, yesterday, nullptr);
    ASSERT_OK(first);
    EXPECT_TRUE(first->before.names.empty());
    EXPECT_EQ(first->left, std::vector<int64_t>(4, kNoWhole));
    EXPECT_TRUE(first->moves.empty());

    const std::string part_bytes = EncodeLookupPart(yesterday.scored);
    const auto members_bytes = EncodeMembers(first->members, yesterday.ids.size());
    ASSERT_OK(members_bytes);
    const auto part = LookupPart::Open(part_bytes);
    const auto file = MembersFile::Open(*members_bytes);
    ASSERT_OK(part);
    ASSERT_OK(file);
    EXPECT_EQ(file->Bits().bits, first->members.bits);
    const FollowedMembers followed{&*part, &*file};
    const auto second = Evaluate(now, today, &followed);
    ASSERT_OK(second);

    ASSERT_EQ(second->members.names, (std::vector<std::string>{"few", "many", "new", "odd"}));
    EXPECT_EQ(second->before.names, (std::vector<std::string>{"few", "many", "odd"}));
    EXPECT_EQ(second->left[2], kNoWhole) << "nobody knows who was in a segment that was not there";
    EXPECT_EQ(second->members.definitions[0], second->before.definitions[0]);
    EXPECT_NE(second->members.definitions[1], second->before.definitions[1]) << "many means something else now";
    std::map<std::pair<std::string, bool>, Names> moved;
    for (const MemberMove& move : second->moves) {
      EXPECT_TRUE(moved[std::pair(move.segment, move.entered)].insert(move.customer_id).second) << "once each";
    }
    const std::map<std::string, std::pair<size_t, size_t>> places = {
        {"few", {0, 0}}, {"many", {2, 1}}, {"odd", {3, 3}}};
    for (const auto& [name, place] : places) {
      const Names were = Members(first->members, place.first, yesterday);
      const Names are = Members(second->members, place.second, today);
      EXPECT_EQ(moved[std::pair(name, true)], Without(are, were)) << name;
      EXPECT_EQ(moved[std::pair(name, false)], Without(were, are)) << name;
      EXPECT_EQ(second->left[place.second], static_cast<int64_t>(Without(were, are).size())) << name;
    }
    EXPECT_FALSE(moved.contains(std::pair(std::string("new"), true)));
  }
}

TEST(ShardMembers, RefusesMembersOfOtherCustomers) {
  const Base base({{"a", 1}, {"b", 2}});
  const auto first = Evaluate({{"few", "rows < 5"}}, base, nullptr);
  ASSERT_OK(first);
  const auto bytes = EncodeMembers(first->members, 1);
  ASSERT_OK(bytes);
  const auto file = MembersFile::Open(*bytes);
  const std::string part_bytes = EncodeLookupPart(base.scored);
  const auto part = LookupPart::Open(part_bytes);
  ASSERT_OK(file);
  ASSERT_OK(part);
  const FollowedMembers followed{&*part, &*file};
  EXPECT_THAT(Evaluate({{"few", "rows < 5"}}, base, &followed),
              FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT"));
}

}  // namespace
}  // namespace strata
