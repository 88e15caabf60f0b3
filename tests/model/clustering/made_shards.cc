#include "tests/model/clustering/made_shards.h"

#include <algorithm>
#include <set>

#include "base/hash.h"

namespace strata {

uint64_t MadeShards::HashOf(size_t customer) { return Mix(customer + 1); }

MadeShards::MadeShards(const std::vector<MadeCustomer>& customers, uint32_t shards) {
  for (uint32_t number = 0; number < shards; ++number) {
    Shard& shard = *shards_.emplace_back(std::make_unique<Shard>());
    std::set<std::string> words;
    for (size_t i = number; i < customers.size(); i += shards) {
      if (!customers[i].g.empty()) words.insert(customers[i].g);
    }
    shard.words.assign(words.begin(), words.end());
    for (size_t i = number; i < customers.size(); i += shards) {
      shard.hash.push_back(HashOf(i));
      shard.purchase_days.push_back(customers[i].purchase_days);
      shard.net_micros.push_back(0);
      shard.x.push_back(customers[i].x);
      shard.y.push_back(customers[i].y);
      const auto word = std::lower_bound(shard.words.begin(), shard.words.end(), customers[i].g);
      shard.code.push_back(customers[i].g.empty() ? -1 : static_cast<int32_t>(word - shard.words.begin()));
    }
    for (const auto& [name, values] : {std::pair("x", &shard.x), std::pair("y", &shard.y)}) {
      Column column;
      column.name = name;
      column.type = ColumnType::kNumber;
      column.number = *values;
      shard.columns.Add(std::move(column));
    }
    Column column;
    column.name = "g";
    column.type = ColumnType::kText;
    column.code = shard.code;
    column.words = shard.words;
    shard.columns.Add(std::move(column));
    ShardFeatures& view = views_.emplace_back();
    view.today.as_of = 10'000;
    view.today.hash = shard.hash;
    view.today.purchase_days = shard.purchase_days;
    view.today.net_micros = shard.net_micros;
    view.profile = &shard.columns;
  }
}

}  // namespace strata
