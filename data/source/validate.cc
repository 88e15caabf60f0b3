#include "data/source/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "data/source/csv_source.h"
#include "data/source/decimal.h"
#include "data/source/parquet_source.h"
#include "data/source/pinned_file.h"
#include "data/source/row_mapper.h"
#include "data/source/text.h"
#include "data/source/time_reader.h"

namespace strata {
namespace {

constexpr int64_t kNanosPerMinute = 60'000'000'000;

std::string ShowTime(const LocalTime& time) {
  const int64_t minute = time.nanos / kNanosPerMinute;
  return fmt::format("{} {:02}:{:02}", FormatDay(time.day), minute / 60, minute % 60);
}

// Watches the values of one mapped field.
class ColumnWatch {
 public:
  ColumnWatch(const TransactionFieldInfo& info, const std::string& column) : info_(&info) {
    profile_.field = info.name;
    profile_.column = column;
  }

  TransactionField field() const { return info_->field; }

  void Add(const Cell& cell, const TimeReader& times) {
    if (IsMissing(cell)) {
      ++profile_.missing;
      return;
    }
    ++profile_.present;
    const std::string text = Show(cell);
    if (profile_.examples.size() < kExamplesPerColumn) {
      std::string shown = Printable(text, kExampleBytes);
      if (std::find(profile_.examples.begin(), profile_.examples.end(), shown) == profile_.examples.end()) {
        profile_.examples.push_back(std::move(shown));
      }
    }
    switch (info_->kind) {
      case FieldKind::kNumber: {
        const Decimal decimal = ParseMicros(text);
        if (decimal.fault == FaultKind::kNone) numbers_.Add(decimal.micros);
        break;
      }
      case FieldKind::kTime: {
        LocalTime time;
        if (times.ReadLocal(cell, &time) == FaultKind::kNone) times_.Add({time.day, time.nanos});
        break;
      }
      default:
        texts_.Add(Printable(text, kExampleBytes));
    }
  }

  void AddRejected(const std::vector<std::pair<std::string, int64_t>>& reasons) {
    for (const auto& [reason, count] : reasons) rejected_[reason] += count;
  }

  std::optional<std::pair<Day, Day>> days() const {
    if (!times_.any) return std::nullopt;
    return std::pair(times_.min.first, times_.max.first);
  }

  ColumnProfile Finish() {
    if (numbers_.any) {
      profile_.min = FormatMicros(numbers_.min);
      profile_.max = FormatMicros(numbers_.max);
    } else if (times_.any) {
      profile_.min = ShowTime({.day = times_.min.first, .nanos = times_.min.second});
      profile_.max = ShowTime({.day = times_.max.first, .nanos = times_.max.second});
    } else if (texts_.any) {
      profile_.min = texts_.min;
      profile_.max = texts_.max;
    }
    profile_.rejected.assign(rejected_.begin(), rejected_.end());
    return std::move(profile_);
  }

 private:
  template <typename Value>
  struct Range {
    bool any = false;
    Value min{};
    Value max{};
    void Add(Value value) {
      if (!any || value < min) min = value;
      if (!any || max < value) max = value;
      any = true;
    }
  };

  const TransactionFieldInfo* info_;
  ColumnProfile profile_;
  Range<int64_t> numbers_;
  Range<std::pair<Day, int64_t>> times_;
  Range<std::string> texts_;
  std::map<std::string, int64_t> rejected_;
};

// Shows every row to the watches before the mapper judges it.
class WatchingSink final : public RowSink {
 public:
  WatchingSink(RowMapper* mapper, const TimeReader* times, std::vector<ColumnWatch>* watches)
      : mapper_(mapper), times_(times), watches_(watches) {}

  void OnBlank(int64_t line) override { mapper_->OnBlank(line); }
  void OnMalformed(int64_t line, const Fault& fault) override { mapper_->OnMalformed(line, fault); }
  void OnRow(int64_t line, const Cells& cells) override {
    for (ColumnWatch& watch : *watches_) watch.Add(cells[static_cast<size_t>(watch.field())], *times_);
    mapper_->OnRow(line, cells);
  }

