#include "data/source/row_mapper.h"

#include <map>

#include "data/source/quarantine.h"
#include "data/source/text.h"

namespace strata {
absl::StatusOr<RowMapper> RowMapper::ForJob(const Job& job, std::string path, int32_t file_number,
                                            const MapTables& tables) {
  STRATA_ASSIGN_OR_RETURN(RowParser parser, RowParser::ForJob(job, tables.fx));
  return RowMapper(job, std::move(parser), std::move(path), file_number, tables.aliases);
}

RowMapper::RowMapper(const Job& job, RowParser parser, std::string path, int32_t file_number, const AliasTable* aliases)
    : job_(&job),
      aliases_(aliases),
      parser_(std::move(parser)),
      fields_(FieldsOf(job.transactions)),
      words_{.time_format = job.transactions.time_format, .currency = job.currency},
      path_(std::move(path)),
      staged_(job.shards, !job.transactions.columns.transaction_id.empty(), file_number) {
  mapped_.shards.resize(job.shards);
}

void RowMapper::OnExpected(int64_t records) { staged_.Expect(records, &mapped_.shards); }

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
    ++mapped_.counts.accepted;
    if (aliases_ != nullptr) row.customer_id = aliases_->Resolve(row.customer_id);
    staged_.Add(row, &mapped_.shards);
    return;
  }
  const bool no_customer =
      fault.kind == FaultKind::kMissing && fault.field == static_cast<uint16_t>(TransactionField::kCustomerId);
  if (no_customer && job_->transactions.on_missing_customer == OnMissingCustomer::kSkip) {
    ++mapped_.counts.skipped_no_customer;
    return;
  }
  Reject(line, fault, &cells);
}

void RowMapper::Reject(int64_t line, const Fault& fault, const Cells* cells) {
  ++mapped_.counts.rejected;
  const SourceField& field = fields_.fields[fault.field];
  int64_t& count = rejected_[fault.field][static_cast<size_t>(fault.kind)];
  if (++count > kQuarantineRowsPerReason) return;
  QuarantineRow row{.file = path_, .line = line, .reason = ReasonOf(fault.kind, field)};
  Fault shown = fault;
  std::string typed_time;
  if (cells != nullptr) {
    row.column = field.column;
    const Cell& cell = (*cells)[fault.field];
    if (cell.kind == Cell::Kind::kLocalTime || cell.kind == Cell::Kind::kInstant) {
      typed_time = DescribeTime(cell);
      shown.value = typed_time;
    }
  }
  row.value = Printable(shown.value, kQuarantineValueBytes);
  row.message = MessageOf(shown, field, words_);
  mapped_.quarantine.push_back(std::move(row));
}

std::vector<std::pair<std::string, int64_t>> RowMapper::RejectedIn(TransactionField field) const {
  std::vector<std::pair<std::string, int64_t>> reasons;
  const auto& counts = rejected_[static_cast<size_t>(field)];
  for (size_t kind = 0; kind < counts.size(); ++kind) {
    if (counts[kind] == 0 || IsRecordFault(static_cast<FaultKind>(kind))) continue;
    reasons.emplace_back(ReasonOf(static_cast<FaultKind>(kind), fields_.fields[static_cast<size_t>(field)]),
                         counts[kind]);
  }
  return reasons;
}

MappedRows RowMapper::Take() {
  staged_.Flush(&mapped_.shards);
  std::map<std::string, int64_t> by_reason;
  for (size_t field = 0; field < rejected_.size(); ++field) {
    for (size_t kind = 0; kind < rejected_[field].size(); ++kind) {
      if (rejected_[field][kind] == 0) continue;
      by_reason[ReasonOf(static_cast<FaultKind>(kind), fields_.fields[field])] += rejected_[field][kind];
    }
  }
  // One reason can come from several fields, so the cap above may leave too many.
  CapPerReason(&mapped_.quarantine);
  mapped_.rejected_by_reason.assign(by_reason.begin(), by_reason.end());
  mapped_.fx_uses = parser_.FxUses();
  return std::move(mapped_);
}

}  // namespace strata
