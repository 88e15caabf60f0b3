#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/util/decimal.h>
#include <parquet/arrow/writer.h>

#include <filesystem>

#include "client/export_writer.h"
#include "client/ledger_writer.h"

namespace strata {
namespace {

constexpr int kDecimalDigits = 38;             // all that decimal128 has
constexpr int kMicrosDecimals = 6;             // of a net amount
constexpr int64_t kRowsPerGroup = 128 * 1024;  // readers work a group at a time; smaller ones compress badly

class LedgerParquetWriter final : public LedgerWriter {
 public:
  LedgerParquetWriter(std::string path, const LedgerFacts& facts)
      : path_(std::move(path)), net_(arrow::decimal128(kDecimalDigits, kMicrosDecimals)) {
    const std::array<std::shared_ptr<arrow::DataType>, kLedgerColumns.size()> types = {
        arrow::utf8(), arrow::date32(), net_.type(), arrow::int64(), arrow::int64(), arrow::boolean()};
    arrow::FieldVector fields;
    for (size_t i = 0; i < types.size(); ++i)
      fields.push_back(arrow::field(std::string(kLedgerColumns.at(i)), types.at(i), /*nullable=*/false));
    auto metadata = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [name, value] : facts) metadata->Append(name, value);
    schema_ = arrow::schema(std::move(fields), std::move(metadata));
  }
  ~LedgerParquetWriter() override {
    if (finished_) return;
    if (file_ != nullptr && !file_->closed()) static_cast<void>(file_->Close());
    std::error_code ignored;
    std::filesystem::remove(PartialPath(path_), ignored);
  }

  absl::Status Open() { return Say(TryOpen()); }
  absl::Status Write(const CustomerDay& day) override { return Say(TryWrite(day)); }
  absl::Status Finish() override {
    STRATA_RETURN_IF_ERROR(Say(TryFinish()));
    STRATA_RETURN_IF_ERROR(Reveal(path_));
    finished_ = true;
    return absl::OkStatus();
  }

 private:
  absl::Status Say(const arrow::Status& status) const {
    return status.ok() ? absl::OkStatus() : CannotWrite(path_, status.message());
  }

  arrow::Status TryOpen() {
    ARROW_ASSIGN_OR_RAISE(file_, arrow::io::FileOutputStream::Open(PartialPath(path_)));
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
    const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
    ARROW_ASSIGN_OR_RAISE(writer_, parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), file_,
                                                                    properties, arrow_properties));
    return arrow::Status::OK();
  }

  arrow::Status TryWrite(const CustomerDay& day) {
    ARROW_RETURN_NOT_OK(id_.Append(day.id));
    ARROW_RETURN_NOT_OK(day_.Append(day.day));
    ARROW_RETURN_NOT_OK(net_.Append(arrow::Decimal128(day.net_micros)));
    ARROW_RETURN_NOT_OK(rows_.Append(day.rows));
    ARROW_RETURN_NOT_OK(return_rows_.Append(day.return_rows));
    ARROW_RETURN_NOT_OK(purchase_.Append(day.is_purchase()));
    return id_.length() < kRowsPerGroup ? arrow::Status::OK() : Flush();
  }

  arrow::Status Flush() {
    const int64_t rows = id_.length();
    arrow::ArrayVector columns;
    for (arrow::ArrayBuilder* builder :
         {static_cast<arrow::ArrayBuilder*>(&id_), static_cast<arrow::ArrayBuilder*>(&day_),
          static_cast<arrow::ArrayBuilder*>(&net_), static_cast<arrow::ArrayBuilder*>(&rows_),
          static_cast<arrow::ArrayBuilder*>(&return_rows_), static_cast<arrow::ArrayBuilder*>(&purchase_)}) {
      ARROW_ASSIGN_OR_RAISE(auto column, builder->Finish());
      columns.push_back(std::move(column));
    }
    return writer_->WriteTable(*arrow::Table::Make(schema_, columns, rows), kRowsPerGroup);
  }

  arrow::Status TryFinish() {
    if (id_.length() > 0) ARROW_RETURN_NOT_OK(Flush());
    ARROW_RETURN_NOT_OK(writer_->Close());
    return file_->Close();
  }

  std::string path_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::io::FileOutputStream> file_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  // The row group being filled.
  arrow::StringBuilder id_;
  arrow::Date32Builder day_;
  arrow::Decimal128Builder net_;
  arrow::Int64Builder rows_;
  arrow::Int64Builder return_rows_;
  arrow::BooleanBuilder purchase_;
  bool finished_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LedgerWriter>> NewLedgerParquetWriter(const std::string& path,
                                                                     const LedgerFacts& facts) {
  auto writer = std::make_unique<LedgerParquetWriter>(path, facts);
  STRATA_RETURN_IF_ERROR(writer->Open());
  return writer;
}

}  // namespace strata
