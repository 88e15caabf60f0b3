#include "model/clustering/reference_normal.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/int128.h"
#include "model/clustering/normal_draws.h"
#include "model/statistics/keyed_sample.h"
#include "model/statistics/linear_algebra.h"

namespace strata {
namespace {

constexpr double kGridEnd = 1 << 22;      // q is exact in single precision up to there
constexpr double kPivotShareMin = 1e-12;  // of the trace; below is rounding

// The repetition of a draw: references are fewer than 2^20, features and categories fewer than 2^8.
constexpr uint32_t Repetition(uint32_t reference, size_t feature) {
  return (reference << 8) | static_cast<uint32_t>(feature);
}

// L with L L' = `covariance` (lower triangles by rows), by L D L'.
std::vector<double> LowerFactor(const std::vector<double>& covariance, size_t d) {
  double trace = 0;
  for (size_t i = 0; i < d; ++i) trace += covariance[TriangleIndex(i, i)];
  std::vector<double> unit(covariance.size(), 0.0);  // L of L D L'
  std::vector<double> pivots(d, 0.0);
  for (size_t i = 0; i < d; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double rest = covariance[TriangleIndex(i, j)];
      for (size_t t = 0; t < j; ++t) rest -= unit[TriangleIndex(i, t)] * unit[TriangleIndex(j, t)] * pivots[t];
      if (i == j) {
        pivots[i] = rest > kPivotShareMin * trace ? rest : 0;
        unit[TriangleIndex(i, i)] = 1;
      } else {
        unit[TriangleIndex(i, j)] = pivots[j] > 0 ? rest / pivots[j] : 0;
      }
    }
  }
  for (size_t i = 0; i < d; ++i) {
    for (size_t j = 0; j <= i; ++j) unit[TriangleIndex(i, j)] *= std::sqrt(pivots[j]);
  }
  return unit;
}

}  // namespace

GridSample GridSample::First(size_t rows) const {
  GridSample first = *this;
  if (rows >= size()) return first;
  first.hash.resize(rows);
  first.q.resize(rows * d);
  first.codes.resize(rows * categories);
  if (!weights.empty()) first.weights.resize(rows);
  return first;
}

GridSample GridSample::Kept(const std::vector<uint8_t>& keep) const {
  GridSample kept{.d = d, .categories = categories, .hash = {}, .q = {}, .codes = {}, .weights = {}};
  for (size_t row = 0; row < size(); ++row) {
    if (keep[row] == 0) continue;
    kept.hash.push_back(hash[row]);
    kept.q.insert(kept.q.end(), q.begin() + static_cast<std::ptrdiff_t>(row * d),
                  q.begin() + static_cast<std::ptrdiff_t>((row + 1) * d));
    kept.codes.insert(kept.codes.end(), codes.begin() + static_cast<std::ptrdiff_t>(row * categories),
                      codes.begin() + static_cast<std::ptrdiff_t>((row + 1) * categories));
    if (!weights.empty()) kept.weights.push_back(weights[row]);
  }
  return kept;
}

void GridSample::Encode(ByteWriter* writer) const {
  writer->U32(d);
  writer->U32(categories);
  writer->Array(hash);
  writer->Array(q);
  writer->Array(codes);
  writer->Array(weights);
}

GridSample GridSample::Decode(ByteReader* reader) {
  GridSample sample;
  sample.d = reader->U32();
  sample.categories = reader->U32();
  sample.hash = reader->Array<uint64_t>();
  sample.q = reader->Array<int32_t>();
  sample.codes = reader->Array<uint8_t>();
  sample.weights = reader->Array<int32_t>();
  return sample;
}

