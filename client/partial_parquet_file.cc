#include "client/partial_parquet_file.h"

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <parquet/arrow/writer.h>

#include <filesystem>

#include "client/export_writer.h"

namespace strata {

struct PartialParquetFile::Parts {
  std::shared_ptr<arrow::io::FileOutputStream> file;
  std::unique_ptr<parquet::arrow::FileWriter> writer;
  bool finished = false;

  arrow::Status Write(const arrow::Table& group) {
    if (writer == nullptr) {
      const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
      // Keeps the schema's metadata, so that readers get dates and the snapshot's name back.
      const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
      ARROW_ASSIGN_OR_RAISE(writer, parquet::arrow::FileWriter::Open(*group.schema(), arrow::default_memory_pool(),
                                                                     file, properties, arrow_properties));
    }
    return group.num_rows() == 0 ? arrow::Status::OK() : writer->WriteTable(group, kExportRowsPerGroup);
  }

  arrow::Status Close() {
    ARROW_RETURN_NOT_OK(writer->Close());
    return file->Close();
  }
};

PartialParquetFile::PartialParquetFile(std::string path) : path_(std::move(path)), parts_(std::make_unique<Parts>()) {}

PartialParquetFile::~PartialParquetFile() {
  if (parts_->finished) return;
  if (parts_->file != nullptr && !parts_->file->closed()) static_cast<void>(parts_->file->Close());
  std::error_code ignored;
  std::filesystem::remove(PartialPath(path_), ignored);
}

absl::Status PartialParquetFile::Say(const arrow::Status& status) const {
  return status.ok() ? absl::OkStatus() : CannotWrite(path_, status.message());
}

bool PartialParquetFile::has_schema() const { return parts_->writer != nullptr; }

absl::Status PartialParquetFile::Open() {
  auto file = arrow::io::FileOutputStream::Open(PartialPath(path_));
  if (!file.ok()) return Say(file.status());
  parts_->file = *std::move(file);
  return absl::OkStatus();
}

absl::Status PartialParquetFile::Write(const arrow::Table& group) { return Say(parts_->Write(group)); }

absl::Status PartialParquetFile::Finish() {
  STRATA_RETURN_IF_ERROR(Say(parts_->Close()));
  STRATA_RETURN_IF_ERROR(Reveal(path_));
  parts_->finished = true;
  return absl::OkStatus();
}

}  // namespace strata
