#include "tests/model/clustering/planted_base.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "model/clustering/matching.h"

namespace strata {
namespace {

constexpr double kPreferred = 0.7;  // share of a cluster that has the word it prefers
constexpr double kOther = 0.1;
constexpr double kLogNormalMedian = 4;  // its logarithm: like money
constexpr double kTargetLow = 0.975, kTargetHigh = 0.985;

struct Model {
  size_t d = 0, categories = 0;
  std::vector<std::vector<double>> centres;  // of unit distance; times a scale
  std::vector<double> shares;
  std::vector<std::vector<int>> preferred;  // by cluster and category
};

double Squared(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t j = 0; j < a.size(); ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

// In a ball, each as far from those before as the best of 60 draws, and then the directions of all stretched so that
// features correlate.
std::vector<std::vector<double>> DrawCentres(const PlantedCase& of, std::mt19937_64* random) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  const auto d = static_cast<double>(of.d);
  std::vector<std::vector<double>> centres;
  while (centres.size() < of.clusters) {
    std::vector<double> best;
    double best_distance = -1;
    for (int draw = 0; draw < 60; ++draw) {
      std::vector<double> point(of.d);
      for (double& x : point) x = normal(*random);
      const double norm = std::sqrt(Squared(point, std::vector<double>(of.d)));
      const double radius = std::pow(uniform(*random), 1 / d);
      for (double& x : point) x *= radius / norm;
      double distance = std::numeric_limits<double>::infinity();
      for (const auto& centre : centres) distance = std::min(distance, Squared(point, centre));
      if (distance > best_distance) best = point;
      best_distance = std::max(best_distance, distance);
    }
    centres.push_back(best);
  }
  const double correlation = of.correlation_max * uniform(*random);
  for (auto& centre : centres) {
    const double mean = std::accumulate(centre.begin(), centre.end(), 0.0) / d;
    for (double& x : centre) {
      x = std::sqrt(1 - correlation) * (x - mean) + std::sqrt(1 + (d - 1) * correlation) * mean;
    }
  }
  double least = std::numeric_limits<double>::infinity();
  for (size_t a = 0; a < centres.size(); ++a) {
    for (size_t b = 0; b < a; ++b) least = std::min(least, Squared(centres[a], centres[b]));
  }
  for (auto& centre : centres) {
    for (double& x : centre) x /= std::sqrt(least);
  }
  return centres;
}

Model DrawModel(const PlantedCase& of, std::mt19937_64* random) {
  Model model{
      .d = of.d, .categories = of.categories, .centres = DrawCentres(of, random), .shares = of.shares, .preferred = {}};
  if (model.shares.empty()) model.shares.assign(of.clusters, 1.0);
  const double sum = std::accumulate(model.shares.begin(), model.shares.end(), 0.0);
  for (double& share : model.shares) share /= sum;
  for (size_t c = 0; c < of.clusters; ++c) {
    std::vector<int>& words = model.preferred.emplace_back();
    for (size_t f = 0; f < of.categories; ++f) words.push_back(static_cast<int>((*random)() % kPlantedWords));
  }
  return model;
}

struct Draws {
  std::vector<std::vector<double>> rows;
  std::vector<std::vector<uint8_t>> codes;
  std::vector<int> truth;
};

// Numbers of customers are the shares', rounded; only where they are is drawn.
Draws DrawCustomers(const Model& model, double scale, size_t customers, std::mt19937_64* random) {
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform;
  Draws draws;
  double begin = 0;
  for (size_t c = 0; c < model.shares.size(); ++c) {
    const double end = begin + model.shares[c] * static_cast<double>(customers);
    for (auto i = std::llrint(begin); i < std::llrint(end); ++i) {
      std::vector<double>& row = draws.rows.emplace_back();
      for (const double x : model.centres[c]) row.push_back(scale * x + normal(*random));
      std::vector<uint8_t>& codes = draws.codes.emplace_back();
      for (const int preferred : model.preferred[c]) {
        const double draw = uniform(*random);
        const int step = draw < kPreferred ? 0 : 1 + static_cast<int>((draw - kPreferred) / kOther);
        codes.push_back(static_cast<uint8_t>((preferred + std::min(step, kPlantedWords - 1)) % kPlantedWords));
      }
      draws.truth.push_back(static_cast<int>(c));
    }
    begin = end;
  }
  return draws;
}

// The adjusted Rand index of the most probable clusters under the model.
double ClassifierIndex(const Model& model, double scale, const Draws& draws) {
  const size_t k = model.shares.size();
  std::vector<int64_t> contingency(k * k);
  for (size_t i = 0; i < draws.rows.size(); ++i) {
    size_t best = 0;
    double most = -std::numeric_limits<double>::infinity();
    for (size_t c = 0; c < k; ++c) {
      std::vector<double> centre = model.centres[c];
      for (double& x : centre) x *= scale;
      double likelihood = std::log(model.shares[c]) - Squared(draws.rows[i], centre) / 2;
      for (size_t f = 0; f < model.categories; ++f) {
        likelihood += std::log(draws.codes[i][f] == model.preferred[c][f] ? kPreferred : kOther);
      }
      if (likelihood > most) best = c;
      most = std::max(most, likelihood);
    }
    ++contingency[static_cast<size_t>(draws.truth[i]) * k + best];
  }
  return AdjustedRand(contingency, k, k);
}

double FindScale(const Model& model, uint64_t seed) {
  double low = 1, high = 40;
  for (int step = 0; step < 30; ++step) {
    const double scale = (low + high) / 2;
    std::mt19937_64 random(seed);  // the same draws for every scale
    const double index = ClassifierIndex(model, scale, DrawCustomers(model, scale, 8000, &random));
    if (index >= kTargetLow && index <= kTargetHigh) return scale;
    (index < kTargetLow ? low : high) = scale;
  }
  return high;
}

}  // namespace

PlantedBase MakePlanted(const PlantedCase& of, uint64_t seed) {
  std::mt19937_64 random(seed);
  const Model model = DrawModel(of, &random);
  const double scale = of.separation > 0 ? of.separation : FindScale(model, seed);
  const Draws draws = DrawCustomers(model, scale, of.customers, &random);
  PlantedBase base;
  base.numeric.resize(of.d);
  base.codes.resize(of.categories);
  base.truth = draws.truth;
  base.best_possible = ClassifierIndex(model, scale, draws);
  double reach = 0;
  for (size_t i = 0; i < draws.rows.size(); ++i) {
    for (size_t j = 0; j < of.d; ++j) {
      base.numeric[j].push_back(draws.rows[i][j]);
      reach = std::max(reach, std::fabs(draws.rows[i][j]));
    }
    for (size_t f = 0; f < of.categories; ++f) base.codes[f].push_back(draws.codes[i][f]);
  }
  const auto outliers = static_cast<size_t>(of.outliers / (1 - of.outliers) * static_cast<double>(draws.rows.size()));
  std::uniform_real_distribution<double> anywhere(-3 * reach, 3 * reach);
  for (size_t i = 0; i < outliers; ++i) {
    std::vector<double> point(of.d);
    do {
      for (double& x : point) x = anywhere(random);
    } while (Squared(point, std::vector<double>(of.d)) < 4 * reach * reach);
    for (size_t j = 0; j < of.d; ++j) base.numeric[j].push_back(point[j]);
    for (size_t f = 0; f < of.categories; ++f) base.codes[f].push_back(static_cast<uint8_t>(random() % kPlantedWords));
    base.truth.push_back(-1);
  }
  return base;
}

PlantedBase MakeBlob(const BlobCase& of, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  PlantedBase base;
  base.numeric.resize(of.d);
  base.truth.assign(of.customers, 0);
  base.best_possible = 1;
  for (size_t i = 0; i < of.customers; ++i) {
    const double common = normal(random);
    for (size_t j = 0; j < of.d; ++j) {
      const double x = std::sqrt(of.correlation) * common + std::sqrt(1 - of.correlation) * normal(random);
      base.numeric[j].push_back(of.log_normal ? std::exp(kLogNormalMedian + x) : x);
    }
  }
  return base;
}

}  // namespace strata
