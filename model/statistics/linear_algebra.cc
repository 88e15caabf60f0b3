#include "model/statistics/linear_algebra.h"

#include <cmath>

namespace strata {

std::optional<std::vector<double>> SolvePositiveDefinite(const std::vector<double>& lower_triangle,
                                                         const std::vector<double>& right) {
  const size_t n = right.size();
  std::vector<double> l = lower_triangle;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = l[TriangleIndex(i, j)];
      for (size_t m = 0; m < j; ++m) sum = std::fma(-l[TriangleIndex(i, m)], l[TriangleIndex(j, m)], sum);
      if (i == j) {
        if (!(sum > 0) || !std::isfinite(sum)) return std::nullopt;
        l[TriangleIndex(i, i)] = std::sqrt(sum);
      } else {
        l[TriangleIndex(i, j)] = sum / l[TriangleIndex(j, j)];
      }
    }
  }
  std::vector<double> x = right;
  for (size_t i = 0; i < n; ++i) {
    for (size_t m = 0; m < i; ++m) x[i] = std::fma(-l[TriangleIndex(i, m)], x[m], x[i]);
    x[i] /= l[TriangleIndex(i, i)];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t m = i + 1; m < n; ++m) x[i] = std::fma(-l[TriangleIndex(m, i)], x[m], x[i]);
    x[i] /= l[TriangleIndex(i, i)];
  }
  return x;
}

}  // namespace strata
