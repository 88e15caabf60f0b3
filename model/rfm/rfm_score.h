// RFM scores and segments of a customer from a fitted RfmModel. Equal customers get equal scores: a score is a function
// of the value and the cuts alone, so ties never break. Pure functions; thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "model/fitted_models.h"

namespace strata {

struct RfmScores {  // each 1..AxisScores(model), the highest best; 0 when the model has no cuts (no purchaser in its
                    // base)
  uint8_t recency = 0;
  uint8_t frequency = 0;
  uint8_t monetary = 0;
  bool operator==(const RfmScores&) const = default;
};

// How many scores recency, frequency and monetary have.
std::array<int, 3> AxisScores(const RfmModel& model);

// recency_days: days since the last purchase day; frequency: purchase days; net_micros: net of all days.
// With nested cuts frequency is scored among customers of the same recency score, monetary among those of the same
// recency and frequency score. Precondition: the customer has a purchase day (in the window, where the model has one).
RfmScores Score(const RfmModel& model, int64_t recency_days, int64_t frequency, int64_t net_micros);

// The named segment of a recency and a frequency score, each 1..scores: total and disjoint over the cells. For other
// score counts than 5 a score s is first put on 1..5 as ceil(5 s / scores). kNone when a score is 0.
//
//   recency \ frequency   1               2               3                4           5
//   5                     new             potential loyalist               champions
//   4                     promising       potential loyalist               loyal
//   3                     about to sleep  about to sleep  need attention   loyal
//   2                     hibernating     hibernating     at risk          at risk     can't lose
//   1                     lost            hibernating     at risk          at risk     can't lose
RfmSegment SegmentOf(int recency_score, int frequency_score, int scores);

}  // namespace strata
