// What the products of a base with all tables are beside their list price: planted margins by category, and with them
// what every row of transactions cost. A pure function of the seed; immutable, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/date.h"

namespace strata {

struct SyntheticRow;  // data/synthetic/life.h

struct PlantedCategory {
  std::string_view name;
  int margin_thousandths;  // of the price, less what the goods cost
};
inline constexpr std::array<PlantedCategory, 10> kPlantedCategories = {{{"tea", 600},
                                                                        {"coffee", 500},
                                                                        {"kitchen", 450},
                                                                        {"garden", 400},
                                                                        {"books", 350},
                                                                        {"toys", 300},
                                                                        {"clothes", 250},
                                                                        {"sports", 200},
                                                                        {"electronics", 120},
                                                                        {"groceries", 60}}};
inline constexpr int kBrands = 40;
inline constexpr int kDiscountThousandths = 100;  // of the amount of what is on promotion

struct CatalogueProduct {
  uint8_t category = 0;  // of kPlantedCategories
  uint8_t brand = 0;     // 0..kBrands - 1
  int64_t unit_cost_cents = 0;
  Day launch = 0;
};

class Catalogue {
 public:
  Catalogue(uint64_t seed, const std::vector<int64_t>& list_price_cents, Day first_day);

  const CatalogueProduct& operator[](size_t product) const { return products_[product]; }
  // What the goods of a row cost; nullopt in channel partner, whose rows are left to the product's unit cost.
  std::optional<int64_t> CostCents(const SyntheticRow& row) const;
  // What a run makes of it: below 0 for goods that came back.
  int64_t GoodsCents(const SyntheticRow& row) const;

 private:
  std::vector<CatalogueProduct> products_;
};

// nullopt: not on promotion.
std::optional<int64_t> DiscountCents(const SyntheticRow& row);

}  // namespace strata
