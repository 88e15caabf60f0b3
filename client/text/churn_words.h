// One customer's churn in words that a marketer understands. Pure functions; thread-safe.
#pragma once

#include "client/answers.h"
#include "client/text/table.h"

namespace strata {

// How probable it is and how great the risk, what is at stake, and why. Nothing where there is no probability.
// `models` may be null.
void AddChurn(const ScoreAnswer& answer, const FittedModels* models, Table* table);

}  // namespace strata
