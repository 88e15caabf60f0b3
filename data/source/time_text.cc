#include "data/source/time_text.h"

#include <array>
#include <optional>

#include "data/source/text.h"

namespace strata {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int kMaxFractionDigits = 9;
constexpr int kMaxOffsetSeconds = 18 * 3600;  // as in ISO libraries; real zones reach +14 and -12 hours
constexpr int kPosixCentury = 69;             // two-digit years from here on are 19xx

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

// The parts of a time while it is read.
struct Parts {
  CivilDate date;
  int hour = 0, minute = 0, second = 0;
  int64_t fraction_nanos = 0;
  bool zoned = false;
  int32_t offset_s = 0;
};

// Takes characters off the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  char Peek() const { return rest_.empty() ? '\0' : rest_[0]; }
  bool Take(char c) {
    if (Peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // A number of `min` to `max` digits, as many as there are.
  bool Number(size_t min, size_t max, int* value) {
    size_t digits = 0;
    *value = 0;
    while (digits < max && digits < rest_.size() && IsDigit(rest_[digits]))
      *value = *value * 10 + (rest_[digits++] - '0');
    rest_.remove_prefix(digits);
    return digits >= min;
  }
  bool Word(std::string_view lower) {
    if (rest_.size() < lower.size()) return false;
    for (size_t i = 0; i < lower.size(); ++i) {
      if (LowerLetter(rest_[i]) != lower[i]) return false;
    }
    rest_.remove_prefix(lower.size());
    return true;
  }
  size_t Blanks() {
    size_t count = 0;
    while (!rest_.empty() && IsBlankByte(rest_[0])) {
      rest_.remove_prefix(1);
      ++count;
    }
    return count;
  }

 private:
  std::string_view rest_;
};

FaultKind ReadFraction(Cursor* cursor, int64_t* nanos) {
  int64_t value = 0;
  int digits = 0;
  for (; IsDigit(cursor->Peek()); ++digits) {
    const char c = cursor->Peek();
    cursor->Take(c);
    if (digits < kMaxFractionDigits) {
      value = value * 10 + (c - '0');
    } else if (c != '0') {
      return FaultKind::kTooPrecise;
    }
  }
  if (digits == 0) return FaultKind::kMalformed;
  for (int i = digits; i < kMaxFractionDigits; ++i) value *= 10;
  *nanos = value;
  return FaultKind::kNone;
}

// Z, +hh:mm, +hhmm or +hh.
FaultKind ReadOffset(Cursor* cursor, Parts* parts) {
  parts->zoned = true;
  if (cursor->Take('Z')) return FaultKind::kNone;
  const bool negative = cursor->Peek() == '-';
  if (!cursor->Take('+') && !cursor->Take('-')) return FaultKind::kMalformed;
  int hours = 0;
  int minutes = 0;
  if (!cursor->Number(2, 2, &hours)) return FaultKind::kMalformed;
  if (cursor->Take(':') || IsDigit(cursor->Peek())) {
    if (!cursor->Number(2, 2, &minutes)) return FaultKind::kMalformed;
  }
  const int seconds = hours * 3600 + minutes * 60;
  if (minutes > 59 || seconds > kMaxOffsetSeconds) return FaultKind::kTimeImpossible;
  parts->offset_s = negative ? -seconds : seconds;
  return FaultKind::kNone;
}

FaultKind ReadIsoClock(Cursor* cursor, Parts* parts) {
  if (!cursor->Number(2, 2, &parts->hour) || !cursor->Take(':') || !cursor->Number(2, 2, &parts->minute)) {
    return FaultKind::kMalformed;
  }
  if (cursor->Take(':')) {
    if (!cursor->Number(2, 2, &parts->second)) return FaultKind::kMalformed;
    if (cursor->Take('.')) {
      const FaultKind fault = ReadFraction(cursor, &parts->fraction_nanos);
      if (fault != FaultKind::kNone) return fault;
    }
  }
  if (cursor->AtEnd()) return FaultKind::kNone;
  cursor->Take(' ');
  return ReadOffset(cursor, parts);
}

FaultKind Finish(const Parts& parts, WrittenTime* time) {
  const CivilDate& date = parts.date;
  if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > 31) return FaultKind::kDateImpossible;
  if (date.year < kFirstYear || date.year > kLastYear) return FaultKind::kDateOutOfRange;
  if (!IsValid(date)) return FaultKind::kDateImpossible;
  if (parts.hour > 23 || parts.minute > 59 || parts.second > 59) return FaultKind::kTimeImpossible;
  time->day = ToDay(date);
  time->nanos = (parts.hour * 3600 + parts.minute * 60 + parts.second) * kNanosPerSecond + parts.fraction_nanos;
  time->zoned = parts.zoned;
  time->offset_s = parts.offset_s;
  return FaultKind::kNone;
}

bool ReadMonthName(Cursor* cursor, int* month) {
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (cursor->Word(kMonths[i]) || cursor->Word(kMonths[i].substr(0, 3))) {
      *month = static_cast<int>(i) + 1;
      return true;
    }
  }
  return false;
}

