#include "data/ledger/fresh_segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "data/ledger/batch_check.h"
#include "data/ledger/customer_rows.h"
#include "data/ledger/day_sum.h"
#include "data/ledger/fresh_rows.h"

namespace strata {
namespace {

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

LedgerLine LineAt(const RowBatch& batch, size_t row) {
  return {.transaction = batch.transaction[row],
          .day = batch.day[row],
          .minute = batch.minute[row],
          .is_return = batch.is_return[row],
          .file = batch.file[row],
          .net_micros = batch.net_micros[row],
          .updated_at_us = batch.updated_at_us[row],
          .row_hash = batch.row_hash[row]};
}

bool DayBefore(const FreshRows::Row& a, const FreshRows::Row& b) {
  return a.day != b.day ? a.day < b.day : a.file < b.file;
}

// Adds up a customer's rows by day and file.
absl::Status AddDays(std::span<const FreshRows::Row> rows, std::vector<FreshRows::Row>* scratch,
                     SegmentColumns* columns) {
  if (!std::is_sorted(rows.begin(), rows.end(), DayBefore)) {
    scratch->assign(rows.begin(), rows.end());
    std::sort(scratch->begin(), scratch->end(), DayBefore);
    rows = *scratch;
  }
  for (size_t i = 0; i < rows.size();) {
    const FreshRows::Row& first = rows[i];
    DaySum sum;
    for (; i < rows.size() && rows[i].day == first.day && rows[i].file == first.file; ++i) {
      sum.Add(rows[i].net_micros, 1, rows[i].is_return());
    }
    if (!sum.Fits()) return DayOverflow(first.hash, first.day, ToString(sum.net_micros), sum.rows);
    columns->day.push_back(first.day);
    columns->file.push_back(first.file);
    columns->net_micros.push_back(static_cast<int64_t>(sum.net_micros));
    columns->rows.push_back(static_cast<int32_t>(sum.rows));
    columns->return_rows.push_back(static_cast<int32_t>(sum.return_rows));
  }
  return absl::OkStatus();
}

absl::Status AddLines(const FreshRows& fresh, size_t customer, CustomerRows* scratch, SegmentColumns* columns) {
  scratch->Clear();
  for (const FreshRows::Row& at : fresh.rows(customer)) scratch->AddLine(LineAt(fresh.batch(at), at.row));
  STRATA_RETURN_IF_ERROR(scratch->Settle(fresh.hash(customer), true));
  columns->AddDays(scratch->days());
  for (const LedgerLine& line : scratch->stored()) columns->AddLine(line);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SegmentColumns> ColumnsOf(const std::vector<RowBatch>& fresh, bool has_transaction_id) {
  STRATA_RETURN_IF_ERROR(CheckFresh(fresh, has_transaction_id));
  const FreshRows rows(fresh);
  SegmentColumns columns;
  columns.Reserve(rows.customers(), rows.size(), has_transaction_id ? rows.size() : 0);
  CustomerRows lines;
  std::vector<FreshRows::Row> days;
  constexpr size_t kAhead = 3;  // customers
  for (size_t i = 0; i < rows.customers(); ++i) {
    if (has_transaction_id) rows.Prefetch(i + kAhead);
    STRATA_RETURN_IF_ERROR(has_transaction_id ? AddLines(rows, i, &lines, &columns)
                                              : AddDays(rows.rows(i), &days, &columns));
    STRATA_RETURN_IF_ERROR(columns.EndCustomer(rows.hash(i), rows.id(i)));
  }
  return columns;
}

}  // namespace strata
