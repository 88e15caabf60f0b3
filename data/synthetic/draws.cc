#include "data/synthetic/draws.h"

namespace strata {

double DrawStream::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  while (true) {
    const double x = 2 * Unit() - 1;
    const double y = 2 * Unit() - 1;
    const double square = x * x + y * y;
    if (square >= 1 || square == 0) continue;
    const double scale = std::sqrt(-2 * std::log(square) / square);
    spare_ = y * scale;
    has_spare_ = true;
    return x * scale;
  }
}

double DrawStream::Gamma(double shape) {
  if (shape < 1) {
    const double larger = Gamma(shape + 1);
    return larger * std::exp(-Exponential() / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = Normal();
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = Unit();
    const double square = x * x;
    if (u < 1 - 0.0331 * square * square) return d * v;  // the squeeze: saves the logarithms nearly always
    if (std::log(u) < 0.5 * square + d * (1 - v + std::log(v))) return d * v;
  }
}

double DrawStream::Beta(double a, double b) {
  const double first = Gamma(a);
  const double second = Gamma(b);
  const double sum = first + second;
  return sum > 0 ? first / sum : 0;  // both vanish only for shapes below 1e-2, which nobody plants
}

int64_t DrawStream::Geometric(double p) {
  if (p >= 1) return 1;
  const double trials = std::floor(-Exponential() / std::log1p(-p)) + 1;  // p = 0: infinity
  return trials < static_cast<double>(kNever) ? static_cast<int64_t>(trials) : kNever;
}

}  // namespace strata
