// Why a record is rejected: a closed list of reasons, and the words for people. Plain values; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "run/source_fields.h"

namespace strata {

enum class FaultKind : uint8_t {
  kNone,
  // Of a whole CSV record.
  kFieldCount,         // RECORD_FIELD_COUNT: not as many fields as the header
  kQuoteUnclosed,      // QUOTE_UNCLOSED: a quote that the file, or the longest record allowed, does not close
  kQuoteTrailingText,  // QUOTE_TRAILING_TEXT: text between a closing quote and the next delimiter
  kRecordTooLong,      // RECORD_TOO_LONG
  kNulByte,            // RECORD_NUL_BYTE
  // Of a value; <FIELD> is the field's upper-case name.
  kMissing,             // MISSING_CUSTOMER for customer_id, else MISSING_<FIELD>
  kTooLong,             // <FIELD>_TOO_LONG
  kNotUtf8,             // <FIELD>_NOT_UTF8
  kNotInteger,          // <FIELD>_NOT_INTEGER: a floating id with a fraction, or too large to be exact
  kMalformed,           // <FIELD>_MALFORMED: not a plain decimal; a time that is not as its format says
  kNotFinite,           // <FIELD>_NOT_FINITE: NaN or an infinity
  kHexadecimal,         // <FIELD>_HEXADECIMAL
  kThousandsSeparator,  // <FIELD>_THOUSANDS_SEPARATOR: digits grouped by , ' _ or blanks, or a decimal comma
  kTooPrecise,          // <FIELD>_TOO_PRECISE: a digit other than 0 after the sixth decimal; finer than nanoseconds
  kTooLarge,            // <FIELD>_TOO_LARGE: does not fit 64-bit micros
  kDateImpossible,      // DATE_IMPOSSIBLE: no such day in the calendar
  kTimeImpossible,      // TIME_IMPOSSIBLE: no such time of day or offset (24:00 and leap seconds included)
  kDateOutOfRange,      // DATE_OUT_OF_RANGE: a year outside kFirstYear..kLastYear
  kOtherCurrency,       // CURRENCY_OTHER
  kUnknownCurrency,     // CURRENCY_UNKNOWN: the table of rates does not have it
  kNoRate,              // CURRENCY_RATE_MISSING: no rate for the row's day
  kNotAFlag,            // <FIELD>_MALFORMED: neither true nor false
  kUnknownChoice,       // <FIELD>_CHOICE_UNKNOWN: a word that neither the choice nor the job has
  kOutOfRange,          // <FIELD>_OUT_OF_RANGE: beyond the limits of the column
  kEndsBeforeStart,     // <FIELD>_ENDS_BEFORE_START: earlier than the column that it must not be before
  kRowIncomplete,       // ROW_INCOMPLETE: none of the values of which a row needs one
};
inline constexpr size_t kFaultKindCount = 28;

struct Fault {
  FaultKind kind = FaultKind::kNone;
  uint16_t field = 0;      // of a value: its place among the reader's SourceFields
  std::string_view value;  // what was found; alive as long as the row it came from
  std::string found;       // of a record: more words on what was found, e.g. "7 fields"; of a rate: its day
  std::string allowed;  // of a record, and of the last four kinds: what is allowed, e.g. "8 fields, as in the header"
};

// True when the whole record is at fault, not one value.
bool IsRecordFault(FaultKind kind);

// The closed code, e.g. AMOUNT_TOO_PRECISE. `field` matters to a value's fault only.
std::string ReasonOf(FaultKind kind, const SourceField& field);

// What a message says of the job.
struct FaultWords {
  std::string time_format;  // of the source; empty: ISO 8601
  std::string currency;     // of the job
};

// One sentence: what was found and what is allowed. `field`: the fault's.
std::string MessageOf(const Fault& fault, const SourceField& field, const FaultWords& words);

}  // namespace strata
