#include "data/synthetic/catalogue.h"

#include <cstdlib>

#include "data/synthetic/draws.h"
#include "data/synthetic/life.h"
#include "data/synthetic/purposes.h"

namespace strata {
namespace {

constexpr int64_t kThousand = 1000;
constexpr uint32_t kLaunchSpreadDays = 3650;  // products are up to ten years old

// `thousandths` of cents that are not negative, half up.
int64_t PartOf(int64_t cents, int64_t thousandths) { return (cents * thousandths + kThousand / 2) / kThousand; }

int64_t CostPart(int64_t cents, const CatalogueProduct& product) {
  const int64_t part = kThousand - kPlantedCategories[product.category].margin_thousandths;
  return cents < 0 ? -PartOf(-cents, part) : PartOf(cents, part);
}

}  // namespace

Catalogue::Catalogue(uint64_t seed, const std::vector<int64_t>& list_price_cents, Day first_day) {
  products_.resize(list_price_cents.size());
  for (size_t i = 0; i < products_.size(); ++i) {
    DrawStream draws(seed, kPurposeCatalogue, i);
    CatalogueProduct& product = products_[i];
    product.category = static_cast<uint8_t>(draws.Below(kPlantedCategories.size()));
    product.brand = static_cast<uint8_t>(draws.Below(kBrands));
    product.launch = first_day - static_cast<Day>(draws.Below(kLaunchSpreadDays));
    product.unit_cost_cents = CostPart(list_price_cents[i], product);
  }
}

std::optional<int64_t> Catalogue::CostCents(const SyntheticRow& row) const {
  if (row.channel == kPartnerChannel) return std::nullopt;
  return std::abs(CostPart(row.amount_cents, products_[row.product]));
}

int64_t Catalogue::GoodsCents(const SyntheticRow& row) const {
  const std::optional<int64_t> cost = CostCents(row);
  if (!cost.has_value()) return row.quantity * products_[row.product].unit_cost_cents;
  return row.is_return ? -*cost : *cost;
}

std::optional<int64_t> DiscountCents(const SyntheticRow& row) {
  if (row.promotion == 0) return std::nullopt;
  return PartOf(row.amount_cents < 0 ? -row.amount_cents : row.amount_cents, kDiscountThousandths);
}

}  // namespace strata
