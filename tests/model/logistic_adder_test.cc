// Rows added in blocks by vector instructions must leave the sums that rows added one by one leave, bit for bit.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "model/churn/logistic_regression.h"
#include "model/statistics/log_transform.h"

namespace strata {
namespace {

LogisticModel RandomModel(std::mt19937_64* random, size_t features) {
  std::normal_distribution<double> normal;
  LogisticModel model;
  for (size_t j = 0; j < features; ++j) {
    model.mean.push_back(normal(*random));
    model.deviation.push_back(std::exp(normal(*random)));
    model.coefficients.push_back(normal(*random));
  }
  model.intercept = normal(*random);
  return model;
}

TEST(LogisticAdder, LeavesTheSumsOfRowsAddedOneByOne) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    for (const size_t width : {1, 2, 3, 4, 7, 14, 15, 63}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", " << width << " features");
      std::mt19937_64 random(seed);
      std::normal_distribution<double> normal;
      const LogisticModel model = RandomModel(&random, width);
      // Every third seed has values far beyond what blocks can hold, which go the slow way; every fourth more rows
      // than a block.
      const size_t rows = seed % 4 == 0 && width < 15 ? 9'000 : 300;
      LogisticSums expected;
      LogisticAdder adder(model);
      for (size_t i = 0; i < rows; ++i) {
        std::vector<int64_t> features(width);
        const double scale = seed % 3 == 0 && i % 5 == 0 ? 1e5 : 1;
        for (int64_t& feature : features) {
          feature = std::llrint(std::ldexp(scale * normal(random), kFeatureGridBits));
        }
        const bool outcome = random() % 3 == 0;
        expected.Add(model, features, outcome);
        adder.Add(features, outcome);
      }
      EXPECT_EQ(adder.Finish(), expected);
      EXPECT_EQ(adder.Finish(), expected) << "asked again";
    }
  }
}

TEST(LogisticAdder, HasNoSumsWithoutARow) {
  std::mt19937_64 random(1);
  const LogisticModel model = RandomModel(&random, 3);
  EXPECT_EQ(LogisticAdder(model).Finish(), LogisticSums());
}

}  // namespace
}  // namespace strata
