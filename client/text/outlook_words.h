// What is expected of one customer, and how sure it is, as rows of a card. Pure functions; thread-safe.
#pragma once

#include <string>

#include "client/answers.h"
#include "client/text/table.h"
#include "model/fitted_models.h"

namespace strata {

// Rows without a number are left out. `models` are those of the same snapshot, or null: horizons are then named in
// words only.
void AddExpectations(const ScoreAnswer& answer, const FittedModels* models, Table* table);

// What the ranges of the card mean; empty where it has none.
std::string RangeWords(const ScoreAnswer& answer);

}  // namespace strata
