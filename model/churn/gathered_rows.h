// What is gathered of customers to fit trees in one place: their codes and labels at every cutoff at which they were at
// risk, drawn by customer (model/churn/keyed_rows.h), so that all rows of one are on one side of every division. Pure
// functions and plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/churn/churn_plan.h"
#include "model/churn/churn_rows.h"
#include "model/churn/keyed_rows.h"

namespace strata {

// Rows of one view whose customers `wanted` takes, made as all rows are; the others cost nothing. Labels not known are
// left out.
class WantedRows {
 public:
  template <typename Wanted>
  WantedRows(const ChurnPlan& plan, const ChurnView& view, const Wanted& wanted)
      : plan_(plan), view_(view), label_(view.columns->size(), -1) {
    for (size_t row = 0; row < label_.size(); ++row) {
      if (AtRisk(plan, view, row) && wanted(view.columns->hash[row])) label_[row] = LabelOf(view, row);
    }
  }

  absl::StatusOr<ChurnRows> Make(const ChurnForecasts* forecasts) const {
    const ChurnView of_wanted = {.columns = view_.columns, .profile = view_.profile, .label = label_};
    return ChurnRows::Of(plan_, of_wanted, forecasts);
  }

 private:
  const ChurnPlan& plan_;
  const ChurnView& view_;
  std::vector<int8_t> label_;
};

// `views` newest first, `forecasts` of the same length. `customers`: how many are at risk in all shards at some cutoff,
// at least; 0: not known.
absl::StatusOr<KeyedRows> GatherRows(const ChurnPlan& plan, std::span<const ChurnView> views,
                                     std::span<const std::shared_ptr<const ChurnForecasts>> forecasts, uint64_t seed,
                                     uint32_t capacity, int64_t customers);

// The rows of some views of a sample, side by side.
struct GatheredRows {
  std::vector<uint64_t> hash;
  std::vector<uint8_t> view, churned;
  std::vector<std::vector<uint16_t>> codes;  // by feature of the plan that they were gathered with

  size_t size() const { return hash.size(); }
  // In the order of the sample, a customer's by view. INTERNAL where the sample holds no rows of so many features.
  static absl::StatusOr<GatheredRows> Of(const KeyedRows& sample, size_t features, int first_view, int end_view);
};

}  // namespace strata
