// Makes batches of one split of a table beside transactions: classifies every record, keeps accepted rows by shard,
// rejects with their place, as RowMapper (row_mapper.h) does for transactions.
//
// Rows of a customer go to the shard of the customer that the id stands for; rows without one, and those of reference
// tables, to the reference shard. Ids of customers in other columns are kept as they are written: whom
// they stand for can change with every night, what a row says cannot. Duplicates are the ledger's to find.
//
// Whom customers name as referrer or parent may lie in other shards, so a link row goes to the shard of whoever is
// named: table kLinks, on the day and with the key, row hash and file of the row that names them, so that it counts as
// long as that row does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/rows/table_batch.h"
#include "data/source/ingest.h"
#include "data/source/reject_log.h"
#include "data/source/row_sink.h"
#include "data/source/table_parser.h"
#include "data/source/table_rows.h"
#include "run/job.h"
#include "run/table_source.h"

namespace strata {

struct MappedTable {
  RowCounts counts;               // duplicates and skipped_after_as_of are not known yet and stay 0
  std::vector<TableBatch> rows;   // job.shards batches and the reference shard's, of LayoutOf(source)
  std::vector<TableBatch> links;  // of LinkLayout(); empty unless the table maps referrer_id or parent_id
  std::vector<QuarantineRow> quarantine;
  RejectCounts rejected_by_reason;
};

// The date that the job gives for the rows of a file, by the last part of its path; nullopt: none. INVALID_ARGUMENT
// (VALID_FROM_AMBIGUOUS) names the file and both patterns that match it.
absl::StatusOr<std::optional<Day>> ValidFromOf(const TableSource& source, std::string_view path);

class TableMapper final : public RowSink {
 public:
  // `source` must outlive this, `aliases` too (null: the job has none). Errors are those of ValidFromOf.
  static absl::StatusOr<TableMapper> ForSource(const Job& job, const TableSource& source, const std::string& path,
                                               int32_t file_number, const AliasTable* aliases = nullptr);

  void OnExpected(int64_t records) override { rows_.Expect(records); }
  void OnBlank(int64_t line) override;
  void OnMalformed(int64_t line, const Fault& fault) override;
  void OnRow(int64_t line, const Cells& cells) override;

  // Rejected rows by reason whose fault is in the field, by its place in FieldsOf(source).
  RejectCounts RejectedIn(size_t field) const { return rejects_.In(field); }

  // The result; this mapper is used up.
  MappedTable Take();

 private:
  // A column of the layout.
  struct Kept {
    size_t field = 0;  // of FieldsOf(source)
    ValueType type = ValueType::kCategory;
    int link_kind = -1;  // in words of a link; -1: no link
  };

  TableMapper(const Job& job, const TableSource& source, TableParser parser, const std::string& path,
              int32_t file_number, const AliasTable* aliases);
  void Keep();
  void Link(std::string_view named, int kind);
  std::string_view Resolve(std::string_view id) const { return aliases_ == nullptr ? id : aliases_->Resolve(id); }

  const TableSource* source_;
  const AliasTable* aliases_;
  TableParser parser_;
  RejectLog rejects_;
  TableRows rows_;
  std::optional<TableRows> links_;
  std::vector<Kept> kept_;
  std::optional<size_t> customer_field_;
  RowCounts counts_;
  ParsedTableRow row_;  // at hand
};

// Reads, parses, validates and partitions one split of a table. Parameters and errors as those of MapSplit (ingest.h),
// and of ValidFromOf.
absl::StatusOr<MappedTable> MapTableSplit(FileSystem& file_system, const std::string& path, const FileScan& expected,
                                          const Split& split, const Job& job, const TableSource& source,
                                          int32_t file_number, const MapTables& tables = {});

}  // namespace strata
