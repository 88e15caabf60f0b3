// Grids: total, disjoint maps of RFM scores to named classes. Three are built in; a job may bring its own, checked when
// it is loaded. Class codes count from 1 and are stored in snapshots, so they never change their meaning; 0 says that
// the customer has no scores. Pure functions; thread-safe.
//
// Sources: eleven and ten after the maps by recency and frequency that are in common use, made total and disjoint;
// eight after the customary Chinese split of each axis at its mean.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/fitted_models.h"
#include "model/rfm/rfm_score.h"

namespace strata {

inline constexpr std::string_view kGridEleven = "eleven";
inline constexpr std::string_view kGridTen = "ten";
inline constexpr std::string_view kGridEight = "eight";

// Names by code - 1. Those of eleven are the names of RfmSegment, whose numbers are its codes.
std::span<const std::string_view> ClassesOfEleven();
std::span<const std::string_view> ClassesOfTen();
std::span<const std::string_view> ClassesOfEight();

// A score of 1..scores on 1..5: ceil(5 score / scores).
constexpr int OnFive(int score, int scores) { return (5 * score + scores - 1) / scores; }

// The frequency score that grids see: with mean_fm the mean of frequency and monetary score, halves up.
int GridFrequency(const RfmModel& model, const RfmScores& scores);

// The 25 cells of recency x frequency, other score counts put on five first. Ten is eleven with the cell (1, 1) among
// the hibernating instead of lost.
//
//   recency \ frequency   1               2               3                4           5
//   5                     new             potential loyalist               champions
//   4                     promising       potential loyalist               loyal
//   3                     about to sleep  about to sleep  need attention   loyal
//   2                     hibernating     hibernating     at risk          at risk     can't lose
//   1                     hibernating     hibernating     at risk          at risk     can't lose
uint8_t ClassOfEleven(const RfmModel& model, const RfmScores& scores);
uint8_t ClassOfTen(const RfmModel& model, const RfmScores& scores);

// Each axis is good where the value is at least as good as the mean of the model's customers, which is compared exactly
// (recency: at most as many days; value * customers against the sum). Good recency, frequency, monetary:
//   yyy important_value   yny important_develop   nyy important_keep   nny important_retain
//   yyn general_value     ynn general_develop     nyn general_keep     nnn lost
// Values in days, purchase days and micros. 0 when the model has no customers.
uint8_t ClassOfEight(const RfmModel& model, const std::array<int64_t, 3>& values);

// By the job's own grid. Precondition: the model has one.
uint8_t ClassOfOwnGrid(const RfmModel& model, const RfmScores& scores);

// By the model's `grid`, whichever it is.
uint8_t ClassOfGrid(const RfmModel& model, const RfmScores& scores, const std::array<int64_t, 3>& values);

}  // namespace strata
