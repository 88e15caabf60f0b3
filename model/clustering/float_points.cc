// Rows of float32 as points on a grid: quickly, for it counts in the time of a fit.
#include <fmt/format.h>

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "model/clustering/point_blocks.h"

namespace strata {
namespace {

constexpr size_t kColumnsMax = 64;
constexpr size_t kRowsAtOnce = 16;  // of every column: loops without a rest, whatever the number of columns
constexpr int kReachBits = 15;      // of a coordinate on the grid: 3 10^-5 of half the widest range, and fits 16 bits
constexpr int kBitsMax = 100;       // where there is no range to speak of
constexpr uint32_t kInfinity = 0x7f800000;  // bits; those of NaN are above

// Extremes of the columns, and the greatest magnitude as bits; column (t mod d) at t.
struct Extremes {
  explicit Extremes(size_t d)
      : least(d * kRowsAtOnce, std::numeric_limits<float>::infinity()),
        most(d * kRowsAtOnce, -std::numeric_limits<float>::infinity()),
        bits(d * kRowsAtOnce, 0) {}

  void Add(const float* values, size_t count) {
    float* const low = least.data();
    float* const high = most.data();
    uint32_t* const greatest = bits.data();
    for (size_t t = 0; t < count; ++t) {
      const float x = values[t];
      low[t] = x < low[t] ? x : low[t];
      high[t] = x > high[t] ? x : high[t];
      const uint32_t magnitude = std::bit_cast<uint32_t>(x) & 0x7fffffff;
      greatest[t] = magnitude > greatest[t] ? magnitude : greatest[t];
    }
  }
  void Merge(const Extremes& other) {
    for (size_t t = 0; t < least.size(); ++t) {
      least[t] = std::min(least[t], other.least[t]);
      most[t] = std::max(most[t], other.most[t]);
      bits[t] = std::max(bits[t], other.bits[t]);
    }
  }

  std::vector<float> least;
  std::vector<float> most;
  std::vector<uint32_t> bits;
};

Extremes ExtremesOf(std::span<const float> rows, size_t d) {
  const size_t step = d * kRowsAtOnce;
  const size_t steps = (rows.size() + step - 1) / step;
  constexpr size_t kGrain = 512;
  return tbb::parallel_reduce(
      tbb::blocked_range<size_t>(0, steps, kGrain), Extremes(d),
      [&](const tbb::blocked_range<size_t>& range, Extremes sum) {
        for (size_t s = range.begin(); s < range.end(); ++s) {
          sum.Add(rows.data() + s * step, std::min(step, rows.size() - s * step));
        }
        return sum;
      },
      [](Extremes left, const Extremes& right) {
        left.Merge(right);
        return left;
      });
}

// Rows of d to columns of a block.
template <typename T>
void Transpose(const T* rows, size_t n, size_t d, T* columns) {
  for (size_t j = 0; j < d; ++j) {
    for (size_t i = 0; i < n; ++i) columns[j * kKernelBlock + i] = rows[i * d + j];
  }
}

absl::StatusOr<FloatGrid> GridOf(std::span<const float> rows, size_t d) {
  const Extremes extremes = ExtremesOf(rows, d);
  FloatGrid grid;
  float reach = 0;
  for (size_t j = 0; j < d; ++j) {
    float least = std::numeric_limits<float>::infinity();
    float most = -least;
    for (size_t t = j; t < extremes.least.size(); t += d) {
      least = std::min(least, extremes.least[t]);
      most = std::max(most, extremes.most[t]);
      if (extremes.bits[t] >= kInfinity) {
        return MakeError(absl::StatusCode::kInvalidArgument, "CLUSTERING_NOT_FINITE",
                         fmt::format("column {} holds NaN or an infinity; only finite numbers can be clustered", j));
      }
    }
    grid.middle.push_back(rows.empty() ? 0 : least + (most / 2 - least / 2));
    if (!rows.empty()) reach = std::max({reach, most - grid.middle[j], grid.middle[j] - least});
  }
  int exponent = 0;
  if (reach > 0) std::frexp(reach, &exponent);
  grid.bits = std::min(kReachBits - exponent, kBitsMax);
  if (std::ldexp(reach, grid.bits) >= 32'767) --grid.bits;
  return grid;
}

}  // namespace

Centre FloatGrid::Of(std::span<const float> row) const {
  Centre centre;
  const float scale = std::ldexp(1.0F, bits);
  for (size_t j = 0; j < row.size(); ++j) {
    centre.q.push_back(static_cast<int32_t>(std::nearbyint((row[j] - middle[j]) * scale)));
  }
  return centre;
}

absl::StatusOr<PointBlocks> PointBlocks::OfFloats(std::span<const float> rows, size_t d, FloatGrid* grid) {
  if (d == 0 || d > kColumnsMax || rows.size() % d != 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "CLUSTERING_COLUMNS",
                     fmt::format("found {} numbers in rows of {}; allowed are whole rows of 1 to {} columns",
                                 rows.size(), d, kColumnsMax));
  }
  STRATA_ASSIGN_OR_RETURN(*grid, GridOf(rows, d));
  PointBlocks made(rows.size() / d, d, {}, rows.size() / d >= kNarrowFrom);
  const float scale = std::ldexp(1.0F, grid->bits);
  std::vector<float> middle(d * kRowsAtOnce);
  for (size_t t = 0; t < middle.size(); ++t) middle[t] = grid->middle[t % d];
  made.total_squares_ = tbb::parallel_reduce(
      tbb::blocked_range<size_t>(0, made.blocks(), 16), Int128{0},
      [&](const tbb::blocked_range<size_t>& range, Int128 squares) {
        std::array<float, kKernelBlock * kColumnsMax> on_grid;
        for (size_t b = range.begin(); b < range.end(); ++b) {
          const float* const from = rows.data() + b * kKernelBlock * d;
          const size_t n = std::min(kKernelBlock, made.size_ - b * kKernelBlock);
          int64_t of_block = 0;
          for (size_t begin = 0; begin < n * d; begin += middle.size()) {
            const size_t end = std::min(middle.size(), n * d - begin);
            for (size_t t = 0; t < end; ++t) {
              on_grid[begin + t] = std::nearbyint((from[begin + t] - middle[t]) * scale);
            }
          }
          for (size_t t = 0; t < n * d; ++t) {
            const int64_t q = static_cast<int32_t>(on_grid[t]);
            of_block += q * q;
          }
          squares += of_block;
          if (made.narrow_ != nullptr) {
            std::array<int16_t, kKernelBlock * kColumnsMax> narrow;
            for (size_t t = 0; t < n * d; ++t) narrow[t] = static_cast<int16_t>(static_cast<int32_t>(on_grid[t]));
            Transpose(narrow.data(), n, d, made.narrow_.get() + b * d * kKernelBlock);
          } else {
            Transpose(on_grid.data(), n, d, made.points(b));
          }
        }
        return squares;
      },
      [](Int128 left, Int128 right) { return left + right; });
  made.total_weight_ = static_cast<Int128>(made.size_);
  return made;
}

}  // namespace strata
