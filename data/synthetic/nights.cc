#include "data/synthetic/nights.h"

#include <algorithm>

#include "data/synthetic/draws.h"
#include "data/synthetic/purposes.h"

namespace strata {
namespace {

// Falling asleep: in this part of the time before the first night, so that recency tells it from a pause.
constexpr double kAsleepFrom = 0.35, kAsleepTo = 0.55;
// Stopping: so many days before the first night, which is a pause as yet; by the last one it is none.
constexpr double kStopDaysBefore = 85, kStopDaysSpread = 40;

NightLife LifeOf(double draw) {
  size_t life = 0;
  while (life + 1 < kNightLives && draw >= kNightLifeShares[life]) draw -= kNightLifeShares[life++];
  return static_cast<NightLife>(life);
}

}  // namespace

int NightDay(int days, int night) { return days - 1 - kNightGapDays * (kNights - night); }

PlannedNights PlanNights(const WorldOptions& options, uint32_t customer) {
  DrawStream draws(options.seed, kPurposeNights, customer);
  PlannedNights plan{.life = LifeOf(draws.Unit()), .silent_from = 0, .silent_to = 0, .night = 0};
  const double first = NightDay(options.days, 1), part = draws.Unit();
  const int night = 2 + static_cast<int>(draws.Below(kNights - 1));
  if (plan.life == NightLife::kSteady) return plan;
  plan.silent_to = options.days;
  if (plan.life == NightLife::kStopping) {
    plan.silent_from = first - kStopDaysBefore + kStopDaysSpread * part;
    return plan;
  }
  plan.silent_from = first * (kAsleepFrom + (kAsleepTo - kAsleepFrom) * part);
  if (plan.life == NightLife::kAwakened) {
    plan.night = night;
    plan.silent_to = NightDay(options.days, night) - kWakingPurchases + 1;
  }
  return plan;
}

double NightPrices(int days, double day) {
  const double nights = (day - NightDay(days, 1)) / kNightGapDays;
  return 1 + kNightPriceRise * std::max(0.0, nights);
}

}  // namespace strata
