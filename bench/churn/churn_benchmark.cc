// Boosted trees on float32 rows in memory, as bench/churn/measure holds them beside other libraries:
//
//   churn_benchmark FOLDER FEATURES SETTINGS THREADS [KERNELS]
//
// FOLDER has train.bin and test.bin (float32, row by row) and train_y.bin (uint8). SETTINGS are name=number, comma
// between: trees, leaves, bins, rate, min_rows, min_hessian, lambda; or "lightgbm": nothing is fitted, the trees are
// those of FOLDER/lightgbm.txt. Writes the margins of the test rows to
// FOLDER/strata.bin (float64) and prints one JSON object. The training seconds are those from the rows to the ensemble,
// bins included (from kSampledRows rows at even steps, as LightGBM finds its own); the scoring seconds those from the
// training rows to their probabilities. A small fit goes first, so that starting threads is not in the seconds.
#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "bench/churn/lightgbm_model.h"
#include "model/trees/boost.h"
#include "model/trees/feature_bins.h"
#include "model/trees/leaf_masks.h"

namespace strata {
namespace {

constexpr size_t kSampledRows = 200'000;
constexpr size_t kWarmRows = 20'000;
constexpr size_t kRowsAtOnce = 4096;

using Clock = std::chrono::steady_clock;

double Since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

template <class T>
std::vector<T> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    std::cerr << "churn_benchmark: cannot read " << path << "\n";
    std::exit(2);
  }
  std::vector<T> values(static_cast<size_t>(file.tellg()) / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

struct Matrix {
  std::vector<float> values;  // row by row
  size_t features = 0;

  size_t rows() const { return values.size() / features; }
};

// "name=number,name=number"
std::map<std::string, double> Numbers(const std::string& text) {
  std::map<std::string, double> numbers;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const size_t equals = text.find('=', begin);
    numbers[text.substr(begin, equals - begin)] = std::stod(text.substr(equals + 1, end - equals - 1));
    begin = end + 1;
  }
  return numbers;
}

std::vector<FloatBins> FindBins(const Matrix& matrix, int bins_max) {
  std::vector<FloatBins> bins(matrix.features);
  const size_t step = std::max<size_t>(1, matrix.rows() / kSampledRows);
  tbb::parallel_for(size_t{0}, matrix.features, [&](size_t j) {
    std::vector<float> sampled;
    for (size_t i = 0; i < matrix.rows(); i += step) sampled.push_back(matrix.values[i * matrix.features + j]);
    bins[j] = FloatBinsOf(sampled, bins_max);
  });
  return bins;
}

template <class Work>
void ForBlocks(size_t rows, const Work& work) {
  tbb::parallel_for(size_t{0}, (rows + kRowsAtOnce - 1) / kRowsAtOnce, [&](size_t block) {
    work(block * kRowsAtOnce, std::min(kRowsAtOnce, rows - block * kRowsAtOnce));
  });
}

BinnedRows BinAll(const Matrix& matrix, const std::vector<FloatBins>& bins) {
  BinnedRows binned(matrix.rows(), matrix.features);
  ForBlocks(matrix.rows(), [&](size_t begin, size_t count) {
    BinRows(bins, &matrix.values[begin * matrix.features], count, binned.stride(), &binned.column(0)[begin]);
  });
  return binned;
}

struct Fit {
  std::vector<FloatBins> bins;
  Ensemble ensemble;
  double bin_seconds = 0, seconds = 0;
};

Fit Train(const Matrix& matrix, std::span<const uint8_t> outcome, std::map<std::string, double> numbers,
          const Kernels& kernels) {
  BoostSettings settings;
  settings.trees = static_cast<int>(numbers["trees"]);
  settings.tree.leaves = static_cast<int>(numbers["leaves"]);
  settings.tree.learning_rate = numbers["rate"];
  settings.tree.min_rows = static_cast<int>(numbers["min_rows"]);
  settings.tree.min_hessian = numbers["min_hessian"];
  settings.tree.lambda = numbers["lambda"];
  const auto start = Clock::now();
  Fit fit;
  fit.bins = FindBins(matrix, static_cast<int>(numbers["bins"]));
  const BinnedRows binned = BinAll(matrix, fit.bins);
  std::vector<FeatureBins> feature_bins;
  for (const FloatBins& bins : fit.bins) feature_bins.push_back(bins.feature_bins());
  fit.bin_seconds = Since(start);
  fit.ensemble = FitTrees({.bins = &binned, .outcome = outcome}, feature_bins, settings, kernels).ensemble;
  fit.seconds = Since(start);
  return fit;
}

// From rows to margins, and to probabilities where they are asked for.
std::vector<double> Score(const Matrix& matrix, const Fit& fit, bool probabilities, const Kernels& kernels) {
  const LeafMasks masks(fit.ensemble);
  std::vector<double> result(matrix.rows());
  ForBlocks(matrix.rows(), [&](size_t begin, size_t count) {
    std::vector<uint8_t> bins(matrix.features * kRowsAtOnce);
    std::vector<int64_t> margins(count);
    BinRows(fit.bins, &matrix.values[begin * matrix.features], count, kRowsAtOnce, bins.data());
    masks.Margins(bins.data(), kRowsAtOnce, count, kernels, margins.data());
    for (size_t i = 0; i < count; ++i) {
      const double margin = std::ldexp(static_cast<double>(margins[i]), -kMarginGridBits);
      result[begin + i] = probabilities ? 1 / (1 + std::exp(-margin)) : margin;
    }
  });
  return result;
}

Fit ReadFit(const std::string& path) {
  const std::vector<char> text = Read<char>(path);
  auto model = ReadLightGbmModel({text.data(), text.size()});
  if (!model.ok()) {
    std::cerr << "churn_benchmark: " << path << ": " << model.status().message() << "\n";
    std::exit(2);
  }
  return {std::move(model->bins), std::move(model->ensemble)};
}

Fit WarmAndTrain(const Matrix& train, std::span<const uint8_t> outcome, const std::map<std::string, double>& numbers,
                 const Kernels& kernels) {
  const size_t few = std::min(kWarmRows, train.rows());
  const auto end = train.values.begin() + static_cast<std::ptrdiff_t>(few * train.features);
  Train({{train.values.begin(), end}, train.features}, outcome.first(few), numbers, kernels);
  return Train(train, outcome, numbers, kernels);
}

int Run(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: churn_benchmark FOLDER FEATURES SETTINGS THREADS [KERNELS]\n";
    return 2;
  }
  const std::string folder = argv[1];
  const auto features = static_cast<size_t>(std::stoul(argv[2]));
  const auto kernels = KernelsNamed(argc > 5 ? argv[5] : "auto");
  if (!kernels.ok()) {
    std::cerr << "churn_benchmark: " << kernels.status().message() << "\n";
    return 2;
  }
  const Matrix train{Read<float>(folder + "/train.bin"), features}, test{Read<float>(folder + "/test.bin"), features};
  const auto outcome = Read<uint8_t>(folder + "/train_y.bin");
  tbb::task_arena arena(std::stoi(argv[4]));
  arena.execute([&] {
    const Fit fit = std::string_view(argv[3]) == "lightgbm" ? ReadFit(folder + "/lightgbm.txt")
                                                            : WarmAndTrain(train, outcome, Numbers(argv[3]), **kernels);
    const auto start = Clock::now();
    const std::vector<double> scored = Score(train, fit, true, **kernels);
    const double score_seconds = Since(start);
    const std::vector<double> margins = Score(test, fit, false, **kernels);
    std::ofstream(folder + "/strata.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(margins.data()), static_cast<std::streamsize>(margins.size() * 8));
    fmt::print(R"({{"seconds": {:.4f}, "bin_seconds": {:.4f}, "score_seconds": {:.4f}, "trees": {}, "mean": {:.6f}}})"
               "\n",
               fit.seconds, fit.bin_seconds, score_seconds, fit.ensemble.trees.size(),
               std::accumulate(scored.begin(), scored.end(), 0.0) / static_cast<double>(scored.size()));
  });
  return 0;
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::Run(argc, argv); }
