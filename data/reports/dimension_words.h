// The words by which churn's reports divide customers, as tonight's profile has them. Views a shard; immutable.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "data/reports/report.h"

namespace strata {

struct Dimension {
  const char* name;
  const char* column;  // of the profile
};
inline constexpr std::array<Dimension, 3> kPlaceDimensions = {
    {{"region", "main_region"}, {"category", "main_category"}, {"channel", "main_channel"}}};

// A text column by row of today; nothing where there is no column, no word or no row.
class DimensionWords {
 public:
  DimensionWords(const ReportShard& shard, const char* column)
      : column_(shard.columns == nullptr ? nullptr : shard.columns->Find(column)) {}
  bool is_there() const { return column_ != nullptr && !column_->words.empty(); }
  std::optional<std::string> operator()(int64_t row) const {
    if (!is_there() || row < 0) return std::nullopt;
    const int32_t code = column_->code[static_cast<size_t>(row)];
    if (code < 0) return std::nullopt;
    return column_->words[static_cast<size_t>(code)];
  }

 private:
  const Column* column_;
};

// The name of what is left when a dimension has too many values for a report.
inline constexpr char kOtherValues[] = "(other)";

}  // namespace strata
