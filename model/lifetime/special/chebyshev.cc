#include "model/lifetime/special/chebyshev.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace strata {

ChebyshevSeries ChebyshevSeries::Of(const std::function<double(double)>& function, double low, double high,
                                    double tolerance) {
  ChebyshevSeries series;
  series.middle_ = 0.5 * (low + high);
  series.half_ = 0.5 * (high - low);
  for (int nodes = kNodes; nodes <= kNodesMax && !series.is_precise_; nodes *= 2) {
    std::vector<double> values;
    for (int node = 0; node < nodes; ++node) {
      values.push_back(function(series.middle_ + series.half_ * std::cos(std::numbers::pi * (node + 0.5) / nodes)));
    }
    series.coefficients_.assign(static_cast<size_t>(nodes), 0);
    double largest = 0;
    for (int k = 0; k < nodes; ++k) {
      double sum = 0;
      for (int node = 0; node < nodes; ++node) {
        sum += values[static_cast<size_t>(node)] * std::cos(std::numbers::pi * k * (node + 0.5) / nodes);
      }
      series.coefficients_[static_cast<size_t>(k)] = (k == 0 ? 1.0 : 2.0) / nodes * sum;
      largest = std::max(largest, std::fabs(series.coefficients_[static_cast<size_t>(k)]));
    }
    // Even and odd functions have every other coefficient 0: two in a row tell.
    const size_t last = series.coefficients_.size() - 1;
    const double tail = std::max(std::fabs(series.coefficients_[last]), std::fabs(series.coefficients_[last - 1]));
    series.is_precise_ = tail <= tolerance * largest;
  }
  return series;
}

double ChebyshevSeries::operator()(double at) const {
  const double x = (at - middle_) / half_;
  double ahead = 0, further = 0;
  for (size_t k = coefficients_.size() - 1; k > 0; --k) {
    const double now = coefficients_[k] + 2 * x * ahead - further;
    further = ahead;
    ahead = now;
  }
  return coefficients_[0] + x * ahead - further;
}

}  // namespace strata
