// A function of up to four parameters with its first and second derivatives in the logarithms of the parameters: what
// every row of a likelihood is made of. Plain values, no allocation.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "model/lifetime/derivatives.h"

namespace strata {

struct LogJet {
  // Place of (i, j), i <= j, in the upper triangle, row by row.
  static constexpr size_t At(size_t i, size_t j) { return i * 4 - i * (i + 1) / 2 + j; }

  double value = 0;
  std::array<double, 4> gradient{};
  std::array<double, 10> hessian{};

  void Add(const LogJet& other, double factor = 1) {
    value += factor * other.value;
    for (size_t i = 0; i < 4; ++i) gradient[i] += factor * other.gradient[i];
    for (size_t i = 0; i < 10; ++i) hessian[i] += factor * other.hessian[i];
  }

  // -n ln(1 + t / c) of a shape n = parameter i (and what counts with it) and a scale c = parameter j:
  // growth = ln(1 + t / c), passed = t / (c + t).
  void AddPower(size_t i, size_t j, double parameter, double shape, double growth, double passed) {
    value -= shape * growth;
    gradient[i] -= parameter * growth;
    gradient[j] += shape * passed;
    hessian[At(i, i)] -= parameter * growth;
    hessian[At(i, j)] += parameter * passed;
    hessian[At(j, j)] -= shape * passed * (1 - passed);
  }

  // `count` times a function f of parameter i alone, given its value and derivatives in the parameter itself.
  void AddOf(size_t i, double parameter, double f, double first, double second, double count = 1) {
    value += count * f;
    gradient[i] += count * parameter * first;
    hessian[At(i, i)] += count * parameter * (parameter * second + first);
  }

  Derivatives<4> InFull() const {
    Derivatives<4> full;
    full.value = value;
    full.gradient = gradient;
    for (size_t i = 0; i < 4; ++i) {
      for (size_t j = 0; j < 4; ++j) full.hessian[i][j] = hessian[At(std::min(i, j), std::max(i, j))];
    }
    return full;
  }
};

// A customer is alive or has dropped out: the logarithms of the two branches of a likelihood put together.
struct Branches {
  LogJet joined;     // ln(alive + dropped)
  LogJet log_alive;  // ln(alive / (alive + dropped))
};

// `dropped` of value -infinity, with derivatives of 0, is a branch that does not exist.
inline Branches Join(const LogJet& alive, const LogJet& dropped) {
  const double distance = dropped.value - alive.value;
  const double small = std::exp(-std::fabs(distance));
  const double share = (distance > 0 ? 1 : small) / (1 + small);
  const double both = small / ((1 + small) * (1 + small));
  Branches found;
  found.log_alive.value = -std::fmax(distance, 0.0) - std::log1p(small);
  std::array<double, 4> apart;
  for (size_t i = 0; i < 4; ++i) {
    apart[i] = dropped.gradient[i] - alive.gradient[i];
    found.log_alive.gradient[i] = -share * apart[i];
  }
  for (size_t i = 0, at = 0; i < 4; ++i) {
    for (size_t j = i; j < 4; ++j, ++at) {
      found.log_alive.hessian[at] = -share * (dropped.hessian[at] - alive.hessian[at]) - both * apart[i] * apart[j];
    }
  }
  found.joined = alive;
  found.joined.Add(found.log_alive, -1);
  return found;
}

}  // namespace strata