// Parts that only the conversion of the whole text settles.
struct HalfDay {
  bool is_twelve_hour = false;
  bool afternoon = false;
};

FaultKind ReadConversion(char conversion, Cursor* cursor, Parts* parts, HalfDay* half) {
  bool ok = true;
  switch (conversion) {
    case 'Y':
      ok = cursor->Number(4, 4, &parts->date.year);
      break;
    case 'y':
      ok = cursor->Number(2, 2, &parts->date.year);
      parts->date.year += parts->date.year >= kPosixCentury ? 1900 : 2000;
      break;
    case 'm':
      ok = cursor->Number(1, 2, &parts->date.month);
      break;
    case 'b':
      ok = ReadMonthName(cursor, &parts->date.month);
      break;
    case 'd':
      ok = cursor->Number(1, 2, &parts->date.day);
      break;
    case 'I':
      half->is_twelve_hour = true;
      [[fallthrough]];
    case 'H':
      ok = cursor->Number(1, 2, &parts->hour);
      break;
    case 'M':
      ok = cursor->Number(1, 2, &parts->minute);
      break;
    case 'S':
      ok = cursor->Number(1, 2, &parts->second);
      if (ok && cursor->Take('.')) return ReadFraction(cursor, &parts->fraction_nanos);
      break;
    case 'p':
      half->afternoon = cursor->Word("pm");
      ok = half->afternoon || cursor->Word("am");
      break;
    case 'z':
      return ReadOffset(cursor, parts);
    case ' ':
      ok = cursor->Blanks() > 0;
      break;
    default:
      ok = false;
  }
  return ok ? FaultKind::kNone : FaultKind::kMalformed;
}

}  // namespace

FaultKind ParseIsoTime(std::string_view text, WrittenTime* time) {
  Cursor cursor(text);
  Parts parts;
  const bool has_date = cursor.Number(4, 4, &parts.date.year) && cursor.Take('-') &&
                        cursor.Number(2, 2, &parts.date.month) && cursor.Take('-') &&
                        cursor.Number(2, 2, &parts.date.day);
  if (!has_date) return FaultKind::kMalformed;
  if (!cursor.AtEnd()) {
    if (!cursor.Take('T') && !cursor.Take(' ')) return FaultKind::kMalformed;
    const FaultKind fault = ReadIsoClock(&cursor, &parts);
    if (fault != FaultKind::kNone) return fault;
    if (!cursor.AtEnd()) return FaultKind::kMalformed;
  }
  return Finish(parts, time);
}

FaultKind ParseTimeByFormat(std::string_view text, std::span<const TimeFormatItem> format, WrittenTime* time) {
  Cursor cursor(text);
  Parts parts;
  HalfDay half;
  for (const TimeFormatItem& item : format) {
    if (item.conversion == 0) {
      if (!cursor.Take(item.literal)) return FaultKind::kMalformed;
      continue;
    }
    const FaultKind fault = ReadConversion(item.conversion, &cursor, &parts, &half);
    if (fault != FaultKind::kNone) return fault;
  }
  if (!cursor.AtEnd()) return FaultKind::kMalformed;
  if (half.is_twelve_hour) {
    if (parts.hour < 1 || parts.hour > 12) return FaultKind::kTimeImpossible;
    parts.hour = parts.hour % 12 + (half.afternoon ? 12 : 0);
  }
  return Finish(parts, time);
}

}  // namespace strata
