// What is planted in a base of shape nights: ten nights, a week apart, over which some customers wake, some fall silent
// and prices rise, so that it is known who moves between clusters on which night, and why. Pure; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "data/synthetic/world.h"

namespace strata {

inline constexpr int kNights = 10;
inline constexpr int kNightGapDays = 7;
inline constexpr double kNightPriceRise = 0.01;  // a night
inline constexpr int kWakingPurchases = 5;       // on as many days

enum class NightLife : uint8_t {
  kSteady,    // buys as the group does
  kAsleep,    // silent since long before the first night
  kAwakened,  // the same, and buys on kWakingPurchases days before one of the nights: moves that night, having bought
  kStopping,  // silent from shortly before the first night on: moves some night, without having bought
};
inline constexpr size_t kNightLives = 4;
inline constexpr std::array<std::string_view, kNightLives> kNightLifeNames = {"steady", "asleep", "awakened",
                                                                              "stopping"};
inline constexpr std::array<double, kNightLives> kNightLifeShares = {0.66, 0.22, 0.06, 0.06};

struct PlannedNights {
  NightLife life = NightLife::kSteady;
  double silent_from = 0;  // day of the period; nobody who is steady is silent
  double silent_to = 0;
  int night = 0;  // of whoever awakes: 2..kNights
};

// Day of the period of a night, 1..kNights; the last one is the last day.
int NightDay(int days, int night);
// Of a customer of a base of shape nights.
PlannedNights PlanNights(const WorldOptions& options, uint32_t customer);
// What prices are on a day of the period, against those before the nights.
double NightPrices(int days, double day);

}  // namespace strata
