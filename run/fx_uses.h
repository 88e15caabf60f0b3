// Exchange rates as exact decimals, and which of them the rows of a ledger have asked for: what a later table must
// repeat, lest history differ. Plain values with canonical encodings; pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/date.h"
#include "base/status.h"

namespace strata {

// Of a table, and of what the rows of a ledger asked for: every currency there is for a century.
inline constexpr size_t kMaxFxRates = 10'000'000;

// Three capital letters as a number in the order of the texts; nullopt for anything else.
std::optional<uint32_t> CurrencyCode(std::string_view currency);
std::string CurrencyName(uint32_t code);

// digits × 10^-decimals. As stored it is canonical: `digits` does not end in a zero unless `decimals` is 0.
struct FxRate {
  int64_t digits = 0;  // above 0; 0: there is no rate
  int32_t decimals = 0;

  bool empty() const { return digits == 0; }
  bool operator==(const FxRate&) const = default;
};

std::string FormatRate(const FxRate& rate);  // "1.0853", "none"

// A row asked for the rate of this currency on this day, and got this one, or none.
struct FxUse {
  uint32_t currency = 0;  // CurrencyCode
  Day day = 0;
  FxRate rate;

  bool operator==(const FxUse&) const = default;
};

bool Before(const FxUse& a, const FxUse& b);  // by currency, then day

void Encode(const std::vector<FxUse>& uses, ByteWriter* writer);
std::vector<FxUse> DecodeFxUses(ByteReader* reader);

// The object of a ledger version: every use of its rows, ascending, once. DATA_LOSS and FORMAT_UNKNOWN as usual.
std::string EncodeFxUses(const std::vector<FxUse>& uses);
absl::StatusOr<std::vector<FxUse>> DecodeFxUsesObject(std::string_view bytes);

// Both, ascending, once. INTERNAL (FX_USES_DIFFER) when they disagree about a rate; errors of CheckFxUseCount.
absl::StatusOr<std::vector<FxUse>> MergeFxUses(std::vector<FxUse> a, const std::vector<FxUse>& b,
                                               size_t uses_max = kMaxFxRates);

// INVALID_ARGUMENT (FX_USES_TOO_MANY) beyond `uses_max`. Rows that ask for what no rate answers are remembered too, so
// that a column of something else than currencies would let the uses grow with the rows, and with every night.
absl::Status CheckFxUseCount(size_t uses, size_t uses_max = kMaxFxRates);

}  // namespace strata
