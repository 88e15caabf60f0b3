// BG/BB and sBG through a night's round: published values from columns of the profile, the same bits for any sharding,
// bases of which nothing can be said.
#include "model/lifetime/discrete_fitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>

#include "base/hash.h"
#include "tests/base/status_matchers.h"
#include "tests/model/customer_table.h"
#include "tests/model/lifetime/golden_base.h"

namespace strata {
namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Row {
  int64_t first, second, third;  // x, last, n; or periods, lost
};

// Customers in shards by hash, with three columns of a kind of model; the third is not there for contracts.
class DiscreteShards {
 public:
  DiscreteShards(const std::vector<Row>& rows, const std::vector<const char*>& names, size_t shards) {
    for (size_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>());
    for (size_t i = 0; i < rows.size(); ++i) {
      Shard& shard = *shards_[Mix(i) % shards];
      shard.hash.push_back(Mix(i));
      shard.columns[0].push_back(rows[i].first);
      shard.columns[1].push_back(rows[i].second);
      shard.columns[2].push_back(rows[i].third);
    }
    for (const std::unique_ptr<Shard>& shard : shards_) {
      for (size_t c = 0; c < names.size(); ++c) {
        Column column{.name = names[c], .type = ColumnType::kInteger};
        column.whole = shard->columns[c];
        shard->profile.Add(column);
      }
      ShardFeatures view;
      view.today.hash = shard->hash;
      view.profile = &shard->profile;
      views_.push_back(view);
    }
  }
  const std::vector<ShardFeatures>& views() const { return views_; }

