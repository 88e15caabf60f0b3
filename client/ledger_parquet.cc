#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include "client/ledger_writer.h"
#include "client/partial_parquet_file.h"

namespace strata {
namespace {

constexpr int kDecimalDigits = 38;  // all that decimal128 has
constexpr int kMicrosDecimals = 6;  // of a net amount

class LedgerParquetWriter final : public LedgerWriter {
 public:
  LedgerParquetWriter(const std::string& path, const LedgerFacts& facts)
      : file_(path), net_(arrow::decimal128(kDecimalDigits, kMicrosDecimals)) {
    const std::array<std::shared_ptr<arrow::DataType>, kLedgerColumns.size()> types = {
        arrow::utf8(), arrow::date32(), net_.type(), arrow::int64(), arrow::int64(), arrow::boolean()};
    arrow::FieldVector fields;
    for (size_t i = 0; i < types.size(); ++i)
      fields.push_back(arrow::field(std::string(kLedgerColumns.at(i)), types.at(i), /*nullable=*/false));
    auto metadata = std::make_shared<arrow::KeyValueMetadata>();
    for (const auto& [name, value] : facts) metadata->Append(name, value);
    schema_ = arrow::schema(std::move(fields), std::move(metadata));
  }

  absl::Status Open() { return file_.Open(); }
  absl::Status Write(const CustomerDay& day) override {
    STRATA_RETURN_IF_ERROR(file_.Say(Append(day)));
    return id_.length() < kExportRowsPerGroup ? absl::OkStatus() : Flush();
  }
  absl::Status Finish() override {
    if (id_.length() > 0 || !file_.has_schema()) STRATA_RETURN_IF_ERROR(Flush());
    return file_.Finish();
  }

 private:
  arrow::Status Append(const CustomerDay& day) {
    ARROW_RETURN_NOT_OK(id_.Append(day.id));
    ARROW_RETURN_NOT_OK(day_.Append(day.day));
    ARROW_RETURN_NOT_OK(net_.Append(arrow::Decimal128(day.net_micros)));
    ARROW_RETURN_NOT_OK(rows_.Append(day.rows));
    ARROW_RETURN_NOT_OK(return_rows_.Append(day.return_rows));
    return purchase_.Append(day.is_purchase());
  }

  absl::Status Flush() {
    const auto group = TakeGroup();
    return group.ok() ? file_.Write(**group) : file_.Say(group.status());
  }

  arrow::Result<std::shared_ptr<arrow::Table>> TakeGroup() {
    const int64_t rows = id_.length();
    arrow::ArrayVector columns;
    for (arrow::ArrayBuilder* builder :
         {static_cast<arrow::ArrayBuilder*>(&id_), static_cast<arrow::ArrayBuilder*>(&day_),
          static_cast<arrow::ArrayBuilder*>(&net_), static_cast<arrow::ArrayBuilder*>(&rows_),
          static_cast<arrow::ArrayBuilder*>(&return_rows_), static_cast<arrow::ArrayBuilder*>(&purchase_)}) {
      ARROW_ASSIGN_OR_RAISE(auto column, builder->Finish());
      columns.push_back(std::move(column));
    }
    return arrow::Table::Make(schema_, columns, rows);
  }

  PartialParquetFile file_;
  std::shared_ptr<arrow::Schema> schema_;
  // The row group being filled.
  arrow::StringBuilder id_;
  arrow::Date32Builder day_;
  arrow::Decimal128Builder net_;
  arrow::Int64Builder rows_;
  arrow::Int64Builder return_rows_;
  arrow::BooleanBuilder purchase_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LedgerWriter>> NewLedgerParquetWriter(const std::string& path,
                                                                     const LedgerFacts& facts) {
  auto writer = std::make_unique<LedgerParquetWriter>(path, facts);
  STRATA_RETURN_IF_ERROR(writer->Open());
  return writer;
}

}  // namespace strata
