// The panels of the integrals of Pareto/NBD: over v in (0, length), a function that falls at least like
// (1 + v / buying)^-shape (1 + v / dying)^-(s + 1), with singularities at v = -buying and v = -dying.
#pragma once

#include <algorithm>
#include <cstddef>

#include "model/lifetime/special/gauss_panels.h"

namespace strata {

// Calls add(v, weight) at nodes in ascending order; it returns the weighted value of the function that decides where
// to stop: after a panel that adds less than 1e-18 of all.
template <class Add>
void ForEachParetoNode(double shape, double buying, double s, double dying, double length, Add add) {
  constexpr double kDecayMax = 4;  // of the exponent in one panel: ten nodes are then exact to rounding
  constexpr double kNegligible = 1e-18;
  double from = 0;
  double total = 0;
  while (from < length) {
    const double decay = shape / (buying + from) + (s + 1) / (dying + from);
    const double width = std::min({kDecayMax / decay, buying + from, dying + from});
    const bool is_last = !(from + width < length);
    const double taken = is_last ? length - from : width;
    double panel = 0;
    for (size_t node = 0; node < GaussTen::kNodes; ++node) {
      panel += add(GaussTen::At(node, from, taken), GaussTen::Weight(node, taken));
    }
    total += panel;
    if (is_last || panel < kNegligible * total) return;
    from += width;
  }
}

}  // namespace strata
