// Reads the `retention` part of a job file. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/job.h"
#include "run/yaml_section.h"

namespace strata {

inline constexpr int kMaxKept = 100'000;          // more than one an hour for ten years
inline constexpr int kMaxRetentionDays = 36'500;  // a century: for ever

// Fills `retention` from the section of that name of `root`; what is not named keeps its default.
absl::Status ReadRetention(const YamlSection& root, Retention* retention);

}  // namespace strata
