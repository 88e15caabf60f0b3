// A tree grown the slow way: every split of every leaf is tried by going over the rows themselves, without histograms,
// packing or subtraction. What model/trees is compared with.
#pragma once

#include <vector>

#include "model/trees/ensemble.h"
#include "tests/model/trees/drawn_problem.h"

namespace strata {

Tree GrowSlowly(const DrawnProblem& problem);

// The leaf of a row by walking down.
size_t LeafOf(const Tree& tree, const std::vector<FeatureBins>& bins, const BinnedRows& rows, size_t row);

// The margin by walking down all trees.
int64_t WalkedMargin(const Ensemble& ensemble, const BinnedRows& rows, size_t row);

}  // namespace strata
