#include "model/churn/churn_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <unordered_map>

#include "model/churn/catalogue.h"
#include "model/churn/codes.h"

namespace strata {
namespace {

// Half to even. Precondition: divisor > 0.
int64_t Quotient(int64_t value, int64_t divisor) {
  int64_t quotient = value / divisor;
  const int64_t rest = value % divisor;
  const int64_t twice = 2 * (rest < 0 ? -rest : rest);
  if (twice > divisor || (twice == divisor && quotient % 2 != 0)) quotient += value < 0 ? -1 : 1;
  return quotient;
}

int64_t LogitOf(double p) {
  const double logit = std::log(p) - std::log1p(-p);  // infinite at 0 and 1
  return std::llrint(std::fmax(-kLogitMax, std::fmin(kLogitMax, logit)) * (1 << kLogitGridBits));
}

}  // namespace

bool AtRisk(const ChurnPlan& plan, const ChurnView& view, size_t row) {
  if (!view.label.empty()) return view.label[row] >= 0;
  const CustomerColumns& columns = *view.columns;
  return columns.purchase_days[row] > 0 && int64_t{columns.as_of} - columns.last_day[row] < plan.eligible_days;
}

int8_t LabelOf(const ChurnView& view, size_t row) {
  if (!view.label.empty()) return view.label[row];
  const int32_t future = view.columns->future_purchase_days[row];
  return future < 0 ? int8_t{-1} : future == 0 ? int8_t{1} : int8_t{0};
}

// Fills one feature after another, each from beginning to end.
class ChurnRowsBuilder {
 public:
  ChurnRowsBuilder(const ChurnPlan& plan, const ChurnView& view, const ChurnForecasts* forecasts)
      : plan_(plan), view_(view), columns_(*view.columns), forecasts_(forecasts) {}

  absl::StatusOr<ChurnRows> Build() {
    TakeRows();
    const size_t features = plan_.features.size();
    rows_.wholes_.resize(features * rows_.size());
    rows_.codes_.resize(features * rows_.size());
    rows_.words_.resize(features);
    for (size_t feature = 0; feature < features; ++feature) {
      const bool is_of_days = plan_.features[feature].column.empty();
      if (!is_of_days) {
        STRATA_RETURN_IF_ERROR(TakeColumn(feature));
      } else if (!TakeDays(feature) && !TakeForecast(feature)) {
        return NoColumn(feature, "is not of the catalogue");
      }
      if (plan_.features[feature].type != ColumnType::kText) {
        std::transform(Wholes(feature), Wholes(feature) + rows_.size(), Codes(feature), CodeOf);
      }
    }
    return std::move(rows_);
  }

 private:
  int64_t* Wholes(size_t feature) { return rows_.wholes_.data() + feature * rows_.size(); }
  uint16_t* Codes(size_t feature) { return rows_.codes_.data() + feature * rows_.size(); }

  absl::Status NoColumn(size_t feature, std::string_view what) const {
    return MakeError(absl::StatusCode::kFailedPrecondition, "CHURN_COLUMN",
                     fmt::format("the feature {} of churn {}", plan_.features[feature].name, what));
  }

  void TakeRows() {
    for (size_t row = 0; row < columns_.size(); ++row) {
      if (!AtRisk(plan_, view_, row)) continue;
      rows_.row_.push_back(static_cast<uint32_t>(row));
      rows_.label_.push_back(LabelOf(view_, row));
    }
  }

  template <typename Value>
  void Fill(size_t feature, const Value& value_of) {
    int64_t* const out = Wholes(feature);
    for (size_t i = 0; i < rows_.size(); ++i) out[i] = value_of(rows_.row_[i]);
  }

  // False: it is none that days alone make.
  bool TakeDays(size_t feature);
  bool TakeCounts(std::string_view name, size_t feature);
  bool TakeMoney(std::string_view name, size_t feature);
  bool TakeGaps(std::string_view name, size_t feature);
  bool TakeForecast(size_t feature);
  absl::Status TakeColumn(size_t feature);
  void TakeWords(size_t feature, const Column& column);

