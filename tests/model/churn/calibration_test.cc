// Calibrators against slow twins, and what has to hold of any of them: probabilities that rise with the margin, no sure
// things, the same answer however rows were grouped.
#include "model/churn/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "base/hash.h"
#include "model/trees/ensemble.h"

namespace strata {
namespace {

constexpr int64_t kCell = int64_t{1} << (kMarginGridBits - kMarginCellBits);

int64_t MarginOf(double log_odds) { return std::llrint(std::ldexp(log_odds, kMarginGridBits)); }

// `truth` says how probable the outcome is at a margin.
template <typename Truth>
std::vector<MarginCells> Draw(uint64_t seed, int rows, const Truth& truth) {
  std::mt19937_64 random(seed);
  std::vector<MarginCells> folds(kCalibrationFolds);
  for (int i = 0; i < rows; ++i) {
    const double margin = 6 * UnitInterval(random()) - 3;
    folds[random() % kCalibrationFolds].Add(MarginOf(margin), UnitInterval(random()) < truth(margin));
  }
  return folds;
}

MarginCells All(const std::vector<MarginCells>& folds) {
  MarginCells all;
  for (const MarginCells& fold : folds) all.Merge(fold);
  return all;
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

TEST(MarginCells, CountTheNearestCellAndClipAtTheEnds) {
  MarginCells cells;
  cells.Add(0, true);
  cells.Add(kCell / 2 - 1, false);
  cells.Add(kCell / 2, false);        // half a cell: up
  cells.Add(-kCell / 2, true);        // up as well
  cells.Add(-kCell / 2 - 1, true);
  cells.Add(MarginOf(16.5), true);
  cells.Add(INT64_MAX, false);
  cells.Add(INT64_MIN, false);
  const std::map<int16_t, std::array<int64_t, 2>> expected = {
      {-1024, {1, 0}}, {-1, {1, 1}}, {0, {3, 2}}, {1, {1, 0}}, {1024, {2, 1}}};
  EXPECT_EQ(cells.cells, expected);
}

TEST(MarginCells, MergeAndTravelExactly) {
  const std::vector<MarginCells> folds = Draw(3, 500, Sigmoid);
  MarginCells backwards;
  for (size_t i = folds.size(); i-- > 0;) backwards.Merge(folds[i]);
  EXPECT_EQ(All(folds), backwards);
  MarginCells same = folds[0];
  same.Merge(MarginCells());
  EXPECT_EQ(same, folds[0]);
  ByteWriter writer;
  backwards.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(MarginCells::Decode(&reader), backwards);
  EXPECT_TRUE(reader.Finish("cells").ok());
}

// The isotonic regression as the max-min formula has it: at i the greatest, over a <= i, of the least mean of [a, b]
// with b >= i. Fractions are compared in whole numbers.
std::vector<std::pair<int64_t, int64_t>> MaxMin(const MarginCells& cells) {
  std::vector<std::array<int64_t, 2>> c;
  for (const auto& [place, counts] : cells.cells) c.push_back(counts);
  const auto less = [](std::pair<int64_t, int64_t> a, std::pair<int64_t, int64_t> b) {
    return a.first * b.second < b.first * a.second;
  };
  std::vector<std::pair<int64_t, int64_t>> fit;
  for (size_t i = 0; i < c.size(); ++i) {
    std::pair<int64_t, int64_t> greatest = {-1, 1};
    for (size_t a = 0; a <= i; ++a) {
      std::pair<int64_t, int64_t> least = {2, 1};
      int64_t rows = 0;
      int64_t churned = 0;
      for (size_t b = a; b < c.size(); ++b) {
        rows += c[b][0];
        churned += c[b][1];
        if (b >= i && less({churned, rows}, least)) least = {churned, rows};
      }
      if (less(greatest, least)) greatest = least;
    }
    fit.push_back(greatest);
  }
  return fit;
}

TEST(Isotonic, EqualsTheMaxMinFormula) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const MarginCells cells = All(Draw(seed, 20 + static_cast<int>(seed) * 5, [](double m) { return Sigmoid(m / 2); }));
    const Calibration fit = FitIsotonic(cells);
    const auto slow = MaxMin(cells);
    // Blocks of the slow twin: runs of equal means, with their mean places.
    struct Block {
      int64_t rows = 0, churned = 0, places = 0;
    };
    std::vector<Block> blocks;
    size_t i = 0;
    for (const auto& [place, counts] : cells.cells) {
      const bool same = i > 0 && slow[i].first * slow[i - 1].second == slow[i - 1].first * slow[i].second;
      if (!same) blocks.emplace_back();
      blocks.back().rows += counts[0];
      blocks.back().churned += counts[1];
      blocks.back().places += place * counts[0];
      ++i;
    }
    ASSERT_EQ(fit.places.size(), blocks.size());
    for (size_t b = 0; b < blocks.size(); ++b) {
      const double rows = static_cast<double>(blocks[b].rows);
      EXPECT_DOUBLE_EQ(fit.places[b], static_cast<double>(blocks[b].places) / rows / 64);
      if (b > 0 && b + 1 < blocks.size()) {
        EXPECT_DOUBLE_EQ(fit.probabilities[b], static_cast<double>(blocks[b].churned) / rows);
      }
    }
    EXPECT_TRUE(std::is_sorted(fit.probabilities.begin(), fit.probabilities.end()));
  }
}

TEST(Isotonic, DrawsItsEndsTowardsAHalf) {
  MarginCells cells;
  for (int i = 0; i < 9; ++i) cells.Add(MarginOf(-2), false);
  for (int i = 0; i < 10; ++i) cells.Add(MarginOf(0), i < 4);
  for (int i = 0; i < 4; ++i) cells.Add(MarginOf(2), true);
  const Calibration fit = FitIsotonic(cells);
  EXPECT_EQ(fit.places, (std::vector<double>{-2, 0, 2}));
  EXPECT_EQ(fit.probabilities, (std::vector<double>{0.5 / 10, 0.4, 4.5 / 5}));
  EXPECT_DOUBLE_EQ(fit.Probability(MarginOf(-1)), (0.05 + 0.4) / 2);
  EXPECT_DOUBLE_EQ(fit.Probability(MarginOf(-30)), 0.05);
  EXPECT_DOUBLE_EQ(fit.Probability(MarginOf(2)), 0.9);
  EXPECT_DOUBLE_EQ(fit.Probability(INT64_MAX), 0.9);
}

// Newton in long double on the same targets, without safeguards.
std::pair<double, double> PlainPlatt(const MarginCells& cells) {
  long double churned = 0;
  long double kept = 0;
  for (const auto& [place, counts] : cells.cells) {
    churned += counts[1];
    kept += counts[0] - counts[1];
  }
  const long double high = (churned + 1) / (churned + 2);
  const long double low = 1 / (kept + 2);
  long double a = 0;
  long double b = std::log((churned + 1) / (kept + 1));
  for (int step = 0; step < 50; ++step) {
    long double ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0;
    for (const auto& [place, counts] : cells.cells) {
      for (const bool is_churned : {true, false}) {
        const long double n = is_churned ? counts[1] : counts[0] - counts[1];
        const long double x = place / 64.0L;
        const long double p = 1 / (1 + std::exp(-(a * x + b)));
        ga += n * (p - (is_churned ? high : low)) * x;
        gb += n * (p - (is_churned ? high : low));
        haa += n * p * (1 - p) * x * x;
        hab += n * p * (1 - p) * x;
        hbb += n * p * (1 - p);
      }
    }
    const long double det = haa * hbb - hab * hab;
    a -= (hbb * ga - hab * gb) / det;
    b -= (haa * gb - hab * ga) / det;
  }
  return {static_cast<double>(a), static_cast<double>(b)};
}

TEST(Platt, EqualsAPlainSolver) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const MarginCells cells = All(Draw(seed, 300, [](double m) { return Sigmoid(0.7 * m - 1); }));
    const Calibration fit = FitPlatt(cells);
    const auto [slope, intercept] = PlainPlatt(cells);
    EXPECT_NEAR(fit.slope, slope, 1e-7);
    EXPECT_NEAR(fit.intercept, intercept, 1e-7);
  }
}

