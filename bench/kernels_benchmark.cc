// The kernels of the models by width, on one block each: compare the widths of one run with one another.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "model/kernels/kernels.h"

namespace strata {
namespace {

constexpr size_t kCentroids = 8;
constexpr size_t kFeatures = 14;

struct Block {
  Block() {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> uniform(-3, 3);
    const auto whole = [&](double unit) { return static_cast<double>(static_cast<int64_t>(uniform(random) * unit)); };
    for (double& x : amounts) x = uniform(random) * 500;
    for (double& x : points) x = whole(4096);
    for (size_t c = 0; c < kCentroids; ++c) {
      for (size_t j = 0; j <= kPointFeatures; ++j) centroids.push_back(whole(4096));
      SilhouetteCluster& cluster = clusters.emplace_back();
      for (double& twice : cluster.twice_mean) twice = uniform(random) * 4096;
      cluster.mean_squared_norm = 5e7;
      cluster.own_factor = 1.1;
    }
    for (double& x : features) x = whole(1 << kFeatureGridBits);
    for (size_t i = 0; i < kKernelBlock; ++i) {
      labels[i] = static_cast<int64_t>(i % kCentroids);
      outcomes[i] = i % 3 == 0 ? 1 : 0;
    }
  }
  LogisticView model() const { return {mean.data(), deviation.data(), coefficients.data(), 0.1, kFeatures}; }
  LogisticTerms terms() { return {z.data(), residual.data(), weight.data(), loss.data()}; }

  std::vector<double> amounts = std::vector<double>(kKernelBlock);
  std::vector<double> points = std::vector<double>(kKernelBlock * kPointFeatures);
  std::vector<double> centroids;
  std::vector<SilhouetteCluster> clusters;
  std::vector<int64_t> labels = std::vector<int64_t>(kKernelBlock);
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
  Add("nearest_of_8", kernels, [](const Kernels& k, Block& b) {
    k.nearest(b.points.data(), kKernelBlock, b.centroids.data(), kCentroids, b.labels.data());
  });
  Add("silhouette_of_8", kernels, [](const Kernels& k, Block& b) {
    benchmark::DoNotOptimize(
        k.silhouette(b.points.data(), kKernelBlock, b.labels.data(), b.clusters.data(), kCentroids));
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
