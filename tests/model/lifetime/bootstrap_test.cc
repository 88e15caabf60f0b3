// The bootstrap: Poisson(1) weights, replicates that do not depend on sharding, and a spread that is the standard
// errors'.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/hash.h"
#include "model/lifetime/bootstrap_fitter.h"
#include "model/lifetime/purchase_table.h"
#include "tests/base/status_matchers.h"
#include "tests/model/customer_table.h"
#include "tests/model/lifetime/covariate_shoppers.h"

namespace strata {
namespace {

constexpr Day kAsOf = 18'000;

TEST(PoissonOne, CutsTheDrawsWhereTheDistributionDoes) {
  long double below = 0, term = std::exp(-1.0L);
  for (int k = 0; k < 12; ++k) {
    below += term;
    term /= k + 1;
    // Within a few units of a long double's last place.
    const auto cut = static_cast<uint64_t>(below * 0x1.0p64L);
    EXPECT_EQ(PoissonOne(cut - 100), k);
    EXPECT_EQ(PoissonOne(cut + 100), k + 1);
  }
  EXPECT_EQ(PoissonOne(0), 0);
  EXPECT_GE(PoissonOne(~uint64_t{0}), 20);
}

TEST(ReplicateWeight, HasMeanAndVarianceOneInEveryReplicateAndTiesNoTwo) {
  constexpr int kCustomers = 40'000;
  double product = 0;
  for (uint32_t replicate = 0; replicate < 4; ++replicate) {
    double sum = 0, squares = 0;
    for (uint64_t customer = 0; customer < kCustomers; ++customer) {
      const double weight = ReplicateWeight(3, replicate, Mix(customer)) - 1;
      sum += weight;
      squares += weight * weight;
      product += weight * (ReplicateWeight(3, replicate + 10, Mix(customer)) - 1);
    }
    EXPECT_NEAR(sum / kCustomers, 0, 4 / std::sqrt(kCustomers)) << replicate;
    EXPECT_NEAR(squares / kCustomers, 1, 4 * std::sqrt(3.0 / kCustomers)) << replicate;
  }
  EXPECT_NEAR(product / kCustomers / 4, 0, 4 / std::sqrt(4 * kCustomers));
}

LifetimeFit FitOf(const ShopperShards& shards) {
  PurchaseTable table;
  for (const ShardFeatures& shard : shards.views()) table.Merge(PurchaseTable::Of(shard.today));
  return FitLifetime(LifetimeKind::kMbgNbd, std::nullopt, HistoryTable::Of(*table.Rows(), 7), {});
}

std::vector<Shopper> Shoppers(int count) {
  return DrawShoppers({.base = {.kind = LifetimeKind::kMbgNbd, .value = {0.9, 6, 0.9, 1.8}}}, count, kAsOf, 4);
}

TEST(BootstrapFitter, SpreadsParametersAsTheirStandardErrorsSay) {
  const ShopperShards shards(Shoppers(3000), kAsOf, 2);
  const LifetimeFit fit = FitOf(shards);
  ASSERT_TRUE(fit.fitted && fit.identified);
  BootstrapFitter fitter({.fit = fit, .replicates = 200});
  EXPECT_EQ(RunFit(&fitter, shards.views()), 25);
  EXPECT_EQ(fitter.warning(), "");
  ASSERT_EQ(fitter.result().size(), 200u);
  for (size_t i = 0; i < 4; ++i) {
    double mean = 0, squares = 0;
    for (const LifetimeParameters& replicate : fitter.result()) {
      const double step = std::log(replicate.value[i] / fit.parameters.value[i]);
      mean += step / 200;
      squares += step * step / 200;
    }
    const double error = std::sqrt(fit.covariance[i][i]);
    EXPECT_NEAR(mean, 0, 0.35 * error) << fit.estimates[i].name;
    // A deviation over 200 draws is known to 5 %; bootstrap and information differ where a base is small.
    EXPECT_NEAR(std::sqrt(squares - mean * mean) / error, 1, 0.25) << fit.estimates[i].name;
  }
}

TEST(BootstrapFitter, GivesTheSameReplicatesForAnyShardsOrderAndRounds) {
  const std::vector<Shopper> shoppers = Shoppers(800);
  const ShopperShards whole(shoppers, kAsOf, 1);
  const LifetimeFit fit = FitOf(whole);
  BootstrapFitter first({.fit = fit, .seed = 9, .replicates = 20});
  RunFit(&first, whole.views());
  ASSERT_EQ(first.result().size(), 20u);
  for (const size_t count : {3, 64}) {
    const ShopperShards shards(shoppers, kAsOf, count);
    BootstrapFitter again({.fit = fit, .seed = 9, .replicates = 20});
    RunFit(&again, shards.views(), count);
    EXPECT_EQ(again.result(), first.result()) << count << " shards";
  }
  BootstrapFitter fewer({.fit = fit, .seed = 9, .replicates = 3});
  RunFit(&fewer, whole.views());
  EXPECT_EQ(fewer.result(), std::vector<LifetimeParameters>(first.result().begin(), first.result().begin() + 3));
  BootstrapFitter other({.fit = fit, .seed = 10, .replicates = 3});
  RunFit(&other, whole.views());
  EXPECT_NE(other.result(), fewer.result());
}

TEST(BootstrapFitter, KeepsAtItsBoundaryWhatTheDataDidNotDetermine) {
  const ShopperShards shards(Shoppers(800), kAsOf, 1);
  LifetimeFit fit = FitOf(shards);
  fit.parameters.value[2] = 1e-6;
  for (size_t i = 0; i < 4; ++i) fit.covariance[2][i] = fit.covariance[i][2] = 0;
  BootstrapFitter fitter({.fit = fit, .replicates = 4});
  RunFit(&fitter, shards.views());
  for (const LifetimeParameters& replicate : fitter.result()) EXPECT_EQ(replicate.value[2], 1e-6);
}

TEST(BootstrapFitter, HasNoRoundsWhereNothingWasFitted) {
  EXPECT_FALSE(BootstrapFitter({.fit = {}}).Next().has_value());
  BootstrapFitter idle({.fit = {}});
  EXPECT_FALSE(idle.Absorb({}).ok());
}

}  // namespace
}  // namespace strata
