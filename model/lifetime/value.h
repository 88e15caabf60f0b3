// What the fitted models say about one customer: alive, purchases to come, spend and lifetime value. A score is a
// function of the models, the settings and that customer's own history, and of nothing else.
//
// Lifetime value = expected spend per purchase * sum over steps of the purchases expected in the step, discounted by
// (1 + rate)^-(years to the end of the step). Steps are 30 days, the last one shorter; a year is 365 days, so that a
// horizon of 365 days ends exactly one year out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/date.h"
#include "model/fitted_models.h"
#include "model/lifetime/bg_nbd.h"

namespace strata {

inline constexpr int kValueStepDays = 30;
inline constexpr double kValueDaysPerYear = 365;

// Numbers that are not known are NaN, as in CustomerScore: all of them for a customer without a purchase day or a model
// that is not fitted; the last two without a spend model, or where not one customer has a positive repeat spend.
struct LifetimeScore {
  double p_alive = std::numeric_limits<double>::quiet_NaN();             // at the date
  double expected_purchases = std::numeric_limits<double>::quiet_NaN();  // purchase days in the horizon
  double p_no_purchase = std::numeric_limits<double>::quiet_NaN();       // P(none in the horizon)
  double expected_spend = std::numeric_limits<double>::quiet_NaN();      // per purchase day, the job's currency
  double lifetime_value = std::numeric_limits<double>::quiet_NaN();      // discounted, the job's currency
  bool spend_from_population = false;                                    // no own spend went into expected_spend
  bool spend_not_positive = false;  // a repeat buyer whose mean repeat spend is <= 0
};

// Scores many customers with the same models and settings. Remembers the expensive part, which depends on (x, T) alone,
// in a cache of fixed size that never changes a result. Not thread-safe: one per thread. Borrows nothing.
class LifetimeScorer {
 public:
  // 320 KiB; a shard has a few thousand distinct (x, T).
  static constexpr size_t kCacheSlots = 8192;

  // `spend` may be null. Preconditions: horizon_days >= 0, discount_rate_annual > -1 (0.10 is 10 % a year),
  // cache_slots > 0.
  LifetimeScorer(const LifetimeModel& lifetime, const SpendModel* spend, int horizon_days, double discount_rate_annual,
                 size_t cache_slots = kCacheSlots);

  // Columns of one customer as of the date `as_of` (model/customer_columns.h).
  LifetimeScore Score(int32_t purchase_days, Day first_day, Day last_day, Day as_of, int64_t repeat_net_micros);

 private:
  struct Purchases {  // while alive, over the horizon
    double expected = 0;
    double discounted = 0;
  };
  struct Slot {
    int64_t x = -1;
    int32_t T_days = 0;
    Purchases purchases;
  };

  Purchases PurchasesOf(int64_t x, int32_t T_days);
  void TakeSpend(int64_t x, int64_t repeat_net_micros, LifetimeScore* score) const;

  bool fitted_;
  BgNbdParameters parameters_;
  double time_unit_days_;
  bool has_spend_;
  SpendModel spend_;
  double horizon_;                 // time units
  std::vector<double> steps_;      // ends of the steps, time units, ascending
  std::vector<double> discounts_;  // factor at the end of each step
  std::vector<double> expected_;   // room for one customer's expectations
  std::vector<Slot> slots_;        // direct-mapped
};

// One customer; many of them are quicker through one LifetimeScorer. Same preconditions, same bits.
LifetimeScore ScoreLifetime(const LifetimeModel& lifetime, const SpendModel* spend, int horizon_days,
                            double discount_rate_annual, int32_t purchase_days, Day first_day, Day last_day, Day as_of,
                            int64_t repeat_net_micros);

// P(no purchase day in (as_of, as_of + horizon_days]) as the lifetime model sees it; NaN for a customer without a
// purchase day or a model that is not fitted.
double NoPurchaseProbability(const LifetimeModel& lifetime, int horizon_days, int32_t purchase_days, Day first_day,
                             Day last_day, Day as_of);

}  // namespace strata
