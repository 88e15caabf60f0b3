// How good scores of a yes/no outcome are, on rows gathered in one place. Sums run in the order of the rows or of the
// sorted scores, counts are integers, so equal rows in equal order give equal bits. Pure functions; thread-safe.
//
// `positive[i]` is 1 when row i has the outcome, else 0. All spans of a call have the same length. Scores are finite.
// Sources: Hanley, McNeil (1982), Radiology 143(1) 29-36 (AUC as a rank statistic); Guo et al. (2017), ICML, section 2
// (calibration error, here with equal-count bins); Efron, Tibshirani (1993), chapter 13 (percentile interval).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace strata {

inline constexpr int kCalibrationBins = 15;
inline constexpr int kBootstrapReplicates = 1000;  // the 2.5 % bound then rests on 25 replicates
// A probability of exactly 0 or 1 that turns out wrong would cost infinitely much; it costs log(2^40) instead.
inline constexpr double kProbabilityFloor = 0x1.0p-40;

// P(score of a random positive > score of a random negative), ties counted half, rows weighted. NaN when either class
// has no weight. Weights are >= 0; the product of the classes' weights is below 2^62.
double WeightedAuc(std::span<const double> scores, std::span<const uint8_t> positive, std::span<const int32_t> weights);
double Auc(std::span<const double> scores, std::span<const uint8_t> positive);

// The mean precision of lists that end at a positive: with distinct scores from the top, the sum over them of
// (recall gained) * (precision so far); rows of one score stand and fall together. NaN without positives. Source:
// Boyd, Eng, Page (2013), ECML PKDD, the estimator "average precision".
double AveragePrecision(std::span<const double> scores, std::span<const uint8_t> positive);

// Means over the rows; NaN without rows.
double LogLoss(std::span<const double> probabilities, std::span<const uint8_t> positive);
double BrierScore(std::span<const double> probabilities, std::span<const uint8_t> positive);

// Rows sorted by probability (then by position) are cut into kCalibrationBins runs of equal count, to within one row;
// the mean over rows of |mean probability - share of positives| of their run. NaN without rows.
double CalibrationError(std::span<const double> probabilities, std::span<const uint8_t> positive);

// AUCs of resampled rows: in replicate r row i has a Poisson(1) weight drawn from (seed, r, identities[i]), the same
// for every scorer, so differences are paired. The weight's distribution is Poisson(1) rounded to multiples of 2^-16.
// Result: [scorer][replicate]; NaN where a replicate left a class without weight.
std::vector<std::vector<double>> BootstrapAucs(const std::vector<std::span<const double>>& scorers,
                                               std::span<const uint8_t> positive, std::span<const uint64_t> identities,
                                               uint64_t seed, int replicates);

struct PercentileInterval {
  double low = 0;   // 2.5 %
  double high = 0;  // 97.5 %
};
// Of the differences of two replicate series of equal length; replicates with a NaN are left out. NaN when none is
// left.
PercentileInterval DifferenceInterval(const std::vector<double>& aucs, const std::vector<double>& baseline_aucs);

}  // namespace strata
