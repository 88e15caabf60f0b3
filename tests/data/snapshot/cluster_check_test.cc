// A clustering model whose fields are well typed and make no sense is refused when it is read, by the place that is
// wrong.
#include "data/snapshot/cluster_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "data/snapshot/snapshot.h"

namespace strata {
namespace {

// Two clusters of one number and one category.
ClusteringModel Two() {
  ClusteringModel model;
  model.k = 2;
  model.last_id = 3;
  model.customers = 100;
  model.outliers = 10;
  model.trim = 100'000;
  model.space.numeric = {{.name = "age", .column = "age", .bin_cuts = {20, 40}, .bin_counts = {30, 30, 40}}};
  model.space.numeric[0].winsor = {1, 99};
  model.space.categories = {
      {.name = "region", .column = "region", .words = {"(none)", "(other)", "north"}, .counts = {10, 20, 70}}};
  for (const int id : {1, 3}) {
    FittedCluster cluster{.id = id, .size = 45, .centre = {{512 * id}, {2}}, .sums = {12}};
    cluster.customers_by_level = cluster.levels = {{5, 10, 30}};
    cluster.effects = {0.5, -0.25};
    model.clusters.push_back(cluster);
  }
  model.trials.rows = {{.k = 1}, {.k = 2}};
  model.matching = Matching{.id = {1, 3}, .overlap = {0.5, 0}, .shift = {0.25, 0}};
  return model;
}

struct Damage {
  std::function<void(ClusteringModel*)> make;
  const char* words;
};

const Damage kDamages[] = {
    {[](ClusteringModel* m) { m->k = 3; }, ": clusters of 2, allowed are 3"},
    {[](ClusteringModel* m) { m->k = 255; }, ": k is 255, allowed are 0 to 254"},
    {[](ClusteringModel* m) { m->clusters[1].id = 1; }, ": clusters[1]: id is 1, allowed are 2 to 3"},
    {[](ClusteringModel* m) { m->clusters[0].id = 0; }, ": clusters[0]: id is 0, allowed are 1 to 3"},
    {[](ClusteringModel* m) { m->last_id = 2; }, ": clusters[1]: id is 3, allowed are 2 to 2"},
    {[](ClusteringModel* m) { m->clusters[0].size = -1; }, ": clusters[0]: size is -1, allowed are 0 to 100"},
    {[](ClusteringModel* m) { m->clusters[0].size = 46; },
     ": clusters and outliers have 101 customers, allowed are 100"},
    {[](ClusteringModel* m) { m->outliers = 101; }, ": outliers is 101, allowed are 0 to 100"},
    {[](ClusteringModel* m) { m->trim = 1'000'001; }, ": trim is 1000001, allowed are 0 to 1000000"},
    {[](ClusteringModel* m) { m->gamma = -1; }, ": gamma is -1, allowed is 0 or more"},
    {[](ClusteringModel* m) { m->clusters[1].centre.q.clear(); }, ": clusters[1]: centre.q of 0, allowed are 1"},
    {[](ClusteringModel* m) { m->clusters[1].centre.q[0] = 1 << 23; },
     ": centre.q is 8388608, allowed are -4194304 to"},
    {[](ClusteringModel* m) { m->clusters[1].centre.modes.push_back(0); }, ": centre.modes of 2, allowed are 1"},
    {[](ClusteringModel* m) { m->clusters[1].centre.modes[0] = 3; }, ": centre.modes is 3, allowed are 0 to 2"},
    {[](ClusteringModel* m) { m->clusters[0].sums.push_back(1); }, ": clusters[0]: sums of 2, allowed are 1"},
    {[](ClusteringModel* m) { m->clusters[0].levels.clear(); }, ": clusters[0]: levels of 0, allowed are 1"},
    {[](ClusteringModel* m) { m->clusters[0].customers_by_level[0].pop_back(); },
     ": customers_by_level of 2, allowed are 3"},
    {[](ClusteringModel* m) { m->clusters[0].levels[0][1] = -4; }, ": levels has -4, allowed is 0 or more"},
    {[](ClusteringModel* m) { m->clusters[0].effects.pop_back(); }, ": effects of 1, allowed are 2"},
    {[](ClusteringModel* m) { m->clusters[0].effects[1] = HUGE_VAL; }, ": effects is inf, allowed are finite numbers"},
    {[](ClusteringModel* m) { m->space.grid_bits = 13; }, ": space: grid_bits is 13, allowed are 4 to 12"},
    {[](ClusteringModel* m) { m->space.weight_unit = 0; }, ": space: weight_unit is 0, allowed is above 0"},
    {[](ClusteringModel* m) { m->space.numeric[0].mean = std::nan(""); },
     "features[0]: mean is nan, allowed are finite"},
    {[](ClusteringModel* m) { m->space.numeric[0].deviation = 0; }, "features[0]: deviation is 0, allowed is above 0"},
    {[](ClusteringModel* m) { m->space.numeric[0].transform = Transform::kCategory; }, "transform is category, which"},
    {[](ClusteringModel* m) {
       m->space.numeric[0].winsor = {2, 1};
     },
     "features[0]: winsor falls"},
    {[](ClusteringModel* m) {
       m->space.numeric[0].bin_cuts = {2, 2};
     },
     "features[0]: bin_cuts do not rise"},
    {[](ClusteringModel* m) { m->space.numeric[0].bin_counts.pop_back(); },
     "features[0]: bin_counts of 2, allowed are 3"},
    {[](ClusteringModel* m) { m->space.categories[0].words.clear(); },
     "categories[0]: number of words is 0, allowed are 1"},
    {[](ClusteringModel* m) {
       m->space.categories[0].words = {"(none)", "(none)", "(other)"};
     },
     "words do not rise"},
    {[](ClusteringModel* m) {
       m->space.categories[0].words = {"(none)", "a", "b"};
     },
     "words lack (other)"},
    {[](ClusteringModel* m) { m->space.categories[0].counts.clear(); }, "categories[0]: counts of 0, allowed are 3"},
    {[](ClusteringModel* m) { m->silhouette = std::nan(""); }, ": silhouette is nan, allowed are finite numbers"},
    {[](ClusteringModel* m) { m->trials.rows[1].k = 1; }, ": trials: k does not rise"},
    {[](ClusteringModel* m) { m->matching->shift.pop_back(); }, ": matching: shift of 1, allowed are 2"},
    {[](ClusteringModel* m) { m->matching->adjusted_rand = HUGE_VAL; },
     ": matching: adjusted_rand is inf, allowed are"}};

TEST(ClusterCheck, ModelsThatMakeNoSenseAreRefusedByWhatIsWrong) {
  for (const Damage& damage : kDamages) {
    FittedModels models;
    models.clustering = Two();
    damage.make(&*models.clustering);
    const absl::Status status = ModelsFromJson(ModelsToJson(models)).status();
    SCOPED_TRACE(damage.words);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(StdView(status.message())), testing::StartsWith("models/clustering.json: "));
    EXPECT_THAT(std::string(StdView(status.message())), testing::HasSubstr(damage.words));
  }
}

TEST(ClusterCheck, ModelsThatHoldTogetherAreRead) {
  FittedModels models;
  models.clustering = Two();
  EXPECT_EQ(ModelsFromJson(ModelsToJson(models))->clustering, models.clustering);
  models.clustering = ClusteringModel{.reason = "nobody has a purchase"};  // not fitted
  EXPECT_EQ(ModelsFromJson(ModelsToJson(models))->clustering, models.clustering);
}

}  // namespace
}  // namespace strata
