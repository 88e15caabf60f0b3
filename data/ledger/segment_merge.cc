#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/int128.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/fresh_rows.h"
#include "data/ledger/ledger.h"
#include "data/ledger/line_rules.h"
#include "data/ledger/segment_columns.h"
#include "data/ledger/segment_digest.h"

namespace strata {
namespace {

// Sums are 128 bits wide, so that an overflow is seen whatever the order of the rows.
struct DaySum {
  Int128 net_micros = 0;
  int64_t rows = 0;
  int64_t return_rows = 0;

  void Add(const DaySum& other) {
    net_micros += other.net_micros;
    rows += other.rows;
    return_rows += other.return_rows;
  }
};

bool FitsMicros(Int128 value) {
  return value >= std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max();
}

// Makes a segment customer by customer.
class SegmentMerge {
 public:
  SegmentMerge(const LedgerSegment* parent, const FreshRows& fresh, bool has_lines)
      : parent_(parent), fresh_(fresh), has_lines_(has_lines), digest_(has_lines) {}

  absl::StatusOr<SegmentResult> Run();

 private:
  absl::Status AddParentCustomer(size_t customer);
  absl::Status AddFreshCustomer(size_t customer, std::optional<size_t> in_parent);
  void CollectFreshLines(size_t customer);
  void CollectFreshDays(size_t customer);
  absl::Status Emit(uint64_t hash, std::string_view id);
  absl::StatusOr<DaySum> EmitDay(uint64_t hash, size_t* next);
  std::map<Day, int64_t> RowsByDay() const;

  const LedgerSegment* parent_;  // null: none
  const FreshRows& fresh_;
  const bool has_lines_;

  // Of the customer at hand.
  std::vector<LedgerLine> lines_;
  std::vector<LedgerDay> days_;

  SegmentColumns columns_;
  SegmentDigest digest_;
  DroppedLines dropped_;
  int64_t rows_ = 0;
};

absl::StatusOr<SegmentResult> SegmentMerge::Run() {
  const size_t parents = parent_ == nullptr ? 0 : parent_->customers();
  size_t old = 0;
  size_t young = 0;
  while (old < parents || young < fresh_.customers()) {
    std::strong_ordering order = std::strong_ordering::less;
    if (old == parents) {
      order = std::strong_ordering::greater;
    } else if (young < fresh_.customers()) {
      order = parent_->hash(old) <=> fresh_.hash(young);
      if (order == 0) order = parent_->id(old) <=> fresh_.id(young);
    }
    if (order < 0) {
      STRATA_RETURN_IF_ERROR(AddParentCustomer(old++));
    } else if (order > 0) {
      STRATA_RETURN_IF_ERROR(AddFreshCustomer(young++, std::nullopt));
    } else {
      STRATA_RETURN_IF_ERROR(AddFreshCustomer(young++, old++));
    }
  }
  SegmentResult result;
  result.customers = static_cast<int64_t>(columns_.hash.size());
  result.rows = rows_;
  result.digest = digest_.Finish();
  result.duplicates_by_file = std::move(dropped_.by_file);
  result.conflicts = dropped_.conflicts;
  result.rows_by_day = RowsByDay();
  STRATA_ASSIGN_OR_RETURN(result.bytes, EncodeSegment(columns_, has_lines_));
  return result;
}

// A customer without new rows: lines and days are already what they must be.
absl::Status SegmentMerge::AddParentCustomer(size_t customer) {
  lines_.clear();
  if (has_lines_) parent_->AppendLines(customer, &lines_);
  days_.clear();
  parent_->AppendDays(customer, &days_);
  return Emit(parent_->hash(customer), parent_->id(customer));
}

absl::Status SegmentMerge::AddFreshCustomer(size_t customer, std::optional<size_t> in_parent) {
  lines_.clear();
  days_.clear();
  if (has_lines_) {
    if (in_parent.has_value()) parent_->AppendLines(*in_parent, &lines_);
    CollectFreshLines(customer);
    KeepOnePerTransaction(&lines_, &dropped_);
    for (const LedgerLine& line : lines_) {
      days_.push_back({line.day, line.file, line.net_micros, 1, line.is_return});
    }
  } else {
    if (in_parent.has_value()) parent_->AppendDays(*in_parent, &days_);
    CollectFreshDays(customer);
  }
  std::sort(days_.begin(), days_.end(),
            [](const LedgerDay& a, const LedgerDay& b) { return std::pair(a.day, a.file) < std::pair(b.day, b.file); });
  return Emit(fresh_.hash(customer), fresh_.id(customer));
}

void SegmentMerge::CollectFreshLines(size_t customer) {
  for (const FreshRows::Row& at : fresh_.rows(customer)) {
    const RowBatch& batch = fresh_.batch(at);
    lines_.push_back({.transaction = batch.transaction[at.row],
                      .day = batch.day[at.row],
                      .minute = batch.minute[at.row],
                      .is_return = batch.is_return[at.row],
                      .file = batch.file[at.row],
                      .net_micros = batch.net_micros[at.row],
                      .updated_at_us = batch.updated_at_us[at.row],
                      .row_hash = batch.row_hash[at.row]});
  }
}

void SegmentMerge::CollectFreshDays(size_t customer) {
  for (const FreshRows::Row& at : fresh_.rows(customer)) {
    const RowBatch& batch = fresh_.batch(at);
    days_.push_back({batch.day[at.row], batch.file[at.row], batch.net_micros[at.row], 1, batch.is_return[at.row]});
  }
}

// Writes days_ (ascending, a day and file perhaps in several parts) and lines_ as the next customer.
absl::Status SegmentMerge::Emit(uint64_t hash, std::string_view id) {
  digest_.BeginCustomer(id);
  Int128 turnover = 0;
  int64_t rows = 0;
  for (size_t i = 0; i < days_.size();) {
    STRATA_ASSIGN_OR_RETURN(const DaySum sum, EmitDay(hash, &i));
    turnover += sum.net_micros < 0 ? -sum.net_micros : sum.net_micros;
    rows += sum.rows;
  }
  if (!FitsMicros(turnover)) {
    return MakeError(absl::StatusCode::kOutOfRange, "NET_OVERFLOW",
                     fmt::format("customer {}: the nets of all days add up to {} micros, which leaves 64 bits",
                                 Hex(hash), ToString(turnover)),
                     {{"customer_hash", Hex(hash)}});
  }
  if (rows > kMaxCustomerRows) {
    return MakeError(absl::StatusCode::kOutOfRange, "CUSTOMER_TOO_LARGE",
                     fmt::format("customer {} has {} rows, allowed are {}", Hex(hash), rows, kMaxCustomerRows),
                     {{"customer_hash", Hex(hash)}});
  }
  rows_ += rows;
  for (const LedgerLine& line : lines_) {
    digest_.AddLine(line);
    columns_.AddLine(line);
  }
  return columns_.EndCustomer(hash, id);
}

// Writes the day at days_[*next], file by file, moves past it and returns its sum over all files.
absl::StatusOr<DaySum> SegmentMerge::EmitDay(uint64_t hash, size_t* next) {
  const Day day = days_[*next].day;
  DaySum total;
  bool fits = true;
  while (*next < days_.size() && days_[*next].day == day) {
    const int32_t file = days_[*next].file;
    DaySum sum;
    for (; *next < days_.size() && days_[*next].day == day && days_[*next].file == file; ++*next) {
      const LedgerDay& part = days_[*next];
      sum.Add({.net_micros = part.net_micros, .rows = part.rows, .return_rows = part.return_rows});
    }
    fits &= FitsMicros(sum.net_micros) && sum.rows <= kMaxCustomerRows;
    total.Add(sum);
    if (fits) {
      columns_.AddDay({.day = day,
                       .file = file,
                       .net_micros = static_cast<int64_t>(sum.net_micros),
                       .rows = static_cast<int32_t>(sum.rows),
                       .return_rows = static_cast<int32_t>(sum.return_rows)});
    }
  }
  if (!fits || !FitsMicros(total.net_micros)) {
    return MakeError(
        absl::StatusCode::kOutOfRange, "NET_OVERFLOW",
        fmt::format("customer {}: the {} rows of {} add up to {} micros; a net must fit 64 bits and rows {}", Hex(hash),
                    total.rows, FormatDay(day), ToString(total.net_micros), kMaxCustomerRows),
        {{"customer_hash", Hex(hash)}, {"day", FormatDay(day)}});
  }
  digest_.AddDay(day, static_cast<int64_t>(total.net_micros), total.rows, total.return_rows);
  return total;
}

std::map<Day, int64_t> SegmentMerge::RowsByDay() const {
  std::map<Day, int64_t> result;
  if (columns_.day.empty()) return result;
  const auto [first, last] = std::minmax_element(columns_.day.begin(), columns_.day.end());
  std::vector<int64_t> rows(static_cast<size_t>(*last - *first) + 1);  // days are within three centuries
  for (size_t i = 0; i < columns_.day.size(); ++i)
    rows[static_cast<size_t>(columns_.day[i] - *first)] += columns_.rows[i];
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] > 0) result[*first + static_cast<Day>(i)] = rows[i];
  }
  return result;
}

