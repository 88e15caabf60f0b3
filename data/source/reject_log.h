// Rejected rows of a split: counted by field and kind, and kept with their place as far as the quarantine has room. Not
// thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/source/fault.h"
#include "data/source/ingest.h"
#include "data/source/row_sink.h"
#include "run/source_fields.h"

namespace strata {

using RejectCounts = std::vector<std::pair<std::string, int64_t>>;  // by reason, ascending

class RejectLog {
 public:
  RejectLog(SourceFields fields, FaultWords words, std::string path);

  // `cells`: of the row; null where the whole record is at fault.
  void Add(int64_t line, const Fault& fault, const Cells* cells);
  // Rejected rows by reason whose fault is in the field; faults of whole records are not.
  RejectCounts In(size_t field) const;
  // Never capped.
  RejectCounts ByReason() const;
  // Smallest positions first, at most kQuarantineRowsPerReason per reason. These rows are used up.
  std::vector<QuarantineRow> TakeRows();

  const SourceFields& fields() const { return fields_; }

 private:
  SourceFields fields_;
  FaultWords words_;
  std::string path_;
  std::vector<QuarantineRow> rows_;
  // By field and kind; those of whole records stand under the first field.
  std::vector<std::array<int64_t, kFaultKindCount>> counts_;
};

}  // namespace strata
