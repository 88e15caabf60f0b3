// Planted clusters are found, as many as were planted, and customers are put into them nearly as well as by whoever
// planted them; where there are none, none are found. Twenty seeds a case, of which one may go wrong.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "model/clustering/clustering_fitter.h"
#include "model/clustering/matching.h"
#include "model/clustering/predict.h"
#include "tests/model/clustering/planted_base.h"
#include "tests/model/clustering/planted_shards.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 20;
constexpr uint64_t kSeedsRightMin = 19;
constexpr double kIndexAllowance = 0.02;  // below the planting model's own classifier

struct Found {
  int k = 0;
  bool structure = false;
  double index = 0;  // adjusted Rand index against the truth, without planted outliers
  std::string table;
};

Found Cluster(const PlantedBase& base, Transform transform, int64_t trim, uint64_t seed) {
  const PlantedShards shards(base, 4);
  ClusterFitSettings settings;
  settings.features = PlantedShards::Features(base, transform);
  settings.trim = trim;
  settings.k_max = 15;
  settings.starts = 8;
  settings.seed = seed;
  ClusteringFitter fitter(settings);
  RunFit(&fitter, shards.shards());
  const ClusteringModel& model = fitter.result();
  Found found{.k = model.k, .structure = model.structure, .index = 0, .table = {}};
  for (const GapRow& row : model.trials.rows) {
    found.table += fmt::format("\n  k {} gap {:.4f} error {:.4f}", row.k, row.gap.value_or(-1), row.error.value_or(-1));
  }
  std::map<int, size_t> truths, labels;
  std::vector<std::pair<size_t, size_t>> pairs;
  const ClusterPredictor predictor(model);
  for (uint32_t s = 0; s < shards.shards().size(); ++s) {
    const auto of_shard = predictor.Of(shards.shards()[s], WidestKernels());
    for (size_t row = 0; row < of_shard->id.size(); ++row) {
      const int truth = base.truth[shards.CustomerOf(s, row)];
      if (truth < 0) continue;
      pairs.emplace_back(truths.emplace(truth, truths.size()).first->second,
                         labels.emplace(of_shard->id[row], labels.size()).first->second);
    }
  }
  std::vector<int64_t> contingency(truths.size() * labels.size());
  for (const auto& [truth, label] : pairs) ++contingency[truth * labels.size() + label];
  found.index = AdjustedRand(contingency, truths.size(), labels.size());
  return found;
}

[[maybe_unused]] void PrintTo(const PlantedCase& of, std::ostream* out) { *out << of.name; }
[[maybe_unused]] void PrintTo(const BlobCase& of, std::ostream* out) { *out << of.name; }

class Planted : public testing::TestWithParam<PlantedCase> {};

TEST_P(Planted, AreFoundAndAreAsManyAsWerePlanted) {
  const PlantedCase& of = GetParam();
  uint64_t right = 0;
  std::string wrong;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const PlantedBase base = MakePlanted(of, seed);
    if (of.separation == 0) {
      EXPECT_GE(base.best_possible, 0.97 - 0.005) << "seed " << seed;
      EXPECT_LE(base.best_possible, 0.99 + 0.005) << "seed " << seed;
    }
    const Found found = Cluster(base, Transform::kNone, std::llrint(of.outliers * 1'000'000), seed);
    if (found.k == static_cast<int>(of.clusters) && found.index >= base.best_possible - kIndexAllowance) {
      ++right;
    } else {
      wrong += fmt::format("\nseed {}: {} clusters, adjusted Rand index {:.4f}, possible {:.4f}{}", seed, found.k,
                           found.index, base.best_possible, found.table);
    }
  }
  EXPECT_GE(right, kSeedsRightMin) << wrong;
}

std::vector<PlantedCase> PlantedCases() {
  std::vector<PlantedCase> cases(6);
  for (PlantedCase& one : cases) one.correlation_max = 0.7;
  cases[0].name = "five";
  cases[1].name = "eight";
  cases[1].clusters = 8;
  cases[1].d = 4;
  cases[2].name = "twelve";
  cases[2].clusters = 12;
  cases[2].d = 4;
  cases[2].customers = 3600;
  // The smallest has a fiftieth of the largest's customers, and nobody is nearer than eight deviations.
  cases[3].name = "unbalanced";
  cases[3].d = 2;
  cases[3].shares = {50, 20, 20, 20, 1};
  cases[3].separation = 8;
  cases[3].correlation_max = 0;
  cases[3].customers = 4440;
  cases[4].name = "with_outliers";
  cases[4].outliers = 0.05;
  cases[5].name = "with_categories";
  cases[5].categories = 2;
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Clustering, Planted, testing::ValuesIn(PlantedCases()),
                         [](const auto& of) { return of.param.name; });

class Blob : public testing::TestWithParam<BlobCase> {};

TEST_P(Blob, HasNoStructure) {
  const BlobCase& of = GetParam();
  uint64_t right = 0;
  std::string wrong;
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const PlantedBase base = MakeBlob(of, seed);
    const Found found = Cluster(base, of.log_normal ? Transform::kYeoJohnson : Transform::kNone, 0, seed);
    if (found.k == 1 && !found.structure) {
      ++right;
    } else {
      wrong += fmt::format("\nseed {}: {} clusters{}", seed, found.k, found.table);
    }
  }
  EXPECT_GE(right, kSeedsRightMin) << wrong;
}

INSTANTIATE_TEST_SUITE_P(
    Clustering, Blob,
    testing::Values(BlobCase{.name = "spherical", .d = 5}, BlobCase{.name = "correlated", .d = 5, .correlation = 0.6},
                    BlobCase{.name = "log_normal", .d = 5, .correlation = 0.3, .log_normal = true}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace strata
