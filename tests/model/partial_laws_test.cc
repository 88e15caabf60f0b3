// The laws of model/fitter.h, for every fitter of a night: the empty partial is neutral, any grouping and order of
// shards gives the same bytes, encoding loses nothing, and the result does not depend on the number of shards.
#include <gtest/gtest.h>

#include <random>

#include "model/classes/scheme_fitter.h"
#include "model/clustering/clustering_fitter.h"
#include "model/lifetime/bootstrap_fitter.h"
#include "model/lifetime/covariate_fitter.h"
#include "model/lifetime/discrete_fitter.h"
#include "model/lifetime/lifetime_fitter.h"
#include "model/lifetime/night_lifetime.h"
#include "model/lifetime/spend_fitter.h"
#include "model/rfm/rfm_fitter.h"
#include "tests/model/customer_table.h"
#include "tests/model/partial_laws.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10500;
constexpr int kHorizonDays = 60;

class NestedRfmFitter : public RfmFitter {
 public:
  using RfmFitter::RfmFitter;
};

// With all stages: a base that its sample does not hold whole.
class SampledClusteringFitter : public ClusteringFitter {
 public:
  using ClusteringFitter::ClusteringFitter;
};

// All of lifetime value, in rounds of its own.
class WholeLifetimeFitter : public NightLifetime {
 public:
  using NightLifetime::NightLifetime;
  LifetimeModel result() const { return lifetime(); }
};

// On a table, and over the shards where the table overflows.
class RoundsCovariateFitter : public CovariateFitter {
 public:
  using CovariateFitter::CovariateFitter;
};

class ContractFitter : public DiscreteFitter {
 public:
  using DiscreteFitter::DiscreteFitter;
};

LifetimeFit SomeFit() {
  LifetimeFit fit;
  fit.fitted = true;
  fit.parameters = {.kind = LifetimeKind::kMbgNbd, .value = {1.5, 4, 0.6, 3}};
  for (size_t i = 0; i < 4; ++i) fit.covariance[i][i] = 0.01;
  fit.customers = 1200;
  return fit;
}

CovariateFitter::Settings SomeCovariates() {
  CovariateFitter::Settings settings;
  settings.covariates.rate = {"active_quarters", "main_region", "average_order"};
  settings.covariates.dropout = {"main_category"};
  settings.without = SomeFit();
  return settings;
}

