// A segment as a job writes it. Plain value.
#pragma once

#include <cstddef>
#include <string>

namespace strata {

inline constexpr size_t kMaxSegmentNameBytes = 63;  // a resource name

struct SegmentDefinition {
  std::string name;       // a resource name (run/segments/condition.h checks it)
  std::string title;      // for people; may be empty
  std::string condition;  // docs/segments.md
  int line = 0;           // of the job file, where the condition begins
};

}  // namespace strata
