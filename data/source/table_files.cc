#include "data/source/table_files.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <utility>

#include "data/source/csv_source.h"
#include "data/source/decimal.h"
#include "data/source/ingest.h"
#include "data/source/parquet_source.h"
#include "data/source/pinned_file.h"
#include "data/source/row_parser.h"
#include "data/source/text.h"
#include "data/source/time_reader.h"
#include "run/job_tables.h"
#include "run/source_fields.h"

namespace strata {
namespace {

constexpr size_t kShownBytes = 64;  // of a value in a message

// Where a row is, for errors.
struct Place {
  const std::string* file;
  uint32_t file_number;  // place in the listing
  int64_t line;
};

absl::Status RowError(const Place& place, std::string_view reason, std::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason,
                   fmt::format("{}:{}: {}", *place.file, place.line, problem),
                   {{"file", *place.file}, {"row", std::to_string(place.line)}});
}

// Takes the records of one table after another; the first that is wrong ends it.
class TableSink : public RowSink {
 public:
  explicit TableSink(SourceFields fields) : fields_(std::move(fields)) {}
  const SourceFields& fields() const { return fields_; }
  void OnBlank(int64_t) final {}
  void OnMalformed(int64_t line, const Fault& fault) final {
    if (!status_.ok()) return;
    status_ = RowError({file_, file_number_, line}, "TABLE_ROW_INVALID",
                       fmt::format("found {}; allowed: {}", fault.found, fault.allowed));
  }
  void OnRow(int64_t line, const Cells& cells) final {
    if (status_.ok()) status_ = Take({file_, file_number_, line}, cells);
  }
  void BeginFile(const std::string* file, uint32_t file_number) {
    file_ = file;
    file_number_ = file_number;
  }
  const absl::Status& status() const { return status_; }

 protected:
  // Names the value of a field that is not as it must be.
  absl::Status ValueError(const Place& place, size_t field, const Cell& cell, std::string_view allowed) const {
    const std::string found = IsMissing(cell) ? "nothing" : fmt::format("'{}'", Printable(Show(cell), kShownBytes));
    return RowError(place, "TABLE_ROW_INVALID",
                    fmt::format("{} (column '{}'): found {}; allowed: {}", fields_.fields[field].key,
                                fields_.fields[field].column, found, allowed));
  }

 private:
  virtual absl::Status Take(const Place& place, const Cells& cells) = 0;

