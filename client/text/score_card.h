// What a snapshot says about customers, for people: a card for one, a table for many. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/answers.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"

namespace strata {

// "as of 1997-09-30 · snapshot 3 · published 5 hours ago", and a warning when the answer is stale.
std::string AnswerLine(const AnswerFacts& info);

// `models` are those of the same snapshot: they say what horizons and scores mean. Without them the card names the
// job's horizon in words only.
std::string ScoreCard(const std::string& customer_id, const ScoreAnswer& answer, const FittedModels* models);

// One line per id, in the order asked. Precondition: ids.size() == lines.size().
std::string LookupTable(const std::vector<std::string>& ids, const std::vector<LookupLine>& lines,
                        const std::string& currency);

}  // namespace strata
