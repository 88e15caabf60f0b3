// What an evaluation of a function of N variables finds, N known beforehand. Plain values.
#pragma once

#include <array>
#include <cstddef>

namespace strata {

template <size_t N>
struct Derivatives {
  double value = 0;
  std::array<double, N> gradient{};
  std::array<std::array<double, N>, N> hessian{};  // symmetric
};

}  // namespace strata
