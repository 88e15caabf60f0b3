// Customers whose region and age scale how they buy, drawn in days from a model with covariates, with the columns that
// a night's fit of it reads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

// With a region each, and an age but for some.
struct Shopper {
  uint64_t hash = 0;
  int32_t region = -1;  // place in kShopperRegions; -1: not known
  int64_t age = 0;      // kNoWhole: not known
  int32_t purchase_days = 0;
  Day first_day = 0, last_day = 0;
};

inline const std::vector<std::string> kShopperRegions = {"east", "hamlet", "north", "south"};

struct ShopperWorld {
  LifetimeParameters base;  // of a shopper of the south aged 45, in weeks
  double north_rate = 0;    // coefficients, beside the south's
  double decade_rate = 0;   // for ten more years
  double north_dropout = 0;
  int weeks = 80;
};

// Some in each region but the hamlet, which has a dozen; a tenth of the ages are not known, and mean 45.
std::vector<Shopper> DrawShoppers(const ShopperWorld& world, int shoppers, Day as_of, uint64_t seed);

// Shoppers by hash in shards, with the profile columns "region" and "age". Owns what views() views.
class ShopperShards {
 public:
  ShopperShards(const std::vector<Shopper>& shoppers, Day as_of, size_t shards);
  ShopperShards(const ShopperShards&) = delete;
  ShopperShards& operator=(const ShopperShards&) = delete;

  const std::vector<ShardFeatures>& views() const { return views_; }

 private:
  struct Shard {
    std::vector<uint64_t> hash;
    std::vector<int32_t> purchase_days, region;
    std::vector<Day> first_day, last_day;
    std::vector<int64_t> age;
    ColumnSet profile;
  };

  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<ShardFeatures> views_;
};

}  // namespace strata
