// Several functions on one interval as Chebyshev series over the same nodes, evaluated together: neighbours in memory,
// a few at a time in a vector register.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace strata {

class ChebyshevTable {
 public:
  static constexpr int kNodesMax = 96;

  // Fills `values`, one a function, at a place.
  using Functions = std::function<void(double at, std::span<double> values)>;

  ChebyshevTable() = default;  // of no functions
  // Interpolates at `nodes`, or, until the last coefficients of every function are below `tolerance` relative to its
  // largest, at twice as many, up to kNodesMax. Precondition: low < high, and the functions are finite there, else the
  // table is not precise.
  ChebyshevTable(const Functions& functions, size_t count, double low, double high, int nodes, double tolerance);

  // Whether the series have the precision asked for.
  bool is_precise() const { return is_precise_; }
  size_t count() const { return count_; }
  // Clenshaw's recurrence; writes count() numbers, and may use `values` up to kRoom. Precondition: low <= at <= high.
  void operator()(double at, double* values) const;
  static constexpr size_t kRoom = 48;  // the most functions that a table has, and the room that `values` needs

 private:
  void Take(const std::vector<double>& values, int nodes);
  bool TailBelow(double tolerance) const;

  size_t count_ = 0;
  size_t width_ = 0;  // of a row of coefficients: count_ rounded up to a vector
  size_t rows_ = 0;
  double middle_ = 0;
  double half_ = 1;
  bool is_precise_ = false;
  std::vector<double> coefficients_;  // row by row; a row has coefficient k of every function
};

}  // namespace strata
