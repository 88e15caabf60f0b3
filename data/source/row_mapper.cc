#include "data/source/row_mapper.h"

#include "run/source_fields.h"

namespace strata {
absl::StatusOr<RowMapper> RowMapper::ForJob(const Job& job, std::string path, int32_t file_number,
                                            const MapTables& tables, LineSink* lines) {
  STRATA_ASSIGN_OR_RETURN(RowParser parser, RowParser::ForJob(job, tables.fx));
  return RowMapper(job, std::move(parser), std::move(path), file_number, tables.aliases, lines);
}

RowMapper::RowMapper(const Job& job, RowParser parser, std::string path, int32_t file_number, const AliasTable* aliases,
                     LineSink* lines)
    : job_(&job),
      aliases_(aliases),
      parser_(std::move(parser)),
      rejects_(FieldsOf(job.transactions), {.time_format = job.transactions.time_format, .currency = job.currency},
               std::move(path)),
      staged_(job.shards, !job.transactions.columns.transaction_id.empty(), file_number),
      lines_(lines) {
  mapped_.shards.resize(job.shards);
}

void RowMapper::OnExpected(int64_t records) {
  staged_.Expect(records, &mapped_.shards);
  if (lines_ != nullptr) lines_->Expect(records);
}

void RowMapper::OnBlank(int64_t) {
  ++mapped_.counts.read;
  ++mapped_.counts.blank;
}

void RowMapper::OnMalformed(int64_t line, const Fault& fault) {
  ++mapped_.counts.read;
  ++mapped_.counts.rejected;
  rejects_.Add(line, fault, nullptr);
}

void RowMapper::OnRow(int64_t line, const Cells& cells) {
  ++mapped_.counts.read;
  ParsedRow row;
  Fault fault;
  if (parser_.Parse(cells, &row, &fault)) {
    ++mapped_.counts.accepted;
    if (aliases_ != nullptr) row.customer_id = aliases_->Resolve(row.customer_id);
    staged_.Add(row, &mapped_.shards);
    if (lines_ != nullptr) lines_->Add(row, cells, parser_);
    return;
  }
  const bool no_customer =
      fault.kind == FaultKind::kMissing && fault.field == static_cast<uint16_t>(TransactionField::kCustomerId);
  if (no_customer && job_->transactions.on_missing_customer == OnMissingCustomer::kSkip) {
    ++mapped_.counts.skipped_no_customer;
    return;
  }
  ++mapped_.counts.rejected;
  rejects_.Add(line, fault, &cells);
}

MappedRows RowMapper::Take() {
  staged_.Flush(&mapped_.shards);
  mapped_.quarantine = rejects_.TakeRows();
  mapped_.rejected_by_reason = rejects_.ByReason();
  mapped_.fx_uses = parser_.FxUses();
  return std::move(mapped_);
}

}  // namespace strata
