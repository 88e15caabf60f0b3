#include "data/source/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/int128.h"
#include "data/source/text.h"

namespace strata {
namespace {

constexpr int kMicroDigits = 6;
constexpr int64_t kMicrosPerUnit = 1'000'000;
constexpr int64_t kMaxMicros = std::numeric_limits<int64_t>::max();
constexpr int kMaxDigits = 19;               // of kMaxMicros
constexpr int64_t kMaxExponent = 1'000'000;  // beyond any record's length; larger exponents are cut to it

// A decimal as written: digits * 10^exponent, digits without zeros at either end.
struct Parts {
  bool negative = false;
  std::array<char, kMaxDigits> digits{};  // the first of them
  int64_t digit_count = 0;                // all of them; 0: the value is zero
  int64_t exponent = 0;                   // of the last digit
};

bool EqualsLower(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return LowerLetter(a) == b; });
}

// Why a text that is not a decimal is none; `text` is trimmed and without sign.
FaultKind Diagnose(std::string_view text) {
  for (const std::string_view name : {"nan", "inf", "infinity"}) {
    if (EqualsLower(text, name)) return FaultKind::kNotFinite;
  }
  if (text.size() > 2 && text[0] == '0' && LowerLetter(text[1]) == 'x') return FaultKind::kHexadecimal;
  bool separator = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool grouping = c == ',' || c == '\'' || c == '_' || IsBlankByte(c);
    if (grouping && i > 0 && i + 1 < text.size() && IsDigit(text[i - 1]) && IsDigit(text[i + 1])) {
      separator = true;
    } else if (!IsDigit(c) && c != '.') {
      return FaultKind::kMalformed;
    }
  }
  return separator ? FaultKind::kThousandsSeparator : FaultKind::kMalformed;
}

// Whether it was a minus. Precondition: `text` is not empty.
bool TakeSign(std::string_view* text) {
  const char sign = text->front();
  if (sign == '+' || sign == '-') text->remove_prefix(1);
  return sign == '-';
}

// The exponent at the end of `text`, from the sign on; nullopt when it is malformed.
std::optional<int64_t> ParseExponent(std::string_view text) {
  const bool negative = !text.empty() && TakeSign(&text);
  if (text.empty()) return std::nullopt;
  int64_t exponent = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    exponent = std::min(exponent * 10 + (c - '0'), kMaxExponent);
  }
  return negative ? -exponent : exponent;
}

// Fills `parts` but the sign from a trimmed text without sign; false when it is no decimal.
bool Split(std::string_view text, Parts* parts) {
  bool any_digit = false;
  bool after_point = false;
  int64_t decimals = 0;  // digits after the point so far
  int64_t zeros = 0;     // zeros since the last other digit
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      if (after_point) return false;
      after_point = true;
      continue;
    }
    if (!IsDigit(c)) break;
    any_digit = true;
    if (after_point) ++decimals;
    if (c == '0') {
      ++zeros;
      continue;
    }
    // Zeros in front of the first digit say nothing, those between two digits count.
    for (; zeros > 0 && parts->digit_count > 0; --zeros) {
      if (parts->digit_count < kMaxDigits) parts->digits[static_cast<size_t>(parts->digit_count)] = '0';
      ++parts->digit_count;
    }
    zeros = 0;
    if (parts->digit_count < kMaxDigits) parts->digits[static_cast<size_t>(parts->digit_count)] = c;
    ++parts->digit_count;
  }
  if (!any_digit) return false;
  parts->exponent = zeros - decimals;
  if (i == text.size()) return true;
  if (LowerLetter(text[i]) != 'e') return false;
  const std::optional<int64_t> exponent = ParseExponent(text.substr(i + 1));
  if (!exponent.has_value()) return false;
  parts->exponent += *exponent;
  return true;
}

