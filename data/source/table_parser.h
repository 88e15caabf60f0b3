// Turns the values of one row of a table beside transactions, a cell for each field of FieldsOf(source), into what the
// ledger keeps of it, or says which value is wrong. Driven by the schema. Not thread-safe (it reuses buffers); one per
// split.
//
// Rules. A value is missing when it is null or blank; one that the schema requires must be there. Keys and categories
// are taken as they are, blanks around included, at most kMaxCategoryBytes of UTF-8. Numbers, times, flags and words of
// choices are trimmed of blanks. A word of a choice is looked up among `values` of the job first, then among the
// choice's own, byte by byte. Numbers keep to the limits of their column; a survey's score keeps to those of its
// instrument as well. Tags are split at |, trimmed, sorted, each kept once, at most kMaxCategoryBytes in all. Where a
// time or a flag will do, true is the row's own time (kTimelessDay where it has none) and false is missing.
//   day      of the column with the row's time, or valid_from; where that is not mapped or missing, of the column that
//            stands in; then, for a version, the date that the job gives for the file; else kTimelessDay
//   key      XXH3-128 over the canonical form of the mapped columns of the row key, and the day of a version; ids as
//   they
//            are written, whomever they stand for, so that it never matters when identities were merged
//   row hash XXH3-64 over that of all mapped columns in field order: texts with their length, numbers as they are
//            stored, times to the nanosecond; so 12.5 and 12.50 are equal, and CSV equals Parquet
// The first wrong value in the order of the fields is the row's fault; a row that is incomplete or ends before it
// starts is looked for after that.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "base/hash.h"
#include "base/status.h"
#include "data/source/fault.h"
#include "data/source/row_sink.h"
#include "data/source/time_reader.h"
#include "run/job.h"
#include "run/table_source.h"

namespace strata {

// One value of a row.
struct TableValue {
  bool present = false;
  int64_t whole = kNoWhole;  // numbers, days, times and flags, as table_schema.h says they are stored
  // Keys and categories as written, the choice's word, canonical tags. Alive until the parser's next row, and no longer
  // than the cells and the parser.
  std::string_view text;
};

struct ParsedTableRow {
  std::string_view customer_id;  // empty: the row names none
  Day day = kTimelessDay;
  int16_t minute = 0;                                           // of the day
  Hash128 key;                                                  // where rows have a key
  int64_t updated_at_us = std::numeric_limits<int64_t>::min();  // a missing one is older than any other
  uint64_t row_hash = 0;
  std::vector<TableValue> values;  // by field; not present where it is not mapped
};

class TableParser {
 public:
  // `file_valid_from`: what the job says of the file; nullopt: nothing.
  static absl::StatusOr<TableParser> ForSource(const Job& job, const TableSource& source,
                                               std::optional<Day> file_valid_from);

  // True when the row is good and `row` filled, else `fault` is. Precondition: as many cells as there are fields.
  bool Parse(const Cells& cells, ParsedTableRow* row, Fault* fault);

 private:
  // What is known of a field before any row.
  struct Field {
    ColumnSchema schema;
    bool mapped = false;
    int starts_at = -1;                                     // the field that it must not be before
    std::map<std::string, std::string, std::less<>> words;  // of the source → of the choice
  };

  TableParser(const TableSource& source, TimeReader times, std::optional<Day> file_valid_from);
  static Field FieldOf(const TableSource& source, const ColumnSchema& schema);

  bool ParseValue(const Cell& cell, size_t place, TableValue* value, Fault* fault);
  FaultKind ReadText(const Cell& cell, TableValue* value) const;
  FaultKind ReadNumber(const Cell& cell, const ColumnSchema& schema, TableValue* value) const;
  FaultKind ReadTime(const Cell& cell, size_t place, TableValue* value);
  FaultKind ReadTags(const Cell& cell, size_t place, TableValue* value);
  bool CheckRow(const Cells& cells, const ParsedTableRow& row, Fault* fault) const;
  bool CheckScore(const Cells& cells, const ParsedTableRow& row, Fault* fault) const;
  void Place(ParsedTableRow* row) const;
  // Flags that stand for times become the row's own.
  void SettleFlags(ParsedTableRow* row);
  void AppendInteger(int64_t number);
  void AppendCanonical(size_t place, const TableValue& value);
  void Hash(ParsedTableRow* row);

  TableId table_;
  bool has_key_ = false;
  std::vector<Field> fields_;
  TimeReader times_;
  std::optional<Day> file_valid_from_;
  // Of the row at hand.
  std::vector<int64_t> nanos_;     // of the minute, by field
  std::vector<bool> is_flag_;      // a flag where a time could be, by field
  std::vector<std::string> tags_;  // canonical, by field
  std::string canonical_;
};

}  // namespace strata
