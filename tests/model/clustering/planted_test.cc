// Planted clusters are found, as many as were planted, and customers are put into them nearly as well as by whoever
// planted them; where there are none, none are found. Twenty seeds a case, of which one may go wrong
// where a case says nothing else.
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
constexpr double kIndexAllowance = 0.02;  // below the planting model's own classifier

struct Found {
  int k = 0;
  bool structure = false;
  double index = 0;  // adjusted Rand index against the truth, without planted outliers
  std::string table;
};

Found Cluster(const PlantedBase& base, Transform transform, int k_max, int64_t trim, std::optional<double> gamma,
              uint64_t seed) {
  const PlantedShards shards(base, 4);
  ClusterFitSettings settings;
  settings.features = PlantedShards::Features(base, transform);
  settings.trim = trim;
  settings.gamma = gamma;
  settings.k_max = k_max;
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
    const Found found = Cluster(base, Transform::kNone, 15, std::llrint(of.outliers * 1'000'000), of.gamma, seed);
    if (found.k == static_cast<int>(of.clusters) && found.index >= base.best_possible - kIndexAllowance) {
      ++right;
    } else {
      wrong += fmt::format("\nseed {}: {} clusters, adjusted Rand index {:.4f}, possible {:.4f}{}", seed, found.k,
                           found.index, base.best_possible, found.table);
    }
  }
  EXPECT_GE(right, of.right_min) << wrong;
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
  // A reference drawn from one normal gains about (2 / d) ln(k / (k - 1)) by the k-th cluster, the data about 64 / d
  // times the share of the smallest: not much more, so that the gap is at times largest one cluster too far.
  cases[3].right_min = 18;
  cases[3].name = "unbalanced";
  cases[3].d = 2;
  cases[3].shares = {50, 20, 20, 20, 1};
  cases[3].separation = 8;
  cases[3].correlation_max = 0;
  cases[3].customers = 4440;
  cases[4].name = "with_outliers";
  cases[4].outliers = 0.05;
  cases[5].name = "with_categories";
  // A word that a cluster prefers by 0.7 to 0.1 is worth 2 ln 7 squared deviations within a cluster, which is about
  // that much of the base's.
  cases[5].categories = 2;
  cases[5].gamma = 0.4;
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
    const Found found =
        Cluster(base, of.log_normal ? Transform::kYeoJohnson : Transform::kNone, 12, 0, std::nullopt, seed);
    if (found.k == 1 && !found.structure) {
      ++right;
    } else {
      wrong += fmt::format("\nseed {}: {} clusters{}", seed, found.k, found.table);
    }
  }
  EXPECT_GE(right, of.right_min) << wrong;
}

// A gap within one error of that of one cluster is none; chance makes a larger one now and then, above all where a
// transform leaves a normal that is not quite one.
INSTANTIATE_TEST_SUITE_P(
    Clustering, Blob,
    testing::Values(BlobCase{.name = "spherical", .d = 5}, BlobCase{.name = "correlated", .d = 5, .correlation = 0.6},
                    BlobCase{.name = "log_normal", .d = 5, .correlation = 0.3, .log_normal = true, .right_min = 18}),
    [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace strata
