#include "client/ledger_writer.h"

#include <fmt/format.h>

#include "client/export_writer.h"
#include "client/partial_text_file.h"
#include "client/text/money.h"

namespace strata {
namespace {

class LedgerCsvWriter final : public LedgerWriter {
 public:
  explicit LedgerCsvWriter(std::string path) : file_(std::move(path)) {}

  absl::Status Open() {
    STRATA_RETURN_IF_ERROR(file_.Open());
    return file_.Append(fmt::format("{}\n", fmt::join(kLedgerColumns, ",")));
  }
  absl::Status Write(const CustomerDay& day) override {
    return file_.Append(fmt::format("{},{},{},{},{},{}\n", CsvField(day.id), FormatDay(day.day),
                                    ExactAmount(day.net_micros), day.rows, day.return_rows, day.is_purchase()));
  }
  absl::Status Finish() override { return file_.Finish(); }

 private:
  PartialTextFile file_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LedgerWriter>> NewLedgerWriter(const std::string& path, const LedgerFacts& facts) {
  STRATA_RETURN_IF_ERROR(CheckExportPath(path));
  if (path.ends_with(".parquet")) return NewLedgerParquetWriter(path, facts);
  auto writer = std::make_unique<LedgerCsvWriter>(path);
  STRATA_RETURN_IF_ERROR(writer->Open());
  return writer;
}

}  // namespace strata
