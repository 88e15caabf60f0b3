#include "model/lifetime/special/hypergeometric_laplace.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace strata {
namespace {

constexpr int kTermsMax = 96;
constexpr int kStepsMax = 400;
constexpr double kParametersMax = 600;  // of A + C: beyond, steps are too many
constexpr double kTermNegligible = 1e-16;
constexpr double kLossMax = 1e4;  // of terms' sizes over their sum: digits that cancel
constexpr double kFirstStep = 0.4, kStepShare = 0.3;
constexpr double kCancelling = 10;  // (1 - share)^-(A + C) stays below e to this, where nothing decays
constexpr double kDecayMax = 4;     // of the exponential in one step

using Terms = std::array<double, kTermsMax>;

constexpr Terms Inverses() {
  Terms inverses{};
  for (int n = 0; n < kTermsMax; ++n) inverses[static_cast<size_t>(n)] = 1.0 / (n + 1);
  return inverses;
}
constexpr Terms kInverse = Inverses();  // 1 / (n + 1)

// Means of t^n exp(-decay t) over t in (0, 1), for n up to `last`: backwards, in positive terms.
void TakeMoments(double decay, int last, Terms* moments) {
  const double end = std::exp(-decay);
  double term = end / (last + 1), sum = term;
  for (int j = 1; term > kTermNegligible * sum; ++j) {
    term *= decay / (last + 1 + j);
    sum += term;
  }
  (*moments)[static_cast<size_t>(last)] = sum;
  for (int n = last; n > 0; --n) {
    const auto at = static_cast<size_t>(n);
    (*moments)[at - 1] = (decay * (*moments)[at] + end) * kInverse[at - 1];
  }
}

class Walk {
 public:
  Walk(double A, double a, double C) : A_(A), a_(a), C_(C), most_(std::min(kStepShare, kCancelling / (A + C + a))) {}

  // From where it is over a step; false where digits are lost. `part` is the integral of exp(-z (y - from)) f.
  bool Step(double z, double* part) {
    double width = from_ == 0 ? kFirstStep * std::min({1.0, C_ / A_, 4 / (1 + a_)}) : most_ * from_;
    width = std::min(width, kDecayMax / z);
    const int count = from_ == 0 ? FirstTerms(width) : NextTerms(width);
    if (count == 0) return false;
    Terms moments;
    TakeMoments(z * width, count - 1, &moments);
    double value = 0, slope = 0, size = 0, sum = 0;
    for (int n = 0; n < count; ++n) {
      const double term = terms_[static_cast<size_t>(n)];
      value += term;
      size += std::fabs(term);
      slope += n * term;
      sum += term * moments[static_cast<size_t>(n)];
    }
    if (!(size <= kLossMax * value)) return false;
    *part = width * sum;
    from_ += width;
    value_ = value;
    slope_ = slope / width;
    return true;
  }

  double from() const { return from_; }

 private:
  // Coefficients times powers of the width; how many, 0: they do not end.
  int FirstTerms(double width) {
    terms_[0] = 1;
    for (int n = 0; n + 1 < kTermsMax; ++n) {
      const double next = -terms_[static_cast<size_t>(n)] * (A_ + n) * (a_ + n) / ((C_ + n) * (n + 1)) * width;
      terms_[static_cast<size_t>(n) + 1] = next;
      if (std::fabs(next) < kTermNegligible) return n + 2;
    }
    return 0;
  }

  int NextTerms(double width) {
    terms_[0] = value_;
    terms_[1] = slope_ * width;
    const double inverse = 1 / (from_ * (1 + from_));
    const double linear = (1 + 2 * from_) * width * inverse;
    const double constant = (C_ + (A_ + a_ + 1) * from_) * width * inverse;
    const double square = width * width * inverse;
    for (int n = 0; n + 2 < kTermsMax; ++n) {
      const auto at = static_cast<size_t>(n);
      const double here = (A_ + n) * (a_ + n) * kInverse[at] * kInverse[at + 1];
      const double last = (linear * n + constant) * kInverse[at + 1];
      terms_[at + 2] = -(last * terms_[at + 1] + square * here * terms_[at]);
      if (std::fabs(terms_[at + 2]) + std::fabs(terms_[at + 1]) < kTermNegligible * value_) return n + 3;
    }
    return 0;
  }

  double A_, a_, C_, most_;
  double from_ = 0, value_ = 1, slope_ = 0;
  Terms terms_;
};

}  // namespace

std::optional<double> LaplaceOfHypergeometric(double A, double a, double C, double z) {
  if (A + C > kParametersMax) return std::nullopt;
  constexpr double kNegligible = 1e-17;
  Walk walk(A, a, C);
  double sum = 0;
  for (int step = 0; step < kStepsMax; ++step) {
    const double from = walk.from();
    double part = 0;
    if (!walk.Step(z, &part)) return std::nullopt;
    part *= std::exp(-z * from);
    sum += part;
    // What follows falls at least like the exponential.
    const double width = walk.from() - from;
    if (part < kNegligible * sum * std::min(1.0, -std::expm1(-z * width))) return sum;
  }
  return std::nullopt;
}

}  // namespace strata
