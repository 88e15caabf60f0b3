// The histogram against sorted values, and the laws of merging.
#include "client/bench/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "client/bench/bench_report.h"

namespace strata {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

// Shapes that latencies take; all between 1 us and 60 s.
std::vector<int64_t> Values(int shape, uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> lognormal(std::log(300e3), 1.5);
  std::exponential_distribution<double> exponential(1 / 5e6);
  std::uniform_real_distribution<double> logarithm(std::log(1e3), std::log(60e9));
  std::vector<int64_t> values;
  for (int i = 0; i < count; ++i) {
    double value = 0;
    switch (shape) {
      case 0:
        value = lognormal(random);
        break;
      case 1:
        value = exponential(random);
        break;
      case 2:
        value = std::exp(logarithm(random));
        break;
      case 3:
        value = random() % 100 == 0 ? 500e6 : 120e3;
        break;  // a stall
      default:
        value = 777'777;
        break;
    }
    values.push_back(std::clamp(static_cast<int64_t>(value), int64_t{1'000}, 60 * kSecondNs));
  }
  return values;
}

TEST(LatencyHistogram, PercentilesAreWithinHalfAPercentOfTheSortedValues) {
  for (int shape = 0; shape < 5; ++shape) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      std::vector<int64_t> values = Values(shape, seed, 1 + static_cast<int>(seed * seed * 50));
      LatencyHistogram histogram;
      for (const int64_t value : values) histogram.Record(value);
      std::sort(values.begin(), values.end());
      for (const NamedPercentile& percentile : kBenchPercentiles) {
        const double share = static_cast<double>(percentile.parts_per_million) / 1e6;
        const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size()) - 1e-6));
        const auto exact = static_cast<double>(values[rank - 1]);
        EXPECT_NEAR(static_cast<double>(histogram.PercentileNs(percentile.parts_per_million)), exact, exact * 0.005)
            << percentile.name << ", shape " << shape << ", seed " << seed;
      }
      EXPECT_EQ(histogram.max_ns(), values.back());
      EXPECT_EQ(histogram.min_ns(), values.front());
    }
  }
}

TEST(LatencyHistogram, EveryMagnitudeIsWithinHalfAPercent) {
  for (double value = 1; value < static_cast<double>(LatencyHistogram::kMaxNs) / 2; value *= 1.0137) {
    LatencyHistogram histogram;
    const auto ns = static_cast<int64_t>(value);
    histogram.Record(ns);
    histogram.Record(2 * ns);  // so that the median is a bucket's middle and not the maximum
    EXPECT_NEAR(static_cast<double>(histogram.PercentileNs(500'000)), static_cast<double>(ns), 0.005 * value);
  }
}

TEST(LatencyHistogram, MergingIsExactInAnyOrderAndGrouping) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    LatencyHistogram all;
    std::vector<LatencyHistogram> parts(5);
    for (int shape = 0; shape < 5; ++shape) {
      for (const int64_t value : Values(shape, seed, 500)) {
        all.Record(value);
        parts[static_cast<size_t>(shape)].Record(value);
      }
    }
    LatencyHistogram forwards, backwards, left, right;
    for (size_t i = 0; i < parts.size(); ++i) {
      forwards.Merge(parts[i]);
      backwards.Merge(parts[parts.size() - 1 - i]);
      (i < 2 ? left : right).Merge(parts[i]);
    }
    left.Merge(right);
    EXPECT_EQ(forwards, all) << "seed " << seed;
    EXPECT_EQ(backwards, all) << "seed " << seed;
    EXPECT_EQ(left, all) << "seed " << seed;
    left.Merge(LatencyHistogram());
    EXPECT_EQ(left, all) << "an empty one changes nothing";
  }
}

TEST(LatencyHistogram, WhatIsOutOfRangeIsCountedApartAndNotLost) {
  LatencyHistogram histogram;
  histogram.Record(-5);
  histogram.Record(LatencyHistogram::kMaxNs);
  histogram.Record(LatencyHistogram::kMaxNs + 1);
  EXPECT_EQ(histogram.count(), 3);
  EXPECT_EQ(histogram.below_range(), 1);
  EXPECT_EQ(histogram.above_range(), 1);
  EXPECT_EQ(histogram.min_ns(), 0);
  EXPECT_EQ(histogram.max_ns(), LatencyHistogram::kMaxNs);
}

TEST(LatencyHistogram, OfNothingIsZeroAndMeansAreExact) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.PercentileNs(500'000), 0);
  EXPECT_EQ(histogram.mean_ns(), 0);
  for (const int64_t value : {1'000'003, 2'000'005, 6'000'001}) histogram.Record(value);
  EXPECT_DOUBLE_EQ(histogram.mean_ns(), 9'000'009.0 / 3);
  EXPECT_EQ(histogram.PercentileNs(1'000'000), 6'000'001) << "the maximum is exact";
  histogram.Clear();
  EXPECT_EQ(histogram, LatencyHistogram());
}

}  // namespace
}  // namespace strata
