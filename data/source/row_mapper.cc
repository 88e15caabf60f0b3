#include "data/source/row_mapper.h"

#include <map>

#include "data/source/quarantine.h"
#include "data/source/text.h"

namespace strata {
namespace {

constexpr int64_t kNanosPerMinute = 60'000'000'000;

}  // namespace

absl::StatusOr<RowMapper> RowMapper::ForJob(const Job& job, std::string path, int32_t file_number) {
  STRATA_ASSIGN_OR_RETURN(RowParser parser, RowParser::ForJob(job));
  return RowMapper(job, std::move(parser), std::move(path), file_number);
}

RowMapper::RowMapper(const Job& job, RowParser parser, std::string path, int32_t file_number)
    : job_(&job),
      parser_(std::move(parser)),
      path_(std::move(path)),
      file_number_(file_number),
      has_transaction_id_(!job.transactions.columns.transaction_id.empty()) {
  mapped_.shards.resize(job.shards);
}

void RowMapper::OnBlank(int64_t) {
  ++mapped_.counts.read;
  ++mapped_.counts.blank;
}

void RowMapper::OnMalformed(int64_t line, const Fault& fault) {
  ++mapped_.counts.read;
  Reject(line, fault, nullptr);
}

void RowMapper::OnRow(int64_t line, const Cells& cells) {
  ++mapped_.counts.read;
  ParsedRow row;
  Fault fault;
  if (parser_.Parse(cells, &row, &fault)) {
    Accept(row);
    return;
  }
  const bool no_customer = fault.kind == FaultKind::kMissing && fault.field == TransactionField::kCustomerId;
  if (no_customer && job_->transactions.on_missing_customer == OnMissingCustomer::kSkip) {
    ++mapped_.counts.skipped_no_customer;
    return;
  }
  Reject(line, fault, &cells);
}

void RowMapper::Accept(const ParsedRow& row) {
  ++mapped_.counts.accepted;
  const uint64_t hash = Hash64(row.customer_id);
  RowBatch& batch = mapped_.shards[ShardOf(hash, job_->shards)];
  batch.hash.push_back(hash);
  batch.id.Append(row.customer_id);
  batch.day.push_back(row.time.day);
  batch.minute.push_back(static_cast<int16_t>(row.time.nanos / kNanosPerMinute));
  batch.net_micros.push_back(row.net_micros);
  batch.is_return.push_back(row.is_return ? 1 : 0);
  batch.file.push_back(file_number_);
  if (!has_transaction_id_) return;
  batch.transaction.push_back(row.transaction);
  batch.updated_at_us.push_back(row.updated_at_us);
  batch.row_hash.push_back(row.row_hash);
}

void RowMapper::Reject(int64_t line, const Fault& fault, const Cells* cells) {
  ++mapped_.counts.rejected;
  int64_t& count = rejected_[static_cast<size_t>(fault.field)][static_cast<size_t>(fault.kind)];
  if (++count > kQuarantineRowsPerReason) return;
  QuarantineRow row{.file = path_, .line = line, .reason = ReasonOf(fault.kind, fault.field)};
  Fault shown = fault;
  std::string typed_time;
  if (cells != nullptr) {
    row.column = ColumnOf(job_->transactions.columns, fault.field);
    const Cell& cell = (*cells)[static_cast<size_t>(fault.field)];
    if (cell.kind == Cell::Kind::kLocalTime || cell.kind == Cell::Kind::kInstant) {
      typed_time = DescribeTime(cell);
      shown.value = typed_time;
    }
  }
  row.value = Printable(shown.value, kQuarantineValueBytes);
  row.message = MessageOf(shown, *job_);
  mapped_.quarantine.push_back(std::move(row));
}

std::vector<std::pair<std::string, int64_t>> RowMapper::RejectedIn(TransactionField field) const {
  std::vector<std::pair<std::string, int64_t>> reasons;
  const auto& counts = rejected_[static_cast<size_t>(field)];
  for (size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0 || IsRecordFault(static_cast<FaultKind>(kind))) continue;
    reasons.emplace_back(ReasonOf(static_cast<FaultKind>(kind), field), counts[kind]);
  }
  return reasons;
}

MappedRows RowMapper::Take() {
  std::map<std::string, int64_t> by_reason;
  for (size_t field = 0; field < rejected_.size(); ++field) {
    for (size_t kind = 0; kind < rejected_[field].size(); ++kind) {
      if (rejected_[field][kind] == 0) continue;
      by_reason[ReasonOf(static_cast<FaultKind>(kind), static_cast<TransactionField>(field))] += rejected_[field][kind];
    }
  }
  // One reason can come from several fields, so the cap above may leave too many.
  CapPerReason(&mapped_.quarantine);
  mapped_.rejected_by_reason.assign(by_reason.begin(), by_reason.end());
  return std::move(mapped_);
}

}  // namespace strata
