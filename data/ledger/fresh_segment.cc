#include "data/ledger/fresh_segment.h"

#include <fmt/format.h>

#include <limits>

#include "data/ledger/batch_check.h"
#include "data/ledger/customer_rows.h"
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

}  // namespace

absl::StatusOr<SegmentColumns> ColumnsOf(const std::vector<RowBatch>& fresh, bool has_transaction_id) {
  STRATA_RETURN_IF_ERROR(CheckFresh(fresh, has_transaction_id));
  const FreshRows rows(fresh);
  SegmentColumns columns;
  CustomerRows customer;
  for (size_t i = 0; i < rows.customers(); ++i) {
    customer.Clear();
    for (const FreshRows::Row& at : rows.rows(i)) {
      const RowBatch& batch = rows.batch(at);
      if (has_transaction_id) {
        customer.AddLine(LineAt(batch, at.row));
      } else {
        customer.AddDay({batch.day[at.row], batch.file[at.row], batch.net_micros[at.row], 1, batch.is_return[at.row]});
      }
    }
    STRATA_RETURN_IF_ERROR(customer.Settle(rows.hash(i), has_transaction_id));
    columns.AddDays(customer.days());
    for (const LedgerLine& line : customer.stored()) columns.AddLine(line);
    STRATA_RETURN_IF_ERROR(columns.EndCustomer(rows.hash(i), rows.id(i)));
  }
  return columns;
}

}  // namespace strata
