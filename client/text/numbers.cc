#include "client/text/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/date.h"

namespace strata {
namespace {

constexpr int64_t kMinuteSeconds = 60;
constexpr int64_t kHourSeconds = 60 * kMinuteSeconds;
constexpr int64_t kDaySeconds = 24 * kHourSeconds;

// Commas into the whole part of a plain decimal.
std::string Group(std::string digits) {
  const size_t begin = digits.empty() || digits[0] != '-' ? 0 : 1;
  const size_t end = std::min(digits.find('.'), digits.size());
  for (size_t place = end; place > begin + 3;) {
    place -= 3;
    digits.insert(place, 1, ',');
  }
  return digits;
}

// "-0.00" reads as a loss that is none.
std::string WithoutNegativeZero(std::string text) {
  const bool zero = text.find_first_not_of("-0.") == std::string::npos;
  if (zero && !text.empty() && text[0] == '-') text.erase(0, 1);
  return text;
}

}  // namespace

std::string Grouped(int64_t value) { return Group(fmt::format("{}", value)); }

std::string Fixed(double value, int decimals) {
  if (!std::isfinite(value)) return kNothing;
  return Group(WithoutNegativeZero(fmt::format("{:.{}f}", value, decimals)));
}

std::string Significant(double value, int digits) {
  if (!std::isfinite(value)) return kNothing;
  const double size = std::fabs(value);
  // Plain decimals would hide such a value behind zeros, or pretend to a precision it does not have.
  if (size != 0 && (size < 1e-4 || size >= 1e15)) return fmt::format("{:.{}e}", value, digits - 1);
  const int whole_digits = size < 1 ? 0 : static_cast<int>(std::floor(std::log10(size))) + 1;
  const int leading_zeros = size > 0 && size < 1 ? -static_cast<int>(std::floor(std::log10(size))) - 1 : 0;
  return Fixed(value, std::max(0, digits - whole_digits + leading_zeros));
}

std::string Percent(double ratio, int decimals) {
  return std::isfinite(ratio) ? Fixed(ratio * 100, decimals) + " %" : std::string(kNothing);
}

std::string Counted(int64_t count, std::string_view singular, std::string_view plural) {
  return fmt::format("{} {}", Grouped(count), count == 1 ? singular : plural);
}

std::string Duration(double seconds) {
  if (!std::isfinite(seconds)) return kNothing;
  if (seconds < 1) return Fixed(seconds, 2) + " s";
  if (seconds < static_cast<double>(kMinuteSeconds)) return Fixed(seconds, 1) + " s";
  const auto whole = static_cast<int64_t>(seconds);
  if (whole < kHourSeconds) return fmt::format("{} min {} s", whole / kMinuteSeconds, whole % kMinuteSeconds);
  return fmt::format("{} h {} min", Grouped(whole / kHourSeconds), whole % kHourSeconds / kMinuteSeconds);
}

std::string Age(int64_t seconds) {
  if (seconds < kMinuteSeconds) return Counted(seconds, "second", "seconds");
  if (seconds < kHourSeconds) return Counted(seconds / kMinuteSeconds, "minute", "minutes");
  if (seconds < 2 * kDaySeconds) return Counted(seconds / kHourSeconds, "hour", "hours");
  return Counted(seconds / kDaySeconds, "day", "days");
}

std::string ByteSize(int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < std::size(kUnits)) {
    size /= 1024;
    ++unit;
  }
  return fmt::format("{} {}", Fixed(size, 1), kUnits[unit]);
}

std::string UtcTime(int64_t wall_ms) {
  constexpr int64_t kDayMs = kDaySeconds * 1000;
  int64_t day = wall_ms / kDayMs;
  int64_t rest_ms = wall_ms % kDayMs;
  if (rest_ms < 0) {
    --day;
    rest_ms += kDayMs;
  }
  const int64_t second = rest_ms / 1000;
  return fmt::format("{} {:02}:{:02}:{:02} UTC", FormatDay(static_cast<Day>(day)), second / kHourSeconds,
                     second % kHourSeconds / kMinuteSeconds, second % kMinuteSeconds);
}

}  // namespace strata
