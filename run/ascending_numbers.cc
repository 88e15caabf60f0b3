#include "run/ascending_numbers.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>

namespace strata {
namespace {

constexpr size_t kMaxListed = 64;  // of a list that is too long, before it is refused
constexpr size_t kDecimals = 6;
constexpr int64_t kOne = 1'000'000;  // millionths, micros

std::optional<int64_t> ParseWhole(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A decimal number in millionths; nothing is rounded.
std::optional<int64_t> ParseDecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string decimals(point == std::string_view::npos ? "0" : text.substr(point + 1));
  if (decimals.empty() || decimals.size() > kDecimals || whole.starts_with('-') || decimals.starts_with('-')) {
    return std::nullopt;
  }
  decimals.resize(kDecimals, '0');
  const std::optional<int64_t> ones = ParseWhole(whole);
  const std::optional<int64_t> parts = ParseWhole(decimals);
  if (!ones.has_value() || !parts.has_value() || *ones > kMaxCutMoney) return std::nullopt;
  const int64_t value = *ones * kOne + *parts;
  return negative ? -value : value;
}

std::string AllowedOf(NumberKind kind, size_t size) {
  const char* numbers = kind == NumberKind::kDays     ? "whole numbers of days"
                        : kind == NumberKind::kCounts ? "whole numbers"
                        : kind == NumberKind::kMoney  ? "amounts with at most 6 decimals"
                                                      : "shares between 0 and 1 with at most 6 decimals";
  const std::string limits = kind == NumberKind::kDays     ? fmt::format(" from 0 to {}", kMaxCutDays)
                             : kind == NumberKind::kCounts ? fmt::format(" from 0 to {}", kMaxCutCount)
                             : kind == NumberKind::kMoney  ? fmt::format(" from -{} to {}", kMaxCutMoney, kMaxCutMoney)
                                                           : "";
  return fmt::format("a list of {} {}{}, each greater than the one before", size, numbers, limits);
}

std::optional<int64_t> Parse(NumberKind kind, std::string_view text) {
  const bool whole = kind == NumberKind::kDays || kind == NumberKind::kCounts;
  const std::optional<int64_t> value = whole ? ParseWhole(text) : ParseDecimal(text);
  if (!value.has_value()) return std::nullopt;
  const int64_t least = kind == NumberKind::kMoney ? -kMaxCutMoney * kOne : kind == NumberKind::kShares ? 1 : 0;
  const int64_t greatest = kind == NumberKind::kDays     ? kMaxCutDays
                           : kind == NumberKind::kCounts ? kMaxCutCount
                           : kind == NumberKind::kMoney  ? kMaxCutMoney * kOne
                                                         : kOne - 1;
  if (*value < least || *value > greatest) return std::nullopt;
  return value;
}

}  // namespace

absl::Status ReadAscending(const YamlSection& section, const std::string& key, NumberKind kind, size_t size,
                           std::vector<int64_t>* values) {
  if (!section.Has(key)) return absl::OkStatus();
  const std::string allowed = AllowedOf(kind, size);
  std::vector<std::string> texts;
  if (!section.ReadTexts(key, kMaxListed, &texts).ok()) return section.Invalid(key, allowed);
  if (texts.size() != size) {
    return section.Problem(key, fmt::format("found a list of {}; allowed: {}", texts.size(), allowed));
  }
  std::vector<int64_t> numbers;
  for (const std::string& text : texts) {
    const std::optional<int64_t> number = Parse(kind, text);
    if (!number.has_value() || (!numbers.empty() && *number <= numbers.back())) {
      return section.Problem(key, fmt::format("found '{}' in the list; allowed: {}", text, allowed));
    }
    numbers.push_back(*number);
  }
  *values = std::move(numbers);
  return absl::OkStatus();
}

}  // namespace strata
