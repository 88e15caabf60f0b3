// What this project answers to each golden entry.
#pragma once

#include <optional>
#include <vector>

#include "model/lifetime/lifetime_kind.h"
#include "tests/model/lifetime/golden.h"

namespace strata {

// nullopt: nobody answers such an entry. One number per element of the golden value.
std::optional<std::vector<double>> AnswerOf(const GoldenEntry& entry);

// The parts of it: of one customer at given parameters; of a whole base at given parameters; fits and counts.
std::optional<std::vector<double>> CustomerAnswer(const GoldenEntry& entry);
std::optional<std::vector<double>> BaseAnswer(const GoldenEntry& entry);
std::optional<std::vector<double>> FitAnswer(const GoldenEntry& entry);

// inputs.params for entry.model.
LifetimeParameters ParametersOf(const GoldenEntry& entry);
// Whether the last part of the name begins with `what`: "cdnow_sample_A.bg_nbd.cust1.p_alive" asks for "p_alive".
bool AsksFor(const GoldenEntry& entry, const char* what);

}  // namespace strata
