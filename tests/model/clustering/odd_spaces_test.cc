// A defined answer or a clear error for every odd base, and for partials that belong elsewhere.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/hash.h"
#include "tests/model/clustering/space_fit.h"

namespace strata {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(OddSpaces, HasADefinedAnswerForOddBases) {
  const Wanted wanted{.features = {Feature("x", Transform::kYeoJohnson), Feature("y", Transform::kNone)}};
  EXPECT_THAT(Find(wanted, {}).reason(), HasSubstr("there are 0"));
  EXPECT_THAT(Find(wanted, {{.x = 1}}).reason(), HasSubstr("there is 1"));
  EXPECT_THAT(Find(wanted, {{.x = 1, .purchase_days = 0}, {.x = 2, .purchase_days = 0}}).reason(),
              HasSubstr("there are 0"));

  const SpaceFit equal = Find(wanted, std::vector<MadeCustomer>(20, {.x = 3, .y = -2}));
  EXPECT_EQ(equal.reason(), "");
  EXPECT_THAT(equal.Sample().q, Each(0));
  EXPECT_THAT(equal.warnings(), ElementsAre(HasSubstr("x: all customers have the same value"), HasSubstr("y: all")));

  std::vector<MadeCustomer> without(20, {.x = kNone});
  EXPECT_THAT(Find({.features = {Feature("x", Transform::kLog1p)}}, without).reason(), HasSubstr("of any feature"));
  for (size_t i = 0; i < 20; ++i) without[i].y = static_cast<double>(i);
  const SpaceFit dropped = Find(wanted, without);
  ASSERT_EQ(dropped.space().numeric.size(), 1U);
  EXPECT_EQ(dropped.space().numeric[0].name, "y");
  EXPECT_EQ(dropped.Sample().q.size(), 20U);
  EXPECT_THAT(dropped.warnings(), ElementsAre(HasSubstr("x: no customer has a value")));

  for (size_t i = 0; i < 20; ++i) without[i].y = i == 0 ? 5 : 1;
  const SpaceFit flat = Find({.features = {Feature("y", Transform::kNone, Scale::kRobust)}}, without);
  EXPECT_THAT(flat.warnings(), ElementsAre(HasSubstr("its quartiles are equal")));
  EXPECT_NEAR(flat.space().numeric[0].deviation, 4 * std::sqrt(0.05 * 0.95), 1e-6);

  const SpaceFit one_word = Find({.features = {Feature("g", Transform::kCategory)}}, {{.g = "a"}, {.g = "a"}});
  EXPECT_EQ(one_word.reason(), "");
  EXPECT_THAT(one_word.warnings(), ElementsAre(HasSubstr("g: all customers have the same word")));
}

struct WrongBase {
  MadeCustomer customer;
  ClusterFeatureSettings feature;
  const char* reason;
  const char* text;
};

TEST(OddSpaces, RefusesWhatNoSpaceHolds) {
  const ClusterFeatureSettings x = Feature("x", Transform::kNone);
  for (const WrongBase& wrong : {
           WrongBase{{.x = kInfinity}, x, "CLUSTERING_NOT_FINITE", "found inf"},
           WrongBase{{.x = -kInfinity}, x, "CLUSTERING_NOT_FINITE", "found -inf"},
           WrongBase{{.x = 1e19}, x, "CLUSTERING_NOT_FINITE", "found 1e+19; allowed: finite numbers"},
           WrongBase{{.x = 1e12}, x, "CLUSTERING_RANGE", "feature 'x': found 1000000000000"},
           WrongBase{{.x = 1e6}, Feature("x", Transform::kNone, Scale::kNone), "CLUSTERING_RANGE", "scales from the"},
           WrongBase{{}, Feature("z", Transform::kNone), "CLUSTERING_COLUMN", "no column 'z' of numbers"},
           WrongBase{{}, Feature("g", Transform::kNone), "CLUSTERING_COLUMN", "no column 'g' of numbers"},
           WrongBase{{}, Feature("x", Transform::kCategory), "CLUSTERING_COLUMN", "no column 'x' of words"},
       }) {
    std::vector<MadeCustomer> customers(30, {.x = 1});
    for (size_t i = 0; i < 30; ++i) customers[i].x = 1 + static_cast<double>(i % 2);
    customers.push_back(wrong.customer);
    const absl::Status status = FindError({.features = {wrong.feature}}, customers);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong.reason;
    ASSERT_TRUE(DetailOf(status).has_value());
    EXPECT_EQ(DetailOf(status)->reason, wrong.reason);
    EXPECT_THAT(std::string(status.message()), HasSubstr(wrong.text));
  }
}

TEST(OddSpaces, NamesTheFirstOffenderOfAllShards) {
  std::vector<MadeCustomer> customers(40, {.x = 1});
  for (const size_t i : {7U, 20U, 33U}) customers[i].x = kInfinity;
  const Wanted wanted{.features = {Feature("x", Transform::kNone)}};
  const absl::Status of_many = FindError(wanted, customers, 40);
  EXPECT_EQ(FindError(wanted, customers, 13).message().size(), of_many.message().size());
  std::string least;
  for (const size_t i : {7U, 20U, 33U}) {
    const std::string hash = Hex(MadeShards::HashOf(i));
    if (least.empty() || hash < least) least = hash;
  }
  EXPECT_THAT(std::string(of_many.message()), HasSubstr(least));
}

TEST(OddSpaces, RefusesIdsAsCategories) {
  std::vector<MadeCustomer> customers(kMaxCategoryWords + 1);
  for (size_t i = 0; i < customers.size(); ++i) customers[i].g = fmt::format("id{}", i);
  const Wanted wanted{.features = {Feature("g", Transform::kCategory)}, .sample = 10};
  const absl::Status status = FindError(wanted, customers, 2);
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "CLUSTERING_LEVELS");
  customers.pop_back();
  EXPECT_TRUE(FindError(wanted, customers, 2).ok());
}

TEST(OddSpaces, RefusesAPartialOfAnotherRound) {
  SpaceFinder finder({Feature("x", Transform::kNone)}, "", 10, 1);
  SpacePartial partial;
  partial.customers = 5;
  const absl::Status status = finder.Absorb(partial);
  ASSERT_TRUE(DetailOf(status).has_value());
  EXPECT_EQ(DetailOf(status)->reason, "PARTIAL_MISMATCH");
}

}  // namespace
}  // namespace strata
