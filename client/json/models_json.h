// The object that `strata models --json` prints: what was fitted, under fixed names. A model that the job does not ask
// for, or that could not be fitted, is there with null in place of its numbers and the reason. Pure functions;
// thread-safe.
#pragma once

#include <string>

#include "client/answers.h"

namespace strata {

std::string ModelsJson(const ModelsAnswer& answer);

}  // namespace strata
