// The inner loop of exact SHAP values of trees (model/churn/shap.h makes what it reads): one row a lane. A tree is the
// paths to its leaves; what a leaf of value v gives to feature j of its path is the integral over t of
//   v (o_j - z_j) * product over the other features i of the path of (z_i + t (o_i - z_i)),   t from 0 to 1,
// with o_i 1 where the row goes the leaf's way at every split by i, else 0, and z_i the share of the training rows that
// do (Owen 1972: the Shapley value is the multilinear extension's gradient along the diagonal). The integrand is a
// polynomial of t of one degree less than the path has features: Gauss-Legendre with half as many nodes is exact.
//
// Pure functions; thread-safe. Every lane does the same operations in the same order at every width.
#pragma once

#include <cstddef>
#include <cstdint>

namespace strata {

inline constexpr size_t kShapBins = 256;  // entries of a feature's table of passes
inline constexpr size_t kShapNodes = 4;   // of the quadrature that a leaf's entry has at most
inline constexpr size_t kShapWords = 64;  // features that a tree splits by, at most

// A leaf with some of the quadrature's nodes, N of them; a long path has several entries. Its numbers:
//   N weights: v * w * product of z_i (1 - t) over the path; N times 1 / (1 - t);
//   then by feature of the path N ratios (z + t (1 - z)) / (z (1 - t)) and N times (1 - z) / (z + t (1 - z)).
struct ShapLeaf {
  uint64_t bit = 0;       // of the leaf, in the words
  uint32_t nodes = 0;     // N, 1..kShapNodes
  uint32_t features = 0;  // on the path, at least 1
  uint32_t element = 0;   // first of the path in ShapTree::word
  uint32_t number = 0;    // first in ShapTree::number
};

struct ShapTree {
  size_t words = 0;                   // features that it splits by
  const uint16_t* feature = nullptr;  // by word
  const uint64_t* passes = nullptr;   // by word * kShapBins + bin: leaves whose way a row of that bin goes
  size_t leaves = 0;
  const ShapLeaf* leaf = nullptr;
  const uint8_t* word = nullptr;  // of the features of all paths
  const double* number = nullptr;
};

struct ShapKernels {
  // Adds the tree's contributions of n rows: feature j of row i has its bin at bins + j * stride + i and its
  // contribution at contributions + j * stride + i. Precondition: n <= stride, a multiple of kLanesMax, and there are
  // bins behind n.
  void (*tree)(const ShapTree& tree, const uint8_t* bins, size_t stride, size_t n, double* contributions);
};

}  // namespace strata
