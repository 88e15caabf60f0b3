#include "run/stage_plan.h"

#include "run/coding.h"

namespace strata {
namespace {

constexpr uint32_t kVersion = 6;

void EncodeRefs(const std::vector<ObjectRef>& refs, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(refs.size()));
  for (const ObjectRef& ref : refs) Encode(ref, writer);
}

std::vector<ObjectRef> DecodeRefs(ByteReader* reader) {
  std::vector<ObjectRef> refs;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) refs.push_back(DecodeObjectRef(reader));
  return refs;
}

void EncodeFiles(const std::vector<PlannedFile>& files, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(files.size()));
  for (const PlannedFile& file : files) {
    writer->Text(file.path);
    writer->U64(file.size_bytes);
    writer->I64(file.modified_ns);
    writer->U8(static_cast<uint8_t>(file.table));
  }
}

std::vector<PlannedFile> DecodeFiles(ByteReader* reader) {
  std::vector<PlannedFile> files;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    PlannedFile file;
    file.path = reader->Text();
    file.size_bytes = reader->U64();
    file.modified_ns = reader->I64();
    file.table = static_cast<TableId>(reader->U8());
    files.push_back(std::move(file));
  }
  return files;
}

void EncodeSplit(const PlannedSplit& split, ByteWriter* writer) {
  writer->Text(split.path);
  writer->U64(split.size_bytes);
  writer->I64(split.modified_ns);
  writer->U64(split.checksum);
  writer->U64(split.begin);
  writer->U64(split.end);
  writer->I64(split.first_line);
  writer->I32(split.file_number);
  writer->I64(split.records);
  writer->U64(split.bytes);
  writer->U8(static_cast<uint8_t>(split.table));
}

PlannedSplit DecodeSplit(ByteReader* reader) {
  PlannedSplit split;
  split.path = reader->Text();
  split.size_bytes = reader->U64();
  split.modified_ns = reader->I64();
  split.checksum = reader->U64();
  split.begin = reader->U64();
  split.end = reader->U64();
  split.first_line = reader->I64();
  split.file_number = reader->I32();
  split.records = reader->I64();
  split.bytes = reader->U64();
  split.table = static_cast<TableId>(reader->U8());
  return split;
}

void EncodeByShard(const std::vector<std::vector<ObjectRef>>& segments, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(segments.size()));
  for (const std::vector<ObjectRef>& shard : segments) EncodeRefs(shard, writer);
}

std::vector<std::vector<ObjectRef>> DecodeByShard(ByteReader* reader) {
  std::vector<std::vector<ObjectRef>> segments;
  const uint32_t shards = reader->U32();
  for (uint32_t i = 0; i < shards && reader->ok(); ++i) segments.push_back(DecodeRefs(reader));
  return segments;
}

void EncodeTables(const StagePlan& plan, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(plan.tables.size()));
  for (const PlannedTable& table : plan.tables) {
    writer->U8(static_cast<uint8_t>(table.table));
    EncodeByShard(table.segments, writer);
    writer->Array(table.removed_files);
    EncodeRefs(table.outputs, writer);
    writer->U8(table.counts_change);
    writer->U8(table.has_moves);
  }
  EncodeRefs(plan.profiles, writer);
  EncodeRefs(plan.cutoff_profiles, writer);
}

void DecodeTables(ByteReader* reader, StagePlan* plan) {
  const uint32_t tables = reader->U32();
  for (uint32_t i = 0; i < tables && reader->ok(); ++i) {
    PlannedTable& table = plan->tables.emplace_back();
    table.table = static_cast<TableId>(reader->U8());
    table.segments = DecodeByShard(reader);
    table.removed_files = reader->Array<int32_t>();
    table.outputs = DecodeRefs(reader);
    table.counts_change = reader->U8() != 0;
    table.has_moves = reader->U8() != 0;
  }
  plan->profiles = DecodeRefs(reader);
  plan->cutoff_profiles = DecodeRefs(reader);
}

