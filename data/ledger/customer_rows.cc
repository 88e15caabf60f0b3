#include "data/ledger/customer_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/int128.h"
#include "data/ledger/day_sum.h"
#include "data/ledger/line_rules.h"

namespace strata {

absl::Status DayOverflow(uint64_t hash, Day day, const std::string& net_micros, int64_t rows) {
  return MakeError(absl::StatusCode::kOutOfRange, "NET_OVERFLOW",
                   fmt::format("customer {}: the {} rows of {} add up to {} micros; a net must fit 64 bits and rows {}",
                               Hex(hash), rows, FormatDay(day), net_micros, kMaxCustomerRows),
                   {{"customer_hash", Hex(hash)}, {"day", FormatDay(day)}});
}

void CustomerRows::Clear() {
  parts_.clear();
  stored_.clear();
  winners_.clear();
  conflicts_ = 0;
}

absl::Status CustomerRows::Settle(uint64_t hash, bool has_lines) {
  if (has_lines) {
    conflicts_ = SettleLines(&stored_, &winners_);
    for (const LedgerLine& line : winners_) {
      parts_.push_back({line.day, line.file, line.net_micros, 1, line.is_return});
    }
  }
  const auto before = [](const LedgerDay& a, const LedgerDay& b) {
    return a.day != b.day ? a.day < b.day : a.file < b.file;
  };
  if (!std::is_sorted(parts_.begin(), parts_.end(), before)) std::sort(parts_.begin(), parts_.end(), before);
  day_.clear();
  file_.clear();
  net_micros_.clear();
  rows_.clear();
  return_rows_.clear();
  for (size_t i = 0; i < parts_.size();) {
    const LedgerDay& first = parts_[i];
    DaySum sum;
    for (; i < parts_.size() && parts_[i].day == first.day && parts_[i].file == first.file; ++i) {
      sum.Add(parts_[i].net_micros, parts_[i].rows, parts_[i].return_rows);
    }
    if (!sum.Fits()) return DayOverflow(hash, first.day, ToString(sum.net_micros), sum.rows);
    day_.push_back(first.day);
    file_.push_back(first.file);
    net_micros_.push_back(static_cast<int64_t>(sum.net_micros));
    rows_.push_back(static_cast<int32_t>(sum.rows));
    return_rows_.push_back(static_cast<int32_t>(sum.return_rows));
  }
  days_ = {day_, file_, net_micros_, rows_, return_rows_};
  return absl::OkStatus();
}

}  // namespace strata
