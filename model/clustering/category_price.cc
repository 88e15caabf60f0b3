#include "model/clustering/category_price.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/fixed_point.h"
#include "base/int128.h"

namespace strata {
namespace {

double MeanOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// Of the features that vary, in scaled units.
std::vector<double> Variances(const GridSample& sample, int grid_bits) {
  std::vector<double> variances;
  const auto n = static_cast<Int128>(sample.size());
  for (size_t j = 0; j < sample.d; ++j) {
    Int128 sum = 0, squares = 0;
    for (size_t row = 0; row < sample.size(); ++row) {
      const Int128 q = sample.q[row * sample.d + j];
      sum += q;
      squares += q * q;
    }
    const double centred = ToDouble(n * squares - sum * sum);
    if (centred > 0) variances.push_back(std::ldexp(centred / ToDouble(n * n), -2 * grid_bits));
  }
  return variances;
}

// 1 - sum of squared shares, of the categories that vary.
std::vector<double> Varieties(const ClusterSpace& space) {
  std::vector<double> varieties;
  for (const CategoryFeature& category : space.categories) {
    Int128 sum = 0, squares = 0;
    for (const int64_t count : category.counts) {
      sum += count;
      squares += static_cast<Int128>(count) * count;
    }
    if (squares < sum * sum) varieties.push_back(1 - ToDouble(squares) / ToDouble(sum * sum));
  }
  return varieties;
}

double Estimated(const ClusterSpace& space, const GridSample& sample, bool huang) {
  std::vector<double> variances = Variances(sample, space.grid_bits);
  const std::vector<double> varieties = Varieties(space);
  if (variances.empty() || varieties.empty()) return 1;
  if (!huang) return MeanOf(variances) / MeanOf(varieties);
  for (double& variance : variances) variance = std::sqrt(variance);
  return MeanOf(variances) / 2;
}

}  // namespace

int64_t MismatchPrice(const ClusterSpace& space, const GridSample& sample, std::optional<double> given, bool huang) {
  if (space.categories.empty()) return 0;
  const double price = given.has_value() ? *given : std::min(Estimated(space, sample, huang), kMismatchPriceMax);
  return ToGrid(price, 2 * space.grid_bits);
}

}  // namespace strata