absl::Status CheckFresh(const std::vector<RowBatch>& fresh, bool has_transaction_id) {
  for (size_t i = 0; i < fresh.size(); ++i) {
    if (absl::Status status = CheckBatch(fresh[i]); !status.ok())
      return WithContext(status, fmt::format("batch {}", i));
    if (fresh[i].size() > 0 && fresh[i].transaction.empty() == has_transaction_id) {
      return MakeError(absl::StatusCode::kDataLoss, "BATCH_INCONSISTENT",
                       fmt::format("batch {} has {} transaction ids, but the job maps {}", i,
                                   fresh[i].transaction.size(), has_transaction_id ? "them" : "none"));
    }
    if (fresh[i].size() > std::numeric_limits<uint32_t>::max()) {
      return MakeError(absl::StatusCode::kOutOfRange, "SEGMENT_TOO_LARGE",
                       fmt::format("batch {} has {} rows, allowed are {}", i, fresh[i].size(),
                                   std::numeric_limits<uint32_t>::max()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SegmentResult> BuildSegment(std::string_view parent, const std::vector<RowBatch>& fresh,
                                           bool has_transaction_id) {
  STRATA_RETURN_IF_ERROR(CheckFresh(fresh, has_transaction_id));
  std::optional<LedgerSegment> previous;
  if (!parent.empty()) {
    STRATA_ASSIGN_OR_RETURN(previous, LedgerSegment::Open(parent));
    if (previous->has_lines() != has_transaction_id) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "LEDGER_MISMATCH",
                       fmt::format("the ledger was built {} transaction ids, the job maps {}",
                                   previous->has_lines() ? "with" : "without", has_transaction_id ? "them" : "none"));
    }
  }
  const FreshRows rows(fresh);
  return SegmentMerge(previous.has_value() ? &*previous : nullptr, rows, has_transaction_id).Run();
}

}  // namespace strata
