// The parts of a fit that take the time of every night: sums of the regression, the bootstrap of the AUC, orders.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "model/churn/logistic_regression.h"
#include "model/statistics/log_transform.h"
#include "model/statistics/radix_order.h"
#include "model/statistics/ranking_metrics.h"

namespace strata {
namespace {

constexpr size_t kFeatures = 14;
constexpr size_t kRows = 4'096;

struct Regression {
  LogisticModel model;
  std::vector<std::array<int64_t, kFeatures>> rows{kRows};

  Regression() {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    model = {std::vector<double>(kFeatures, 0.1), std::vector<double>(kFeatures, 1.1),
             std::vector<double>(kFeatures, 0.2), 0.3};
    for (auto& row : rows) {
      for (int64_t& value : row) value = std::llrint(normal(random) * (1 << kFeatureGridBits));
    }
  }
};

void RowByRow(benchmark::State& state) {
  const Regression regression;
  for (auto _ : state) {
    LogisticSums sums;
    for (const auto& row : regression.rows) sums.Add(regression.model, row, row[0] > 0);
    benchmark::DoNotOptimize(sums);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRows));
}
BENCHMARK(RowByRow);

void InBlocks(benchmark::State& state) {
  const Regression regression;
  for (auto _ : state) {
    LogisticAdder adder(regression.model);
    for (const auto& row : regression.rows) adder.Add(row, row[0] > 0);
    benchmark::DoNotOptimize(adder.Finish());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRows));
}
BENCHMARK(InBlocks);

std::vector<double> Scores(size_t count) {
  std::mt19937_64 random(2);
  std::vector<double> scores(count);
  for (double& score : scores) score = static_cast<double>(random() >> 11) * 0x1.0p-53;
  return scores;
}

void Order(benchmark::State& state) {
  const std::vector<double> scores = Scores(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(RowsByValue(scores));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Order)->Arg(200'000);

void Bootstrap(benchmark::State& state) {
  const std::vector<double> scores = Scores(200'000);
  std::vector<uint8_t> positive;
  std::vector<uint64_t> identities;
  for (const double score : scores) {
    positive.push_back(score > 0.4 ? 1 : 0);
    identities.push_back(std::bit_cast<uint64_t>(score));
  }
  for (auto _ : state) benchmark::DoNotOptimize(BootstrapAucs({scores, scores}, positive, identities, 1, 80));
}
BENCHMARK(Bootstrap)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace strata

BENCHMARK_MAIN();