  SourceFields fields_;
  const std::string* file_ = nullptr;
  uint32_t file_number_ = 0;
  absl::Status status_;
};

absl::Status ReadRows(std::string_view bytes, const std::string& path, const FileScan& scan, TableSink* sink) {
  const SourceFields& source = sink->fields();
  constexpr int64_t kAll = std::numeric_limits<int64_t>::max();
  if (FormatOf(path) == FileFormat::kParquet) {
    for (const Split& split : scan.splits) {
      STRATA_RETURN_IF_ERROR(ReadParquetRows(bytes, path, source, split, kAll, sink));
    }
    return sink->status();
  }
  STRATA_ASSIGN_OR_RETURN(const CsvLayout layout, ReadCsvLayout(bytes, path, source, kMaxRecordBytes));
  for (const Split& split : scan.splits) {
    ReadCsvRows(bytes, layout, split, source.delimiter, kMaxRecordBytes, kAll, sink);
  }
  return sink->status();
}

absl::Status ReadFiles(FileSystem& file_system, const std::vector<FileInfo>& files, TableSink* sink) {
  for (uint32_t number = 0; number < files.size(); ++number) {
    const FileInfo& file = files[number];
    STRATA_ASSIGN_OR_RETURN(const FileScan scan, ScanFile(file_system, file, sink->fields()));
    STRATA_ASSIGN_OR_RETURN(const auto pinned, PinnedFile::Map(file_system, file));
    sink->BeginFile(&file.path, number);
    STRATA_RETURN_IF_ERROR(pinned->IfUnchanged(ReadRows(pinned->bytes(), file.path, scan, sink)));
  }
  return absl::OkStatus();
}

// The job's zone, but times as ISO 8601: the format of transactions is theirs alone.
absl::StatusOr<TimeReader> TimesOf(const Job& job) {
  Job plain;
  plain.time_zone = job.time_zone;
  return TimeReader::ForJob(plain);
}

// Places of the fields of either table.
enum AliasField : size_t { kOldId, kNewId, kDate };
enum FxField : size_t { kCurrency, kDay, kRate };

SourceFields FieldsOfTable(const AliasSource& table) {
  return {.fields = {FieldNamed("old_id", table.old_id, kAliasColumnsKey, FieldRead::kText),
                     FieldNamed("new_id", table.new_id, kAliasColumnsKey, FieldRead::kText),
                     FieldNamed("date", table.date, kAliasColumnsKey, FieldRead::kTime)}};
}

SourceFields FieldsOfTable(const FxSource& table) {
  return {.fields = {FieldNamed("currency", table.currency, kFxColumnsKey, FieldRead::kCurrency),
                     FieldNamed("day", table.day, kFxColumnsKey, FieldRead::kTime),
                     FieldNamed("rate", table.rate, kFxColumnsKey, FieldRead::kNumber)}};
}

absl::Status AddSizes(FileSystem& file_system, const std::vector<FileInfo>& files, const SourceFields& source,
                      std::vector<TableFileSize>* sizes) {
  for (const FileInfo& file : files) {
    STRATA_ASSIGN_OR_RETURN(const FileScan scan, ScanFile(file_system, file, source));
    sizes->push_back({.format = FormatOf(file.path), .rows = scan.records, .bytes = scan.size_bytes});
  }
  return absl::OkStatus();
}

class AliasSink final : public TableSink {
 public:
  AliasSink(const AliasSource& source, TimeReader times) : TableSink(FieldsOfTable(source)), times_(std::move(times)) {}
  const AliasResolver& rows() const { return rows_; }

 private:
  bool IsId(const Cell& cell) const {
    return !IsMissing(cell) && cell.kind == Cell::Kind::kText && IsUtf8(cell.text) &&
           cell.text.size() <= kMaxCustomerIdBytes;
  }

  absl::Status Take(const Place& place, const Cells& cells) override {
    for (const AliasField field : {kOldId, kNewId}) {
      if (IsId(cells[field])) continue;
      return ValueError(
          place, field, cells[field],
          fmt::format("a customer id: UTF-8 of at most {} bytes, or a whole number below 2^53", kMaxCustomerIdBytes));
    }
    LocalTime date;
    if (times_.ReadLocal(cells[kDate], &date) != FaultKind::kNone) {
      return ValueError(place, kDate, cells[kDate], "a day as YYYY-MM-DD, with or without a time");
    }
    const std::string_view old_id = cells[kOldId].text, new_id = cells[kNewId].text;
    if (old_id == new_id) {
      return RowError(place, "ALIAS_SELF",
                      fmt::format("found the id '{}' as its own old id; allowed: two different ids", ShownId(old_id)));
    }
    if (rows_.rows() == kMaxAliasRows) {
      return RowError(place, "TABLE_TOO_LARGE",
                      fmt::format("found more rows of merged identities than are allowed: {}", kMaxAliasRows));
    }
    rows_.Add(old_id, new_id, date.day, date.nanos, place.file_number, place.line);
    return absl::OkStatus();
  }

  TimeReader times_;
  AliasResolver rows_;
};

class FxSink final : public TableSink {
 public:
  FxSink(const FxSource& source, const Job& job, TimeReader times)
      : TableSink(FieldsOfTable(source)), times_(std::move(times)), own_(job.currency) {}
  std::vector<FxUse> Rates() const {
    std::vector<FxUse> rates;
    for (const auto& [key, entry] : rates_) {
      rates.push_back({.currency = key.first, .day = key.second, .rate = entry.rate});
    }
    return rates;
  }

 private:
  struct Entry {
    FxRate rate;
    Place place;
  };

