// Where the records of a CSV text begin and end. The one place that knows: planning and reading both use it, so they
// agree.
//
// A quote opens a quoted field only as a field's first byte; anywhere else outside quotes it is an ordinary character.
// Inside quotes, two quotes are one, and delimiters and line ends are text. A record ends at a line feed outside
// quotes, or at the end; a carriage return before that line feed (or the end) belongs to the line end.
//
// A quote that is not closed within the longest record allowed, or at all, is a forgotten one: the record then ends at
// the first line end after that quote (fault kQuoteUnclosed) and the next line is read as a record again, so that one
// forgotten quote costs one record and not the rest of the file.
//
// What a record is depends on the bytes from its start on, and never reaches past its end but to find that a quote is
// not closed. So a text cut at any record's start yields the same records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "data/source/fault.h"

namespace strata {

struct CsvRecord {
  std::string_view bytes;              // without the line end
  int64_t line = 0;                    // physical line of the first byte
  bool has_quote = false;              // a quote is among the bytes
  FaultKind fault = FaultKind::kNone;  // kQuoteUnclosed, kRecordTooLong or kNulByte
};

class CsvRecords {
 public:
  // `bytes` begins at a record and must outlive this. `first_line` is its physical line. Preconditions: the delimiter
  // is neither a quote nor part of a line end; max_record_bytes > 0.
  CsvRecords(std::string_view bytes, int64_t first_line, char delimiter, size_t max_record_bytes);

  // False at the end.
  bool Next(CsvRecord* record);

  uint64_t offset() const { return position_; }  // of the next record in `bytes`
  int64_t line() const { return line_; }         // of the next record

 private:
  // Most texts hold few quotes: looking far ahead for one at a time spares a search per record.
  struct Lookahead {
    char character;
    size_t found = SIZE_MAX;  // the first one at or after position_, once it is known
    size_t searched = 0;      // all bytes before were looked at
  };

  // Whether the character is in [position_, end).
  bool Contains(Lookahead* lookahead, size_t end) const;
  // The end of the record at position_ (its line feed, or the end of the text) when it may hold quotes.
  size_t EndOfQuoted(FaultKind* fault) const;
  size_t Find(char c, size_t from, size_t end) const;

  std::string_view bytes_;
  char delimiter_;
  size_t max_record_bytes_;
  size_t position_ = 0;
  int64_t line_;
  Lookahead quote_{.character = '"'};
  Lookahead nul_{.character = '\0'};
};

}  // namespace strata
