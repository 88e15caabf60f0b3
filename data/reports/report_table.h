// The table that a report is: typed columns with units, and rows. Plain values and pure functions; thread-safe.
//
// How a cell is stored, and what null is:
//   text               text     no value
//   integer, flag      whole    kNoWhole
//   money              whole    micros of the job's currency; kNoWhole
//   day                whole    days since 1970-01-01 (base/date.h); kNoWhole
//   number, share      number   NaN; a share is 0 to 1
//
// Rows have one order (SortRows), so equal reports have equal bytes, however their rows were made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/column_type.h"
#include "base/int128.h"
#include "base/status.h"

namespace strata {

enum class ReportType : uint8_t { kText, kInteger, kMoney, kNumber, kShare, kDay, kFlag };
const char* Name(ReportType type);  // "text", "integer", "money", "number", "share", "day", "flag"
std::optional<ReportType> ReportTypeNamed(std::string_view name);

// Which of ReportTable's three columns holds the cells of a type.
enum class ReportStorage : uint8_t { kWhole, kNumber, kText };
ReportStorage StorageOf(ReportType type);

struct ReportColumn {
  std::string name;
  ReportType type = ReportType::kText;
  std::string unit;     // "days", "customers", "1" for a ratio; empty where the type says it: text, flag, day, money
  std::string meaning;  // one sentence
  bool operator==(const ReportColumn&) const = default;
};

// By column; of the three vectors of a column the one of its type has `rows` cells and the others none.
struct ReportTable {
  std::vector<std::vector<int64_t>> whole;
  std::vector<std::vector<double>> number;
  std::vector<std::vector<std::optional<std::string>>> text;
  size_t rows = 0;
  std::string left_out;  // why it could not be made; then there is nothing else. Empty: it was
};

// No rows, and the right number of columns.
ReportTable EmptyTable(size_t columns);

// INTERNAL (REPORT_INVALID) names report and column: a column that is not there, has another storage or length, holds
// text that is not UTF-8, or a flag other than 0 and 1.
absl::Status CheckReportTable(std::string_view report, const std::vector<ReportColumn>& columns,
                              const ReportTable& table);

// Orders the rows by the leading columns whose type is text, integer, day or flag (the key of a report), nulls first,
// texts by bytes. Rows that are equal there keep their order. Precondition: CheckReportTable is OK.
void SortRows(const std::vector<ReportColumn>& columns, ReportTable* table);

// Nothing is null. Whole numbers are for integer, money (micros), day and flag.
using ReportCell = std::variant<std::monostate, int64_t, double, std::string>;

// Makes a table row by row. Errors are kept and told by Take, so that a report's loop needs no checks. Not thread-safe.
class ReportRows {
 public:
  ReportRows(std::string report, std::vector<ReportColumn> columns);

  // One cell per column. A cell of another storage than its column's, or a wrong number of cells, is REPORT_INVALID;
  // NaN is null. A whole number that happens to be kNoWhole is REPORT_OVERFLOW, never a silent null.
  void Add(std::vector<ReportCell> cells);
  // A sum as a cell; OUT_OF_RANGE (REPORT_OVERFLOW) where it does not fit 64 bits.
  ReportCell Whole(Int128 value);
  // part / whole, null where whole is 0. For shares and means: one division of exact integers.
  static ReportCell Ratio(Int128 part, Int128 whole);

  size_t size() const { return table_.rows; }
  // The table, sorted; INTERNAL (REPORT_INVALID) or OUT_OF_RANGE (REPORT_OVERFLOW). Call once, at the end.
  absl::StatusOr<ReportTable> Take();

 private:
  void Keep(absl::Status status);

  std::string report_;
  std::vector<ReportColumn> columns_;
  ReportTable table_;
  absl::Status status_;
};

// Parquet: text utf8, integer int64, money decimal128(38, 6), number and share double, day date32, flag bool. Equal
// tables have equal bytes. REPORT_INVALID as CheckReportTable.
absl::StatusOr<std::string> EncodeReport(std::string_view report, const std::vector<ReportColumn>& columns,
                                         const ReportTable& table);
// The inverse. DATA_LOSS (SNAPSHOT_CORRUPT) names the report and what is not as `columns` have it.
absl::StatusOr<ReportTable> DecodeReport(std::string_view report, std::string_view bytes,
                                         const std::vector<ReportColumn>& columns);

}  // namespace strata