  absl::Status Take(const Place& place, const Cells& cells) override {
    const Cell& currency_cell = cells[kCurrency];
    const std::string_view text = TrimBlanks(currency_cell.text);
    const std::optional<uint32_t> currency = CurrencyCode(text);
    if (!currency.has_value()) {
      return ValueError(place, kCurrency, currency_cell, "three capital letters (ISO 4217), e.g. USD");
    }
    LocalTime day;
    const Cell& day_cell = cells[kDay];
    if (times_.ReadLocal(day_cell, &day) != FaultKind::kNone || day.nanos != 0) {
      return ValueError(place, kDay, day_cell, "a day as YYYY-MM-DD, without a time of day");
    }
    const Cell& rate_cell = cells[kRate];
    const ExactDecimal rate = ParseExact(Show(rate_cell));
    if (rate.fault != FaultKind::kNone || rate.digits <= 0) {
      return ValueError(
          place, kRate, rate_cell,
          fmt::format("a plain decimal above 0, of at most {0} digits and {0} decimals", kMaxExactDigits));
    }
    if (text == own_) {
      if (rate.digits == 1 && rate.decimals == 0) return absl::OkStatus();
      return ValueError(place, kRate, rate_cell, fmt::format("1, for {} is the job's own currency", own_));
    }
    return Keep(place, *currency, day.day, {.digits = rate.digits, .decimals = rate.decimals});
  }

  absl::Status Keep(const Place& place, uint32_t currency, Day day, const FxRate& rate) {
    const auto [kept, is_new] = rates_.try_emplace({currency, day}, Entry{rate, place});
    if (is_new && rates_.size() > kMaxFxRates) {
      return RowError(place, "TABLE_TOO_LARGE", fmt::format("found more rates than are allowed: {}", kMaxFxRates));
    }
    const Entry& entry = kept->second;
    if (is_new || entry.rate == rate) return absl::OkStatus();
    return RowError(place, "FX_CONFLICT",
                    fmt::format("found the rate {} of {} on {}, which is {} in {}:{}; allowed: one rate a day",
                                FormatRate(rate), CurrencyName(currency), FormatDay(day), FormatRate(entry.rate),
                                *entry.place.file, entry.place.line));
  }

  TimeReader times_;
  std::string own_;
  std::map<std::pair<uint32_t, Day>, Entry> rates_;
};

}  // namespace

absl::StatusOr<ResolvedAliases> ReadAliasFiles(FileSystem& file_system, const std::vector<FileInfo>& files,
                                               const Job& job) {
  STRATA_ASSIGN_OR_RETURN(TimeReader times, TimesOf(job));
  AliasSink sink(*job.aliases, std::move(times));
  std::vector<std::string> paths;
  for (const FileInfo& file : files) paths.push_back(file.path);
  STRATA_RETURN_IF_ERROR(WithContext(ReadFiles(file_system, files, &sink), "sources.aliases"));
  auto resolved = sink.rows().Resolve(paths);
  if (!resolved.ok()) return WithContext(resolved.status(), "sources.aliases");
  return resolved;
}

absl::StatusOr<FxTable> ReadFxFiles(FileSystem& file_system, const std::vector<FileInfo>& files, const Job& job) {
  STRATA_ASSIGN_OR_RETURN(TimeReader times, TimesOf(job));
  FxSink sink(*job.fx, job, std::move(times));
  STRATA_RETURN_IF_ERROR(WithContext(ReadFiles(file_system, files, &sink), "sources.fx"));
  return FxTable(sink.Rates());
}

absl::StatusOr<std::vector<TableFileSize>> SizeTableFiles(FileSystem& file_system,
                                                          const std::vector<FileInfo>& alias_files,
                                                          const std::vector<FileInfo>& fx_files, const Job& job) {
  std::vector<TableFileSize> sizes;
  if (!alias_files.empty()) {
    const absl::Status added = AddSizes(file_system, alias_files, FieldsOfTable(*job.aliases), &sizes);
    STRATA_RETURN_IF_ERROR(WithContext(added, "sources.aliases"));
  }
  if (!fx_files.empty()) {
    const absl::Status added = AddSizes(file_system, fx_files, FieldsOfTable(*job.fx), &sizes);
    STRATA_RETURN_IF_ERROR(WithContext(added, "sources.fx"));
  }
  return sizes;
}

}  // namespace strata
