// The little linear algebra that Newton's method needs, in a fixed order of operations. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace strata {

// Index of element (row, column), column <= row, in a lower triangle stored by rows.
constexpr size_t TriangleIndex(size_t row, size_t column) { return row * (row + 1) / 2 + column; }

// The x with A x = b by Cholesky decomposition; nullopt when A is not positive definite in double precision.
// `lower_triangle` is A's lower triangle by rows. Precondition: its size is n (n + 1) / 2 for n = right.size().
std::optional<std::vector<double>> SolvePositiveDefinite(const std::vector<double>& lower_triangle,
                                                         const std::vector<double>& right);

}  // namespace strata
