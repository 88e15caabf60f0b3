#include "tests/model/clustering/planted_shards.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace strata {

uint64_t PlantedShards::HashOf(size_t customer) { return Mix(customer + 1); }

PlantedShards::PlantedShards(const PlantedBase& base, uint32_t shards) {
  for (uint32_t number = 0; number < shards; ++number) {
    Shard& shard = *shards_.emplace_back(std::make_unique<Shard>());
    shard.numeric.resize(base.numeric.size());
    shard.codes.resize(base.codes.size());
    for (int word = 0; word < kPlantedWords; ++word) shard.words.push_back(fmt::format("w{}", word));
    for (size_t i = number; i < base.size(); i += shards) {
      shard.hash.push_back(HashOf(i));
      shard.purchase_days.push_back(1);
      shard.net_micros.push_back(1'000'000);
      for (size_t j = 0; j < base.numeric.size(); ++j) shard.numeric[j].push_back(base.numeric[j][i]);
      for (size_t f = 0; f < base.codes.size(); ++f) shard.codes[f].push_back(base.codes[f][i]);
    }
    for (size_t j = 0; j < base.numeric.size(); ++j) {
      Column column;
      column.name = fmt::format("x{}", j);
      column.type = ColumnType::kNumber;
      column.number = shard.numeric[j];
      shard.columns.Add(std::move(column));
    }
    for (size_t f = 0; f < base.codes.size(); ++f) {
      Column column;
      column.name = fmt::format("g{}", f);
      column.type = ColumnType::kText;
      column.code = shard.codes[f];
      column.words = shard.words;
      shard.columns.Add(std::move(column));
    }
    ShardFeatures& view = views_.emplace_back();
    view.today.as_of = 10'000;
    view.today.hash = shard.hash;
    view.today.purchase_days = shard.purchase_days;
    view.today.net_micros = shard.net_micros;
    view.profile = &shard.columns;
    view.number = number;
    view.shards = shards;
  }
}

std::vector<ClusterFeatureSettings> PlantedShards::Features(const PlantedBase& base, Transform transform) {
  std::vector<ClusterFeatureSettings> features;
  for (size_t j = 0; j < base.numeric.size(); ++j) {
    ClusterFeatureSettings& feature = features.emplace_back();
    feature.column = fmt::format("x{}", j);
    feature.transform = transform;
  }
  for (size_t f = 0; f < base.codes.size(); ++f) {
    ClusterFeatureSettings& feature = features.emplace_back();
    feature.column = fmt::format("g{}", f);
    feature.transform = Transform::kCategory;
  }
  return features;
}

}  // namespace strata
