#include "data/synthetic/parquet_columns.h"

#include <arrow/io/api.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>

#include "data/ledger/arrow_bytes.h"

namespace strata {
namespace {

constexpr char kCreatedBy[] = "strata version 1.0.0";  // fixed: bytes are a function of the content
constexpr int64_t kDictionaryBytes = 256 << 20;        // customer ids of a file stay in their dictionary
constexpr int64_t kWriteRows = 16'384;                 // rows a call inside the writer: its overhead shows at 1024

std::shared_ptr<parquet::WriterProperties> PropertiesFor(const arrow::Schema& schema) {
  parquet::WriterProperties::Builder properties;
  properties.created_by(kCreatedBy)->enable_page_checksum()->enable_store_decimal_as_integer();
  properties.compression(parquet::Compression::LZ4)->disable_dictionary()->disable_statistics();
  properties.dictionary_pagesize_limit(kDictionaryBytes)->write_batch_size(kWriteRows);
  for (const std::shared_ptr<arrow::Field>& field : schema.fields()) {
    if (field->type()->id() == arrow::Type::DICTIONARY) properties.enable_dictionary(field->name());
    if (field->type()->id() == arrow::Type::TIMESTAMP) properties.enable_statistics(field->name());
  }
  return properties.build();
}

absl::Status NotWritten(std::string_view problem, bool no_memory) {
  return MakeError(no_memory ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kInternal,
                   "PARQUET_NOT_WRITTEN", fmt::format("writing Parquet: {}", problem));
}

absl::Status From(const arrow::Status& status) {
  return status.ok() ? absl::OkStatus() : NotWritten(status.message(), status.IsOutOfMemory());
}

}  // namespace

struct ParquetText::Writer {
  std::string bytes;
  std::unique_ptr<parquet::arrow::FileWriter> file;
};

ParquetText::ParquetText() : writer_(std::make_unique<Writer>()) {}
ParquetText::~ParquetText() = default;

absl::Status ParquetText::Append(const arrow::Table& table) {
  try {
    if (writer_->file == nullptr) {
      auto file = parquet::arrow::FileWriter::Open(*table.schema(), arrow::default_memory_pool(),
                                                   std::make_shared<StringOutput>(&writer_->bytes),
                                                   PropertiesFor(*table.schema()));
      if (!file.ok()) return From(file.status());
      writer_->file = std::move(file).ValueUnsafe();
    }
    return From(writer_->file->WriteTable(table, kRowGroupRows));
  } catch (const std::exception& error) {
    return NotWritten(error.what(), dynamic_cast<const std::bad_alloc*>(&error) != nullptr);
  }
}

absl::StatusOr<std::string> ParquetText::Finish() {
  if (writer_->file == nullptr) return NotWritten("no table was given", false);
  try {
    STRATA_RETURN_IF_ERROR(From(writer_->file->Close()));
    return std::move(writer_->bytes);
  } catch (const std::exception& error) {
    return NotWritten(error.what(), dynamic_cast<const std::bad_alloc*>(&error) != nullptr);
  }
}

absl::StatusOr<std::string> EncodeParquet(const arrow::Table& table) {
  ParquetText text;
  STRATA_RETURN_IF_ERROR(text.Append(table));
  return text.Finish();
}

}  // namespace strata
