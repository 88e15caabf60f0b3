// Customers with covariates in their exact compressed form: how many have each history (x, t_x, T) in whole days and
// each pattern of codes (covariate_coding.h). A plain value; equal tables have equal bytes however they were put
// together. Not thread-safe.
//
// A table that would have more than kCovariateRows rows is the single value `overflow`: sizes of unions only grow, so
// which it is does not depend on how shards were grouped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/lifetime/covariate_coding.h"
#include "model/lifetime/covariates.h"
#include "model/statistics/customer_share.h"

namespace strata {

inline constexpr size_t kCovariateRows = 2'000'000;  // some 200 MB at the coordinator with patterns of five codes

struct CovariateRow {
  uint32_t pattern = 0;
  uint64_t history = 0;  // x, t_x, T in kHistoryBits each, x highest
  int64_t customers = 0;

  static constexpr int kHistoryBits = 21;  // three times 21 fit 63 bits; days between any two allowed dates fit 17
  static constexpr int64_t kFieldMax = (int64_t{1} << kHistoryBits) - 1;

  int64_t x() const { return static_cast<int64_t>(history >> (2 * kHistoryBits)); }
  int64_t t_x() const { return static_cast<int64_t>(history >> kHistoryBits) & kFieldMax; }
  int64_t T() const { return static_cast<int64_t>(history) & kFieldMax; }
};

class CovariateTable {
 public:
  // Customers of the share with a purchase day. Where the profile does not fit the sources (CodeCustomers), the table
  // holds that error.
  static CovariateTable Of(const std::vector<CovariateSource>& sources, const ShardFeatures& shard,
                           const CustomerShare& share, size_t rows_max = kCovariateRows);

  // Adds the counts of `other`; associative and commutative.
  void Merge(const CovariateTable& other);

  bool overflow() const { return overflow_; }
  // OK, the error of a shard, or DATA_LOSS (COVARIATE_TABLE_CORRUPT) for what no shard makes.
  absl::Status Check(size_t width) const;
  int64_t customers() const;
  // Ascending by (pattern, history), each once.
  const std::vector<CovariateRow>& rows() const { return rows_; }
  size_t patterns() const { return width_ == 0 ? 0 : codes_.size() / width_; }
  std::span<const int64_t> pattern(size_t i) const { return {codes_.data() + i * width_, width_}; }

  // Times are whole days in units of so many. Precondition: Check is OK, no overflow.
  CovariateBase Base(const std::vector<CovariateSource>& sources, double time_unit_days) const;

  void Encode(ByteWriter* writer) const;
  static CovariateTable Decode(ByteReader* reader);

 private:
  void Bound();

  size_t width_ = 0;  // 0: no customer
  size_t rows_max_ = kCovariateRows;
  std::vector<int64_t> codes_;  // patterns ascend, each once and with a row
  std::vector<CovariateRow> rows_;
  bool overflow_ = false;
  int64_t impossible_ = 0;  // customers whose columns contradict the definition of a purchase day
  std::string error_;       // the least of the shards'
};

}  // namespace strata
