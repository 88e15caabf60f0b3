#include "data/ledger/shard_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash_sum.h"
#include "data/ledger/customer_digest.h"
#include "data/ledger/customer_rows.h"
#include "data/ledger/day_sum.h"
#include "data/ledger/merged_rows.h"

namespace strata {
namespace {

// Rows by day, from the first day that was asked for to the last one.
class DayCounts {
 public:
  int64_t& At(Day day) {
    if (rows_.empty()) first_ = day;
    if (day < first_) {
      rows_.insert(rows_.begin(), static_cast<size_t>(first_ - day), 0);
      first_ = day;
    }
    const auto place = static_cast<size_t>(day - first_);
    if (place >= rows_.size()) rows_.resize(place + 1);
    return rows_[place];
  }
  std::map<Day, int64_t> NotZero() const {
    std::map<Day, int64_t> counts;
    for (size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i] != 0) counts.emplace_hint(counts.end(), first_ + static_cast<Day>(i), rows_[i]);
    }
    return counts;
  }

 private:
  Day first_ = 0;
  std::vector<int64_t> rows_;
};

class ShardSums {
 public:
  explicit ShardSums(bool has_lines) : digest_(has_lines) {}

  absl::Status Add(const MergedRows& customer) {
    STRATA_RETURN_IF_ERROR(Count(customer, 1));
    totals_.digest = Plus(totals_.digest, digest_.Finish());
    return absl::OkStatus();
  }
  absl::Status Subtract(const MergedRows& customer) {
    STRATA_RETURN_IF_ERROR(Count(customer, -1));
    totals_.digest = Minus(totals_.digest, digest_.Finish());
    return absl::OkStatus();
  }
  ShardTotals Finish();

 private:
  absl::Status Count(const MergedRows& customer, int64_t sign);
  DaySum AddDay(const DaySpans& days, int64_t sign, size_t* next);

  CustomerDigest digest_;
  ShardTotals totals_;
  DayCounts rows_by_day_;
  std::vector<int64_t> rows_by_file_;  // by number
  std::vector<LedgerLine> lines_;
};

// The day at `*next` over all files; moves past it.
DaySum ShardSums::AddDay(const DaySpans& days, int64_t sign, size_t* next) {
  const Day day = days.day[*next];
  DaySum sum;
  for (; *next < days.size() && days.day[*next] == day; ++*next) {
    const int32_t rows = days.rows[*next];
    sum.Add(days.net_micros[*next], rows, days.return_rows[*next]);
    const auto file = static_cast<size_t>(days.file[*next]);
    if (file >= rows_by_file_.size()) rows_by_file_.resize(file + 1);
    rows_by_file_[file] += sign * rows;
  }
  rows_by_day_.At(day) += sign * sum.rows;
  return sum;
}

absl::Status ShardSums::Count(const MergedRows& customer, int64_t sign) {
  digest_.Begin(customer.id());
  const DaySpans& days = customer.days();
  Int128 turnover = 0;
  int64_t rows = 0;
  for (size_t i = 0; i < days.size();) {
    const Day day = days.day[i];
    const DaySum sum = AddDay(days, sign, &i);
    if (!FitsMicros(sum.net_micros)) return DayOverflow(customer.hash(), day, ToString(sum.net_micros), sum.rows);
    digest_.AddDay(day, static_cast<int64_t>(sum.net_micros), sum.rows, sum.return_rows);
    turnover += sum.net_micros < 0 ? -sum.net_micros : sum.net_micros;
    rows += sum.rows;
  }
  if (!FitsMicros(turnover)) {
    return MakeError(absl::StatusCode::kOutOfRange, "NET_OVERFLOW",
                     fmt::format("customer {}: the nets of all days add up to {} micros, which leaves 64 bits",
                                 Hex(customer.hash()), ToString(turnover)),
                     {{"customer_hash", Hex(customer.hash())}});
  }
  if (rows > kMaxCustomerRows) {
    return MakeError(
        absl::StatusCode::kOutOfRange, "CUSTOMER_TOO_LARGE",
        fmt::format("customer {} has {} rows, allowed are {}", Hex(customer.hash()), rows, kMaxCustomerRows),
        {{"customer_hash", Hex(customer.hash())}});
  }
  totals_.customers += sign;
  totals_.rows += sign * rows;
  if (!customer.has_lines()) return absl::OkStatus();
  lines_.clear();
  customer.AppendWinners(&lines_);
  for (const LedgerLine& line : lines_) digest_.AddLine(line);
  totals_.conflicts += sign * customer.Conflicts();
  return absl::OkStatus();
}

ShardTotals ShardSums::Finish() {
  totals_.rows_by_day = rows_by_day_.NotZero();
  for (size_t i = 0; i < rows_by_file_.size(); ++i) {
    if (rows_by_file_[i] != 0) totals_.rows_by_file[static_cast<int32_t>(i)] = rows_by_file_[i];
  }
  return std::move(totals_);
}

}  // namespace

absl::StatusOr<ShardTotals> SumAll(std::vector<SegmentSpans> segments, std::span<const int32_t> removed_files,
                                   bool has_lines) {
  ShardSums sums(has_lines);
  MergedRows rows(std::move(segments), removed_files);
  while (rows.Next()) STRATA_RETURN_IF_ERROR(sums.Add(rows));
  STRATA_RETURN_IF_ERROR(rows.status());
  return sums.Finish();
}

absl::StatusOr<ShardTotals> SumChange(std::vector<SegmentSpans> segments, const SegmentSpans& fresh,
                                      std::span<const int32_t> removed_files, bool has_lines) {
  ShardSums sums(has_lines);
  MergedRows before(segments, removed_files);
  segments.push_back(fresh);
  MergedRows after(std::move(segments), removed_files);
  for (size_t i = 0; i < fresh.customers(); ++i) {
    if (before.Seek(fresh.hash[i], fresh.id(i))) STRATA_RETURN_IF_ERROR(sums.Subtract(before));
    if (after.Seek(fresh.hash[i], fresh.id(i))) STRATA_RETURN_IF_ERROR(sums.Add(after));
    STRATA_RETURN_IF_ERROR(before.status());
    STRATA_RETURN_IF_ERROR(after.status());
  }
  return sums.Finish();
}

}  // namespace strata
