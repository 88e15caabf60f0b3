// The inner loops of the models, once for every width of vector registers. All widths give equal bits: one customer (or
// point) a lane, the same operations in the same order with explicit fused multiply-adds, correctly rounded divisions,
// ties to the lowest index, and sums over lanes only of integers. Logarithms and exponentials are routines of our own
// (logarithm.inc), the same for all widths, so that no bit comes from a C library.
//
// Which width is used is a value that is handed down: from a flag of the program to the worker, its tasks and the fit.
// A Kernels is an immutable table of pure functions; thread-safe. The tables live as long as the program.
//
// Arrays: a length n is rounded up to a multiple of kLanesMax by every kernel, so arrays have room and finite numbers
// up to there; what is written behind n means nothing. Inputs are finite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/kernels/cluster_kernels.h"
#include "model/kernels/shap_kernels.h"
#include "model/kernels/tree_kernels.h"

namespace strata {

inline constexpr size_t kLanesMax = 16;  // two registers of the widest, which are worked on side by side
inline constexpr size_t kKernelBlock =
    256;  // rows that are worked on together: what they need stays in the first cache
inline constexpr int kFeatureGridBits =
    20;  // transformed features: six decimals of a logarithm, squares far in 128 bits

// Columns of kKernelBlock numbers, one after another: column j begins at j * kKernelBlock.
using ColumnsOfBlock = const double*;

// A logistic model as its kernels see it; arrays of `features` numbers.
struct LogisticView {
  const double* mean;
  const double* deviation;
  const double* coefficients;
  double intercept;
  size_t features;
};

// Where a block of rows stands under a logistic model.
struct LogisticTerms {
  double* z;         // columns of the block: 1, then the standardised features
  double* residual;  // P - outcome
  double* weight;    // P (1 - P)
  double* loss;      // whole numbers, units of 2^-40 (kLikelihoodGridBits)
};

struct Kernels {
  std::string_view name;  // "avx512", "avx2" or "plain"

  // out[i] = sign(x) log(1 + |x|), rounded half to even to a whole number of 2^-kFeatureGridBits. x and out may be
  // equal.
  void (*signed_log1p_on_grid)(const double* x, size_t n, double* out);
  // The same of whole numbers: quicker where they are small.
  void (*signed_log1p_of_counts_on_grid)(const int32_t* x, size_t n, double* out);
  // out[i] = (x * 2^-kFeatureGridBits - mean) / deviation * 2^grid_bits, rounded to a whole number.
  void (*standardise_on_grid)(const double* x, size_t n, double mean, double deviation, int grid_bits, double* out);
  // P(y = 1) of rows of features in units of 2^-kFeatureGridBits.
  void (*logistic_probability)(const LogisticView& model, ColumnsOfBlock features, size_t n, double* probability);
  // Behind n, up to a multiple of kLanesMax, residual, weight and loss are 0: logistic_sums adds these rows as well.
  void (*logistic_terms)(const LogisticView& model, ColumnsOfBlock features, size_t n, const double* outcome,
                         const LogisticTerms& terms);
  // gradient[i] = sum of residual z[i] in units of 2^-40, hessian (lower triangle by rows) = sum of weight z[i] z[j] in
  // units of 2^-30, every row's term rounded once. False, and nothing is written, when a term may reach 2^51.
  bool (*logistic_sums)(const LogisticTerms& terms, size_t width, size_t n, int64_t* gradient, int64_t* hessian);
  // out[i] = log(1 + x[i]), x >= 0, and out[i] = exp(x[i]): for the tests that measure them against an oracle.
  void (*log1p)(const double* x, size_t n, double* out);
  void (*exp)(const double* x, size_t n, double* out);
  ClusterKernels cluster;  // of clustering over any features
  ShapKernels shap;        // of what trees say, explained
  TreeKernels trees;       // of boosted trees
};

const Kernels& PlainKernels();   // our own code with std::fma, on any machine
const Kernels& WidestKernels();  // that this machine has
// Widest first; the last one is plain.
std::vector<const Kernels*> AvailableKernels();
// By name, or the widest for "auto". INVALID_ARGUMENT (KERNELS_UNKNOWN) for another name, FAILED_PRECONDITION
// (KERNELS_UNAVAILABLE) for a width that this machine lacks; either says which there are.
absl::StatusOr<const Kernels*> KernelsNamed(std::string_view name);

}  // namespace strata