  const ChurnPlan& plan_;
  const ChurnView& view_;
  const CustomerColumns& columns_;
  const ChurnForecasts* const forecasts_;
  std::vector<HistoryScore> scores_;  // of the lifetime model, once a feature has asked for them
  ChurnRows rows_;
};

bool ChurnRowsBuilder::TakeDays(size_t feature) {
  const std::string_view name = plan_.features[feature].name;
  return TakeCounts(name, feature) || TakeMoney(name, feature) || TakeGaps(name, feature);
}

bool ChurnRowsBuilder::TakeCounts(std::string_view name, size_t feature) {
  const CustomerColumns& c = columns_;
  const std::pair<std::string_view, std::span<const int32_t>> counts[] = {{"purchase_days", c.purchase_days},
                                                                          {"purchase_days_30", c.purchase_days_30},
                                                                          {"purchase_days_90", c.purchase_days_90},
                                                                          {"purchase_days_180", c.purchase_days_180},
                                                                          {"purchase_days_365", c.purchase_days_365}};
  for (const auto& [of, values] : counts) {
    if (of != name) continue;
    Fill(feature, [&values = values](size_t row) { return int64_t{values[row]}; });
    return true;
  }
  if (name == "recency_days") {
    Fill(feature, [&](size_t row) { return int64_t{c.as_of} - c.last_day[row]; });
  } else if (name == "tenure_days") {
    Fill(feature, [&](size_t row) { return int64_t{c.as_of} - c.first_day[row]; });
  } else if (name == "one_time_buyer") {
    Fill(feature, [&](size_t row) { return int64_t{c.purchase_days[row] == 1}; });
  } else if (name == "purchase_days_trend") {
    Fill(feature, [&](size_t row) { return int64_t{2} * c.purchase_days_90[row] - c.purchase_days_180[row]; });
  } else if (name == "return_rows_share") {
    Fill(feature, [&](size_t row) {
      return Quotient(int64_t{1'000'000} * c.return_rows[row], std::max(c.rows[row], int32_t{1}));
    });
  } else {
    return false;
  }
  return true;
}

// No sum over any of a customer's days leaves 64 bits (features.h), so no difference of two of them does.
bool ChurnRowsBuilder::TakeMoney(std::string_view name, size_t feature) {
  const CustomerColumns& c = columns_;
  if (name == "net") {
    Fill(feature, [&](size_t row) { return c.net_micros[row]; });
  } else if (name == "net_90") {
    Fill(feature, [&](size_t row) { return c.net_micros_90[row]; });
  } else if (name == "net_365") {
    Fill(feature, [&](size_t row) { return c.net_micros_365[row]; });
  } else if (name == "net_per_purchase_day") {
    Fill(feature, [&](size_t row) {
      return c.purchase_days[row] > 0 ? Quotient(c.net_micros[row], c.purchase_days[row]) : kNoWhole;
    });
  } else if (name == "net_trend") {
    Fill(feature,
         [&](size_t row) { return c.net_micros_90[row] - Quotient(c.net_micros_365[row] - c.net_micros_90[row], 3); });
  } else {
    return false;
  }
  return true;
}

// A deviation is the root of (n sum of squared gaps - span^2) / n^2: exact below 2^53, which no calendar exceeds.
bool ChurnRowsBuilder::TakeGaps(std::string_view name, size_t feature) {
  const CustomerColumns& c = columns_;
  const auto fill = [&](const auto& value_of) {
    Fill(feature, [&](size_t row) {
      const int64_t gaps = int64_t{c.purchase_days[row]} - 1;
      return gaps > 0 ? value_of(row, gaps, int64_t{c.last_day[row]} - c.first_day[row]) : kNoWhole;
    });
  };
  if (name == "mean_gap") {
    fill([](size_t, int64_t gaps, int64_t span) { return Quotient(span << kGapGridBits, gaps); });
  } else if (name == "gap_deviation") {
    fill([&](size_t row, int64_t gaps, int64_t span) {
      const double squares = static_cast<double>(gaps * c.squared_gap_days[row] - span * span);
      return static_cast<int64_t>(std::llrint(std::sqrt(squares) / static_cast<double>(gaps) * (1 << kGapGridBits)));
    });
  } else if (name == "overdue_ratio") {
    fill([&](size_t row, int64_t gaps, int64_t span) {
      return Quotient(((int64_t{c.as_of} - c.last_day[row]) * gaps) << kRatioGridBits, span);
    });
  } else {
    return false;
  }
  return true;
}

bool ChurnRowsBuilder::TakeForecast(size_t feature) {
  const std::string_view name = plan_.features[feature].name;
  if (name != "p_no_purchase_logit" && name != "p_alive_logit" && name != "expected_purchases") return false;
  if (forecasts_ == nullptr) {
    Fill(feature, [](size_t) { return kNoWhole; });
    return true;
  }
  if (scores_.empty()) {
    scores_.reserve(rows_.size());
    for (const uint32_t row : rows_.row_) {
      scores_.push_back(columns_.purchase_days[row] > 0 ? forecasts_->Of(columns_, row) : HistoryScore{.p_alive = -1});
    }
  }
  int64_t* const out = Wholes(feature);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const HistoryScore& score = scores_[i];
    if (score.p_alive < 0) {
      out[i] = kNoWhole;  // asked for by a label, without a purchase
    } else if (name == "expected_purchases") {
      out[i] = std::llrint(score.expected * (1 << kExpectedGridBits));
    } else {
      out[i] = LogitOf(name == "p_alive_logit" ? score.p_alive : score.none);
    }
  }
  return true;
}

