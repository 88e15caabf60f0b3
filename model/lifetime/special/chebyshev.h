// A function on an interval as a Chebyshev series: for smooth functions a few dozen terms are exact to rounding.
#pragma once

#include <functional>
#include <vector>

namespace strata {

class ChebyshevSeries {
 public:
  // Interpolates at kNodes, or, until the last coefficients are below `tolerance` relative to the largest, at twice as
  // many, up to kNodesMax. Precondition: low < high; `function` is finite there.
  static ChebyshevSeries Of(const std::function<double(double)>& function, double low, double high, double tolerance);

  static constexpr int kNodes = 24;
  static constexpr int kNodesMax = 96;

  // Whether the series has the precision asked for.
  bool is_precise() const { return is_precise_; }
  // Clenshaw's recurrence. Precondition: low <= at <= high.
  double operator()(double at) const;

 private:
  double middle_ = 0;
  double half_ = 1;
  bool is_precise_ = false;
  std::vector<double> coefficients_;
};

}  // namespace strata
