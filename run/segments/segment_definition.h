// A segment as a job writes it. Plain value.
#pragma once

#include <string>

namespace strata {

struct SegmentDefinition {
  std::string name, title, condition;
  int line = 0;
};

}  // namespace strata