 private:
  RowMapper* mapper_;
  const TimeReader* times_;
  std::vector<ColumnWatch>* watches_;
};

absl::Status SampleBytes(std::string_view bytes, const std::string& path, const Job& job, int64_t records_max,
                         RowSink* sink) {
  const SourceFields source = FieldsOf(job.transactions);
  if (FormatOf(path) == FileFormat::kParquet) {
    FileScan scan;
    STRATA_RETURN_IF_ERROR(ScanParquet(bytes, path, source, kSplitRows, &scan));
    if (scan.splits.empty() || records_max == 0) return absl::OkStatus();
    return ReadParquetRows(bytes, path, source, scan.splits.front(), records_max, sink);
  }
  STRATA_ASSIGN_OR_RETURN(const CsvLayout layout, ReadCsvLayout(bytes, path, source, kMaxRecordBytes));
  const Split whole{.begin = layout.data_begin, .end = bytes.size(), .first_line = layout.data_line};
  ReadCsvRows(bytes, layout, whole, source.delimiter, kMaxRecordBytes, records_max, sink);
  return absl::OkStatus();
}

// Checks the columns of a file and hands at most `records_max` of its records to `sink`.
absl::Status SampleFile(FileSystem& file_system, const FileInfo& file, const Job& job, int64_t records_max,
                        RowSink* sink) {
  STRATA_ASSIGN_OR_RETURN(const auto pinned, PinnedFile::Map(file_system, file));
  return pinned->IfUnchanged(SampleBytes(pinned->bytes(), file.path, job, records_max, sink));
}

// Adds what a file's mapper found.
void AddFile(RowMapper mapper, std::vector<ColumnWatch>* watches, std::map<std::string, int64_t>* by_reason,
             SourceProfile* profile) {
  for (ColumnWatch& watch : *watches) watch.AddRejected(mapper.RejectedIn(watch.field()));
  MappedRows mapped = mapper.Take();
  profile->counts.Add(mapped.counts);
  for (const auto& [reason, count] : mapped.rejected_by_reason) (*by_reason)[reason] += count;
  std::move(mapped.quarantine.begin(), mapped.quarantine.end(), std::back_inserter(profile->rejects));
}

}  // namespace

absl::StatusOr<SourceProfile> ProfileSource(FileSystem& file_system, const Job& job, const std::string& base_folder,
                                            const SampleLimits& limits) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<FileInfo> files,
                          ListSource(file_system, job.transactions.uri, base_folder));
  STRATA_ASSIGN_OR_RETURN(const TimeReader times, TimeReader::ForJob(job));
  std::vector<ColumnWatch> watches;
  for (const TransactionFieldInfo& info : kTransactionFields) {
    const std::string& column = ColumnOf(job.transactions.columns, info.field);
    if (!column.empty()) watches.emplace_back(info, column);
  }
  SourceProfile profile;
  STRATA_ASSIGN_OR_RETURN(profile.tables, ProfileTables(file_system, job, base_folder));
  const MapTables tables{.fx = profile.tables.rates.has_value() ? &*profile.tables.rates : nullptr};
  std::map<std::string, int64_t> by_reason;
  for (const FileInfo& file : files) {
    const bool sampled = static_cast<size_t>(profile.files) < limits.files_max;
    STRATA_ASSIGN_OR_RETURN(RowMapper mapper, RowMapper::ForJob(job, file.path, /*file_number=*/0, tables));
    WatchingSink sink(&mapper, &times, &watches);
    STRATA_RETURN_IF_ERROR(SampleFile(file_system, file, job, sampled ? limits.records_per_file_max : 0, &sink));
    AddFile(std::move(mapper), &watches, &by_reason, &profile);
    ++profile.files;
    if (sampled) ++profile.files_sampled;
    profile.bytes += file.size_bytes;
  }
  profile.rejected_by_reason.assign(by_reason.begin(), by_reason.end());
  for (ColumnWatch& watch : watches) {
    if (watch.field() == TransactionField::kTime && watch.days().has_value()) {
      profile.first_day = watch.days()->first;
      profile.last_day = watch.days()->second;
    }
    profile.columns.push_back(watch.Finish());
  }
  return profile;
}

}  // namespace strata
