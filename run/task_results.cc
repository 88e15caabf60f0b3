#include "run/task_results.h"

#include "run/coding.h"

namespace strata {

std::string ScanResult::Encode() const {
  ByteWriter writer;
  writer.U64(size_bytes);
  writer.I64(modified_ns);
  writer.U64(checksum);
  writer.I64(records);
  writer.U32(static_cast<uint32_t>(splits.size()));
  for (const ScannedSplit& split : splits) {
    writer.U64(split.begin);
    writer.U64(split.end);
    writer.I64(split.first_line);
    writer.I64(split.records);
    writer.U64(split.bytes);
  }
  return writer.Take();
}

absl::StatusOr<ScanResult> ScanResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  ScanResult result;
  result.size_bytes = reader.U64();
  result.modified_ns = reader.I64();
  result.checksum = reader.U64();
  result.records = reader.I64();
  const uint32_t splits = reader.U32();
  for (uint32_t i = 0; i < splits && reader.ok(); ++i) {
    ScannedSplit split;
    split.begin = reader.U64();
    split.end = reader.U64();
    split.first_line = reader.I64();
    split.records = reader.I64();
    split.bytes = reader.U64();
    result.splits.push_back(split);
  }
  STRATA_RETURN_IF_ERROR(reader.Finish("result of a plan task"));
  return result;
}

std::string MapResult::Encode() const {
  ByteWriter writer;
  strata::Encode(output, &writer);
  strata::Encode(quarantine, &writer);
  strata::Encode(counts, &writer);
  writer.U32(static_cast<uint32_t>(rejected_by_reason.size()));
  for (const auto& [reason, count] : rejected_by_reason) {
    writer.Text(reason);
    writer.I64(count);
  }
  strata::Encode(fx_uses, &writer);
  strata::Encode(tables, &writer);
  return writer.Take();
}

absl::StatusOr<MapResult> MapResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  MapResult result;
  result.output = DecodeObjectRef(&reader);
  result.quarantine = DecodeObjectRef(&reader);
  result.counts = DecodeRowCounts(&reader);
  const uint32_t reasons = reader.U32();
  for (uint32_t i = 0; i < reasons && reader.ok(); ++i) {
    std::string reason(reader.Text());
    const int64_t count = reader.I64();
    result.rejected_by_reason.emplace_back(std::move(reason), count);
  }
  result.fx_uses = DecodeFxUses(&reader);
  result.tables = DecodeTableOutputs(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish("result of a map task"));
  return result;
}

namespace {

void EncodeTable(const TableLedgerResult& table, ByteWriter* writer) {
  writer->U8(static_cast<uint8_t>(table.table));
  writer->U32(table.kept);
  Encode(table.segment, writer);
  writer->I64(table.customers);
  writer->I64(table.rows);
  writer->I64(table.conflicts);
  writer->U64(table.digest.high);
  writer->U64(table.digest.low);
  Encode(table.rows_by_file, writer);
  Encode(table.rows_by_day, writer);
}

TableLedgerResult DecodeTableLedgerResult(ByteReader* reader) {
  TableLedgerResult table;
  table.table = static_cast<TableId>(reader->U8());
  table.kept = reader->U32();
  table.segment = DecodeObjectRef(reader);
  table.customers = reader->I64();
  table.rows = reader->I64();
  table.conflicts = reader->I64();
  table.digest.high = reader->U64();
  table.digest.low = reader->U64();
  table.rows_by_file = DecodeCounts(reader);
  table.rows_by_day = DecodeCounts(reader);
  return table;
}

}  // namespace

std::string LedgerResult::Encode() const {
  ByteWriter writer;
  writer.U32(kept);
  strata::Encode(segment, &writer);
  writer.I64(customers);
  writer.I64(rows);
  writer.U64(digest.high);
  writer.U64(digest.low);
  strata::Encode(rows_by_file, &writer);
  writer.I64(conflicts);
  strata::Encode(rows_by_day, &writer);
  writer.U32(static_cast<uint32_t>(tables.size()));
  for (const TableLedgerResult& table : tables) EncodeTable(table, &writer);
  return writer.Take();
}

absl::StatusOr<LedgerResult> LedgerResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  LedgerResult result;
  result.kept = reader.U32();
  result.segment = DecodeObjectRef(&reader);
  result.customers = reader.I64();
  result.rows = reader.I64();
  result.digest.high = reader.U64();
  result.digest.low = reader.U64();
  result.rows_by_file = DecodeCounts(&reader);
  result.conflicts = reader.I64();
  result.rows_by_day = DecodeCounts(&reader);
  const uint32_t tables = reader.U32();
  for (uint32_t i = 0; i < tables && reader.ok(); ++i) result.tables.push_back(DecodeTableLedgerResult(&reader));
  STRATA_RETURN_IF_ERROR(reader.Finish("result of a ledger task"));
  return result;
}

std::string FeatureTaskResult::Encode() const {
  ByteWriter writer;
  strata::Encode(features, &writer);
  writer.I64(customers);
  writer.I64(customers_with_purchase);
  writer.I64(rows);
  strata::Encode(rows_after_as_of_by_file, &writer);
  strata::Encode(profile, &writer);
  strata::Encode(cutoff_profiles, &writer);
  writer.Text(statistics);
  writer.Text(history);
  return writer.Take();
}

absl::StatusOr<FeatureTaskResult> FeatureTaskResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  FeatureTaskResult result;
  result.features = DecodeObjectRef(&reader);
  result.customers = reader.I64();
  result.customers_with_purchase = reader.I64();
  result.rows = reader.I64();
  result.rows_after_as_of_by_file = DecodeCounts(&reader);
  result.profile = DecodeObjectRef(&reader);
  result.cutoff_profiles = DecodeObjectRef(&reader);
  result.statistics = reader.Text();
  result.history = reader.Text();
  STRATA_RETURN_IF_ERROR(reader.Finish("result of a feature task"));
  return result;
}

std::string ScoreResult::Encode() const {
  ByteWriter writer;
  strata::Encode(lookup, &writer);
  strata::Encode(parquet, &writer);
  writer.I64(customers);
  writer.Text(profiles);
  writer.Text(unseen);
  return writer.Take();
}

absl::StatusOr<ScoreResult> ScoreResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  ScoreResult result;
  result.lookup = DecodeObjectRef(&reader);
  result.parquet = DecodeObjectRef(&reader);
  result.customers = reader.I64();
  result.profiles = reader.Text();
  result.unseen = reader.Text();
  STRATA_RETURN_IF_ERROR(reader.Finish("result of a score task"));
  return result;
}

std::string ReportResult::Encode() const {
  ByteWriter writer;
  strata::Encode(members, &writer);
  strata::Encode(moves, &writer);
  writer.Text(partials);
  writer.I64(customers);
  return writer.Take();
}

absl::StatusOr<ReportResult> ReportResult::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  ReportResult result;
  result.members = DecodeObjectRef(&reader);
  result.moves = DecodeObjectRef(&reader);
  result.partials = reader.Text();
  result.customers = reader.I64();
  STRATA_RETURN_IF_ERROR(reader.Finish("result of a report task"));
  return result;
}

}  // namespace strata
