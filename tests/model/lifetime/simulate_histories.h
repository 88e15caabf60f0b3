// Customers drawn from the models' own stories, in continuous time: no purchases fall on one day.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "model/lifetime/history_table.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

using Random = std::mt19937_64;

// How a customer buys: the rate of hits, and how they leave: the probability after a purchase, or a rate of dying.
struct Nature {
  double rate = 0;
  double leaving = 0;
};
using DrawNature = std::function<Nature(Random*)>;

// Natures as the kind's distributions say.
DrawNature NatureOf(const LifetimeParameters& truth);

// Times of the repeat purchases until T; not for BG/BB.
std::vector<double> PurchaseTimes(const LifetimeParameters& truth, const Nature& nature, double T, Random* random);

// `customers` with T even over (T_min, T_max); for BG/BB, T whole opportunities. The kind and k of `truth` say how
// natures act; log_gaps is filled in.
HistoryTable SimulateTable(const LifetimeParameters& truth, const DrawNature& nature, size_t customers, double T_min,
                           double T_max, uint64_t seed);

}  // namespace strata
