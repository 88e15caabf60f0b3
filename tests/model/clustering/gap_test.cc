#include "model/clustering/gap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace strata {
namespace {

// Tibshirani, Walther, Hastie (2001), section 3, with the C library's logarithm.
TEST(Gaps, AreThoseOfTheDefinition) {
  std::mt19937_64 random(4);
  std::vector<Dispersion> dispersions;
  for (int k = 1; k <= 9; ++k) {
    Dispersion& dispersion = dispersions.emplace_back();
    dispersion.k = k;
    dispersion.within = static_cast<Int128>(random() >> 20) << (random() % 40);
    for (int b = 0; b < 20; ++b) dispersion.references.push_back(static_cast<Int128>(random() >> 10) + 1);
  }
  const std::vector<GapOfK> gaps = Gaps(dispersions);
  ASSERT_EQ(gaps.size(), 9u);
  for (size_t i = 0; i < gaps.size(); ++i) {
    const auto& references = dispersions[i].references;
    double mean = 0, variance = 0;
    for (const Int128 within : references) mean += std::log(ToDouble(within)) / 20;
    for (const Int128 within : references) variance += std::pow(std::log(ToDouble(within)) - mean, 2) / 20;
    EXPECT_NEAR(gaps[i].gap, mean - std::log(ToDouble(dispersions[i].within)), 1e-12);
    EXPECT_NEAR(gaps[i].error, std::sqrt(variance) * std::sqrt(1 + 1.0 / 20), 1e-12);
    EXPECT_EQ(gaps[i].k, static_cast<int>(i) + 1);
  }
}

TEST(Gaps, EndWherePointsAreOnTheirCentres) {
  const std::vector<Dispersion> dispersions = {{.k = 1, .within = 100, .references = {90, 110}},
                                               {.k = 2, .within = 20, .references = {50, 60}},
                                               {.k = 3, .within = 0, .references = {30, 40}},
                                               {.k = 4, .within = 0, .references = {20, 30}}};
  EXPECT_EQ(Gaps(dispersions).size(), 2u);
  EXPECT_TRUE(Gaps({{.k = 1, .within = 0, .references = {0, 0}}}).empty());
  EXPECT_TRUE(Gaps({{.k = 1, .within = 5, .references = {}}}).empty());
}

struct Choice {
  const char* what;
  std::vector<double> gaps;
  double error;  // of every k
  int chosen;
};

TEST(ChooseByGap, IsTheSmallestWithinOneErrorOfTheLargest) {
  const std::vector<Choice> choices = {
      {"nothing to compare", {}, 0.1, 1},
      {"one", {0.0}, 0.1, 1},
      {"a clear top", {0, 0.1, 0.5, 0.4, 0.3}, 0.01, 3},
      {"the top, but three is as good", {0, 0.1, 0.495, 0.5, 0.3}, 0.01, 3},
      {"none above one", {0.1, 0.05, 0.02}, 0.01, 1},
      {"above one, but not by an error", {0.1, 0.105, 0.02}, 0.01, 1},
      {"a small top before the large one", {0, 0.3, 0.2, 0.5}, 0.01, 4},
      {"equal tops: the first", {0, 0.5, 0.5, 0.2}, 0.0, 2},
      {"exactly one error below", {0, 0.25, 0.5}, 0.25, 2},
  };
  for (const Choice& choice : choices) {
    std::vector<GapOfK> gaps;
    for (const double gap : choice.gaps) {
      gaps.push_back({.k = static_cast<int>(gaps.size()) + 1, .gap = gap, .error = choice.error});
    }
    EXPECT_EQ(ChooseByGap(gaps), choice.chosen) << choice.what;
  }
}

TEST(ChooseByGap, TakesTheErrorOfTheLargestGap) {
  EXPECT_EQ(ChooseByGap({{1, 0.0, 9}, {2, 0.4, 9}, {3, 0.5, 0.05}}), 3);
  EXPECT_EQ(ChooseByGap({{1, 0.0, 0}, {2, 0.4, 0}, {3, 0.5, 0.2}}), 2);
}

}  // namespace
}  // namespace strata
