#include "model/clustering/yeo_johnson.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "base/fixed_point.h"

namespace strata {
namespace {

constexpr int64_t kFirst = static_cast<int64_t>(kLambdaMin) << kLambdaBits;
constexpr int64_t kLast = static_cast<int64_t>(kLambdaMax) << kLambdaBits;
constexpr double kGoldenShare = 0.38196601125010515;  // (3 - sqrt 5) / 2

class Likelihood {
 public:
  Likelihood(std::span<const double> values, const Kernels& kernels) : values_(values), kernels_(kernels) {
    const size_t room = (values.size() + kLanesMax - 1) / kLanesMax * kLanesMax;
    logarithm_.assign(room, 0);
    for (size_t i = 0; i < values.size(); ++i) logarithm_[i] = std::fabs(values[i]);
    kernels.log1p(logarithm_.data(), values.size(), logarithm_.data());
    for (size_t i = 0; i < values.size(); ++i) jacobian_ += std::copysign(logarithm_[i], values[i]);
    std::fill(logarithm_.begin() + static_cast<std::ptrdiff_t>(values.size()), logarithm_.end(), 0.0);
    y_.resize(room);
  }

  // Of the lambda in units of 2^-kLambdaBits.
  double At(int64_t units) {
    const auto found = known_.find(units);
    if (found != known_.end()) return found->second;
    const double lambda = static_cast<double>(units) / PowerOfTwo(kLambdaBits);
    const double likelihood =
        -0.5 * static_cast<double>(values_.size()) * Log(Variance(lambda)) + (lambda - 1) * jacobian_;
    known_.emplace(units, likelihood);
    return likelihood;
  }

 private:
  double Variance(double lambda) {
    for (size_t i = 0; i < values_.size(); ++i) y_[i] = (values_[i] >= 0 ? lambda : 2 - lambda) * logarithm_[i];
    std::fill(y_.begin() + static_cast<std::ptrdiff_t>(values_.size()), y_.end(), 0.0);
    kernels_.exp(y_.data(), values_.size(), y_.data());
    double sum = 0;
    for (size_t i = 0; i < values_.size(); ++i) {
      const double exponent = values_[i] >= 0 ? lambda : 2 - lambda;
      y_[i] = std::copysign(exponent == 0 ? logarithm_[i] : (y_[i] - 1) / exponent, values_[i]);
      sum += y_[i];
    }
    const double mean = sum / static_cast<double>(values_.size());
    double squares = 0;
    for (size_t i = 0; i < values_.size(); ++i) squares += (y_[i] - mean) * (y_[i] - mean);
    return squares / static_cast<double>(values_.size());
  }

  double Log(double x) const {
    if (!(x > 0)) return -std::numeric_limits<double>::infinity();
    std::array<double, kLanesMax> lanes{x >= 1 ? x - 1 : (1 - x) / x};
    kernels_.log1p(lanes.data(), 1, lanes.data());
    return x >= 1 ? lanes[0] : -lanes[0];
  }

  std::span<const double> values_;
  const Kernels& kernels_;
  std::vector<double> logarithm_, y_;
  double jacobian_ = 0;
  std::map<int64_t, double> known_;
};

}  // namespace

double FitLambda(std::span<const double> values, const Kernels& kernels) {
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  if (values.empty() || *least == *greatest) return 1;
  Likelihood likelihood(values, kernels);
  int64_t low = kFirst;
  int64_t high = kLast;
  while (high - low > 2) {
    const auto step = std::max<int64_t>(1, std::llrint(static_cast<double>(high - low) * kGoldenShare));
    const int64_t left = low + step;
    const int64_t right = std::max(high - step, left + 1);
    if (likelihood.At(left) >= likelihood.At(right)) {
      high = right;
    } else {
      low = left;
    }
  }
  int64_t best = low;
  for (int64_t units = low + 1; units <= high; ++units) {
    if (likelihood.At(units) > likelihood.At(best)) best = units;
  }
  return static_cast<double>(best) / PowerOfTwo(kLambdaBits);
}

double UnitOfPower(double median, double least) { return least > 0 ? std::max(least, median * 0x1p-8) : median; }

}  // namespace strata
