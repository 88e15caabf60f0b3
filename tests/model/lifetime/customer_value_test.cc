// Values of customers, and where there is none.
#include "model/lifetime/customer_value.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/lifetime/forecast.h"

namespace strata {
namespace {

constexpr LifetimeParameters kPareto{.kind = LifetimeKind::kParetoNbd, .value = {0.553, 10.58, 0.606, 11.67}, .k = 1};
constexpr GammaGammaParameters kSpend{.p = 6.25, .q = 3.74, .v = 15.44};
constexpr PurchaseHistory kCustomer{.x = 2, .t_x = 30.43, .T = 38.86};

TEST(CustomerValue, IsSpendTimesDiscountedPurchases) {
  const double rate = ContinuousRate(0.15, 7);
  EXPECT_NEAR(std::exp(rate * 365 / 7), 1.15, 1e-14);
  const CustomerValue found = ValueOf(kPareto, kCustomer, kSpend, 22.35, {.horizon = 52, .rate = rate});
  EXPECT_FALSE(found.spend_from_population);
  EXPECT_NEAR(*found.spend, 24.66, 0.005);  // note 025
  EXPECT_DOUBLE_EQ(*found.value, *found.spend * DiscountedPurchases(kPareto, kCustomer, 52, rate));
  EXPECT_DOUBLE_EQ(*found.residual, *found.spend * ResidualTransactions(kPareto, kCustomer, rate));
  EXPECT_LT(*found.value, *found.residual);
}

TEST(CustomerValue, WithoutOwnSpendIsThePopulations) {
  for (const auto& [x, mean] : {std::pair{0, 0.0}, {3, -4.0}, {3, 0.0}}) {
    const CustomerValue found = ValueOf(kPareto, {.x = x, .t_x = x == 0 ? 0.0 : 20.0, .T = 30}, kSpend, mean, {52, 0});
    EXPECT_TRUE(found.spend_from_population);
    EXPECT_DOUBLE_EQ(*found.spend, PopulationSpend(kSpend));
  }
}

TEST(CustomerValue, HasNoResidualWithoutDiscountingAndIsNothingInNoTime) {
  const CustomerValue found = ValueOf(kPareto, kCustomer, kSpend, 22.35, {.horizon = 0, .rate = 0});
  EXPECT_EQ(*found.value, 0);
  EXPECT_FALSE(found.residual);
  const CustomerValue plain = ValueOf(kPareto, kCustomer, kSpend, 22.35, {.horizon = 52, .rate = 0});
  EXPECT_NEAR(*plain.value, *plain.spend * ExpectedPurchases(kPareto, kCustomer, 52), 1e-12);
}

TEST(CustomerValue, OfSpendWithoutFiniteMeanIsThatOfKnownCustomersAlone) {
  const GammaGammaParameters uneven{.p = 0.6, .q = 0.8, .v = 10};
  const ValueRules rules{.horizon = 52, .rate = 0.002};
  EXPECT_FALSE(ValueOf(kPareto, {.x = 0, .t_x = 0, .T = 30}, uneven, 0, rules).value);
  EXPECT_FALSE(ValueOf(kPareto, kCustomer, uneven, -1, rules).spend);
  const CustomerValue known = ValueOf(kPareto, kCustomer, uneven, 20, rules);  // p x + q = 2
  ASSERT_TRUE(known.value && known.residual);
  EXPECT_DOUBLE_EQ(*known.spend, 0.6 * (10 + 40) / (1.2 + 0.8 - 1));
}

}  // namespace
}  // namespace strata
