// Transactions as CSV: a header, one record a row, line feeds, no quotes (nothing needs them). Pure functions;
// thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/synthetic/life.h"
#include "data/synthetic/world.h"

namespace strata {

std::string EncodeTransactionsCsv(const World& world, const std::vector<SyntheticRow>& rows);

}  // namespace strata
