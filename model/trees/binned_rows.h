// Rows of bins, a byte a value, feature by feature. Filled once by its owner, then immutable; thread-safe to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace strata {

class BinnedRows {
 public:
  BinnedRows(size_t rows, size_t features) : rows_(rows), features_(features), bins_(rows * features) {}

  size_t rows() const { return rows_; }
  size_t features() const { return features_; }
  std::span<uint8_t> column(size_t feature) { return std::span(bins_).subspan(feature * rows_, rows_); }
  std::span<const uint8_t> column(size_t feature) const { return std::span(bins_).subspan(feature * rows_, rows_); }
  // All of it: feature j begins at j * stride().
  const uint8_t* bins() const { return bins_.data(); }
  size_t stride() const { return rows_; }

 private:
  size_t rows_;
  size_t features_;
  std::vector<uint8_t> bins_;
};

}  // namespace strata
