// The columns that the logistic model sees of churn's features (model/churn/logistic_column.h), and its margins. Values
// lie on the grid of 2^-kFeatureGridBits. Immutable; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "model/churn/churn_plan.h"
#include "model/churn/churn_rows.h"
#include "model/churn/feature_facts.h"
#include "model/churn/logistic_column.h"
#include "model/churn/logistic_regression.h"
#include "model/kernels/kernels.h"

namespace strata {

// At most kLogisticFeaturesMax: of a category the levels that come first, as far as there is room.
std::vector<LogisticColumn> LogisticColumnsOf(const ChurnPlan& plan, std::span<const FeatureFacts> facts);

void EncodeColumns(const std::vector<LogisticColumn>& columns, ByteWriter* writer);
std::vector<LogisticColumn> DecodeColumns(ByteReader* reader);

// "recency_days", "mean_gap_days missing", "main_region = north".
std::string NameOf(const ChurnPlan& plan, const LogisticColumn& column);

class LogisticMatrix {
 public:
  // `medians` by feature of the plan. Both must outlive it.
  LogisticMatrix(const ChurnPlan& plan, std::span<const LogisticColumn> columns, std::span<const double> medians);

  size_t width() const { return columns_.size(); }
  // `block`: width() columns of kKernelBlock numbers; rows [begin, begin + count) of `rows`, which were made with the
  // plan. Precondition: count <= kKernelBlock.
  void Fill(const ChurnRows& rows, size_t begin, size_t count, const Kernels& kernels, double* block) const;

 private:
  const ChurnPlan& plan_;
  std::span<const LogisticColumn> columns_;
  std::span<const double> medians_;
};

// Log-odds of all rows, units of 2^-40, at most 2^20 log-odds in size.
std::vector<int64_t> LogisticMargins(const LogisticMatrix& matrix, const LogisticModel& model, const ChurnRows& rows,
                                     const Kernels& kernels);

}  // namespace strata