absl::Status ChurnRowsBuilder::TakeColumn(size_t feature) {
  const ChurnFeature& of = plan_.features[feature];
  const Column* column = view_.profile == nullptr ? nullptr : view_.profile->Find(of.column);
  if (column == nullptr) return NoColumn(feature, fmt::format("needs the column {}, which there is not", of.column));
  if (column->type != of.type || column->type == ColumnType::kNumber) {
    return NoColumn(feature, fmt::format("needs the column {}, which has another type", of.column));
  }
  if (of.type == ColumnType::kText) {
    TakeWords(feature, *column);
    return absl::OkStatus();
  }
  if (of.type == ColumnType::kDay) {
    Fill(feature, [&](size_t row) {
      return column->whole[row] == kNoWhole ? kNoWhole : int64_t{columns_.as_of} - column->whole[row];
    });
  } else {
    Fill(feature, [&](size_t row) { return column->whole[row]; });
  }
  return absl::OkStatus();
}

void ChurnRowsBuilder::TakeWords(size_t feature, const Column& column) {
  static const std::vector<std::string> kNone;
  const std::vector<std::string>& levels = feature < plan_.levels.size() ? plan_.levels[feature] : kNone;
  std::unordered_map<std::string_view, uint16_t> place_of;
  for (size_t level = 0; level < levels.size(); ++level) place_of.emplace(levels[level], static_cast<uint16_t>(level));
  std::vector<uint16_t> code_of;  // by place in the column's words
  for (const std::string& word : column.words) {
    const auto found = place_of.find(word);
    code_of.push_back(found == place_of.end() ? kOtherLevelCode : found->second);
  }
  rows_.words_[feature] = column.words;
  int64_t* const wholes = Wholes(feature);
  uint16_t* const codes = Codes(feature);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const int32_t place = column.code[rows_.row_[i]];
    wholes[i] = place < 0 ? kNoWhole : place;
    codes[i] = place < 0 ? kMissingCode : code_of[static_cast<size_t>(place)];
  }
}

absl::StatusOr<ChurnRows> ChurnRows::Of(const ChurnPlan& plan, const ChurnView& view, const ChurnForecasts* forecasts) {
  return ChurnRowsBuilder(plan, view, forecasts).Build();
}

}  // namespace strata
