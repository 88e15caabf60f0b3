// Everything a night says about one customer, as plain values: the row of a snapshot. Absent numbers are NaN; the API
// turns them into absent fields. Units: money in the job's currency, probabilities in [0, 1], horizons as in the job.
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "base/date.h"
#include "model/churn/churn_reason.h"
#include "model/fitted_models.h"

namespace strata {

inline constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();
inline constexpr float kAbsentFloat = std::numeric_limits<float>::quiet_NaN();

// Bits of CustomerScore::flags. Numbers are stored in snapshots and must never change their meaning.
inline constexpr uint32_t kFlagNoPurchase = 1u << 0;  // no purchase day: no RFM, cluster, lifetime or churn
inline constexpr uint32_t kFlagSpendFromPopulation = 1u
                                                     << 1;  // no usable own spend: expected spend is the population's
inline constexpr uint32_t kFlagSpendNotPositive = 1u << 2;  // repeat buyer with mean spend <= 0, left out of the fit
inline constexpr uint32_t kFlagChurnInactive = 1u << 3;     // outside the at-risk population: no churn probability
inline constexpr uint32_t kFlagOutlier = 1u << 4;           // set aside by trimming: no cluster
inline constexpr uint32_t kFlagClusterMissing = 1u << 5;    // a value is missing whose rule is to exclude: no cluster
inline constexpr uint32_t kFlagChurnFromLifetime = 1u
                                                   << 6;  // churn is the lifetime model's P(no purchase in the horizon)

// In CustomerOutlook::next_purchase.
inline constexpr Day kUnknownDay = 0;
inline constexpr Day kNeverDay = -1;   // that probability is never reached
inline constexpr Day kBeyondDay = -2;  // in more than a hundred years

// How sure the lifetime model is of a customer, and when it expects them. Intervals called low and high hold the
// number itself with the job's level, given that parameters were estimated; predicted ones hold what will be realised.
struct CustomerOutlook {
  double p_alive_low = kAbsent, p_alive_high = kAbsent;
  double expected_purchases_low = kAbsent, expected_purchases_high = kAbsent;
  double p_no_purchase_low = kAbsent, p_no_purchase_high = kAbsent;
  double expected_spend_low = kAbsent, expected_spend_high = kAbsent;
  double lifetime_value_low = kAbsent, lifetime_value_high = kAbsent;
  double lifetime_value_by_period = kAbsent;  // discounted at the ends of steps of 30 days, for comparison
  double residual_value = kAbsent;            // of all purchases to come, discounted; absent without discounting
  double overdue_ratio = kAbsent;             // days since the last purchase over the gap that is usual for them
  double p_silence = kAbsent;                 // P(a silence this long | alive)
  // The first days by which P(at least one purchase) reaches 10, 50 and 90 %.
  std::array<Day, 3> next_purchase{};
  int32_t predicted_purchases_low = -1, predicted_purchases_high = -1;   // purchase days in the horizon; -1: not known
  double predicted_spend_low = kAbsent, predicted_spend_high = kAbsent;  // spend in the horizon, not discounted
  double predicted_value_low = kAbsent, predicted_value_high = kAbsent;  // the same, discounted
};

struct CustomerScore {
  // Facts as of the date.
  Day first_day = 0;  // 0 without a purchase day
  Day last_day = 0;
  int32_t purchase_days = 0;
  int32_t rows = 0;
  int32_t return_rows = 0;
  int64_t net_micros = 0;
  // RFM: scores 1..n, 0 without a purchase day.
  uint8_t recency_score = 0;
  uint8_t frequency_score = 0;
  uint8_t monetary_score = 0;
  RfmSegment segment = RfmSegment::kNone;
  // Clustering. Clusters are named by id - 1; -1 without one.
  int16_t cluster = -1;
  int16_t second_cluster = -1;            // the second nearest; of an outlier the nearest
  float cluster_distance = kAbsentFloat;  // to the centre of `cluster`, of an outlier to the nearest; scaled units
  double cluster_silhouette = kAbsent;    // squared Euclidean, -1 to 1
  // Lifetime value over the job's horizon.
  double p_alive = kAbsent;             // P(still a customer at the date)
  double expected_purchases = kAbsent;  // expected purchase days in the horizon
  double p_no_purchase = kAbsent;       // P(no purchase day in the horizon)
  double expected_spend = kAbsent;      // expected spend per purchase day
  double lifetime_value = kAbsent;      // discounted expected spend in the horizon
  CustomerOutlook outlook;
  // Churn over churn's own horizon.
  double churn_probability = kAbsent;  // P(lost in churn.horizon_days)
  CustomerChurn churn;
  uint32_t flags = 0;
  // Class codes by SchemeId (model/classes/schemes.h); 0: none.
  std::array<uint8_t, 16> classes{};
};

}  // namespace strata
