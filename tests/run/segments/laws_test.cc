// What holds for every condition, tried on conditions and customers from a seed.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/base/status_matchers.h"
#include "tests/run/segments/random_conditions.h"
#include "tests/run/segments/sample_catalogue.h"
#include "tests/run/segments/scalar_evaluator.h"

namespace strata {
namespace {

using Members = std::map<std::string, std::vector<bool>>;

TEST(Laws, OfThreeValuedLogicHoldForEveryCondition) {
  constexpr uint64_t kSeed = 20'240'603;
  RandomConditions random(kSeed);
  const ScalarBase base = random.Base(60);
  const ColumnCatalogue catalogue = SampleCatalogue();
  int64_t decided = 0, unknown = 0;
  for (int round = 0; round < 400; ++round) {
    const std::string a = random.Condition();
    const std::string b = random.Condition(2);
    SCOPED_TRACE(testing::Message() << "seed " << kSeed << " round " << round << "\na: " << a << "\nb: " << b);
    const auto parsed = ParseSegments({{"a", "", a, 1},
                                       {"b", "", b, 2},
                                       {"not-a", "", "NOT (" + a + ")", 3},
                                       {"null-a", "", "(" + a + ") IS NULL", 4},
                                       {"twice", "", "NOT (NOT (" + a + ")) AND TRUE OR FALSE", 5},
                                       {"not-both", "", "NOT ((" + a + ") AND (" + b + "))", 6},
                                       {"de-morgan", "", "NOT (" + a + ") OR NOT (" + b + ")", 7},
                                       {"named", "", "segment('a') AND NOT segment('b')", 8}},
                                      catalogue, "job.yaml");
    ASSERT_OK(parsed);
    const absl::StatusOr<Members> members = ScalarMembers(*parsed, base);
    ASSERT_OK(members);
    EXPECT_EQ(members->at("twice"), members->at("a"));
    EXPECT_EQ(members->at("not-both"), members->at("de-morgan"));
    for (size_t i = 0; i < base.customers.size(); ++i) {
      const bool is_a = members->at("a")[i];
      const bool is_null = members->at("null-a")[i];
      ASSERT_EQ(int{is_a} + int{members->at("not-a")[i]} + int{is_null}, 1) << "customer " << i;
      ASSERT_EQ(members->at("named")[i], is_a && !members->at("b")[i]) << "customer " << i;
      (is_null ? unknown : decided) += 1;
    }
  }
  EXPECT_GT(unknown, 1000) << "too little is unknown to test anything";
  EXPECT_GT(decided, 1000);
}

}  // namespace
}  // namespace strata
