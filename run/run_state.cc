#include "run/run_state.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "run/coding.h"
#include "run/job.h"

namespace strata {
namespace {

constexpr uint32_t kFormat = 1;

ByteWriter Begin() {
  ByteWriter writer;
  writer.U32(kFormat);
  return writer;
}

absl::Status CheckFormat(ByteReader* reader, std::string_view name) {
  const uint32_t format = reader->U32();
  if (!reader->ok() || format == kFormat) return absl::OkStatus();  // a short one is told by Finish
  return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                   fmt::format("record '{}' of a run has format {}, this program reads {}", name, format, kFormat));
}

std::string What(std::string_view name) { return fmt::format("record '{}' of a run", name); }

}  // namespace

std::string RunRequestRecord::Encode() const {
  ByteWriter writer = Begin();
  writer.Text(build_id);
  writer.Text(job_yaml);
  writer.Text(job_folder);
  writer.U8(as_of.has_value());
  writer.I32(as_of.value_or(0));
  writer.U8(follows.has_value());
  writer.I64(follows.value_or(0));
  writer.U8(static_cast<uint8_t>(activation));
  writer.U8(rebuild_ledger);
  writer.U8(ledger_only);
  writer.U8(verify_sources);
  writer.U8(ignore_veto);
  writer.U8(backfill);
  return writer.Take();
}

std::vector<std::pair<std::string, std::string>> RunRequestRecord::Pieces() const {
  static_assert(kMaxJobFileBytes < 8 * kRunRequestPieceBytes, "names of pieces have one digit, so that they ascend");
  const std::string bytes = Encode();
  std::vector<std::pair<std::string, std::string>> pieces;
  for (size_t begin = 0; begin < bytes.size(); begin += kRunRequestPieceBytes) {
    std::string name = pieces.empty() ? kName : fmt::format("{}-{}", kName, pieces.size());
    pieces.emplace_back(std::move(name), bytes.substr(begin, kRunRequestPieceBytes));
  }
  return pieces;
}

absl::StatusOr<RunRequestRecord> RunRequestRecord::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  STRATA_RETURN_IF_ERROR(CheckFormat(&reader, kName));
  RunRequestRecord record;
  record.build_id = reader.Text();
  record.job_yaml = reader.Text();
  record.job_folder = reader.Text();
  const bool has_as_of = reader.U8() != 0;
  const Day as_of = reader.I32();
  if (has_as_of) record.as_of = as_of;
  const bool has_follows = reader.U8() != 0;
  const int64_t follows = reader.I64();
  if (has_follows) record.follows = follows;
  const uint8_t activation = reader.U8();
  record.activation = static_cast<Activation>(activation);
  record.rebuild_ledger = reader.U8() != 0;
  record.ledger_only = reader.U8() != 0;
  record.verify_sources = reader.U8() != 0;
  record.ignore_veto = reader.U8() != 0;
  record.backfill = reader.U8() != 0;
  STRATA_RETURN_IF_ERROR(reader.Finish(What(kName)));
  if (activation > static_cast<uint8_t>(Activation::kNoActivate)) {
    return MakeError(absl::StatusCode::kDataLoss, "RUN_RECORD_CORRUPT",
                     fmt::format("{}: activation is {}, must be 0 to 2", What(kName), activation));
  }
  return record;
}

std::string SourcesPin::Encode() const {
  ByteWriter writer = Begin();
  writer.I64(ledger_version);
  strata::Encode(listing, &writer);
  return writer.Take();
}

absl::StatusOr<SourcesPin> SourcesPin::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  STRATA_RETURN_IF_ERROR(CheckFormat(&reader, kName));
  SourcesPin pin;
  pin.ledger_version = reader.I64();
  pin.listing = DecodeObjectRef(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish(What(kName)));
  return pin;
}

std::string DatesPin::Encode() const {
  ByteWriter writer = Begin();
  writer.I64(ledger_version);
  writer.I32(as_of);
  writer.I64(follows);
  return writer.Take();
}

absl::StatusOr<DatesPin> DatesPin::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  STRATA_RETURN_IF_ERROR(CheckFormat(&reader, kName));
  DatesPin pin;
  pin.ledger_version = reader.I64();
  pin.as_of = reader.I32();
  pin.follows = reader.I64();
  STRATA_RETURN_IF_ERROR(reader.Finish(What(kName)));
  return pin;
}

std::string PublishPin::Encode() const {
  ByteWriter writer = Begin();
  writer.I64(token);
  writer.I64(created_ms);
  return writer.Take();
}

absl::StatusOr<PublishPin> PublishPin::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  STRATA_RETURN_IF_ERROR(CheckFormat(&reader, kName));
  PublishPin pin;
  pin.token = reader.I64();
  pin.created_ms = reader.I64();
  STRATA_RETURN_IF_ERROR(reader.Finish(What(kName)));
  return pin;
}

std::string StageRecord::NameOf(Stage stage) { return fmt::format("stage-{}", Name(stage)); }

std::string StageRecord::Encode() const {
  ByteWriter writer = Begin();
  writer.U32(tasks);
  strata::Encode(plan, &writer);
  return writer.Take();
}

absl::StatusOr<StageRecord> StageRecord::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  STRATA_RETURN_IF_ERROR(CheckFormat(&reader, "stage"));
  StageRecord record;
  record.tasks = reader.U32();
  record.plan = DecodeObjectRef(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish(What("stage")));
  return record;
}

std::string FitCheckpoint::NameOf(uint32_t first_round, int64_t token) {
  return fmt::format("{}{:06}-{:010}", kPrefix, first_round, token);
}

std::string FitCheckpoint::Encode() const {
  ByteWriter writer = Begin();
  strata::Encode(plan, &writer);
  writer.U32(first_round);
  writer.U32(rounds);
  strata::Encode(answers, &writer);
  return writer.Take();
}

absl::StatusOr<FitCheckpoint> FitCheckpoint::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  STRATA_RETURN_IF_ERROR(CheckFormat(&reader, "fit"));
  FitCheckpoint checkpoint;
  checkpoint.plan = DecodeObjectRef(&reader);
  checkpoint.first_round = reader.U32();
  checkpoint.rounds = reader.U32();
  checkpoint.answers = DecodeObjectRef(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish(What("fit")));
  return checkpoint;
}

}  // namespace strata
