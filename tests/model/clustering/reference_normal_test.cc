#include "model/clustering/reference_normal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/hash.h"

namespace strata {
namespace {

GridSample DrawSample(uint64_t seed, size_t rows, bool weighted) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  GridSample sample{.d = 3, .categories = 1, .hash = {}, .q = {}, .codes = {}, .weights = {}};
  for (size_t i = 0; i < rows; ++i) {
    const double a = normal(random), b = normal(random);
    sample.hash.push_back(Mix(i));
    sample.q.push_back(static_cast<int32_t>(std::lrint(1000 + 4096 * a)));
    sample.q.push_back(static_cast<int32_t>(std::lrint(2000 * (0.8 * a + 0.6 * b))));
    sample.q.push_back(static_cast<int32_t>(std::lrint(-500 + 100 * a - 700 * b)));
    sample.codes.push_back(static_cast<uint8_t>(random() % 4 == 0 ? 2 : 0));
    if (weighted) sample.weights.push_back(static_cast<int32_t>(random() % 500));
  }
  return sample;
}

struct Moments {
  std::array<double, 3> mean{};
  std::array<std::array<double, 3>, 3> covariance{};
};

Moments MomentsOf(const GridSample& sample) {
  Moments moments;
  double total = 0;
  for (size_t row = 0; row < sample.size(); ++row) total += static_cast<double>(sample.weight(row));
  for (size_t row = 0; row < sample.size(); ++row) {
    for (size_t j = 0; j < 3; ++j) {
      moments.mean[j] += sample.q[row * 3 + j] * static_cast<double>(sample.weight(row)) / total;
    }
  }
  for (size_t row = 0; row < sample.size(); ++row) {
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) {
        moments.covariance[i][j] += (sample.q[row * 3 + i] - moments.mean[i]) *
                                    (sample.q[row * 3 + j] - moments.mean[j]) *
                                    static_cast<double>(sample.weight(row)) / total;
      }
    }
  }
  return moments;
}

TEST(ReferenceNormal, HasMeanAndCovarianceOfTheSample) {
  for (const bool weighted : {false, true}) {
    SCOPED_TRACE(weighted);
    const GridSample sample = DrawSample(3, 4000, weighted);
    const Moments expected = MomentsOf(sample);
    const ReferenceNormal normal = ReferenceNormal::Of(sample);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(normal.mean[i], expected.mean[i], 1e-8);
      for (size_t j = 0; j <= i; ++j) {
        double product = 0;  // of L and its transpose
        for (size_t t = 0; t <= j; ++t)
          product += normal.lower[i * (i + 1) / 2 + t] * normal.lower[j * (j + 1) / 2 + t];
        EXPECT_NEAR(product, expected.covariance[i][j], 1e-9 * expected.covariance[0][0]) << i << j;
      }
    }
  }
}

TEST(ReferenceNormal, DrawsHaveThem) {
  const GridSample sample = DrawSample(3, 20'000, false);
  const Moments expected = MomentsOf(sample);
  const ReferenceNormal normal = ReferenceNormal::Of(sample);
  const GridSample drawn = normal.Draw(sample, 1, 4);
  EXPECT_EQ(drawn.hash, sample.hash);
  const Moments moments = MomentsOf(drawn);
  for (size_t i = 0; i < 3; ++i) {
    const double deviation = std::sqrt(expected.covariance[i][i]);
    EXPECT_NEAR(moments.mean[i], expected.mean[i], 0.03 * deviation);
    for (size_t j = 0; j < 3; ++j) {
      EXPECT_NEAR(moments.covariance[i][j], expected.covariance[i][j],
                  0.04 * deviation * std::sqrt(expected.covariance[j][j]));
    }
  }
  double twos = 0;
  for (const uint8_t code : drawn.codes) {
    EXPECT_TRUE(code == 0 || code == 2);
    twos += code == 2;
  }
  EXPECT_NEAR(twos / 20'000, 0.25, 0.01);
}

TEST(ReferenceNormal, DrawsByCustomerAndNotByRow) {
  const GridSample sample = DrawSample(5, 300, true);
  const ReferenceNormal normal = ReferenceNormal::Of(sample);
  const GridSample drawn = normal.Draw(sample, 7, 0);
  GridSample turned = sample;
  std::reverse(turned.hash.begin(), turned.hash.end());
  const GridSample drawn_turned = normal.Draw(turned, 7, 0);
  for (size_t row = 0; row < 300; ++row) {
    for (size_t j = 0; j < 3; ++j) EXPECT_EQ(drawn.q[row * 3 + j], drawn_turned.q[(299 - row) * 3 + j]);
    EXPECT_EQ(drawn.codes[row], drawn_turned.codes[299 - row]);
  }
  EXPECT_NE(drawn.q, normal.Draw(sample, 7, 1).q);
  EXPECT_NE(drawn.q, normal.Draw(sample, 8, 0).q);
}

TEST(ReferenceNormal, FeaturesThatOthersDetermineStayDetermined) {
  GridSample sample{.d = 3, .categories = 0, .hash = {}, .q = {}, .codes = {}, .weights = {}};
  std::mt19937_64 random(1);
  for (size_t i = 0; i < 2000; ++i) {
    const auto a = static_cast<int32_t>(random() % 8192);
    sample.hash.push_back(i);
    sample.q.insert(sample.q.end(), {a, 77, 2 * a});
  }
  const GridSample drawn = ReferenceNormal::Of(sample).Draw(sample, 1, 0);
  for (size_t i = 0; i < 2000; ++i) {
    EXPECT_EQ(drawn.q[i * 3 + 1], 77);
    EXPECT_NEAR(drawn.q[i * 3 + 2], 2 * drawn.q[i * 3], 1);
  }
}

TEST(GridSample, EncodesAndTakesParts) {
  const GridSample sample = DrawSample(5, 30, true);
  ByteWriter writer;
  sample.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(GridSample::Decode(&reader), sample);
  EXPECT_TRUE(reader.Finish("sample").ok());
  EXPECT_EQ(sample.First(30), sample);
  std::vector<uint8_t> keep(30, 0);
  std::fill_n(keep.begin(), 7, 1);
  EXPECT_EQ(sample.First(7), sample.Kept(keep));
  EXPECT_EQ(sample.First(7).size(), 7u);

  const ReferenceNormal normal = ReferenceNormal::Of(sample);
  ByteWriter normal_writer;
  normal.Encode(&normal_writer);
  ByteReader normal_reader(normal_writer.bytes());
  EXPECT_EQ(ReferenceNormal::Decode(&normal_reader), normal);
  EXPECT_TRUE(normal_reader.Finish("normal").ok());
}

}  // namespace
}  // namespace strata
