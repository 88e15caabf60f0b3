#include "data/source/fault.h"

#include <fmt/format.h>

#include "data/source/ingest.h"
#include "data/source/text.h"

namespace strata {
namespace {

constexpr size_t kShownBytes = 64;  // of a value in a message; the quarantine's own column has more of it

std::string AllowedTime(const FaultWords& words) {
  if (!words.time_format.empty()) return fmt::format("a time as in the format '{}'", words.time_format);
  return "YYYY-MM-DD, or YYYY-MM-DDThh:mm with optional seconds, fraction and offset (Z or +hh:mm)";
}

std::string AllowedNumber() { return "a plain decimal such as -1234.56 with at most six decimals"; }

bool IsTime(const SourceField& field) { return field.read == FieldRead::kTime || field.read == FieldRead::kTimeOrFlag; }

std::string Allowed(const Fault& fault, const SourceField& field, const FaultWords& words) {
  switch (fault.kind) {
    case FaultKind::kMissing:
      return "a value in every row";
    case FaultKind::kTooLong:
      return fmt::format("at most {} bytes", kMaxCustomerIdBytes);
    case FaultKind::kNotUtf8:
      return "text in UTF-8";
    case FaultKind::kNotInteger:
      return field.read == FieldRead::kNumber ? "a whole number" : "text, or a whole number below 2^53";
    case FaultKind::kMalformed:
    case FaultKind::kNotFinite:
    case FaultKind::kHexadecimal:
    case FaultKind::kThousandsSeparator:
      return IsTime(field) ? AllowedTime(words) : AllowedNumber();
    case FaultKind::kTooPrecise:
      return IsTime(field) ? "at most nine decimals of a second" : AllowedNumber();
    case FaultKind::kTooLarge:
      return "amounts within ±9,223,372,036,854.775807";
    case FaultKind::kDateImpossible:
      return "a day of the calendar";
    case FaultKind::kTimeImpossible:
      return "00:00:00 to 23:59:59, offsets within ±18:00";
    case FaultKind::kDateOutOfRange:
      return fmt::format("years {} to {}", kFirstYear, kLastYear);
    case FaultKind::kOtherCurrency:
      return fmt::format("the job's currency {}", words.currency);
    case FaultKind::kUnknownCurrency:
      return fmt::format("the job's currency {}, or one that has a rate in sources.fx, here for {}", words.currency,
                         fault.found);
    case FaultKind::kNoRate:
      return fmt::format("a currency with a rate in sources.fx on {} or one of the {} days before it", fault.found,
                         kFxCarryDays);
    case FaultKind::kNotAFlag:
      return "true, false, 1, 0, yes, no, y, n, t or f";
    default:
      return fault.allowed;
  }
}

std::string_view Problem(FaultKind kind, const SourceField& field) {
  switch (kind) {
    case FaultKind::kMissing:
      return "is missing";
    case FaultKind::kTooLong:
      return "is too long";
    case FaultKind::kNotUtf8:
      return "is not UTF-8";
    case FaultKind::kNotInteger:
      return field.read == FieldRead::kNumber ? "is not whole" : "is a floating number that is not a whole id";
    case FaultKind::kNotFinite:
      return "is not finite";
    case FaultKind::kHexadecimal:
      return "is hexadecimal";
    case FaultKind::kThousandsSeparator:
      return "has separators between its digits";
    case FaultKind::kTooPrecise:
      return "has too many decimals";
    case FaultKind::kTooLarge:
      return "does not fit 64-bit micros";
    case FaultKind::kDateImpossible:
      return "is not a day of the calendar";
    case FaultKind::kTimeImpossible:
      return "is not a time of day";
    case FaultKind::kDateOutOfRange:
      return "has a year that cannot be right";
    case FaultKind::kOtherCurrency:
      return "is another currency";
    case FaultKind::kUnknownCurrency:
      return "is a currency without rates";
    case FaultKind::kNoRate:
      return "has no rate for its day";
    case FaultKind::kNotAFlag:
      return "is neither true nor false";
    case FaultKind::kUnknownChoice:
      return "is no word of the choice";
    case FaultKind::kOutOfRange:
      return "is out of range";
    case FaultKind::kEndsBeforeStart:
      return "is before its start";
    case FaultKind::kRowIncomplete:
      return "and what could stand for it are missing";
    default:
      return "cannot be read";
  }
}

}  // namespace

bool IsRecordFault(FaultKind kind) { return kind >= FaultKind::kFieldCount && kind <= FaultKind::kNulByte; }

std::string ReasonOf(FaultKind kind, const SourceField& field) {
  const std::string& name = field.upper_name;
  switch (kind) {
    case FaultKind::kNone:
      return "";
    case FaultKind::kFieldCount:
      return "RECORD_FIELD_COUNT";
    case FaultKind::kQuoteUnclosed:
      return "QUOTE_UNCLOSED";
    case FaultKind::kQuoteTrailingText:
      return "QUOTE_TRAILING_TEXT";
    case FaultKind::kRecordTooLong:
      return "RECORD_TOO_LONG";
    case FaultKind::kNulByte:
      return "RECORD_NUL_BYTE";
    case FaultKind::kMissing:
      return field.name == "customer_id" ? "MISSING_CUSTOMER" : fmt::format("MISSING_{}", name);
    case FaultKind::kTooLong:
      return fmt::format("{}_TOO_LONG", name);
    case FaultKind::kNotUtf8:
      return fmt::format("{}_NOT_UTF8", name);
    case FaultKind::kNotInteger:
      return fmt::format("{}_NOT_INTEGER", name);
    case FaultKind::kMalformed:
    case FaultKind::kNotAFlag:
      return fmt::format("{}_MALFORMED", name);
    case FaultKind::kNotFinite:
      return fmt::format("{}_NOT_FINITE", name);
    case FaultKind::kHexadecimal:
      return fmt::format("{}_HEXADECIMAL", name);
    case FaultKind::kThousandsSeparator:
      return fmt::format("{}_THOUSANDS_SEPARATOR", name);
    case FaultKind::kTooPrecise:
      return fmt::format("{}_TOO_PRECISE", name);
    case FaultKind::kTooLarge:
      return fmt::format("{}_TOO_LARGE", name);
    case FaultKind::kDateImpossible:
      return "DATE_IMPOSSIBLE";
    case FaultKind::kTimeImpossible:
      return "TIME_IMPOSSIBLE";
    case FaultKind::kDateOutOfRange:
      return "DATE_OUT_OF_RANGE";
    case FaultKind::kOtherCurrency:
      return "CURRENCY_OTHER";
    case FaultKind::kUnknownCurrency:
      return "CURRENCY_UNKNOWN";
    case FaultKind::kNoRate:
      return "CURRENCY_RATE_MISSING";
    case FaultKind::kUnknownChoice:
      return fmt::format("{}_CHOICE_UNKNOWN", name);
    case FaultKind::kOutOfRange:
      return fmt::format("{}_OUT_OF_RANGE", name);
    case FaultKind::kEndsBeforeStart:
      return fmt::format("{}_ENDS_BEFORE_START", name);
    case FaultKind::kRowIncomplete:
      return "ROW_INCOMPLETE";
  }
  return "";
}

std::string MessageOf(const Fault& fault, const SourceField& field, const FaultWords& words) {
  if (IsRecordFault(fault.kind)) return fmt::format("found {}; allowed: {}", fault.found, fault.allowed);
  const std::string place = field.is_mapped() ? fmt::format(" (column '{}')", field.column) : "";
  const std::string value = fault.kind == FaultKind::kMissing || fault.kind == FaultKind::kRowIncomplete
                                ? ""
                                : fmt::format(" '{}'", Printable(fault.value, kShownBytes));
  return fmt::format("{}{}{} {}; allowed: {}", field.name, place, value, Problem(fault.kind, field),
                     Allowed(fault, field, words));
}

}  // namespace strata
