// The laws of model/fitter.h, for every fitter of a night: the empty partial is neutral, any grouping and order of
// shards gives the same bytes, encoding loses nothing, and the result does not depend on the number of shards.
#include <gtest/gtest.h>

#include <random>

#include "model/churn/churn_fitter.h"
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
template <>
ChurnFitter Make() {
  return ChurnFitter({.horizon_days = kHorizonDays, .eligible_days = 120, .seed = 5});
}

template <typename T>
std::string BytesOf(const T& value) {
  ByteWriter writer;
  value.Encode(&writer);
  return writer.Take();
}

// The bits of every number of a result.
class Fingerprint {
 public:
  Fingerprint& operator<<(double value) {
    writer_.F64(value);
    return *this;
  }
  Fingerprint& operator<<(int64_t value) {
    writer_.I64(value);
    return *this;
  }
  Fingerprint& operator<<(int value) { return *this << int64_t{value}; }
  Fingerprint& operator<<(const std::string& value) {
    writer_.Text(value);
    return *this;
  }
  template <typename T>
  Fingerprint& operator<<(const std::vector<T>& values) {
    for (const T& value : values) *this << value;
    return *this;
  }
  std::string Take() { return writer_.Take(); }

 private:
  ByteWriter writer_;
};

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
std::string BitsOf(const ChurnModel& m) {
  Fingerprint bits;
  bits << m.reason << m.mean << m.deviation << m.coefficients << m.intercept << m.rows << m.churned << m.train_cutoff
       << m.test_cutoff << m.holdout_rows << m.auc << m.log_loss << m.brier << m.calibration_error << m.best_baseline
       << m.auc_gain_low << m.auc_gain_high << static_cast<int>(m.grade) << m.grade_reason;
  for (const Baseline& baseline : m.baselines) bits << baseline.name << baseline.auc << baseline.log_loss.value_or(-1);
  return bits.Take();
}

template <typename F>
class PartialLaws : public testing::Test {
 protected:
  static std::vector<TestRow> Rows() { return RandomRows(77, 1200, kAsOf - 400, kAsOf); }
};
using Fitters = testing::Types<RfmFitter, NestedRfmFitter, SchemeFitter, ClusteringFitter, SampledClusteringFitter,
                               LifetimeFitter, WholeLifetimeFitter, SpendFitter, ChurnFitter, CovariateFitter,
                               RoundsCovariateFitter, BootstrapFitter, DiscreteFitter, ContractFitter>;
TYPED_TEST_SUITE(PartialLaws, Fitters);

// Merges random pairs until one is left.
template <typename Partial>
Partial MergeInRandomGroups(std::vector<Partial> partials, std::mt19937_64* random) {
  while (partials.size() > 1) {
    std::swap(partials[(*random)() % partials.size()], partials.back());
    const Partial last = std::move(partials.back());
    partials.pop_back();
    Partial& into = partials[(*random)() % partials.size()];
    if ((*random)() % 2 == 0) {
      into.Merge(last);
    } else {  // the other way round
      Partial sum = last;
      sum.Merge(into);
      into = std::move(sum);
    }
  }
  return std::move(partials[0]);
}

TYPED_TEST(PartialLaws, HoldInEveryRound) {
  const TestBase base(this->Rows(), kAsOf, kHorizonDays, 9);
  TypeParam fitter = Make<TypeParam>();
  int round = 0;
  for (auto parameters = fitter.Next(); parameters.has_value(); parameters = fitter.Next(), ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const std::string sent = BytesOf(*parameters);
    ByteReader sent_reader(sent);
    const auto received = TypeParam::Parameters::Decode(&sent_reader);
    ASSERT_TRUE(sent_reader.Finish("parameters").ok());
    EXPECT_EQ(BytesOf(received), sent);

    std::vector<typename TypeParam::Partial> partials;
    for (const ShardFeatures& shard : base.shards()) {
      partials.push_back(TypeParam::Accumulate(*parameters, shard, WidestKernels()));
      const std::string bytes = BytesOf(partials.back());
      EXPECT_EQ(BytesOf(TypeParam::Accumulate(received, shard, WidestKernels())), bytes)
          << "a pure function of parameters and shard";
      ByteReader reader(bytes);
      EXPECT_EQ(BytesOf(TypeParam::Partial::Decode(&reader)), bytes);
      EXPECT_TRUE(reader.Finish("a partial").ok());
      typename TypeParam::Partial with_neutral;
      with_neutral.Merge(partials.back());
      EXPECT_EQ(BytesOf(with_neutral), bytes);
      with_neutral = partials.back();
      with_neutral.Merge(typename TypeParam::Partial());
      EXPECT_EQ(BytesOf(with_neutral), bytes);
    }
    std::mt19937_64 random(0);
    const typename TypeParam::Partial merged = MergeInRandomGroups(partials, &random);
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      std::mt19937_64 other(seed);
      EXPECT_EQ(BytesOf(MergeInRandomGroups(partials, &other)), BytesOf(merged)) << "seed " << seed;
    }
    ASSERT_TRUE(fitter.Absorb(merged).ok());
  }
  EXPECT_GT(round, 0);
  EXPECT_FALSE(fitter.Absorb(typename TypeParam::Partial()).ok()) << "nothing to absorb after the last round";
}

TYPED_TEST(PartialLaws, TheResultDoesNotDependOnShardsOrTheirOrder) {
  std::string expected;
  for (const uint32_t shards : {1u, 2u, 5u}) {
    const TestBase base(this->Rows(), kAsOf, kHorizonDays, shards);
    for (uint64_t order_seed = 0; order_seed < 3; ++order_seed) {
      TypeParam fitter = Make<TypeParam>();
      RunFit(&fitter, base.shards(), order_seed);
      const std::string bits = BitsOf(fitter.result());
      if (expected.empty()) expected = bits;
      EXPECT_EQ(bits, expected) << shards << " shards, order " << order_seed;
    }
  }
}

TYPED_TEST(PartialLaws, CutBytesAreNoticed) {
  const TestBase base(this->Rows(), kAsOf, kHorizonDays, 1);
  const TypeParam fitter = Make<TypeParam>();
  const std::string bytes = BytesOf(TypeParam::Accumulate(*fitter.Next(), base.shards()[0], WidestKernels()));
  for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 50) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    (void)TypeParam::Partial::Decode(&reader);
    EXPECT_FALSE(reader.Finish("a cut partial").ok()) << size << " of " << bytes.size() << " bytes";
  }
}

}  // namespace
}  // namespace strata
