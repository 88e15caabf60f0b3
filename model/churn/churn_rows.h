// The matrix of churn: features of the customers at risk in one view of one shard, as whole numbers and as codes, with
// what became of them. A function of columns that end at the view's date: nothing after it is read but the label.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/churn/churn_lifetime.h"
#include "model/churn/churn_plan.h"
#include "model/columns.h"
#include "model/customer_columns.h"

namespace strata {

// What is known of a shard at a date. Views; whoever made them keeps them alive.
struct ChurnView {
  const CustomerColumns* columns = nullptr;
  const ColumnSet* profile = nullptr;  // of the same rows, as of the same date; null: no feature is read from it
  // By row of columns: 1 lost, 0 kept, -1 not at risk. Empty: by the days, as purchases are asked for.
  std::span<const int8_t> label;
};

// Whether the customer in the row is asked about: with a purchase day in the last eligible_days before (and including)
// the view's date; with labels, where there is one.
bool AtRisk(const ChurnPlan& plan, const ChurnView& view, size_t row);
// 1: lost, 0: kept, -1: not known (the horizon is not over). Precondition: the row is at risk.
int8_t LabelOf(const ChurnView& view, size_t row);

// Immutable; thread-safe. Holds its values, and views words of the view's profile.
class ChurnRows {
 public:
  // All at risk, ascending by row. `forecasts`: the lifetime model as of the view's date; null: its features are
  // missing. FAILED_PRECONDITION (CHURN_COLUMN) where the profile lacks a feature's column, or has it with another
  // type.
  static absl::StatusOr<ChurnRows> Of(const ChurnPlan& plan, const ChurnView& view, const ChurnForecasts* forecasts);

  size_t size() const { return row_.size(); }
  std::span<const uint32_t> row() const { return row_; }    // of the view's columns
  std::span<const int8_t> label() const { return label_; }  // as LabelOf
  // kNoWhole: missing. Of a category: the place in words(feature).
  std::span<const int64_t> wholes(size_t feature) const { return {wholes_.data() + feature * size(), size()}; }
  // CodeOf (codes.h) of numbers. Of a category: the word's place in plan.levels, kOtherLevelCode where it is not there,
  // kMissingCode without a word.
  std::span<const uint16_t> codes(size_t feature) const { return {codes_.data() + feature * size(), size()}; }
  // Of a category, those of the view's profile, ascending; else empty.
  std::span<const std::string> words(size_t feature) const { return words_[feature]; }

 private:
  friend class ChurnRowsBuilder;

  std::vector<uint32_t> row_;
  std::vector<int8_t> label_;
  std::vector<int64_t> wholes_;  // by feature * size() + i
  std::vector<uint16_t> codes_;
  std::vector<std::span<const std::string>> words_;
};

}  // namespace strata
