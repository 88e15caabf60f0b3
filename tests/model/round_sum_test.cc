// A round over some shards at a time is the round over all of them at once, whatever the groups and the kernels.
#include <gtest/gtest.h>

#include <algorithm>

#include "model/churn/catalogue.h"
#include "model/fit/night_fit.h"
#include "tests/base/status_matchers.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10400;
constexpr int kHorizonDays = 60;

NightFitSettings AllModels(const Kernels& kernels) {
  SchemeFitSettings schemes;
  schemes.value = true;
  schemes.levels.fill(LevelRule());
  ClusterFitSettings clustering;
  clustering.k_max = 3;
  clustering.references = 2;
  clustering.kernels = &kernels;
  ChurnFitSettings churn;
  churn.features = FeaturesOf({}, {});
  churn.horizon_days = kHorizonDays;
  churn.eligible_days = 2 * kHorizonDays;
  churn.trees = true;
  churn.boost.trees = 12;
  churn.as_of = kAsOf;
  return {.seed = 9,
          .kernels = &kernels,
          .rfm = RfmFitSettings(),
          .schemes = schemes,
          .clustering = clustering,
          .lifetime = LifetimeFitSettings{},
          .spend = true,
          .churn = churn};
}

TEST(RoundSum, InGroupsIsTheRoundOverAllShards) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const TestBase base(RandomRows(seed, 1200, kAsOf - 500, kAsOf), kAsOf, kHorizonDays, 7);
    std::vector<const ShardFeatures*> all;
    for (const ShardFeatures& shard : base.shards()) all.push_back(&shard);
    NightFit fit(AllModels(WidestKernels()));
    NightFit plain(AllModels(PlainKernels()));
    int rounds = 0;
    while (const auto request = fit.Next()) {
      ASSERT_EQ(plain.Next(), request) << "round " << rounds;
      const auto at_once = AccumulateRound(*request, all, WidestKernels());
      ASSERT_OK(at_once.status());
      for (const Kernels* kernels : AvailableKernels()) {
        auto sum = RoundSum::ForRequest(*request, *kernels);
        ASSERT_OK(sum.status());
        const size_t group = 1 + (seed + static_cast<uint64_t>(rounds)) % all.size();
        for (size_t begin = 0; begin < all.size(); begin += group) {
          sum->Add({all.begin() + static_cast<std::ptrdiff_t>(begin),
                    all.begin() + static_cast<std::ptrdiff_t>(std::min(begin + group, all.size()))});
        }
        ASSERT_EQ(*sum->Take(), *at_once) << "round " << rounds << " with " << kernels->name;
      }
      ASSERT_OK(fit.Absorb({*at_once}));
      ASSERT_OK(plain.Absorb({*at_once}));
      ++rounds;
    }
    EXPECT_GT(rounds, 3);
  }
}

TEST(RoundSum, RefusesWhatNoFitAsksFor) {
  EXPECT_EQ(RoundSum::ForRequest("nonsense", PlainKernels()).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace strata