 private:
  struct Shard {
    std::vector<uint64_t> hash;
    std::vector<int64_t> columns[3];
    ColumnSet profile;
  };
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<ShardFeatures> views_;
};

const std::vector<const char*> kOpportunities = {kOpportunitiesX, kOpportunitiesLast, kOpportunitiesN};
const std::vector<const char*> kContracts = {kContractPeriods, kContractLost};

LifetimeFit Fit(LifetimeKind kind, const DiscreteShards& shards, uint64_t order = 0) {
  DiscreteFitter fitter(kind, {});
  EXPECT_EQ(RunFit(&fitter, shards.views(), order), 1);
  return fitter.result();
}

TEST(DiscreteFitter, FindsThePublishedDonors) {
  // Fader, Hardie and Shang (2010): 11,104 donors over six years.
  std::vector<Row> rows;
  for (const GoldenCustomer& donors : GoldenBaseNamed("donations").customers) {
    const auto& [x, t_x, T] = donors.history;
    for (int i = 0; i < donors.weight; ++i) {
      rows.push_back({x, static_cast<int64_t>(t_x), static_cast<int64_t>(T)});
    }
  }
  ASSERT_EQ(rows.size(), 11'104u);
  const LifetimeFit fit = Fit(LifetimeKind::kBgBb, DiscreteShards(rows, kOpportunities, 1));
  ASSERT_TRUE(fit.fitted && fit.identified) << fit.reason;
  const std::array<double, 4> golden = {1.203522352, 0.749716358, 0.656718208, 2.783442233};
  for (size_t i = 0; i < 4; ++i) EXPECT_NEAR(fit.parameters.value[i] / golden[i], 1, 1e-6);
  EXPECT_NEAR(fit.log_likelihood, -33225.5812743, 1e-5);
  EXPECT_EQ(fit.unique_rows, 22u);
  for (const size_t shards : {3, 64}) {
    const LifetimeFit other = Fit(LifetimeKind::kBgBb, DiscreteShards(rows, kOpportunities, shards), shards);
    EXPECT_EQ(other.parameters, fit.parameters) << shards << " shards";
    EXPECT_EQ(other.covariance, fit.covariance) << shards << " shards";
  }
}

TEST(DiscreteFitter, FindsThePublishedContracts) {
  // Fader and Hardie (2007): survivors of 1,000 over seven years.
  const std::vector<int> survivors = {1000, 631, 468, 382, 326, 289, 262, 241};
  std::vector<Row> rows;
  for (size_t year = 1; year < survivors.size(); ++year) {
    for (int i = survivors[year]; i < survivors[year - 1]; ++i) rows.push_back({static_cast<int64_t>(year), 1, 0});
  }
  for (int i = 0; i < survivors.back(); ++i) rows.push_back({7, 0, 0});
  rows.push_back({kNoWhole, kNoWhole, 0});  // without a contract
  ASSERT_EQ(rows.size(), 1001u);
  for (const size_t shards : {1, 5}) {
    const LifetimeFit fit = Fit(LifetimeKind::kSbg, DiscreteShards(rows, kContracts, shards), shards);
    ASSERT_TRUE(fit.fitted && fit.identified) << fit.reason;
    EXPECT_NEAR(fit.parameters.value[0], 0.704077298, 1e-8);
    EXPECT_NEAR(fit.parameters.value[1], 1.182043026, 1e-8);
    EXPECT_NEAR(fit.log_likelihood, -1680.2651885, 1e-6);
    EXPECT_EQ(fit.customers, 1000);
  }
}

TEST(DiscreteFitter, SaysWhyNothingCanBeFitted) {
  struct Case {
    LifetimeKind kind;
    std::vector<Row> rows;
    const char* words;
  };
  const auto times = [](size_t count, Row row) { return std::vector<Row>(count, row); };
  const std::vector<Case> cases = {
      {LifetimeKind::kSbg, {}, "no customer has a contract; a fit needs at least 10"},
      {LifetimeKind::kSbg, times(30, {4, 0, 0}), "no contract has ended"},
      {LifetimeKind::kSbg, times(30, {1, 1, 0}), "no contract was renewed"},
      {LifetimeKind::kBgBb, {}, "no customer has a purchase day"},
      {LifetimeKind::kBgBb, times(30, {0, 0, 0}), "opportunities are too long for the history"},
      {LifetimeKind::kBgBb, times(30, {0, 0, 6}), "no customer bought at a later opportunity"},
      {LifetimeKind::kBgBb, times(30, {2, 4, 6}), "the same history"},
  };
  for (const auto& [kind, rows, words] : cases) {
    const DiscreteShards shards(rows, kind == LifetimeKind::kSbg ? kContracts : kOpportunities, 2);
    const LifetimeFit fit = Fit(kind, shards);
    EXPECT_FALSE(fit.fitted);
    EXPECT_THAT(fit.reason, HasSubstr(words));
  }
}

TEST(DiscreteFitter, RefusesColumnsThatNoDataGive) {
  const auto absorbed = [](LifetimeKind kind, const DiscreteShards& shards) {
    DiscreteFitter fitter(kind, {});
    return fitter.Absorb(DiscreteFitter::Accumulate(*fitter.Next(), shards.views()[0], WidestKernels()));
  };
  const auto is = [](const char* reason, const char* words) {
    return AllOf(FailsWith(absl::StatusCode::kInternal, reason), SaysThat(words));
  };
  const std::vector<Row> sixth_of_five = {{1, 6, 5}, {0, 0, 5}};
  EXPECT_THAT(absorbed(LifetimeKind::kBgBb, DiscreteShards(sixth_of_five, kOpportunities, 1)),
              is("OPPORTUNITIES_IMPOSSIBLE", "1 customers"));
  const std::vector<Row> lost_before_it_began = {{0, 1, 0}};
  EXPECT_THAT(absorbed(LifetimeKind::kSbg, DiscreteShards(lost_before_it_began, kContracts, 1)),
              is("CONTRACTS_IMPOSSIBLE", "1 customers"));
  EXPECT_THAT(absorbed(LifetimeKind::kBgBb, DiscreteShards(sixth_of_five, kContracts, 1)),
              is("OPPORTUNITIES_MISSING", "no opportunities"));
  EXPECT_THAT(absorbed(LifetimeKind::kSbg, DiscreteShards(sixth_of_five, kOpportunities, 1)),
              is("CONTRACTS_MISSING", "no contracts"));
}

// Contracts of a Beta(alpha, beta) world that began up to `periods` ago.
std::vector<Row> Contracts(double alpha, double beta, int customers, int periods, std::mt19937_64* random) {
  std::gamma_distribution<double> first(alpha, 1), second(beta, 1);
  std::uniform_real_distribution<double> unit;
  std::vector<Row> rows;
  for (int i = 0; i < customers; ++i) {
    const double stays = first(*random), leaves = second(*random);
    const double leaving = stays / (stays + leaves);
    const int64_t over = 1 + static_cast<int64_t>((*random)() % static_cast<uint64_t>(periods));
    int64_t period = 1;
    while (period <= over && unit(*random) >= leaving) ++period;
    rows.push_back(period <= over ? Row{period, 1, 0} : Row{over, 0, 0});
  }
  return rows;
}

TEST(DiscreteFitter, IntervalsOfContractsCoverAsOftenAsTheySay) {
  // The recovery test of the other kinds (recovery_test.cc), for sBG.
  const bool is_long = std::getenv("STRATA_LONG") != nullptr;
  const int bases = is_long ? 1000 : 200;
  const std::array<double, 2> truth = {0.7, 1.2};
  std::array<int, 2> covered{};
  for (int base = 0; base < bases; ++base) {
    std::mt19937_64 random(8'000'000 + static_cast<uint64_t>(base));
    const std::vector<Row> rows = Contracts(truth[0], truth[1], is_long ? 5000 : 2000, 12, &random);
    const LifetimeFit fit = Fit(LifetimeKind::kSbg, DiscreteShards(rows, kContracts, 1));
    ASSERT_TRUE(fit.fitted && fit.identified) << "seed " << 8'000'000 + base << ": " << fit.reason;
    for (size_t i = 0; i < 2; ++i) {
      covered[i] += *fit.estimates[i].low <= truth[i] && truth[i] <= *fit.estimates[i].high ? 1 : 0;
    }
  }
  for (size_t i = 0; i < 2; ++i) {
    const double share = 100.0 * covered[i] / bases;
    RecordProperty(i == 0 ? "covered_alpha" : "covered_beta", testing::PrintToString(share));
    if (is_long) {
      EXPECT_TRUE(share >= 92.6 && share <= 97.1) << share << " %";
    } else {
      EXPECT_GE(share, 95 - 100 * 3.5 * std::sqrt(0.05 * 0.95 / bases)) << share << " %";
    }
  }
}

}  // namespace
}  // namespace strata