template <typename F>
F Make();
template <>
CovariateFitter Make() {
  return CovariateFitter(SomeCovariates());
}
template <>
RoundsCovariateFitter Make() {
  CovariateFitter::Settings settings = SomeCovariates();
  settings.rows_max = 100;
  return RoundsCovariateFitter(settings);
}
template <>
BootstrapFitter Make() {
  return BootstrapFitter({.fit = SomeFit(), .replicates = 10});
}
template <>
DiscreteFitter Make() {
  return {LifetimeKind::kBgBb, {}};
}
template <>
ContractFitter Make() {
  return {LifetimeKind::kSbg, {}};
}
template <>
RfmFitter Make() {
  return RfmFitter(5);
}
template <>
NestedRfmFitter Make() {
  RfmFitSettings settings;
  settings.scores = {3, 4, 2};
  settings.cuts = RfmFitSettings::Cuts::kNested;
  settings.mid_rank = true;
  settings.windowed = true;
  return NestedRfmFitter(settings);
}
template <>
SchemeFitter Make() {
  SchemeFitSettings settings;
  settings.value = true;
  settings.peers_min = 20;
  settings.ranked_window = 250;
  for (auto& level : settings.levels) level.emplace();
  return SchemeFitter(settings);
}
template <>
ClusteringFitter Make() {
  ClusterFitSettings settings;
  settings.k_max = 4;
  settings.references = 3;
  settings.seed = 5;
  return ClusteringFitter(settings);
}
template <>
SampledClusteringFitter Make() {
  ClusterFitSettings settings;
  settings.k = 4;
  settings.sample = 300;
  settings.trim = 20'000;
  settings.seed = 5;
  return SampledClusteringFitter(settings);
}
template <>
LifetimeFitter Make() {
  return {LifetimeFitSettings{.kind = {}, .holdout_days = kHorizonDays}, LifetimeFitter::View::kToday};
}
template <>
WholeLifetimeFitter Make() {
  LifetimeFitSettings settings;
  settings.holdout_days = kHorizonDays;
  settings.bootstrap = 20;
  settings.margin_basis = "net less costs";
  return {settings, true};
}
template <>
SpendFitter Make() {
  return {};
}
std::string BitsOf(const RfmModel& m) {
  Fingerprint bits;
  bits << m.as_of << m.customers << m.recency_cuts_days << m.frequency_cuts << m.monetary_cuts_micros
       << m.frequency_by_recency << m.monetary_by_cell;
  for (const Int128 sum : m.sums) bits << ToString(sum);
  return bits.Take();
}
std::string BitsOf(const SchemeModels& m) {
  Fingerprint bits;
  bits << m.value->a_from.value_or(-1) << m.value->b_from.value_or(-1) << m.value->c_from.value_or(-1)
       << m.value->customers << m.value->gini;
  for (const Int128 margin : m.value->curve) bits << ToString(margin);
  for (const PeerModel::Group& g : m.peers->groups) {
    bits << g.region << g.tenure << g.category << g.customers << g.quantile;
  }
  for (const auto& level : m.levels) {
    bits << level->cuts;
    for (const auto& [group, cuts] : level->by_group) bits << group << cuts;
  }
  return bits.Take();
}
std::string BitsOf(const ClusteringModel& m) {
  Fingerprint bits;
  bits << m.k << m.reason << m.inertia << m.silhouette << m.iterations << m.customers << m.outliers;
  bits << m.calinski_harabasz.value_or(-1) << m.davies_bouldin.value_or(-1) << ToString(m.within);
  for (const NumericFeature& feature : m.space.numeric) bits << feature.mean << feature.deviation << feature.bin_counts;
  for (const FittedCluster& cluster : m.clusters) {
    bits << cluster.id << cluster.name << cluster.size << cluster.effects << ToString(cluster.net_micros);
    for (const int32_t q : cluster.centre.q) bits << q;
  }
  for (const GapRow& row : m.trials.rows) {
    bits << row.k << row.silhouette.value_or(-2) << row.gap.value_or(-2) << row.error.value_or(-2)
         << row.stability.value_or(-2) << row.davies_bouldin.value_or(-2);
  }
  return bits.Take();
}
std::string BitsOf(const LifetimeModel& m) {
  Fingerprint bits;
  bits << m.fit.reason << static_cast<int>(m.fit.parameters.kind) << m.fit.log_likelihood << m.fit.customers
       << static_cast<int64_t>(m.fit.unique_rows) << m.fit.gradient_norm << m.fit.evaluations << m.margin.factor;
  for (const double value : m.fit.parameters.value) bits << value;
  for (const auto& row : m.fit.covariance) bits << row[0] << row[1] << row[2] << row[3];
  for (const CandidateLine& line : m.candidates) bits << line.log_probability << line.gain << line.gain_error;
  for (const LifetimeParameters& drawn : m.bootstrap) bits << drawn.value[0] << drawn.value[1];
  if (m.holdout.has_value()) bits << m.holdout->expected << m.holdout->grade_reason << m.holdout->spend.p;
  return bits.Take();
}
std::string BitsOf(const LifetimeFit& m) {
  Fingerprint bits;
  bits << m.reason << m.boundary << m.log_likelihood << m.gradient_norm << m.evaluations << m.customers;
  for (size_t i = 0; i < 4; ++i) bits << m.parameters.value[i] << m.covariance[i][0];
  return bits.Take();
}
std::string BitsOf(const CovariateModel& m) {
  Fingerprint bits;
  bits << m.fit.reason << m.fit.rate << m.fit.dropout << m.fit.covariance << m.fit.log_likelihood << m.fit.evaluations;
  for (const CovariateSource& source : m.sources) bits << source.centre << source.deviation << source.levels;
  return bits.Take();
}
std::string BitsOf(const std::vector<LifetimeParameters>& replicates) {
  Fingerprint bits;
  for (const LifetimeParameters& m : replicates) bits << m.value[0] << m.value[1] << m.value[2] << m.value[3];
  return bits.Take();
}
std::string BitsOf(const SpendModel& m) {
  return (Fingerprint() << m.reason << m.p << m.q << m.v << m.log_likelihood << m.customers << m.population_mean
                        << m.standard_errors[0] << m.iterations)
      .Take();
}
TestBase LawBase(const std::vector<TestRow>& rows, uint32_t shards) { return {rows, kAsOf, kHorizonDays, shards}; }

template <typename F>
class PartialLaws : public testing::Test {
 protected:
  static std::vector<TestRow> Rows() { return RandomRows(77, 1200, kAsOf - 400, kAsOf); }
};
using Fitters = testing::Types<RfmFitter, NestedRfmFitter, SchemeFitter, ClusteringFitter, SampledClusteringFitter,
                               LifetimeFitter, WholeLifetimeFitter, SpendFitter, CovariateFitter,
                               RoundsCovariateFitter, BootstrapFitter, DiscreteFitter, ContractFitter>;
TYPED_TEST_SUITE(PartialLaws, Fitters);

TYPED_TEST(PartialLaws, HoldInEveryRound) { ExpectLawsInEveryRound(Make<TypeParam>(), LawBase(this->Rows(), 9)); }

TYPED_TEST(PartialLaws, TheResultDoesNotDependOnShardsOrTheirOrder) {
  std::string expected;
  for (const uint32_t shards : {1u, 2u, 5u}) {
    const TestBase base = LawBase(this->Rows(), shards);
    for (uint64_t order_seed = 0; order_seed < 3; ++order_seed) {
      TypeParam fitter = Make<TypeParam>();
      RunFit(&fitter, base.shards(), order_seed);
      const std::string bits = BitsOf(fitter.result());
      if (expected.empty()) expected = bits;
      EXPECT_EQ(bits, expected) << shards << " shards, order " << order_seed;
    }
  }
}

TYPED_TEST(PartialLaws, CutBytesAreNoticed) { ExpectCutBytesAreNoticed(Make<TypeParam>(), LawBase(this->Rows(), 1)); }

}  // namespace
}  // namespace strata
