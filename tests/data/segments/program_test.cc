// The program against the scalar evaluator, which takes a customer and a node at a time.
#include "data/segments/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "model/fit/column_quantiles.h"
#include "tests/base/status_matchers.h"
#include "tests/data/segments/scalar_shard.h"
#include "tests/run/segments/random_conditions.h"
#include "tests/run/segments/sample_catalogue.h"
#include "tests/run/segments/scalar_evaluator.h"

namespace strata {
namespace {

using Members = std::map<std::string, std::vector<bool>>;

std::map<PercentileTarget, std::optional<int64_t>> Percentiles(const std::vector<Condition>& conditions,
                                                               const ColumnSet& columns) {
  ColumnQuantiles quantiles(PercentilesOf(conditions));
  while (const auto request = quantiles.Next()) {
    const auto partial = CountColumns(*request, columns);
    EXPECT_OK(partial);
    EXPECT_OK(quantiles.Absorb(*partial));
  }
  return quantiles.Result();
}

absl::StatusOr<Members> ProgramMembers(const std::vector<Condition>& conditions, const ScalarShard& shard, Day as_of) {
  STRATA_ASSIGN_OR_RETURN(const SegmentProgram program,
                          SegmentProgram::Compile(conditions, Percentiles(conditions, shard.columns())));
  STRATA_ASSIGN_OR_RETURN(const MemberBits bits, program.Run(shard.columns(), shard.tables(), as_of));
  EXPECT_TRUE(std::is_sorted(bits.names.begin(), bits.names.end()));
  Members members;
  for (size_t i = 0; i < bits.names.size(); ++i) {
    for (size_t row = 0; row < bits.bits[i].size() * 64; ++row) {
      const bool is_member = (bits.bits[i][row / 64] >> row % 64 & 1) != 0;
      if (row < shard.columns().rows()) {
        members[bits.names[i]].push_back(is_member);
      } else {
        EXPECT_FALSE(is_member) << "a bit behind the last customer";
      }
    }
  }
  return members;
}

// In the order in which a ledger shows them, for sums of numbers are taken in it.
ScalarBase InOrder(ScalarBase base) {
  for (ScalarCustomer& customer : base.customers) {
    for (auto& [table, events] : customer.events) {
      std::stable_sort(events.begin(), events.end(), [](const ScalarEvent& a, const ScalarEvent& b) {
        return std::pair(a.day, a.minute) < std::pair(b.day, b.minute);
      });
    }
  }
  return base;
}

void ExpectSameMembers(uint64_t seed, size_t customers, int rounds) {
  RandomConditions random(seed);
  const ScalarBase base = InOrder(random.Base(customers));
  const ColumnCatalogue catalogue = SampleCatalogue();
  const ScalarShard shard(base, catalogue);
  size_t members = 0;
  for (int round = 0; round < rounds; ++round) {
    std::vector<SegmentDefinition> definitions;
    for (int i = 0; i < 8; ++i) definitions.push_back({"s" + std::to_string(i), "", random.Condition(), i});
    definitions.push_back({"a-null", "", "(" + definitions[0].condition + ") IS NULL", 8});
    definitions.push_back({"b-named", "", "segment('s1') AND NOT segment('s2') OR NOT segment('a-null')", 9});
    definitions.push_back({"c-flags", "",
                           "coalesce(" + definitions[3].condition + ", no_purchase) = (" + definitions[4].condition +
                               ") OR (customers.consent AND (" + definitions[5].condition + ")) <> no_purchase",
                           10});
    definitions.push_back({"all", "", "TRUE", 11});
    definitions.push_back({"none", "", "NOT TRUE", 12});
    const auto parsed = ParseSegments(definitions, catalogue, "job.yaml");
    ASSERT_OK(parsed);
    const auto expected = ScalarMembers(*parsed, base);
    ASSERT_OK(expected);
    const auto found = ProgramMembers(*parsed, shard, base.as_of);
    ASSERT_OK(found);
    for (const SegmentDefinition& definition : definitions) {
      ASSERT_EQ(found->at(definition.name), expected->at(definition.name))
          << "seed " << seed << " round " << round << ": " << definition.condition;
      const std::vector<bool>& bits = found->at(definition.name);
      members += static_cast<size_t>(std::count(bits.begin(), bits.end(), true));
    }
  }
  EXPECT_GT(members, customers * static_cast<size_t>(rounds) * 2) << "too few members to test anything";
}

TEST(SegmentProgram, FindsTheMembersOfTheScalarEvaluator) { ExpectSameMembers(20'251'122, 150, 400); }

TEST(SegmentProgram, FindsThemInManyBlocks) { ExpectSameMembers(7, 4'999, 8); }

TEST(SegmentProgram, FindsNobodyAmongNoCustomers) {
  const ColumnCatalogue catalogue = SampleCatalogue();
  const ScalarBase base{20'000, {}};
  const auto parsed = ParseSegments({{"a", "", "(SELECT count(*) FROM transactions) = 0", 1}}, catalogue, "job.yaml");
  ASSERT_OK(parsed);
  const auto members = ProgramMembers(*parsed, ScalarShard(base, catalogue), base.as_of);
  ASSERT_OK(members);
  EXPECT_EQ(*members, Members());
}

TEST(SegmentProgram, SaysWhichSegmentHasAValueThatDoesNotFit) {
  RandomConditions random(3);
  const ScalarBase base = InOrder(random.Base(3'000));
  const ColumnCatalogue catalogue = SampleCatalogue();
  const ScalarShard shard(base, catalogue);
  const std::string over[] = {"rows + 9223372036854775807 > 1",
                              "rows * 9223372036854775807 > 1 OR TRUE",
                              "net + 9223372036854 > 1",
                              "-rows - 9223372036854775807 < 1",
                              "p_alive * 1e308 * 1e9 > 1",
                              "CURRENT_DATE + 9223372036854775807 > last_day",
                              "(SELECT sum(net * 3000000000000) FROM transactions) > 0",
                              "(SELECT sum(quantity * 1e308) FROM transactions) > 0",
                              "(SELECT count(*) FROM transactions WHERE net * 9223372036854 > 0) > 0"};
  for (const std::string& condition : over) {
    const auto parsed = ParseSegments({{"fits", "", "rows > 1", 1}, {"over", "", condition, 2}}, catalogue, "job.yaml");
    ASSERT_OK(parsed);
    EXPECT_THAT(ScalarMembers(*parsed, base), FailsWith(absl::StatusCode::kOutOfRange, "SEGMENT_OVERFLOW"));
    const auto members = ProgramMembers(*parsed, shard, base.as_of);
    ASSERT_THAT(members, FailsWith(absl::StatusCode::kOutOfRange, "SEGMENT_OVERFLOW")) << condition;
    EXPECT_EQ(DetailOf(members.status())->metadata.at("segment"), "over") << condition;
  }
  // What no row is asked for does not fail.
  const auto parsed = ParseSegments(
      {{"a", "", "(SELECT sum(net * 9223372036854) FROM transactions WHERE net = 0 OR net < -99) IS NULL", 1}},
      catalogue, "job.yaml");
  ASSERT_OK(parsed);
  const auto expected = ScalarMembers(*parsed, base);
  ASSERT_OK(expected);
  const auto members = ProgramMembers(*parsed, shard, base.as_of);
  ASSERT_OK(members);
  EXPECT_EQ(*members, *expected);
}

TEST(SegmentProgram, SaysWhichColumnIsMissing) {
  const ColumnCatalogue catalogue = SampleCatalogue();
  const ScalarShard shard({20'000, {{}}}, catalogue);
  for (const char* condition : {"margin > 1", "(SELECT count(category) FROM transactions) > 1"}) {
    const auto parsed = ParseSegments({{"a", "", condition, 1}}, catalogue, "job.yaml");
    ASSERT_OK(parsed);
    const auto program = SegmentProgram::Compile(*parsed, {});
    ASSERT_OK(program);
    ColumnSet none;
    EXPECT_THAT(program->Run(none, {}, 20'000), FailsWith(absl::StatusCode::kInternal, "SEGMENT_COLUMN_MISSING"));
  }
}

}  // namespace
}  // namespace strata