ReferenceNormal ReferenceNormal::Of(const GridSample& sample) {
  ReferenceNormal normal;
  const size_t d = sample.d;
  normal.d = sample.d;
  std::vector<Int128> sums(d, 0), products(d * (d + 1) / 2, 0);
  normal.cumulative.resize(sample.categories);
  Int128 weight = 0;
  for (size_t row = 0; row < sample.size(); ++row) {
    const Int128 w = sample.weight(row);
    weight += w;
    const int32_t* point = sample.q.data() + row * d;
    for (size_t i = 0; i < d; ++i) {
      sums[i] += w * point[i];
      for (size_t j = 0; j <= i; ++j) products[TriangleIndex(i, j)] += w * point[i] * point[j];
    }
    for (size_t f = 0; f < sample.categories; ++f) {
      const size_t code = sample.codes[row * sample.categories + f];
      std::vector<int64_t>& counts = normal.cumulative[f];
      if (counts.size() <= code) counts.resize(code + 1, 0);
      counts[code] += static_cast<int64_t>(w);
    }
  }
  for (std::vector<int64_t>& counts : normal.cumulative) {
    for (size_t code = 1; code < counts.size(); ++code) counts[code] += counts[code - 1];
  }
  const double total = std::max(ToDouble(weight), 1.0);
  for (const Int128 sum : sums) normal.mean.push_back(ToDouble(sum) / total);
  std::vector<double> covariance;
  for (size_t i = 0; i < d; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      // |q| <= 2^22, weights <= 2^16 and rows <= 2^16: sums of products are below 2^76, times their weight below 2^108.
      const Int128 centred = weight * products[TriangleIndex(i, j)] - sums[i] * sums[j];
      covariance.push_back(ToDouble(centred) / total / total);
    }
  }
  normal.lower = LowerFactor(covariance, d);
  return normal;
}

GridSample ReferenceNormal::Draw(const GridSample& sample, uint64_t seed, uint32_t reference) const {
  GridSample drawn = sample;
  std::vector<double> z(d);
  for (size_t row = 0; row < drawn.size(); ++row) {
    for (size_t j = 0; j < d; ++j) {
      const uint64_t round = DrawRound(DrawPurpose::kGapReference, Repetition(reference, j));
      z[j] = NormalOfDraw(KeyedDraw(seed, round, drawn.hash[row]));
    }
    for (size_t i = 0; i < d; ++i) {
      double value = mean[i];
      for (size_t j = 0; j <= i; ++j) value = std::fma(lower[TriangleIndex(i, j)], z[j], value);
      drawn.q[row * d + i] = static_cast<int32_t>(std::llrint(std::clamp(value, -kGridEnd, kGridEnd)));
    }
    for (size_t f = 0; f < cumulative.size(); ++f) {
      const uint64_t round = DrawRound(DrawPurpose::kGapCategory, Repetition(reference, f));
      const uint64_t draw = KeyedDraw(seed, round, drawn.hash[row]);
      const std::vector<int64_t>& counts = cumulative[f];
      const auto target =
          static_cast<int64_t>((static_cast<UInt128>(draw) * static_cast<UInt128>(counts.back())) >> 64);
      const auto code = std::upper_bound(counts.begin(), counts.end() - 1, target) - counts.begin();
      drawn.codes[row * cumulative.size() + f] = static_cast<uint8_t>(code);
    }
  }
  return drawn;
}

void ReferenceNormal::Encode(ByteWriter* writer) const {
  writer->U32(d);
  writer->Array(mean);
  writer->Array(lower);
  writer->U32(static_cast<uint32_t>(cumulative.size()));
  for (const std::vector<int64_t>& counts : cumulative) writer->Array(counts);
}

ReferenceNormal ReferenceNormal::Decode(ByteReader* reader) {
  ReferenceNormal normal;
  normal.d = reader->U32();
  normal.mean = reader->Array<double>();
  normal.lower = reader->Array<double>();
  const uint32_t categories = reader->U32();
  for (uint32_t f = 0; f < categories && reader->ok(); ++f) normal.cumulative.push_back(reader->Array<int64_t>());
  return normal;
}

}  // namespace strata
