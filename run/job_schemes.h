// Reads what a job says of RFM, value and grade, levels and life-cycle: the sections rfm, value, levels and life_cycle
// of its `models`. Every rule is checked here, the completeness of the job's own grids included, so that nothing of it
// can fail in the night. Pure functions; thread-safe.
#pragma once

#include <optional>

#include "base/status.h"
#include "run/scheme_settings.h"
#include "run/yaml_section.h"

namespace strata {

// Each fills `settings` from its section of `models`; they stay absent without it. JOB_INVALID names the key, the value
// and what is allowed.
absl::Status ReadRfmRules(const YamlSection& models, std::optional<RfmRules>* settings);
absl::Status ReadValueSettings(const YamlSection& models, std::optional<ValueSettings>* settings);
absl::Status ReadLevelSettings(const YamlSection& models, std::optional<LevelSettings>* settings);
absl::Status ReadLifeCycleSettings(const YamlSection& models, std::optional<LifeCycleSettings>* settings);

}  // namespace strata
