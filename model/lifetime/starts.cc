#include "model/lifetime/starts.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

// The T that half of the customers do not reach.
double MedianTime(const HistoryTable& table) {
  std::vector<double> customers(table.times.size(), 0);
  for (const HistoryRow& row : table.rows) customers[row.T] += row.customers;
  const double half = table.customers() / 2;
  double below = 0;
  for (size_t i = 0; i < customers.size(); ++i) {
    below += customers[i];
    if (below >= half && table.times[i] > 0) return table.times[i];
  }
  return table.times.back();
}

}  // namespace

LifetimeParameters StartWithoutDropOut(LifetimeKind kind, int k, const HistoryTable& table) {
  LifetimeParameters start{.kind = kind, .value = {}, .k = k};
  const double rate = table.repeat_purchases() / table.time();
  if (kind == LifetimeKind::kBgBb) {
    // Purchases per opportunity; at most one each.
    constexpr double kStrength = 1;
    const double share = std::min(rate, 0.99);
    start.value = {kStrength * share, kStrength * (1 - share), 0, 1};
    return start;
  }
  // Exponentially distributed rates would have shape 1; real bases are more uneven.
  constexpr double kShape = 0.5;
  start.value = {kShape, kShape / (k * rate), 0, 1};
  return start;
}

std::vector<LifetimeParameters> StartsWithDropOut(const LifetimeParameters& nested, const HistoryTable& table) {
  std::vector<LifetimeParameters> starts;
  const auto add = [&](double first, double second, double third, double fourth) {
    starts.push_back({.kind = nested.kind, .value = {first, second, third, fourth}, .k = nested.k});
  };
  const double first = nested.value[0];
  const double second = nested.value[1];
  if (nested.kind == LifetimeKind::kParetoNbd) {
    const double time = MedianTime(table);
    for (const double quicker : {1.0, 1.5, 4.0}) {
      for (const double s : {0.3, 1.0, 3.0}) {
        for (const double share : {0.3, 1.0, 3.0}) add(first * quicker, second, s, share * time);
      }
      // A share that leaves at once, and hardly anybody later: no step leads there from the others.
      for (const double s : {0.03, 0.1}) add(first * quicker, second * quicker, s, 1e-4 * time);
    }
    return starts;
  }
  for (const auto& [shape, scale] : {std::pair{1.0, 1.0}, std::pair{0.65, 0.4}}) {
    for (const double mean : {0.03, 0.2, 0.5}) {
      for (const double strength : {1.0, 4.0}) {
        add(shape * first, scale * second, mean * strength, (1 - mean) * strength);
      }
    }
  }
  return starts;
}

}  // namespace strata
