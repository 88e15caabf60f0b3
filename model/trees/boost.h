// Fits an ensemble of trees to yes/no outcomes by gradient boosting on the log-loss (Friedman 2001, Annals of
// Statistics 29(5); second order as in Chen, Guestrin 2016, KDD), on rows held in memory.
//
// The result is a function of the rows as a multiset, bins and settings: the same bits for any order of rows and any
// number of threads. Margins are whole numbers, gradients of a row are rounded to a grid before they are added, and
// rows and features are sampled by keyed draws.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/int128.h"
#include "model/kernels/kernels.h"
#include "model/trees/binned_rows.h"
#include "model/trees/ensemble.h"
#include "model/trees/tree_settings.h"

namespace strata {

struct BoostSettings {
  TreeSettings tree;
  int trees = 100;                    // at most; up to kMaxTrees
  std::optional<int> early_stopping;  // stop after so many trees without a new least validation loss
  double row_share = 1;               // of the training customers that a tree sees, in (0, 1]
  double feature_share = 1;           // of the features that a tree may ask for, in (0, 1]; at least one
  uint64_t seed = 1;                  // of both draws
};

enum class BoostRole : uint8_t {
  kTrain = 0,
  kValidation = 1,  // early stopping judges on it
  kNeither = 2,     // gets a margin only
};

// Spans of `bins->rows()` elements.
struct BoostRows {
  const BinnedRows* bins = nullptr;  // below FeatureBins::bins() of its feature
  std::span<const uint8_t> outcome;  // 1 or 0; not looked at where the role is kNeither
  std::span<const uint64_t> hash;    // of the customer; may be empty where row_share is 1
  std::span<const BoostRole> role;   // empty: all are trained on
};

struct BoostResult {
  Ensemble ensemble;                      // its first best_trees trees
  std::vector<int64_t> margins;           // of all rows by `ensemble`, units of 2^-kMarginGridBits
  std::vector<Int128> validation_losses;  // after 0, 1, ... trees: sums of log-losses in units of 2^-40
  int best_trees = 0;                     // of the least validation loss (the first of equal ones) with early stopping
};

// Ends before settings.trees where no tree can be split any more (under sampling: ten in a row). One class only, or no
// training rows: no trees, and a start as if half a row of each class were there beside. Works on the TBB threads of
// the calling arena. Preconditions: fewer than 2^31 rows, rows.bins->features() == bins.size(), early_stopping only
// with validation rows.
BoostResult FitTrees(const BoostRows& rows, std::span<const FeatureBins> bins, const BoostSettings& settings,
                     const Kernels& kernels);

}  // namespace strata
