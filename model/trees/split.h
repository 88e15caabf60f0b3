// The best split of a node, from its histogram alone. With G, H the sums of gradients and Hessians of a side,
// T(G) = sign(G) max(|G| - alpha, 0) and score(G, H) = T(G)^2 / (H + lambda), a split gains
// score(left) + score(right) - score(node) (Chen, Guestrin 2016, KDD, section 2.2).
//   numbers     bins 1..b against the rest; missing values on either side where the node has some, else with the side
//               of more rows (ties: left), so that later ones have a rule.
//   categories  up to kOneAgainstRest levels: one level against the rest. More: levels of at least category_rows rows,
//               in the order of G / (H + kLevelSmoothing) (Fisher 1958, JASA 53), runs from either end of at most
//               kSmallerSetMax levels against the rest, lambda greater by kLevelSmoothing. Rarer levels and missing
//               values are with the rest.
//   monotone    values of leaves stay within bounds that splits of monotone features draw at the mean of both sides'
//               values; a split in the wrong order is refused (the "basic" method of LightGBM).
// Of equal gains the lower feature wins, then the lower bin (or the earlier set), then missing values on the left.
// Doubles of exact integers in one order of operations: the same bits everywhere. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "model/trees/ensemble.h"
#include "model/trees/node_histogram.h"
#include "model/trees/tree_settings.h"

namespace strata {

inline constexpr uint32_t kOneAgainstRest = 4;
inline constexpr double kLevelSmoothing = 10;
inline constexpr int kSmallerSetMax = 32;

// Where the values of a node's leaves may lie, in log-odds before the learning rate.
struct ValueBounds {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  double Clip(double value) const { return value < low ? low : high < value ? high : value; }
};

struct Split {
  bool found = false;
  double gain = 0;
  uint16_t feature = 0;
  uint8_t last_bin = 0;
  bool missing_left = false;
  uint64_t mask = 0;
  GradientSums left;                       // of the left side
  double left_value = 0, right_value = 0;  // of a fit with monotone features: within the bounds

  // Of equal gains the one of the lower feature: splits of different features alone are compared.
  bool Beats(const Split& other) const {
    if (!found || !other.found) return found;
    return gain > other.gain || (gain == other.gain && feature < other.feature);
  }
};

// -T(G) / (H + lambda), log-odds before the learning rate.
double LeafValue(double gradient, double hessian, const TreeSettings& settings);

// The best split of `feature`; `constrained` says that some feature of the fit is monotone.
Split BestSplitOf(const NodeHistogram& node, const GradientSums& total, uint16_t feature, const FeatureBins& bins,
                  const TreeSettings& settings, bool constrained, const ValueBounds& bounds);

}  // namespace strata
