#include "model/fitted_models.h"

#include <algorithm>

namespace strata {

std::vector<std::string> AllWarnings(const LifetimeModel& model) {
  std::vector<std::string> warnings;
  for (const std::vector<std::string>* list : {&model.fit.warnings, &model.warnings}) {
    for (const std::string& warning : *list) {
      if (std::find(warnings.begin(), warnings.end(), warning) == warnings.end()) warnings.push_back(warning);
    }
  }
  return warnings;
}

}  // namespace strata
