#include "data/source/csv_layout.h"

#include <fmt/format.h>

#include "data/source/csv_fields.h"
#include "data/source/csv_records.h"
#include "data/source/text.h"

namespace strata {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr size_t kShownBytes = 80;  // of a wrong header

absl::Status FileError(std::string_view reason, std::string_view path, std::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, fmt::format("{}: {}", path, problem),
                   {{"file", std::string(path)}});
}

}  // namespace

absl::StatusOr<CsvLayout> ReadCsvLayout(std::string_view bytes, std::string_view path, const SourceFields& source,
                                        size_t max_record_bytes) {
  const size_t mark = bytes.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  const std::string_view text = bytes.substr(mark);
  if (text.empty()) return FileError("FILE_EMPTY", path, "found an empty file; allowed: a CSV file with a header");
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return FileError("FILE_ENCODING", path, "found a byte order mark of UTF-16 or UTF-32; allowed: UTF-8");
  }
  CsvRecords records(text, 1, source.delimiter, max_record_bytes);
  CsvRecord header;
  records.Next(&header);
  const std::string shown = Printable(header.bytes, kShownBytes);
  if (header.fault == FaultKind::kNulByte) {
    return FileError("FILE_ENCODING", path, fmt::format("found NUL bytes in the header '{}'; allowed: UTF-8", shown));
  }
  CsvFields fields(source.delimiter);
  if (header.fault != FaultKind::kNone || fields.Split(header) != FaultKind::kNone) {
    return FileError("HEADER_INVALID", path,
                     fmt::format("found the header '{}' with a quote that is not closed or followed by text, or longer "
                                 "than {} bytes; allowed: the names of the columns on the first line",
                                 shown, max_record_bytes));
  }
  if (IsBlankRecord(header.bytes, source.delimiter)) {
    return FileError("HEADER_INVALID", path,
                     "found a blank first line; allowed: the names of the columns on the first line");
  }
  const std::vector<std::string> names(fields.fields().begin(), fields.fields().end());
  CsvLayout layout;
  STRATA_ASSIGN_OR_RETURN(layout.field_columns, MatchColumns(names, source, path));
  layout.columns = names.size();
  layout.data_begin = mark + records.offset();
  layout.data_line = records.line();
  return layout;
}

}  // namespace strata
