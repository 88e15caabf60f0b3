// Rates by currency and day, as one object that travels to map tasks. Immutable after it is made, so thread-safe.
//
// A day without a rate takes that of the latest day before it, at most kFxCarryDays before: banks publish none at
// weekends and on holidays.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "run/fx_uses.h"

namespace strata {

inline constexpr int kFxCarryDays = 7;  // Easter takes four days; a week without rates is a broken feed

class FxTable {
 public:
  // `rates` in any order, at most one per currency and day, none empty.
  explicit FxTable(std::vector<FxUse> rates);
  static absl::StatusOr<FxTable> Decode(std::string_view bytes);  // DATA_LOSS, FORMAT_UNKNOWN
  std::string Encode() const;                                     // canonical

  // The rate for a row of that day; empty: there is none. `currency` as CurrencyCode.
  FxRate Find(uint32_t currency, Day day) const;
  bool Has(uint32_t currency) const;
  const std::vector<FxUse>& rates() const { return rates_; }  // by currency, then day

 private:
  std::vector<FxUse> rates_;
};

// FAILED_PRECONDITION (FX_CHANGED) names currency, day and both rates of the first use that `table` answers otherwise
// than it was answered when the row came into the ledger.
absl::Status CheckFxUses(const FxTable& table, const std::vector<FxUse>& uses);

// Looks rates up and remembers what was asked. Not thread-safe; `table` must outlive it.
class FxLookups {
 public:
  explicit FxLookups(const FxTable* table) : table_(table) {}
  FxRate Find(uint32_t currency, Day day);
  bool Has(uint32_t currency) const { return table_->Has(currency); }
  std::vector<FxUse> Uses() const;  // ascending

 private:
  const FxTable* table_;
  FxUse last_;  // rows of one file often come by day
  absl::flat_hash_map<uint64_t, FxRate> found_;
};

}  // namespace strata