TEST(Platt, NeverTurnsRanksRound) {
  const Calibration fit = FitPlatt(All(Draw(1, 2000, [](double m) { return Sigmoid(-m); })));
  EXPECT_EQ(fit.slope, 0);
  EXPECT_EQ(fit.Probability(MarginOf(-3)), fit.Probability(MarginOf(3)));
  EXPECT_NEAR(fit.Probability(0), static_cast<double>(fit.churned) / static_cast<double>(fit.rows), 0.001);
}

TEST(Platt, OfOneClassSaysItsShareAndIsNeverSure) {
  MarginCells cells;
  for (int i = 0; i < 50; ++i) cells.Add(MarginOf(i / 25.0 - 1), true);
  const Calibration fit = FitPlatt(cells);
  EXPECT_EQ(fit.slope, 0);
  EXPECT_NEAR(fit.Probability(0), 51.0 / 52, 1e-6);
  EXPECT_EQ(FitPlatt(MarginCells()).method, CalibrationMethod::kNone);
}

TEST(Calibrate, TakesStepsWhereTheTruthIsStepped) {
  const auto stepped = [](double m) { return m < -1 ? 0.05 : m < 1.5 ? 0.5 : 0.55; };
  const std::vector<MarginCells> folds = Draw(11, 20'000, stepped);
  const Calibration fit = Calibrate(folds);
  EXPECT_EQ(fit.method, CalibrationMethod::kIsotonic);
  EXPECT_LT(fit.isotonic_loss, fit.platt_loss);
  EXPECT_EQ(fit.rows, 20'000);
  for (const double m : {-2.0, 0.0, 1.0, 2.5}) EXPECT_NEAR(fit.Probability(MarginOf(m)), stepped(m), 0.05) << m;
}

TEST(Calibrate, TakesPlattWhereItIsTrueOrRowsAreFew) {
  const auto bent = [](double m) { return Sigmoid(0.6 * m - 0.4); };
  const Calibration many = Calibrate(Draw(2, 20'000, bent));
  EXPECT_EQ(many.method, CalibrationMethod::kPlatt);
  EXPECT_NEAR(many.slope, 0.6, 0.04);
  EXPECT_GT(many.isotonic_loss, 0);
  EXPECT_EQ(many, Calibrate(Draw(2, 20'000, bent)));
  const auto stepped = [](double m) { return m < 0 ? 0.02 : 0.98; };
  const Calibration few = Calibrate(Draw(3, 900, stepped));
  EXPECT_EQ(few.method, CalibrationMethod::kPlatt);
  EXPECT_EQ(few.isotonic_loss, 0);  // not tried
  const Calibration rare = Calibrate(Draw(4, 5000, [](double) { return 0.01; }));
  EXPECT_EQ(rare.method, CalibrationMethod::kPlatt);
  EXPECT_EQ(rare.isotonic_loss, 0);
}

TEST(Calibrate, GivesProbabilitiesThatRiseAndAreNeverSure) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Calibration fit = Calibrate(Draw(seed, 3000, [](double m) { return m < 0 ? 0.0 : 1.0; }));
    double last = 0;
    for (int place = -1100; place <= 1100; ++place) {
      const double p = fit.Probability(place * kCell + 12'345);
      EXPECT_GE(p, last);
      EXPECT_GE(p, kCalibratedFloor);
      EXPECT_LE(p, 1 - kCalibratedFloor);
      last = p;
    }
    ByteWriter writer;
    fit.Encode(&writer);
    ByteReader reader(writer.bytes());
    EXPECT_EQ(Calibration::Decode(&reader), fit);
    EXPECT_TRUE(reader.Finish("a calibration").ok());
  }
}

TEST(CalibrationFolds, AreEvenAndKeyedByCustomer) {
  std::array<int, kCalibrationFolds> counts{};
  for (uint64_t customer = 0; customer < 10'000; ++customer) ++counts[CalibrationFoldOf(7, Mix(customer))];
  for (const int count : counts) EXPECT_NEAR(count, 2000, 200);
}

}  // namespace
}  // namespace strata
