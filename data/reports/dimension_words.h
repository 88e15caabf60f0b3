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

// A text column by row of today.
class DimensionWords {
 public:
  DimensionWords(const ReportShard& shard, const char* column)
      : column_(shard.columns == nullptr ? nullptr : shard.columns->Find(column)) {}
  bool is_there() const { return column_ != nullptr && !column_->words.empty(); }
  // Preconditions of what follows: is_there().
  size_t size() const { return column_->words.size(); }
  // Place of the row's word; -1 where there is no word, or no row (kNoRow).
  int32_t code(int64_t row) const { return row < 0 ? -1 : column_->code[static_cast<size_t>(row)]; }
  // nullopt for -1.
  std::optional<std::string> word(int32_t code) const {
    if (code < 0) return std::nullopt;
    return column_->words[static_cast<size_t>(code)];
  }

 private:
  const Column* column_;
};

// The name of what is left when a dimension has too many values for a report.
inline constexpr char kOtherValues[] = "(other)";

}  // namespace strata
