#include "data/snapshot/parquet_bytes.h"

#include <arrow/io/api.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include "data/ledger/arrow_bytes.h"

namespace strata {
namespace {

constexpr char kReason[] = "SNAPSHOT_CORRUPT";
constexpr char kCreatedBy[] = "strata version 1.0.0";  // fixed: bytes are a function of the content
constexpr int kZstdLevel = 1;                          // parts are written every night and read now and then

arrow::Result<std::shared_ptr<arrow::Table>> Read(std::string_view bytes, const std::vector<std::string>& columns) {
  auto buffer = std::make_shared<arrow::Buffer>(reinterpret_cast<const uint8_t*>(bytes.data()),
                                                static_cast<int64_t>(bytes.size()));
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(std::make_shared<arrow::io::BufferReader>(std::move(buffer)), properties));
  ARROW_ASSIGN_OR_RAISE(auto reader, builder.Build());
  std::vector<int> indexes;
  for (const std::string& column : columns) {
    const int index = reader->parquet_reader()->metadata()->schema()->ColumnIndex(column);
    if (index < 0) return arrow::Status::Invalid("there is no column ", column);
    indexes.push_back(index);
  }
  ARROW_ASSIGN_OR_RAISE(auto table, columns.empty() ? reader->ReadTable() : reader->ReadTable(indexes));
  ARROW_RETURN_NOT_OK(table->ValidateFull());
  return table;
}

}  // namespace

arrow::Result<std::shared_ptr<arrow::Table>> TableColumns::Finish() {
  ARROW_RETURN_NOT_OK(status_);
  return arrow::Table::Make(arrow::schema(fields_), arrays_, static_cast<int64_t>(rows_));
}

absl::StatusOr<std::string> WriteParquet(const arrow::Table& table, const std::vector<std::string>& texts_of_few) {
  parquet::WriterProperties::Builder properties;
  properties.created_by(kCreatedBy)->enable_page_checksum()->disable_dictionary();
  properties.compression(parquet::Compression::ZSTD)->compression_level(kZstdLevel);
  for (const std::string& column : texts_of_few) properties.enable_dictionary(column);
  std::string bytes;
  try {
    const arrow::Status status =
        parquet::arrow::WriteTable(table, arrow::default_memory_pool(), std::make_shared<StringOutput>(&bytes),
                                   parquet::DEFAULT_MAX_ROW_GROUP_LENGTH, properties.build());
    STRATA_RETURN_IF_ERROR(FromArrow(status, kReason, "writing Parquet"));
  } catch (const std::exception& error) {
    return MakeError(absl::StatusCode::kDataLoss, kReason, fmt::format("writing Parquet: {}", error.what()));
  }
  return bytes;
}

absl::StatusOr<std::shared_ptr<arrow::Table>> ReadParquet(std::string_view bytes, std::string_view what,
                                                          const std::vector<std::string>& columns) {
  try {
    auto table = Read(bytes, columns);
    if (!table.ok()) return FromArrow(table.status(), kReason, what);
    return *std::move(table);
  } catch (const std::exception& error) {
    return MakeError(absl::StatusCode::kDataLoss, kReason, fmt::format("{}: {}", what, error.what()));
  }
}

}  // namespace strata