void EncodeReports(const StagePlan& plan, ByteWriter* writer) {
  EncodeRefs(plan.lookups, writer);
  Encode(plan.program, writer);
  writer->U32(static_cast<uint32_t>(plan.reports.size()));
  for (const std::string& report : plan.reports) writer->Text(report);
  writer->I64(plan.previous_snapshot);
  writer->I32(plan.previous_as_of);
  Encode(plan.previous_models, writer);
  EncodeRefs(plan.previous_lookups, writer);
  EncodeRefs(plan.previous_members, writer);
}

void DecodeReports(ByteReader* reader, StagePlan* plan) {
  plan->lookups = DecodeRefs(reader);
  plan->program = DecodeObjectRef(reader);
  const uint32_t reports = reader->U32();
  for (uint32_t i = 0; i < reports && reader->ok(); ++i) plan->reports.emplace_back(reader->Text());
  plan->previous_snapshot = reader->I64();
  plan->previous_as_of = reader->I32();
  plan->previous_models = DecodeObjectRef(reader);
  plan->previous_lookups = DecodeRefs(reader);
  plan->previous_members = DecodeRefs(reader);
}

}  // namespace

std::string StagePlan::Encode() const {
  ByteWriter writer;
  writer.U32(kVersion);
  writer.U8(static_cast<uint8_t>(stage));
  writer.Text(job_name);
  writer.I64(run);
  writer.Text(job_yaml);
  EncodeFiles(files, &writer);
  writer.U32(static_cast<uint32_t>(splits.size()));
  for (const PlannedSplit& split : splits) EncodeSplit(split, &writer);
  EncodeRefs(map_outputs, &writer);
  EncodeByShard(segments, &writer);
  writer.Array(removed_files);
  writer.U8(counts_change);
  EncodeRefs(features, &writer);
  writer.I32(as_of);
  writer.I32(holdout_days);
  writer.I32(churn_views);
  strata::Encode(models, &writer);
  writer.I64(snapshot);
  EncodeFiles(alias_files, &writer);
  EncodeFiles(fx_files, &writer);
  strata::Encode(aliases, &writer);
  strata::Encode(fx, &writer);
  strata::Encode(moves, &writer);
  writer.Array(leaving);
  EncodeRefs(moved, &writer);
  EncodeTables(*this, &writer);
  EncodeReports(*this, &writer);
  return writer.Take();
}

absl::StatusOr<StagePlan> StagePlan::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  StagePlan plan;
  if (const uint32_t version = reader.U32(); version != kVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN", "stage plan of an unknown version");
  }
  plan.stage = static_cast<Stage>(reader.U8());
  plan.job_name = reader.Text();
  plan.run = reader.I64();
  plan.job_yaml = reader.Text();
  plan.files = DecodeFiles(&reader);
  const uint32_t splits = reader.U32();
  for (uint32_t i = 0; i < splits && reader.ok(); ++i) plan.splits.push_back(DecodeSplit(&reader));
  plan.map_outputs = DecodeRefs(&reader);
  plan.segments = DecodeByShard(&reader);
  plan.removed_files = reader.Array<int32_t>();
  plan.counts_change = reader.U8() != 0;
  plan.features = DecodeRefs(&reader);
  plan.as_of = reader.I32();
  plan.holdout_days = reader.I32();
  plan.churn_views = reader.I32();
  plan.models = DecodeObjectRef(&reader);
  plan.snapshot = reader.I64();
  plan.alias_files = DecodeFiles(&reader);
  plan.fx_files = DecodeFiles(&reader);
  plan.aliases = DecodeObjectRef(&reader);
  plan.fx = DecodeObjectRef(&reader);
  plan.moves = DecodeObjectRef(&reader);
  plan.leaving = reader.Array<uint32_t>();
  plan.moved = DecodeRefs(&reader);
  DecodeTables(&reader, &plan);
  DecodeReports(&reader, &plan);
  STRATA_RETURN_IF_ERROR(reader.Finish("stage plan"));
  return plan;
}

}  // namespace strata
