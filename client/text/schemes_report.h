// The cuts of classes of customers in plain language. Pure functions; thread-safe.
#pragma once

#include <string>

#include "model/classes/scheme_models.h"

namespace strata {

// A line each for value classes, life-cycle and levels, as far as the job asks for them. Lines begin with `indent`.
std::string SchemesBrief(const SchemeModels& models, const std::string& currency, const std::string& indent);

// Where the cuts come from, and the cuts of levels; empty where there are none.
std::string SchemesTables(const SchemeModels& models, const std::string& currency);

}  // namespace strata
