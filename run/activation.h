// Whether a run's snapshot becomes the one that answers.
#pragma once

namespace strata {

enum class Activation {
  kAsUsual,     // activated, unless its date lies before the current snapshot's
  kActivate,    // activated whatever its date
  kNoActivate,  // published, but not activated
};

}  // namespace strata
