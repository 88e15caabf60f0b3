#include "data/source/reject_log.h"

#include <map>

#include "data/source/quarantine.h"
#include "data/source/text.h"
#include "data/source/time_reader.h"

namespace strata {

RejectLog::RejectLog(SourceFields fields, FaultWords words, std::string path)
    : fields_(std::move(fields)), words_(std::move(words)), path_(std::move(path)), counts_(fields_.size()) {}

void RejectLog::Add(int64_t line, const Fault& fault, const Cells* cells) {
  const SourceField& field = fields_.fields[fault.field];
  int64_t& count = counts_[fault.field][static_cast<size_t>(fault.kind)];
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
  rows_.push_back(std::move(row));
}

RejectCounts RejectLog::In(size_t field) const {
  RejectCounts reasons;
  for (size_t kind = 0; kind < kFaultKindCount; ++kind) {
    if (counts_[field][kind] == 0 || IsRecordFault(static_cast<FaultKind>(kind))) continue;
    reasons.emplace_back(ReasonOf(static_cast<FaultKind>(kind), fields_.fields[field]), counts_[field][kind]);
  }
  return reasons;
}

RejectCounts RejectLog::ByReason() const {
  std::map<std::string, int64_t> by_reason;
  for (size_t field = 0; field < counts_.size(); ++field) {
    for (size_t kind = 0; kind < kFaultKindCount; ++kind) {
      if (counts_[field][kind] == 0) continue;
      by_reason[ReasonOf(static_cast<FaultKind>(kind), fields_.fields[field])] += counts_[field][kind];
    }
  }
  return {by_reason.begin(), by_reason.end()};
}

std::vector<QuarantineRow> RejectLog::TakeRows() {
  // One reason can come from several fields, so the cap above may leave too many.
  CapPerReason(&rows_);
  return std::move(rows_);
}

}  // namespace strata
