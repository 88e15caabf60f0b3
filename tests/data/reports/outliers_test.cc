// Outliers against the definition: bins by logarithms, quartiles by sorting, fences by asking every value.
#include "data/reports/outliers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace strata {
namespace {

// By floating point, exact for small magnitudes.
int SlowBin(int64_t value) {
  if (value == 0) return 0;
  const double magnitude = std::fabs(static_cast<double>(value));
  const double octave = std::floor(std::log2(magnitude));
  const auto step = static_cast<int>(std::floor((magnitude / std::exp2(octave) - 1) * 16));
  const int bin = 1 + 16 * static_cast<int>(octave) + step;
  return value < 0 ? -bin : bin;
}

std::string EncodedText(const OutlierHistogram& histogram) {
  ByteWriter writer;
  histogram.Encode(&writer);
  return writer.Take();
}

OutlierHistogram HistogramOf(const std::vector<int64_t>& values) {
  OutlierHistogram histogram;
  for (const int64_t value : values) histogram.Add(value);
  return histogram;
}

TEST(OutlierBins, AreSixteenthsOfOctavesInTheOrderOfValues) {
  for (int64_t value = -5000; value <= 5000; ++value) {
    EXPECT_EQ(OutlierBin(value), SlowBin(value)) << value;
    EXPECT_LE(OutlierBin(value - 1), OutlierBin(value)) << value;
  }
  EXPECT_EQ(OutlierBin(std::numeric_limits<int64_t>::max()), kOutlierBins);
  EXPECT_EQ(OutlierBin(-std::numeric_limits<int64_t>::max()), -kOutlierBins);
  EXPECT_NE(OutlierBin(1), OutlierBin(-1));
}

TEST(Outliers, AreWhatTheDefinitionSays) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::lognormal_distribution<double> amount(5, seed % 3 == 0 ? 0.1 : 1.0);
    std::vector<int64_t> values;
    for (uint64_t n = random() % 400; n > 0; --n) {
      const auto size = static_cast<int64_t>(amount(random)) * (random() % 40 == 0 ? 1000 : 1);
      values.push_back(seed % 4 == 0 && random() % 3 == 0 ? -size : size);
    }
    std::vector<int> bins;
    for (const int64_t value : values) {
      if (value != 0) bins.push_back(SlowBin(value));
    }
    std::sort(bins.begin(), bins.end());
    const OutlierHistogram histogram = HistogramOf(values);
    ASSERT_EQ(histogram.count(), static_cast<int64_t>(bins.size()));
    const OutlierFences fences = histogram.Fences();
    if (bins.empty()) {
      EXPECT_EQ(fences, OutlierFences());
      continue;
    }
    const int first = bins[(bins.size() + 3) / 4 - 1];
    const int third = bins[(3 * bins.size() + 3) / 4 - 1];
    int64_t outliers = 0;
    for (const int64_t value : values) {
      const int bin = SlowBin(value);
      const bool outside = value != 0 && (bin < first - 3 * (third - first) || bin > third + 3 * (third - first));
      outliers += outside ? 1 : 0;
      const bool beyond =
          (fences.low.has_value() && value < *fences.low) || (fences.high.has_value() && value > *fences.high);
      if (value != 0) {
        EXPECT_EQ(beyond, outside) << value << " beyond " << fences.low.value_or(0) << ".." << fences.high.value_or(0);
      }
    }
    EXPECT_EQ(fences.outliers, outliers);
  }
}

TEST(Outliers, FencesAreTheLastValuesInside) {
  // All in one bin: nothing else is inside.
  const OutlierFences same = HistogramOf({1000, 1001, 1002, 1003}).Fences();
  EXPECT_EQ(same.outliers, 0);
  EXPECT_EQ(OutlierBin(*same.low), OutlierBin(1000));
  EXPECT_EQ(OutlierBin(*same.high), OutlierBin(1000));
  EXPECT_LT(OutlierBin(*same.low - 1), OutlierBin(1000));
  EXPECT_GT(OutlierBin(*same.high + 1), OutlierBin(1000));
  const OutlierFences negative = HistogramOf({-1000, -1001, -1002, -1003}).Fences();
  EXPECT_EQ(negative.low, -*same.high);
  EXPECT_EQ(negative.high, -*same.low);
  EXPECT_EQ(HistogramOf({1, 1'000'000'000'000}).Fences().high, std::nullopt) << "a spread beyond all values";
  EXPECT_EQ(HistogramOf({0, 0, 0, 5}).count(), 1) << "zeros take no part";
}

TEST(Outliers, HistogramsKeepTheLawsOfPartials) {
  std::mt19937_64 random(5);
  std::vector<int64_t> values;
  for (int i = 0; i < 3000; ++i) values.push_back(static_cast<int64_t>(random() >> (random() % 60 + 1)) - 1000);
  const OutlierHistogram all = HistogramOf(values);
  std::shuffle(values.begin(), values.end(), random);
  OutlierHistogram merged;
  for (size_t begin = 0; begin < values.size(); begin += 700) {
    const auto end = values.begin() + static_cast<long>(std::min(values.size(), begin + 700));
    OutlierHistogram part = HistogramOf({values.begin() + static_cast<long>(begin), end});
    part.Merge(merged);
    merged = part;
  }
  EXPECT_EQ(EncodedText(merged), EncodedText(all));
  const std::string bytes = EncodedText(all);
  ByteReader reader(bytes);
  const OutlierHistogram back = OutlierHistogram::Decode(&reader);
  EXPECT_TRUE(reader.Finish("a histogram").ok());
  EXPECT_EQ(EncodedText(back), bytes);
  EXPECT_EQ(back.Fences(), all.Fences());
}

}  // namespace
}  // namespace strata
