// How a tree is grown; defaults are those of a churn job. Plain values.
#pragma once

namespace strata {

struct TreeSettings {
  int leaves = 31;            // at most; 2..kMaxLeaves
  int depth_max = 0;          // splits above a leaf, at most; 0: no limit
  int min_rows = 20;          // on both sides of a split
  int category_rows = 20;     // of a level, to be told apart where there are many levels
  double min_hessian = 1e-3;  // on both sides of a split, sum of p (1 - p)
  double lambda = 1;          // L2 of leaf values
  double alpha = 0;           // L1 of leaf values
  double learning_rate = 0.1;
  double min_gain = 0;  // a split gains more than this
};

}  // namespace strata
