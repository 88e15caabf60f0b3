// What shards sent may be damaged in ways that no checksum of ours sees: it ends the fit with an error.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "model/clustering/clustering_fitter.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10400;

struct Damage {
  const char* what;
  std::function<bool(ClusteringFitter::Partial*)> make;  // false: nothing there to damage
};

template <typename T>
bool Cut(std::vector<T>* values) {
  if (values->empty()) return false;
  values->pop_back();
  return true;
}

std::vector<Damage> Damages() {
  using Partial = ClusteringFitter::Partial;
  return {
      {"bins", [](Partial* p) { return p->drift.has_value() && Cut(&p->drift->bins.front()); }},
      {"features of drift", [](Partial* p) { return p->drift.has_value() && Cut(&p->drift->beyond); }},
      {"a trial too many", [](Partial* p) { return p->trials.has_value() && p->trials->results[9999].columns == 0; }},
      {"sums by k",
       [](Partial* p) { return p->trials.has_value() && Cut(&p->trials->results.rbegin()->second.within); }},
      {"optima of another space",
       [](Partial* p) {
         if (!p->trials.has_value() || p->trials->results.begin()->second.optima.empty()) return false;
         p->trials->results.begin()->second.optima.front().centres = CentreSet({Centre{.q = {1}, .modes = {}}});
         return true;
       }},
      {"far customers",
       [](Partial* p) {
         if (!p->lloyd.has_value()) return false;
         p->lloyd->runs.begin()->second.farthest.candidates = {{.squared_distance = 1, .point = {}}};
         return true;
       }},
      {"sums", [](Partial* p) { return p->confirm.has_value() && Cut(&p->confirm->totals.sums); }},
      {"squares", [](Partial* p) { return p->confirm.has_value() && Cut(&p->confirm->squares); }},
      {"revenue", [](Partial* p) { return p->confirm.has_value() && Cut(&p->confirm->net_micros); }},
      {"moves", [](Partial* p) { return p->confirm.has_value() && Cut(&p->confirm->contingency); }},
      {"silhouettes", [](Partial* p) { return p->quality.has_value() && Cut(&p->quality->quality.silhouettes); }},
  };
}

// Two nights, the second one fitted anew: every kind of round takes place, and each damage meets the first one it can.
TEST(PartialShapes, DamagedPartialsAreRefusedAndNeverRead) {
  const TestBase base(RandomRows(1, 200, 10000, kAsOf), kAsOf, 0, 1);
  ClusterFitSettings settings;
  settings.k = 3;
  settings.k_max = 3;
  settings.all_trials = true;
  settings.sample = 64;  // fewer than the base, which then has rounds of its own
  settings.references = 5;
  settings.as_of = kAsOf;
  ClusteringFitter first(settings);
  RunFit(&first, base.shards());
  settings.last = std::make_shared<const ClusteringModel>(first.result());
  settings.refit.nightly = true;
  ClusteringFitter fitter(settings);
  std::vector<int16_t> followed(base.shards().front().today.size(), 1);
  ShardFeatures shard = base.shards().front();
  shard.followed_cluster = followed;
  std::vector<Damage> damages = Damages();
  while (const auto request = fitter.Next()) {
    const ClusteringFitter::Partial honest = ClusteringFitter::Accumulate(*request, shard, WidestKernels());
    std::erase_if(damages, [&](const Damage& damage) {
      ClusteringFitter::Partial damaged = honest;
      if (!damage.make(&damaged)) return false;
      ClusteringFitter copy = fitter;
      EXPECT_FALSE(copy.Absorb(damaged).ok()) << damage.what;
      return true;
    });
    ASSERT_TRUE(fitter.Absorb(honest).ok());
  }
  for (const Damage& damage : damages) ADD_FAILURE() << "nothing was damaged: " << damage.what;
}

}  // namespace
}  // namespace strata
