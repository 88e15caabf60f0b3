// The kernels of the models by width, on one block each: compare the widths of one run with one another.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "model/kernels/kernels.h"

namespace strata {
namespace {

constexpr size_t kCentroids = 8;
constexpr size_t kCoordinates = 5;
constexpr size_t kFeatures = 14;

struct Block {
  Block() {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> uniform(-3, 3);
    const auto on_grid = [&](double unit) { return static_cast<double>(static_cast<int64_t>(uniform(random) * unit)); };
    for (double& x : amounts) x = uniform(random) * 500;
    for (float& x : coordinates) x = static_cast<float>(on_grid(4096));
    for (float& x : centre_coordinates) x = static_cast<float>(on_grid(4096));
    for (double& twice : twice_mean) twice = uniform(random) * 4096;
    for (double& x : features) x = on_grid(1 << kFeatureGridBits);
    for (size_t i = 0; i < kKernelBlock; ++i) {
      slots[i] = static_cast<uint8_t>(i % kCentroids);
      outcomes[i] = i % 3 == 0 ? 1 : 0;
    }
  }
  LogisticView model() const { return {mean.data(), deviation.data(), coefficients.data(), 0.1, kFeatures}; }
  BlockView points() const { return {coordinates.data(), nullptr, kKernelBlock, kKernelBlock}; }
  CentreView centres() const {
    return {centre_coordinates.data(), half_norms.data(), nullptr, 0, kCentroids, kCoordinates, 0};
  }
  SilhouetteView clusters() const {
    return {twice_mean.data(), mean_squared_norm.data(), own_factor.data(), nullptr, kCentroids, kCoordinates, 0};
  }
  LogisticTerms terms() { return {z.data(), residual.data(), weight.data(), loss.data()}; }

  std::vector<double> amounts = std::vector<double>(kKernelBlock);
  std::vector<float> coordinates = std::vector<float>(kKernelBlock * kCoordinates);
  std::vector<float> centre_coordinates = std::vector<float>(kCentroids * kCoordinates);
  std::vector<float> half_norms = std::vector<float>(kCentroids, 3e7F);
  std::vector<double> twice_mean = std::vector<double>(kCentroids * kCoordinates);
  std::vector<double> mean_squared_norm = std::vector<double>(kCentroids, 5e7);
  std::vector<double> own_factor = std::vector<double>(kCentroids, 1.1);
  std::vector<uint8_t> slots = std::vector<uint8_t>(kKernelBlock);
  std::vector<uint8_t> second = std::vector<uint8_t>(kKernelBlock);
  std::vector<int64_t> whole = std::vector<int64_t>(kKernelBlock);
  std::vector<double> features = std::vector<double>(kKernelBlock * kFeatures);
  std::vector<double> outcomes = std::vector<double>(kKernelBlock);
  std::vector<double> mean = std::vector<double>(kFeatures, 0.5);
  std::vector<double> deviation = std::vector<double>(kFeatures, 1.5);
  std::vector<double> coefficients = std::vector<double>(kFeatures, 0.2);
  std::vector<double> z = std::vector<double>(kKernelBlock * (kFeatures + 1));
  std::vector<double> residual = std::vector<double>(kKernelBlock);
  std::vector<double> weight = std::vector<double>(kKernelBlock);
  std::vector<double> loss = std::vector<double>(kKernelBlock);
  std::vector<double> out = std::vector<double>(kKernelBlock);
  std::vector<int64_t> gradient = std::vector<int64_t>(kFeatures + 1);
  std::vector<int64_t> hessian = std::vector<int64_t>((kFeatures + 1) * (kFeatures + 2) / 2);
};

template <typename Work>
void Add(const std::string& name, const Kernels& kernels, const Work& work) {
  benchmark::RegisterBenchmark((name + "/" + std::string(kernels.name)).c_str(), [&kernels,
                                                                                  work](benchmark::State& state) {
    Block block;
    // What later kernels read.
    kernels.logistic_terms(block.model(), block.features.data(), kKernelBlock, block.outcomes.data(), block.terms());
    for (auto _ : state) {
      work(kernels, block);
      benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kKernelBlock));
  });
}

void AddAll(const Kernels& kernels) {
  Add("signed_log1p_on_grid", kernels,
      [](const Kernels& k, Block& b) { k.signed_log1p_on_grid(b.amounts.data(), kKernelBlock, b.out.data()); });
  Add("standardise_on_grid", kernels, [](const Kernels& k, Block& b) {
    k.standardise_on_grid(b.features.data(), kKernelBlock, 0.3, 1.7, 12, b.out.data());
  });
  Add("nearest_of_8", kernels,
      [](const Kernels& k, Block& b) { k.cluster.nearest(b.centres(), b.points(), b.slots.data(), nullptr); });
  Add("two_nearest_of_8", kernels, [](const Kernels& k, Block& b) {
    k.cluster.two_nearest(b.centres(), b.points(), b.slots.data(), b.second.data());
  });
  Add("squared_distance", kernels, [](const Kernels& k, Block& b) {
    k.cluster.squared_distance(b.centres(), b.points(), b.slots.data(), b.whole.data());
  });
  Add("silhouette_of_8", kernels, [](const Kernels& k, Block& b) {
    k.cluster.silhouette(b.clusters(), b.points(), b.slots.data(), b.whole.data());
  });
  Add("logistic_probability", kernels, [](const Kernels& k, Block& b) {
    k.logistic_probability(b.model(), b.features.data(), kKernelBlock, b.out.data());
  });
  Add("logistic_terms", kernels, [](const Kernels& k, Block& b) {
    k.logistic_terms(b.model(), b.features.data(), kKernelBlock, b.outcomes.data(), b.terms());
  });
  Add("logistic_sums", kernels, [](const Kernels& k, Block& b) {
    benchmark::DoNotOptimize(
        k.logistic_sums(b.terms(), kFeatures + 1, kKernelBlock, b.gradient.data(), b.hessian.data()));
  });
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) {
  for (const strata::Kernels* kernels : strata::AvailableKernels()) strata::AddAll(*kernels);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
