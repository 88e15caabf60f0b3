// How a search for a maximum stands or ended (model/lifetime/trust_region_search.h).
#pragma once

namespace strata {

enum class MaximiserState {
  kRunning,          // evaluate trial() and Report it
  kConverged,        // an interior maximum
  kRidge,            // the gradient vanishes, but the maximum lies in a flat direction or at infinity
  kStalled,          // no usable step is left
  kOutOfIterations,  // the limit on evaluations was reached
};

}  // namespace strata
