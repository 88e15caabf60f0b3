// Gauss-Legendre quadrature with ten nodes, exact for polynomials of degree 19.
#pragma once

#include <array>
#include <cstddef>

namespace strata {

struct GaussTen {
  static constexpr size_t kNodes = 10;
  // On (-1, 1), ascending.
  static constexpr std::array<double, kNodes> kAt = {
      -0.97390652851717172008, -0.86506336668898451073, -0.67940956829902440623, -0.43339539412924719080,
      -0.14887433898163121088, 0.14887433898163121088,  0.43339539412924719080,  0.67940956829902440623,
      0.86506336668898451073,  0.97390652851717172008};
  static constexpr std::array<double, kNodes> kWeight = {
      0.06667134430868813759, 0.14945134915058059315, 0.21908636251598204400, 0.26926671930999635509,
      0.29552422471475287017, 0.29552422471475287017, 0.26926671930999635509, 0.21908636251598204400,
      0.14945134915058059315, 0.06667134430868813759};

  // The nodes and weights on (from, from + width).
  static double At(size_t node, double from, double width) { return from + 0.5 * width * (1 + kAt[node]); }
  static double Weight(size_t node, double width) { return 0.5 * width * kWeight[node]; }
};

}  // namespace strata
