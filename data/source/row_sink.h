// What a reader of a file hands on, whatever the file's format: one record at a time, in the order of the file. Readers
// call exactly one method per record. Implementations are not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "data/source/fault.h"

namespace strata {

// One value as the file has it.
struct Cell {
  enum class Kind : uint8_t {
    kMissing,     // the field is not mapped, or the value is null
    kText,        // `text`; may be empty
    kNotInteger,  // `text` shows a floating number that is no exact whole number, where an id is wanted
    kLocalTime,   // `seconds` since 1970-01-01 and `nanos`, as a wall clock without zone shows them
    kInstant,     // `seconds` since 1970-01-01 UTC and `nanos`
    kMicros,      // a number that is `micros` exactly
  };
  Kind kind = Kind::kMissing;
  bool is_clean = false;  // `text` is known to be UTF-8 and not blank; false says nothing
  int32_t nanos = 0;      // 0..999,999,999
  int64_t seconds = 0;
  int64_t micros = 0;
  std::string_view text;  // alive until the reader's next record
};

// What the file shows, for people: texts as they are, numbers and times as they are written.
std::string Show(const Cell& cell);

// Of one row: a cell for each of the reader's SourceFields, in their order. Alive until the reader's next record.
using Cells = std::span<const Cell>;

class RowSink {
 public:
  virtual ~RowSink() = default;
  // At most so many records come, where the file says so beforehand.
  virtual void OnExpected(int64_t /*records*/) {}
  // `line` is the CSV's physical line where the record begins, or the row of a Parquet file from 1.
  virtual void OnBlank(int64_t line) = 0;
  virtual void OnMalformed(int64_t line, const Fault& fault) = 0;  // fault.value is the whole record
  virtual void OnRow(int64_t line, const Cells& cells) = 0;
};

}  // namespace strata
