// Finding a space of made customers, for tests: partials merged in any order and through their bytes.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "model/clustering/space_finder.h"
#include "tests/model/clustering/made_shards.h"
#include "tests/model/customer_table.h"

namespace strata {

inline constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// The finder with the shape of a fit, so that RunFit merges its partials in any order and through their bytes.
struct SpaceFit : SpaceFinder {
  using SpaceFinder::SpaceFinder;
  using Parameters = SpaceRequest;
  using Partial = SpacePartial;
  static Partial Accumulate(const Parameters& request, const ShardFeatures& shard, const Kernels& kernels) {
    return CountSpace(request, shard, kernels);
  }
};

inline ClusterFeatureSettings Feature(const std::string& column, Transform transform, Scale scale = Scale::kStandard) {
  ClusterFeatureSettings settings;
  settings.column = column;
  settings.transform = transform;
  settings.scale = scale;
  return settings;
}

struct Wanted {
  std::vector<ClusterFeatureSettings> features;
  std::string weight = {};
  uint32_t sample = 32'768;
};

inline SpaceFit Find(const Wanted& wanted, const std::vector<MadeCustomer>& customers, uint32_t shards = 3,
                     uint64_t order = 0) {
  SpaceFit finder(wanted.features, wanted.weight, wanted.sample, 7);
  RunFit(&finder, MadeShards(customers, shards).shards(), order);
  return finder;
}

// Like RunFit, up to an error.
inline absl::Status FindError(const Wanted& wanted, const std::vector<MadeCustomer>& customers, uint32_t shards = 3) {
  const MadeShards made(customers, shards);
  SpaceFinder finder(wanted.features, wanted.weight, wanted.sample, 7);
  while (const auto request = finder.Next()) {
    SpacePartial merged;
    for (const ShardFeatures& shard : made.shards()) merged.Merge(CountSpace(*request, shard, WidestKernels()));
    if (absl::Status status = finder.Absorb(merged); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace strata
