#include "model/lifetime/special/chebyshev_table.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace strata {
namespace {

constexpr size_t kLanes = 8;

}  // namespace

ChebyshevTable::ChebyshevTable(const Functions& functions, size_t count, double low, double high, int nodes,
                               double tolerance)
    : count_(count), width_((count + kLanes - 1) / kLanes * kLanes), middle_(0.5 * (low + high)) {
  half_ = 0.5 * (high - low);
  for (; nodes <= kNodesMax && !is_precise_; nodes *= 2) {
    std::vector<double> values(static_cast<size_t>(nodes) * count_);
    for (int node = 0; node < nodes; ++node) {
      const double at = middle_ + half_ * std::cos(std::numbers::pi * (node + 0.5) / nodes);
      functions(at, {values.data() + static_cast<size_t>(node) * count_, count_});
    }
    Take(values, nodes);
    is_precise_ = TailBelow(tolerance);
  }
}

void ChebyshevTable::Take(const std::vector<double>& values, int nodes) {
  rows_ = static_cast<size_t>(nodes);
  coefficients_.assign(rows_ * width_, 0);
  for (int k = 0; k < nodes; ++k) {
    for (int node = 0; node < nodes; ++node) {
      const double weight = (k == 0 ? 1.0 : 2.0) / nodes * std::cos(std::numbers::pi * k * (node + 0.5) / nodes);
      for (size_t f = 0; f < count_; ++f) {
        coefficients_[static_cast<size_t>(k) * width_ + f] += weight * values[static_cast<size_t>(node) * count_ + f];
      }
    }
  }
}

bool ChebyshevTable::TailBelow(double tolerance) const {
  for (size_t f = 0; f < count_; ++f) {
    double largest = 0;
    for (size_t k = 0; k < rows_; ++k) {
      const double size = std::fabs(coefficients_[k * width_ + f]);
      if (!std::isfinite(size)) return false;
      largest = std::max(largest, size);
    }
    // Even and odd functions have every other coefficient 0: two in a row tell.
    const double tail = std::max(std::fabs(coefficients_[(rows_ - 1) * width_ + f]),
                                 std::fabs(coefficients_[(rows_ - 2) * width_ + f]));
    if (tail > tolerance * largest) return false;
  }
  return true;
}

void ChebyshevTable::operator()(double at, double* values) const {
  const double x = (at - middle_) / half_;
  for (size_t first = 0; first < width_; first += kLanes) {
    double ahead[kLanes] = {}, further[kLanes] = {};
    for (size_t k = rows_ - 1; k > 0; --k) {
      const double* row = coefficients_.data() + k * width_ + first;
      for (size_t lane = 0; lane < kLanes; ++lane) {
        const double now = std::fma(2 * x, ahead[lane], row[lane] - further[lane]);
        further[lane] = ahead[lane];
        ahead[lane] = now;
      }
    }
    for (size_t lane = 0; lane < kLanes; ++lane) {
      values[first + lane] = std::fma(x, ahead[lane], coefficients_[first + lane] - further[lane]);
    }
  }
}

}  // namespace strata
