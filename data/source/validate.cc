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
#include "data/source/table_mapper.h"
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
  ColumnWatch(const SourceField& field, size_t place) : read_(field.read), place_(place) {
    profile_.field = field.name;
    profile_.column = field.column;
  }

  size_t place() const { return place_; }  // among the source's fields
  const std::string& name() const { return profile_.field; }

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
    switch (read_) {
      case FieldRead::kNumber: {
        const Decimal decimal = ParseMicros(text);
        if (decimal.fault == FaultKind::kNone) numbers_.Add(decimal.micros);
        break;
      }
      case FieldRead::kTime:
      case FieldRead::kTimeOrFlag: {
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

  FieldRead read_;
  size_t place_;
  ColumnProfile profile_;
  Range<int64_t> numbers_;
  Range<std::pair<Day, int64_t>> times_;
  Range<std::string> texts_;
  std::map<std::string, int64_t> rejected_;
};

// Shows every row to the watches before the mapper judges it.
class WatchingSink final : public RowSink {
 public:
  WatchingSink(RowSink* mapper, const TimeReader* times, std::vector<ColumnWatch>* watches)
      : mapper_(mapper), times_(times), watches_(watches) {}

  void OnBlank(int64_t line) override { mapper_->OnBlank(line); }
  void OnMalformed(int64_t line, const Fault& fault) override { mapper_->OnMalformed(line, fault); }
  void OnRow(int64_t line, const Cells& cells) override {
    for (ColumnWatch& watch : *watches_) watch.Add(cells[watch.place()], *times_);
    mapper_->OnRow(line, cells);
  }

 private:
  RowSink* mapper_;
  const TimeReader* times_;
  std::vector<ColumnWatch>* watches_;
};

absl::Status SampleBytes(std::string_view bytes, const std::string& path, const SourceFields& source,
                         int64_t records_max, RowSink* sink) {
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

// What is looked for in a source, whatever its table.
struct Watched {
  std::string uri;
  SourceFields fields;
  std::string time_format;
  std::vector<std::string> day_fields;  // the first that is mapped says when rows were
};

// `mapper_of(path)` makes what judges the rows of a file: a RowMapper or a TableMapper.
template <typename MapperOf>
absl::Status Profile(FileSystem& file_system, const Job& job, const std::string& base_folder,
                     const SampleLimits& limits, const Watched& watched, const MapperOf& mapper_of,
                     SourceProfile* profile) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, ListSource(file_system, watched.uri, base_folder));
  Job times_of;  // the job's zone, the source's format
  times_of.time_zone = job.time_zone;
  times_of.transactions.time_format = watched.time_format;
  STRATA_ASSIGN_OR_RETURN(const TimeReader times, TimeReader::ForJob(times_of));
  std::vector<ColumnWatch> watches;
  for (size_t i = 0; i < watched.fields.size(); ++i) {
    if (watched.fields.fields[i].is_mapped()) watches.emplace_back(watched.fields.fields[i], i);
  }
  std::map<std::string, int64_t> by_reason;
  for (const FileInfo& file : files) {
    const bool sampled = static_cast<size_t>(profile->files) < limits.files_max;
    STRATA_ASSIGN_OR_RETURN(auto mapper, mapper_of(file.path));
    WatchingSink sink(&mapper, &times, &watches);
    STRATA_ASSIGN_OR_RETURN(const auto pinned, PinnedFile::Map(file_system, file));
    STRATA_RETURN_IF_ERROR(pinned->IfUnchanged(
        SampleBytes(pinned->bytes(), file.path, watched.fields, sampled ? limits.records_per_file_max : 0, &sink)));
    for (ColumnWatch& watch : watches) watch.AddRejected(mapper.RejectedIn(watch.place()));
    auto mapped = mapper.Take();
    profile->counts.Add(mapped.counts);
    for (const auto& [reason, count] : mapped.rejected_by_reason) by_reason[reason] += count;
    std::move(mapped.quarantine.begin(), mapped.quarantine.end(), std::back_inserter(profile->rejects));
    ++profile->files;
    if (sampled) ++profile->files_sampled;
    profile->bytes += file.size_bytes;
  }
  profile->rejected_by_reason.assign(by_reason.begin(), by_reason.end());
  for (const std::string& name : watched.day_fields) {
    const auto watch = std::find_if(watches.begin(), watches.end(), [&](const auto& w) { return w.name() == name; });
    if (watch == watches.end() || !watch->days().has_value() || profile->first_day.has_value()) continue;
    profile->first_day = watch->days()->first;
    profile->last_day = watch->days()->second;
  }
  for (ColumnWatch& watch : watches) profile->columns.push_back(watch.Finish());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SourceProfile> ProfileSource(FileSystem& file_system, const Job& job, const std::string& base_folder,
                                            const SampleLimits& limits) {
  const TransactionSource& source = job.transactions;
  SourceProfile profile;
  STRATA_ASSIGN_OR_RETURN(profile.tables, ProfileTables(file_system, job, base_folder));
  const MapTables tables{.fx = profile.tables.rates.has_value() ? &*profile.tables.rates : nullptr};
  const auto mapper_of = [&](const std::string& path) {
    return RowMapper::ForJob(job, path, /*file_number=*/0, tables);
  };
  const Watched watched{source.uri, FieldsOf(source), source.time_format, {InfoOf(TransactionField::kTime).name}};
  STRATA_RETURN_IF_ERROR(Profile(file_system, job, base_folder, limits, watched, mapper_of, &profile));
  return profile;
}

absl::StatusOr<SourceProfile> ProfileTable(FileSystem& file_system, const Job& job, const TableSource& source,
                                           const std::string& base_folder, const SampleLimits& limits) {
  const auto mapper_of = [&](const std::string& path) {
    return TableMapper::ForSource(job, source, path, /*file_number=*/0);
  };
  Watched watched{source.uri, FieldsOf(source), source.time_format, {}};
  const TableSchema& schema = SchemaOf(source.table);
  for (const ColumnMark mark : {kRowTime, kValidFrom, kStandsIn}) {
    const ColumnSchema* column = schema.Marked(mark);
    if (column != nullptr) watched.day_fields.emplace_back(column->name);
  }
  SourceProfile profile;
  STRATA_RETURN_IF_ERROR(Profile(file_system, job, base_folder, limits, watched, mapper_of, &profile));
  return profile;
}

}  // namespace strata
