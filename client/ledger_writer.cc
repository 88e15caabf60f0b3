#include "client/ledger_writer.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "client/export_writer.h"
#include "client/text/money.h"

namespace strata {
namespace {

constexpr size_t kBufferBytes = 1 << 20;  // written at once: rows are short and many

class LedgerCsvWriter final : public LedgerWriter {
 public:
  explicit LedgerCsvWriter(std::string path) : path_(std::move(path)) {}
  ~LedgerCsvWriter() override {
    if (finished_) return;
    file_.close();
    std::error_code ignored;
    std::filesystem::remove(PartialPath(path_), ignored);
  }

  absl::Status Open() {
    file_.open(PartialPath(path_), std::ios::binary | std::ios::trunc);
    buffer_ = fmt::format("{}\n", fmt::join(kLedgerColumns, ","));
    return Flush();
  }

  absl::Status Write(const CustomerDay& day) override {
    fmt::format_to(std::back_inserter(buffer_), "{},{},{},{},{},{}\n", CsvField(day.id), FormatDay(day.day),
                   ExactAmount(day.net_micros), day.rows, day.return_rows, day.is_purchase());
    return buffer_.size() < kBufferBytes ? absl::OkStatus() : Flush();
  }

  absl::Status Finish() override {
    STRATA_RETURN_IF_ERROR(Flush());
    file_.close();
    if (!file_) return CannotWrite(path_, std::strerror(errno));
    STRATA_RETURN_IF_ERROR(Reveal(path_));
    finished_ = true;
    return absl::OkStatus();
  }

 private:
  absl::Status Flush() {
    file_ << buffer_;
    buffer_.clear();
    return file_ ? absl::OkStatus() : CannotWrite(path_, std::strerror(errno));
  }

  std::string path_;
  std::ofstream file_;
  std::string buffer_;
  bool finished_ = false;
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
