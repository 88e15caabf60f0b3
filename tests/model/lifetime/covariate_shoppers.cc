#include "tests/model/lifetime/covariate_shoppers.h"

#include <cmath>
#include <set>

#include "base/hash.h"
#include "tests/model/lifetime/simulate_histories.h"

namespace strata {

std::vector<Shopper> DrawShoppers(const ShopperWorld& world, int shoppers, Day as_of, uint64_t seed) {
  Random random(seed);
  std::vector<Shopper> drawn;
  for (int i = 0; i < shoppers; ++i) {
    Shopper shopper{.hash = Mix(seed * 1'000'003 + static_cast<uint64_t>(i))};
    const uint64_t place = random() % 10;
    shopper.region = i < 12 ? 1 : place < 2 ? 0 : place < 5 ? 2 : place < 9 ? 3 : -1;
    shopper.age = random() % 10 == 0 ? kNoWhole : 25 + static_cast<int64_t>(random() % 41);
    const double decades = shopper.age == kNoWhole ? 0 : static_cast<double>(shopper.age - 45) / 10;
    const double north = shopper.region == 2 ? 1 : 0;
    LifetimeParameters own = world.base;
    own.value[1] *= std::exp(-world.north_rate * north - world.decade_rate * decades);
    own.value[2] *= std::exp(world.north_dropout * north);
    const int T_days = 7 * world.weeks - static_cast<int>(random() % 84);
    std::set<Day> days;
    for (const double week : PurchaseTimes(own, NatureOf(own)(&random), T_days / 7.0, &random)) {
      days.insert(static_cast<Day>(std::ceil(7 * week)));
    }
    shopper.first_day = as_of - T_days;
    shopper.last_day = shopper.first_day + (days.empty() ? 0 : *days.rbegin());
    shopper.purchase_days = 1 + static_cast<int32_t>(days.size());
    drawn.push_back(shopper);
  }
  return drawn;
}

ShopperShards::ShopperShards(const std::vector<Shopper>& shoppers, Day as_of, size_t shards) {
  for (size_t i = 0; i < shards; ++i) shards_.push_back(std::make_unique<Shard>());
  for (const Shopper& shopper : shoppers) {
    Shard& shard = *shards_[shopper.hash % shards];
    shard.hash.push_back(shopper.hash);
    shard.purchase_days.push_back(shopper.purchase_days);
    shard.first_day.push_back(shopper.first_day);
    shard.last_day.push_back(shopper.last_day);
    shard.region.push_back(shopper.region);
    shard.age.push_back(shopper.age);
  }
  for (const std::unique_ptr<Shard>& shard : shards_) {
    Column region{.name = "region", .type = ColumnType::kText};
    region.code = shard->region;
    region.words = kShopperRegions;
    shard->profile.Add(region);
    Column age{.name = "age", .type = ColumnType::kInteger};
    age.whole = shard->age;
    shard->profile.Add(age);
    ShardFeatures view;
    view.today.as_of = as_of;
    view.today.hash = shard->hash;
    view.today.purchase_days = shard->purchase_days;
    view.today.first_day = shard->first_day;
    view.today.last_day = shard->last_day;
    view.profile = &shard->profile;
    views_.push_back(view);
  }
}

}  // namespace strata
