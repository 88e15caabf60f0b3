#include "client/text/money.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client/text/numbers.h"

namespace strata {
namespace {

constexpr std::array<std::string_view, 17> kWithoutDecimals = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                               "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
                                                               "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> kWithThreeDecimals = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

constexpr uint64_t kMicros = 1'000'000;

uint64_t Magnitude(int64_t value) {
  return value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
}

}  // namespace

int CurrencyDecimals(std::string_view currency) {
  if (std::find(kWithoutDecimals.begin(), kWithoutDecimals.end(), currency) != kWithoutDecimals.end()) return 0;
  if (std::find(kWithThreeDecimals.begin(), kWithThreeDecimals.end(), currency) != kWithThreeDecimals.end()) return 3;
  return 2;
}

std::string Amount(double amount, std::string_view currency) { return Fixed(amount, CurrencyDecimals(currency)); }

std::string Money(double amount, std::string_view currency) {
  const std::string digits = Amount(amount, currency);
  return digits == kNothing ? digits : fmt::format("{} {}", digits, currency);
}

std::string MoneyOfMicros(int64_t micros, std::string_view currency) {
  const int decimals = CurrencyDecimals(currency);
  uint64_t unit = kMicros;
  for (int i = 0; i < decimals; ++i) unit /= 10;
  const uint64_t magnitude = Magnitude(micros);
  uint64_t units = magnitude / unit;
  const uint64_t rest = magnitude % unit;
  if (rest * 2 > unit || (rest * 2 == unit && units % 2 == 1)) ++units;
  const uint64_t scale = kMicros / unit;
  std::string text = Grouped(static_cast<int64_t>(units / scale));
  if (decimals > 0) text += fmt::format(".{:0{}}", units % scale, decimals);
  return fmt::format("{}{} {}", micros < 0 && units > 0 ? "-" : "", text, currency);
}

std::string ExactAmount(int64_t micros) {
  const uint64_t magnitude = Magnitude(micros);
  std::string text = fmt::format("{}{}.{:06}", micros < 0 ? "-" : "", magnitude / kMicros, magnitude % kMicros);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace strata
