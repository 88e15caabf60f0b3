// Raw values of the customers of a shard that are clustered: those with a purchase day, but for the ones whom a feature
// of rule kExclude leaves out. Columns come from the features, are made of them (base/clustering_rules.h), or from the
// profile. Plain values; read-only once made, so thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/clustering/feature_space.h"
#include "model/customer_columns.h"

namespace strata {

class RawValues {
 public:
  RawValues() = default;
  // INVALID_ARGUMENT: CLUSTERING_COLUMN where the shard has no such column or one of another kind,
  // CLUSTERING_NOT_FINITE for an infinite value or one beyond kRawMax; names the first such customer by its hash.
  static absl::StatusOr<RawValues> Of(const ClusterSpace& space, const ShardFeatures& shard);
  // Of customers that somebody has at hand, feature by feature; `codes` are places in the words of `space`, `weight` is
  // raw, and empty where the space has no weight.
  static RawValues OfColumns(const ClusterSpace& space, std::vector<std::vector<double>> numeric,
                             std::vector<std::vector<uint8_t>> codes, std::vector<double> weight);

  size_t rows() const { return row_.size(); }             // clustered customers
  std::span<const uint32_t> row() const { return row_; }  // of the shard's columns, ascending
  // NaN: missing, which ScaleOnGrid knows how to take.
  std::span<const double> numeric(size_t feature) const { return numeric_[feature]; }
  // Places in CategoryFeature::words; all 0 while the words are not known.
  std::span<const uint8_t> codes(size_t category) const { return codes_[category]; }
  std::span<const int32_t> weights() const { return weights_; }  // empty: all count alike
  std::span<const double> raw_weight() const { return raw_weight_; }
  // Customers with a purchase day, excluded ones too, that have no value of a numeric feature.
  int64_t absent(size_t feature) const { return absent_[feature]; }

 private:
  std::vector<uint32_t> row_;
  std::vector<std::vector<double>> numeric_;
  std::vector<std::vector<uint8_t>> codes_;
  std::vector<int32_t> weights_;
  std::vector<double> raw_weight_;
  std::vector<int64_t> absent_;
};

// Customers by word of a category's column, kNoWord among them. CLUSTERING_COLUMN as above. Precondition: `rows` are of
// the shard.
absl::StatusOr<std::map<std::string, int64_t>> CountWords(const CategoryFeature& category, const ShardFeatures& shard,
                                                          std::span<const uint32_t> rows);

}  // namespace strata
