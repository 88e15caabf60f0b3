// From raw to grid values and back: the arithmetic of feature_space.h.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/fixed_point.h"
#include "model/clustering/feature_space.h"

namespace strata {
namespace {

using Block = std::array<double, kKernelBlock>;

constexpr double kToGrid = static_cast<double>(1 << kFeatureGridBits);

size_t WithRoom(size_t n) { return (n + kLanesMax - 1) / kLanesMax * kLanesMax; }

// Steps 1 and 2, in units; zeros up to where kernels read.
void Prepare(const NumericFeature& feature, std::span<const double> raw, Block* block) {
  const double low = feature.winsor.has_value() ? (*feature.winsor)[0] : -std::numeric_limits<double>::infinity();
  const double high = feature.winsor.has_value() ? (*feature.winsor)[1] : std::numeric_limits<double>::infinity();
  for (size_t i = 0; i < raw.size(); ++i) {
    const double value = std::isnan(raw[i]) ? feature.missing_value : raw[i];
    (*block)[i] = std::min(std::max(value, low), high) / feature.unit;
  }
  std::fill(block->begin() + static_cast<std::ptrdiff_t>(raw.size()),
            block->begin() + static_cast<std::ptrdiff_t>(WithRoom(raw.size())), 0.0);
}

// The power is of 1 + |v|: lambda above 0, 2 - lambda below.
void YeoJohnson(double lambda, const Kernels& kernels, size_t n, Block* block) {
  alignas(64) Block logarithm, power;
  for (size_t i = 0; i < WithRoom(n); ++i) logarithm[i] = std::fabs((*block)[i]);
  kernels.log1p(logarithm.data(), n, logarithm.data());
  for (size_t i = 0; i < WithRoom(n); ++i) power[i] = ((*block)[i] >= 0 ? lambda : 2 - lambda) * logarithm[i];
  kernels.exp(power.data(), n, power.data());
  for (size_t i = 0; i < n; ++i) {
    const double exponent = (*block)[i] >= 0 ? lambda : 2 - lambda;
    const double magnitude = exponent == 0 ? logarithm[i] : (power[i] - 1) / exponent;
    (*block)[i] = std::copysign(magnitude, (*block)[i]);
  }
}

void TransformBlock(const NumericFeature& feature, std::span<const double> raw, const Kernels& kernels, Block* block) {
  Prepare(feature, raw, block);
  if (feature.transform == Transform::kLog1p) {
    kernels.signed_log1p_on_grid(block->data(), raw.size(), block->data());
    return;
  }
  if (feature.transform == Transform::kYeoJohnson) YeoJohnson(feature.lambda, kernels, raw.size(), block);
  for (size_t i = 0; i < WithRoom(raw.size()); ++i) (*block)[i] = std::rint((*block)[i] * kToGrid);
}

double Exp(double x) {
  std::array<double, kLanesMax> lanes{x};
  PlainKernels().exp(lanes.data(), 1, lanes.data());
  return lanes[0];
}

// log(x), x > 0.
double Log(double x) {
  std::array<double, kLanesMax> lanes{x >= 1 ? x - 1 : (1 - x) / x};
  PlainKernels().log1p(lanes.data(), 1, lanes.data());
  return x >= 1 ? lanes[0] : -lanes[0];
}

// v >= 0 with ((v + 1)^p - 1) / p = y, y >= 0; a y that no v reaches gives the greatest there is.
double InversePower(double y, double p) {
  constexpr double kLogMax = 43;  // of 2^62
  const double base = 1 + p * y;
  if (p != 0 && base <= 0) return kRawMax;
  const double exponent = p == 0 ? y : Log(base) / p;
  return exponent > kLogMax ? kRawMax : std::min(Exp(exponent) - 1, kRawMax);
}

}  // namespace

void TransformOnGrid(const NumericFeature& feature, std::span<const double> raw, const Kernels& kernels,
                     std::span<double> y) {
  alignas(64) Block block;
  for (size_t begin = 0; begin < raw.size(); begin += kKernelBlock) {
    const size_t n = std::min(kKernelBlock, raw.size() - begin);
    TransformBlock(feature, raw.subspan(begin, n), kernels, &block);
    std::copy_n(block.begin(), n, y.begin() + static_cast<std::ptrdiff_t>(begin));
  }
}

void ScaleOnGrid(const NumericFeature& feature, int grid_bits, std::span<const double> raw, const Kernels& kernels,
                 std::span<int32_t> grid, int64_t* beyond) {
  if (feature.constant) {
    std::fill(grid.begin(), grid.end(), 0);
    return;
  }
  constexpr auto kEnd = static_cast<double>(kGridEnd);
  const double deviation = feature.deviation / feature.weight;
  alignas(64) Block block;
  for (size_t begin = 0; begin < raw.size(); begin += kKernelBlock) {
    const size_t n = std::min(kKernelBlock, raw.size() - begin);
    TransformBlock(feature, raw.subspan(begin, n), kernels, &block);
    kernels.standardise_on_grid(block.data(), n, feature.mean, deviation, grid_bits, block.data());
    for (size_t i = 0; i < n; ++i) {
      *beyond += std::fabs(block[i]) > kEnd ? 1 : 0;
      grid[begin + i] = static_cast<int32_t>(std::clamp(block[i], -kEnd, kEnd));
    }
  }
}

double Unscale(const NumericFeature& feature, int grid_bits, double grid) {
  const double scaled = feature.constant ? 0 : grid / PowerOfTwo(grid_bits) * (feature.deviation / feature.weight);
  const double y = scaled + feature.mean;
  switch (feature.transform) {
    case Transform::kLog1p:
      return std::copysign(InversePower(std::fabs(y), 0), y);
    case Transform::kYeoJohnson: {
      const double v = InversePower(std::fabs(y), y >= 0 ? feature.lambda : 2 - feature.lambda);
      return std::copysign(std::min(v * feature.unit, kRawMax), y);
    }
    default:
      return y * feature.unit;
  }
}

}  // namespace strata