Decimal Scaled(const Parts& parts) {
  if (parts.digit_count == 0) return {};
  const int64_t shift = parts.exponent + kMicroDigits;
  if (shift < 0) return {.fault = FaultKind::kTooPrecise};
  if (parts.digit_count + shift > kMaxDigits) return {.fault = FaultKind::kTooLarge};
  UInt128 value = 0;
  for (int64_t i = 0; i < parts.digit_count; ++i) {
    value = value * 10 + static_cast<unsigned>(parts.digits[static_cast<size_t>(i)] - '0');
  }
  for (int64_t i = 0; i < shift; ++i) value *= 10;
  if (value > static_cast<UInt128>(kMaxMicros)) return {.fault = FaultKind::kTooLarge};
  const int64_t micros = static_cast<int64_t>(value);
  return {.micros = parts.negative ? -micros : micros};
}

// The common case, digits with at most six decimals that surely fit; nullopt leaves the rest to the general way.
std::optional<int64_t> ParseShort(std::string_view text) {
  constexpr size_t kMaxShortBytes = 13;  // 12 digits and a point, scaled by 10^6: below 2^63
  constexpr std::array<int64_t, kMicroDigits + 1> kScale = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (text.empty() || text.size() > kMaxShortBytes) return std::nullopt;
  int64_t value = 0;
  size_t point = text.size();
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsDigit(c)) {
      value = value * 10 + (c - '0');
    } else if (c == '.' && point == text.size()) {
      point = i;
    } else {
      return std::nullopt;
    }
  }
  const bool has_point = point < text.size();
  const size_t decimals = has_point ? text.size() - point - 1 : 0;
  if (decimals > kMicroDigits || (has_point && text.size() == 1)) return std::nullopt;
  if (!has_point && text.size() == kMaxShortBytes) return std::nullopt;
  return value * kScale[decimals];
}

}  // namespace

Decimal ParseMicros(std::string_view text) {
  text = TrimBlanks(text);
  if (text.empty()) return {.fault = FaultKind::kMissing};
  Parts parts{.negative = TakeSign(&text)};
  if (const std::optional<int64_t> micros = ParseShort(text)) return {.micros = parts.negative ? -*micros : *micros};
  if (!Split(text, &parts)) return {.fault = Diagnose(text)};
  return Scaled(parts);
}

ExactDecimal ParseExact(std::string_view text) {
  text = TrimBlanks(text);
  if (text.empty()) return {.fault = FaultKind::kMissing};
  Parts parts{.negative = TakeSign(&text)};
  if (!Split(text, &parts)) return {.fault = Diagnose(text)};
  if (parts.digit_count == 0) return {};
  if (parts.digit_count > kMaxExactDigits || parts.exponent < -kMaxExactDigits) {
    return {.fault = FaultKind::kTooPrecise};
  }
  const int64_t zeros = std::max<int64_t>(parts.exponent, 0);
  if (parts.digit_count + zeros > kMaxExactDigits) return {.fault = FaultKind::kTooLarge};
  int64_t digits = 0;
  for (int64_t i = 0; i < parts.digit_count + zeros; ++i) {
    digits = digits * 10 + (i < parts.digit_count ? parts.digits[static_cast<size_t>(i)] - '0' : 0);
  }
  return {.digits = parts.negative ? -digits : digits,
          .decimals = static_cast<int32_t>(std::max<int64_t>(-parts.exponent, 0))};
}

std::optional<int64_t> MultiplyMicros(int64_t a, int64_t b) {
  const Int128 product = static_cast<Int128>(a) * b;
  Int128 quotient = product / kMicrosPerUnit;
  const int64_t remainder = static_cast<int64_t>(product % kMicrosPerUnit);
  const int64_t twice = 2 * (remainder < 0 ? -remainder : remainder);
  const bool odd = quotient % 2 != 0;
  if (twice > kMicrosPerUnit || (twice == kMicrosPerUnit && odd)) quotient += product < 0 ? -1 : 1;
  if (quotient > kMaxMicros || quotient < -static_cast<Int128>(kMaxMicros)) return std::nullopt;
  return static_cast<int64_t>(quotient);
}

std::string FormatMicros(int64_t micros) {
  const uint64_t magnitude = micros < 0 ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string text = fmt::format("{}{}", micros < 0 ? "-" : "", magnitude / kMicrosPerUnit);
  const uint64_t fraction = magnitude % kMicrosPerUnit;
  if (fraction == 0) return text;
  text += fmt::format(".{:06}", fraction);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace strata
