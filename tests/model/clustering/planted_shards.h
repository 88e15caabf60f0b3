// A planted base as shards, for fits of every stage. Owns what shards() views.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clustering_rules.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "tests/model/clustering/planted_base.h"

namespace strata {

class PlantedShards {
 public:
  // Customer i of the base has the hash HashOf(i) and goes to shard i % shards.
  PlantedShards(const PlantedBase& base, uint32_t shards);
  const std::vector<ShardFeatures>& shards() const { return views_; }
  static uint64_t HashOf(size_t customer);
  // Row `row` of shard `shard`.
  size_t CustomerOf(uint32_t shard, size_t row) const { return row * views_.size() + shard; }
  // Numeric columns "x0", "x1", ... with this transform, then categories "g0", ...
  static std::vector<ClusterFeatureSettings> Features(const PlantedBase& base, Transform transform);

 private:
  struct Shard {
    std::vector<uint64_t> hash;
    std::vector<int32_t> purchase_days;
    std::vector<int64_t> net_micros;
    std::vector<std::vector<double>> numeric;
    std::vector<std::vector<int32_t>> codes;
    std::vector<std::string> words;
    ColumnSet columns;
  };
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<ShardFeatures> views_;
};

}  // namespace strata
