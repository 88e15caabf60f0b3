#include "data/ledger/arrow_bytes.h"

#include <arrow/ipc/api.h>
#include <fmt/format.h>
#include <algorithm>

namespace strata {
namespace {

constexpr char kFormatKey[] = "strata.format";
constexpr char kVersionKey[] = "strata.version";

// Offsets of an empty array may be left out of a file.
constexpr int32_t kNoOffsets[] = {0};

bool HasNoNulls(const arrow::ArrayData& data) {
  if (data.GetNullCount() != 0) return false;
  for (const auto& child : data.child_data) {
    if (!HasNoNulls(*child)) return false;
  }
  return true;
}

absl::Status CheckFormat(const ArrowFormat& format, const arrow::Schema& schema) {
  const auto& metadata = schema.metadata();
  const std::string name = metadata == nullptr ? "" : metadata->Get(kFormatKey).ValueOr("");
  const std::string version = metadata == nullptr ? "" : metadata->Get(kVersionKey).ValueOr("");
  if (name != format.name) {
    return MakeError(absl::StatusCode::kDataLoss, format.reason,
                     fmt::format("not a {}: its format is '{}'", format.name, name));
  }
  const bool is_other = std::any_of(format.also_read.begin(), format.also_read.end(),
                                    [&version](int also) { return also != 0 && version == std::to_string(also); });
  if (version != std::to_string(format.version) && !is_other) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("{}: format version '{}', this build reads {}", format.name, version, format.version));
  }
  return absl::OkStatus();
}

size_t BytesOf(const arrow::ArrayData& data) {
  size_t bytes = 0;
  for (const auto& buffer : data.buffers) bytes += buffer == nullptr ? 0 : static_cast<size_t>(buffer->size());
  for (const auto& child : data.child_data) bytes += BytesOf(*child);
  return bytes;
}

// Enough for all columns and what a file puts around them, so that writing moves no byte twice.
size_t RoomFor(const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  constexpr size_t kAroundColumnBytes = 512;  // padding, and its places in header and footer
  size_t bytes = 0;
  for (const auto& batch : batches) {
    for (const auto& column : batch->column_data()) bytes += BytesOf(*column) + kAroundColumnBytes;
  }
  return bytes + 16 * kAroundColumnBytes;
}

arrow::Status Write(const std::shared_ptr<arrow::Schema>& schema,
                    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches, std::string* bytes) {
  arrow::ipc::IpcWriteOptions options = arrow::ipc::IpcWriteOptions::Defaults();
  options.use_threads = false;
  ARROW_ASSIGN_OR_RAISE(auto writer,
                        arrow::ipc::MakeFileWriter(std::make_shared<StringOutput>(bytes), schema, options));
  for (const auto& batch : batches) {
    ARROW_RETURN_NOT_OK(batch->ValidateFull());
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
  }
  return writer->Close();
}

arrow::Result<std::shared_ptr<arrow::ipc::RecordBatchFileReader>> OpenReader(std::string_view bytes) {
  arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
  options.use_threads = false;
  options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
  auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int64_t>(bytes.size()));
  return arrow::ipc::RecordBatchFileReader::Open(std::make_shared<arrow::io::BufferReader>(std::move(buffer)), options);
}

arrow::Status ReadBatches(arrow::ipc::RecordBatchFileReader* reader, ArrowFile* file) {
  for (int i = 0; i < reader->num_record_batches(); ++i) {
    ARROW_ASSIGN_OR_RAISE(auto batch, reader->ReadRecordBatch(i));
    ARROW_RETURN_NOT_OK(batch->ValidateFull());
    for (const auto& column : batch->column_data()) {
      if (!HasNoNulls(*column)) return arrow::Status::Invalid("a column has nulls");
    }
    file->batches.push_back(std::move(batch));
  }
  return arrow::Status::OK();
}

}  // namespace

arrow::Status StringOutput::Write(const void* data, int64_t size) {
  if (size > 0) bytes_->append(static_cast<const char*>(data), static_cast<size_t>(size));
  return arrow::Status::OK();
}

arrow::Status StringOutput::Close() {
  closed_ = true;
  return arrow::Status::OK();
}

absl::Status FromArrow(const arrow::Status& status, std::string_view reason, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, reason, fmt::format("{}: {}", what, status.ToString()));
}

std::shared_ptr<arrow::KeyValueMetadata> FormatMetadata(const ArrowFormat& format) {
  return arrow::key_value_metadata({kFormatKey, kVersionKey},
                                   {std::string(format.name), std::to_string(format.version)});
}

absl::StatusOr<std::string> WriteArrowFile(const ArrowFormat& format, const std::shared_ptr<arrow::Schema>& schema,
                                           const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  std::string bytes;
  bytes.reserve(RoomFor(batches));
  STRATA_RETURN_IF_ERROR(FromArrow(Write(schema, batches, &bytes), format.reason, format.name));
  return bytes;
}

absl::StatusOr<ArrowFile> ReadArrowFile(const ArrowFormat& format, std::string_view bytes) {
  auto reader = OpenReader(bytes);
  if (!reader.ok()) return FromArrow(reader.status(), format.reason, format.name);
  ArrowFile file{.schema = (*reader)->schema()};
  STRATA_RETURN_IF_ERROR(CheckFormat(format, *file.schema));
  STRATA_RETURN_IF_ERROR(FromArrow(ReadBatches(reader->get(), &file), format.reason, format.name));
  return file;
}

std::shared_ptr<arrow::ArrayData> TextsOver(std::span<const int32_t> offsets, std::string_view bytes) {
  return arrow::ArrayData::Make(
      arrow::utf8(), static_cast<int64_t>(offsets.size()) - 1,
      {nullptr, arrow::Buffer::Wrap(offsets.data(), offsets.size()), arrow::Buffer::Wrap(bytes.data(), bytes.size())},
      0);
}

std::shared_ptr<arrow::ArrayData> ListsOver(std::shared_ptr<arrow::DataType> type, std::span<const int32_t> offsets,
                                            std::shared_ptr<arrow::ArrayData> items) {
  return arrow::ArrayData::Make(std::move(type), static_cast<int64_t>(offsets.size()) - 1,
                                {nullptr, arrow::Buffer::Wrap(offsets.data(), offsets.size())}, {std::move(items)}, 0);
}

std::span<const int32_t> OffsetsOf(const arrow::ArrayData& data) {
  if (data.length == 0) return kNoOffsets;
  return {data.GetValues<int32_t>(1), static_cast<size_t>(data.length) + 1};
}

}  // namespace strata
