// The number of clusters by the gap statistic (Tibshirani, Walther, Hastie 2001, J. R. Statist. Soc. B 63, 411-423):
// how much tighter k clusters lie around their centres than they would in data without clusters. Data without clusters
// are samples of one normal distribution with the data's mean and covariance (model/clustering/reference_normal.h).
//
//   Gap(k) = mean over references of ln W_b(k), less ln W(k);  s(k) = sd_b(k) sqrt(1 + 1/B), the sd with divisor B
//
// W: sum of squared distances to the own centre. Chosen is the smallest k whose gap is within s of the largest gap, s
// being that of the largest. Is that k = 1, the data have no structure that clusters describe. Plain values and pure
// functions, thread-safe; sums in a fixed order and our own logarithm, so the same bits everywhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/int128.h"

namespace strata {

// What was found for one number of clusters. What is undefined is absent: everything but `within` for k = 1.
struct GapRow {
  int k = 1;
  double within = 0;                 // sum of squared distances to the own centre, scaled units
  std::optional<double> gap, error;  // Gap(k) and s(k); absent where no references were drawn
  std::optional<double> silhouette;  // mean, squared Euclidean
  std::optional<double> calinski_harabasz;
  std::optional<double> davies_bouldin;
  std::optional<double> stability;  // adjusted Rand index of the labels by fits to either half
  int iterations = 0;               // of the best start
  bool operator==(const GapRow&) const = default;
};

struct GapChoice {
  std::vector<GapRow> rows;  // ascending by k
  int k = 1;
  bool structure = false;  // k > 1
  std::string reason;      // why there is none
  int64_t points = 0;      // customers of the sample that were looked at
  int references = 0;
  bool operator==(const GapChoice&) const = default;
};

// Sums of squared distances for one k, in squared grid units.
struct Dispersion {
  int k = 1;
  Int128 within = 0;               // of the data, found with as many starts as those of the references
  std::vector<Int128> references;  // by reference
};

// Gap and error of every k up to the first whose `within` is 0 (no more distinct points than clusters), which has none.
struct GapOfK {
  int k = 1;
  double gap = 0;
  double error = 0;
};
std::vector<GapOfK> Gaps(const std::vector<Dispersion>& dispersions);

// The chosen k; 1 where there is nothing to compare. Precondition: ascending by k.
int ChooseByGap(const std::vector<GapOfK>& gaps);

}  // namespace strata
