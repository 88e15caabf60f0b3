// What a night fitted for the schemes of model/classes/schemes.h: cuts, and the figures that come with them. Money is
// micros, shares are millionths. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/int128.h"

namespace strata {

// Value classes and grades, and how the margins are spread.
struct ValueModel {
  Day fitted_as_of = 0;  // of the cuts; everything else is of this night
  // Least margin of class A, of A or B, of A to C. Absent: no customer had a positive margin (c_from: or d_beyond).
  std::optional<int64_t> a_from, b_from, c_from;
  int64_t customers = 0;  // with a margin
  int64_t positive = 0, zero = 0, losing = 0;
  Int128 sum_positive = 0, sum_losses = 0;  // the latter <= 0
  double gini = 0;                          // of max(margin, 0); 0 when none is positive
  std::vector<Int128> curve;                // margin of the top 1, 2, ... 100 % of the customers; empty without any
  std::string basis;                        // what the margin is made of
  std::optional<int64_t> window_days;       // of all sums of the profile, the margin's included; absent: all days
  int64_t a = 800'000, b = 950'000;         // shares of the positive margins to which A and B reach
  std::optional<int64_t> d_beyond;          // to which C reaches; absent: to all of them
  int loyalty_up = 4, loyalty_down = 1;     // active quarters
  int64_t stability_up_max = 250'000, stability_down_min = 4'000'000;  // squared coefficient of variation of gaps
};

// Two cuts: low up to and with the first, medium up to and with the second, high above; empty when nobody has a value.
struct LevelModel {
  std::vector<int64_t> cuts;
  std::map<std::string, std::vector<int64_t>> by_group;  // where these replace `cuts`: spending, by main category
  std::string reason;                                    // why there are no groups, when there should be
};

// What customers of the same region, tenure and main category reach.
struct PeerModel {
  struct Group {
    std::string region, tenure, category;  // empty: unknown
    int64_t customers = 0;
    int64_t quantile = 0;  // of their margins
  };
  Day fitted_as_of = 0;
  std::vector<Group> groups;    // by region, tenure, category; those that are large enough
  std::string reason;           // why there are none, when there are too many
  int64_t share = 800'000;      // of a group's customers, whose margin is at most the quantile
  int64_t customers_min = 100;  // of a group
};

struct LifeCycleModel {
  Day fitted_as_of = 0;
  int gap_days = 365;
  std::array<int64_t, 3> days = {90, 180, 365};  // ascending, not strictly: beyond them at risk, dormant, lost
  int64_t opened = 0, closed = 0;                // gaps that were counted; 1 - closed / opened never closed in gap_days
  std::string rule;                              // quantiles, fixed, or why the usual days are used
  std::array<int64_t, 3> quantiles = {800'000, 900'000, 950'000};  // of the closed gaps, where the rule is that
};

// Absent: the job does not ask for it.
struct SchemeModels {
  std::optional<ValueModel> value;
  std::optional<PeerModel> peers;
  std::optional<LifeCycleModel> life_cycle;
  std::array<std::optional<LevelModel>, 5> levels;  // of value, frequency, amount, order, spending
};

}  // namespace strata
