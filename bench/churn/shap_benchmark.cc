// Exact SHAP values of trees that LightGBM fitted, read as ours, as bench/churn/measure and tests/churn hold them
// beside LightGBM's own pred_contrib:
//
//   shap_benchmark FOLDER FEATURES THREADS [KERNELS]
//
// FOLDER has test.bin (float32, row by row) and lightgbm.txt. Writes FOLDER/strata_shap.bin (float64, row by row: a
// contribution of every feature, then the base) and prints one JSON object. The seconds are those from the rows to
// their contributions, what trees are made into and bins included.
#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "bench/churn/lightgbm_model.h"
#include "model/churn/shap.h"

namespace strata {
namespace {

constexpr size_t kRowsAtOnce = 1024;

[[noreturn]] void Fail(const std::string& message) {
  std::cerr << "shap_benchmark: " << message << "\n";
  std::exit(2);
}

template <class T>
std::vector<T> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) Fail("cannot read " + path);
  std::vector<T> values(static_cast<size_t>(file.tellg()) / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

// Row by row, the base behind the features.
std::vector<double> Explain(const LightGbmModel& model, const std::vector<float>& values, const Kernels& kernels) {
  const TreeShap shap(model.ensemble);
  const size_t features = model.bins.size(), rows = values.size() / features;
  std::vector<double> result(rows * (features + 1));
  tbb::parallel_for(size_t{0}, (rows + kRowsAtOnce - 1) / kRowsAtOnce, [&](size_t block) {
    const size_t begin = block * kRowsAtOnce, count = std::min(kRowsAtOnce, rows - begin);
    std::vector<uint8_t> bins(features * count);
    std::vector<double> contributions(features * count);
    BinRows(model.bins, &values[begin * features], count, count, bins.data());
    shap.Contributions(bins.data(), count, count, kernels, contributions.data());
    for (size_t i = 0; i < count; ++i) {
      double* const row = &result[(begin + i) * (features + 1)];
      for (size_t j = 0; j < features; ++j) row[j] = contributions[j * count + i];
      row[features] = shap.base();
    }
  });
  return result;
}

int Run(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: shap_benchmark FOLDER FEATURES THREADS [KERNELS]\n";
    return 2;
  }
  const std::string folder = argv[1];
  const auto kernels = KernelsNamed(argc > 4 ? argv[4] : "auto");
  if (!kernels.ok()) Fail(std::string(kernels.status().message()));
  const std::vector<char> text = Read<char>(folder + "/lightgbm.txt");
  const auto model = ReadLightGbmModel({text.data(), text.size()});
  if (!model.ok()) Fail(std::string(model.status().message()));
  if (model->bins.size() != std::stoul(argv[2])) Fail(fmt::format("the model has {} features", model->bins.size()));
  const std::vector<float> values = Read<float>(folder + "/test.bin");
  tbb::task_arena arena(std::stoi(argv[3]));
  arena.execute([&] {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<double> explained = Explain(*model, values, **kernels);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::ofstream(folder + "/strata_shap.bin", std::ios::binary)
        .write(reinterpret_cast<const char*>(explained.data()), static_cast<std::streamsize>(explained.size() * 8));
    fmt::print(R"({{"seconds": {:.4f}, "rows": {}}})"
               "\n",
               seconds, values.size() / model->bins.size());
  });
  return 0;
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::Run(argc, argv); }
