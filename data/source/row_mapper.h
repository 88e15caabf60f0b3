// The sink that makes MapSplit's result: classifies every record, keeps accepted rows by shard, rejects with their
// place. Not thread-safe; one per split.
#pragma once

#include <cstdint>
#include <string>

#include "data/source/ingest.h"
#include "data/source/line_sink.h"
#include "data/source/reject_log.h"
#include "data/source/row_parser.h"
#include "data/source/row_sink.h"
#include "data/source/staged_rows.h"
#include "run/job.h"
#include "run/transaction_fields.h"

namespace strata {

class RowMapper final : public RowSink {
 public:
  // `job`, `tables` and `lines` (null: no details are wanted) must outlive this. `path` and `file_number` go into
  // rejects and rows.
  static absl::StatusOr<RowMapper> ForJob(const Job& job, std::string path, int32_t file_number,
                                          const MapTables& tables = {}, LineSink* lines = nullptr);

  void OnExpected(int64_t records) override;
  void OnBlank(int64_t line) override;
  void OnMalformed(int64_t line, const Fault& fault) override;
  void OnRow(int64_t line, const Cells& cells) override;

  const RowCounts& counts() const { return mapped_.counts; }
  // Rejected rows by reason whose fault is in the field, by its place in FieldsOf(source).
  RejectCounts RejectedIn(size_t field) const { return rejects_.In(field); }

  // The result; this mapper is used up.
  MappedRows Take();

 private:
  RowMapper(const Job& job, RowParser parser, std::string path, int32_t file_number, const AliasTable* aliases,
            LineSink* lines);

  const Job* job_;
  const AliasTable* aliases_;
  RowParser parser_;
  RejectLog rejects_;
  MappedRows mapped_;
  StagedRows staged_;
  LineSink* lines_;
};

}  // namespace strata
