// Draws against the closed forms of Boost.Math: Kolmogorov-Smirnov for continuous laws, chi-squared for discrete ones.
#include "data/synthetic/draws.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/exponential.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/uniform.hpp>
#include <functional>
#include <map>
#include <numeric>

#include "data/synthetic/weighted_choice.h"

namespace strata {
namespace {

constexpr int kDraws = 50'000;
// sqrt(n) D exceeds this once in 100,000 tests of the true law (2 exp(-2 t^2)); the seeds are fixed, so a test that
// passes keeps passing.
constexpr double kKolmogorovBound = 2.47;
constexpr double kChiSquaredTail = 1e-5;
constexpr uint64_t kSeeds[] = {1, 2, 0xfeedfacecafebeef};

struct Law {
  const char* name;
  std::function<double(DrawStream*)> draw;
  std::function<double(double)> cdf;
};

std::vector<Law> Laws() {
  namespace bm = boost::math;
  std::vector<Law> laws = {
      {"unit", [](DrawStream* d) { return d->Unit(); }, [](double x) { return x; }},
      {"exponential", [](DrawStream* d) { return d->Exponential(); },
       [](double x) { return cdf(bm::exponential_distribution<>(1), x); }},
      {"normal", [](DrawStream* d) { return d->Normal(); },
       [](double x) { return cdf(bm::normal_distribution<>(), x); }},
  };
  for (const double shape : {0.2, 0.9, 1.0, 2.5, 6.0, 20.0}) {
    laws.push_back({"gamma", [shape](DrawStream* d) { return d->Gamma(shape); },
                    [shape](double x) { return cdf(bm::gamma_distribution<>(shape, 1), x); }});
  }
  for (const auto& [a, b] : std::initializer_list<std::pair<double, double>>{{1, 11}, {0.8, 2.5}, {1, 37}, {3, 0.5}}) {
    laws.push_back({"beta", [a = a, b = b](DrawStream* d) { return d->Beta(a, b); },
                    [a = a, b = b](double x) { return cdf(bm::beta_distribution<>(a, b), x); }});
  }
  return laws;
}

// sqrt(n) times the greatest distance between the empirical and the true distribution.
double Kolmogorov(std::vector<double> draws, const std::function<double(double)>& cdf) {
  std::sort(draws.begin(), draws.end());
  const double n = static_cast<double>(draws.size());
  double distance = 0;
  for (size_t i = 0; i < draws.size(); ++i) {
    const double p = cdf(draws[i]);
    distance = std::max({distance, p - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - p});
  }
  return distance * std::sqrt(n);
}

// The chance of counts at least as far from n * probabilities under that law; cells expected below 5 are put together.
double ChiSquaredTail(const std::vector<int64_t>& counts, const std::vector<double>& probabilities) {
  const double n = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  double statistic = 0;
  double expected = 0;
  double found = 0;
  int cells = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    expected += n * probabilities[i];
    found += static_cast<double>(counts[i]);
    if (expected < 5 && i + 1 < counts.size()) continue;
    statistic += (found - expected) * (found - expected) / expected;
    ++cells;
    expected = found = 0;
  }
  return cdf(complement(boost::math::chi_squared_distribution<>(cells - 1), statistic));
}

TEST(Draws, FollowTheirLaws) {
  for (const Law& law : Laws()) {
    for (const uint64_t seed : kSeeds) {
      DrawStream stream(seed, 7, 42);
      std::vector<double> draws;
      for (int i = 0; i < kDraws; ++i) draws.push_back(law.draw(&stream));
      EXPECT_LT(Kolmogorov(draws, law.cdf), kKolmogorovBound) << law.name << ", seed " << seed;
    }
  }
}

TEST(Draws, FollowTheirLawsAcrossStreams) {
  // A customer uses few draws of their own stream: the first draw of many streams must be as good as many of one.
  for (const Law& law : Laws()) {
    for (const uint64_t seed : kSeeds) {
      std::vector<double> draws;
      for (uint64_t customer = 0; customer < kDraws; ++customer) {
        DrawStream stream(seed, 2, customer);
        draws.push_back(law.draw(&stream));
      }
      EXPECT_LT(Kolmogorov(draws, law.cdf), kKolmogorovBound) << law.name << ", seed " << seed;
    }
  }
}

TEST(Draws, StreamsOfPurposesDoNotGoTogether) {
  for (const uint64_t seed : kSeeds) {
    double sum = 0;
    for (uint64_t customer = 0; customer < kDraws; ++customer) {
      DrawStream first(seed, 2, customer);
      DrawStream second(seed, 3, customer);
      DrawStream next(seed, 2, customer + 1);
      const double x = first.Unit() - 0.5;
      sum += x * (second.Unit() - 0.5) + x * (next.Unit() - 0.5);
    }
    // Each product has deviation 1/12.
    EXPECT_LT(std::fabs(sum), 4.5 / 12 * std::sqrt(2.0 * kDraws)) << "seed " << seed;
  }
}

TEST(Draws, GeometricCountsTrials) {
  for (const double p : {0.03, 0.25, 0.9}) {
    for (const uint64_t seed : kSeeds) {
      DrawStream stream(seed, 1, 1);
      const size_t cells = static_cast<size_t>(12 / p);
      std::vector<int64_t> counts(cells + 1);
      for (int i = 0; i < kDraws; ++i) {
        const int64_t trials = stream.Geometric(p);
        ASSERT_GE(trials, 1);
        ++counts[std::min(static_cast<size_t>(trials - 1), cells)];
      }
      std::vector<double> law;
      for (size_t k = 0; k < cells; ++k) law.push_back(p * std::pow(1 - p, static_cast<double>(k)));
      law.push_back(std::pow(1 - p, static_cast<double>(cells)));
      EXPECT_GT(ChiSquaredTail(counts, law), kChiSquaredTail) << p << ", seed " << seed;
    }
  }
  DrawStream stream(1, 1, 1);
  EXPECT_EQ(stream.Geometric(1), 1);
  EXPECT_EQ(stream.Geometric(0), DrawStream::kNever);
}

TEST(WeightedChoice, MeetsItsWeights) {
  const std::vector<std::vector<double>> tables = {
      {1}, {0, 1, 0}, {1, 1}, {0.16, 0.15, 0.14, 0.13, 0.12, 0.04, 0.20, 0.06}, ZipfWeights(5'000, 1.1)};
  for (const std::vector<double>& weights : tables) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<double> law;
    for (const double weight : weights) law.push_back(weight / sum);
    const WeightedChoice choice(weights);
    for (const uint64_t seed : kSeeds) {
      DrawStream stream(seed, 9, 9);
      std::vector<int64_t> counts(weights.size());
      for (int i = 0; i < kDraws; ++i) ++counts[choice.Of(stream.Bits())];
      for (size_t i = 0; i < weights.size(); ++i) {
        EXPECT_TRUE(weights[i] > 0 || counts[i] == 0);
      }
      if (weights.size() < 2 || weights[0] == 0) continue;
      EXPECT_GT(ChiSquaredTail(counts, law), kChiSquaredTail) << weights.size() << " weights, seed " << seed;
    }
  }
}

}  // namespace
}  // namespace strata
