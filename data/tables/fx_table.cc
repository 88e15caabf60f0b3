#include "data/tables/fx_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace strata {
namespace {

constexpr uint32_t kVersion = 1;

}  // namespace

FxTable::FxTable(std::vector<FxUse> rates) : rates_(std::move(rates)) {
  std::sort(rates_.begin(), rates_.end(), Before);
}

absl::StatusOr<FxTable> FxTable::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  if (const uint32_t version = reader.U32(); version != kVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("rates of version {}, this build reads {}", version, kVersion));
  }
  std::vector<FxUse> rates = DecodeFxUses(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish("rates"));
  return FxTable(std::move(rates));
}

std::string FxTable::Encode() const {
  ByteWriter writer;
  writer.U32(kVersion);
  strata::Encode(rates_, &writer);
  return writer.Take();
}

FxRate FxTable::Find(uint32_t currency, Day day) const {
  const auto after =
      std::upper_bound(rates_.begin(), rates_.end(), FxUse{.currency = currency, .day = day, .rate = {}}, Before);
  if (after == rates_.begin()) return {};
  const FxUse& latest = *std::prev(after);
  return latest.currency == currency && day - latest.day <= kFxCarryDays ? latest.rate : FxRate{};
}

bool FxTable::Has(uint32_t currency) const {
  const auto found = std::lower_bound(rates_.begin(), rates_.end(), currency,
                                      [](const FxUse& rate, uint32_t code) { return rate.currency < code; });
  return found != rates_.end() && found->currency == currency;
}

absl::Status CheckFxUses(const FxTable& table, const std::vector<FxUse>& uses) {
  for (const FxUse& use : uses) {
    const FxRate now = table.Find(use.currency, use.day);
    if (now == use.rate) continue;
    const std::string currency = CurrencyName(use.currency), day = FormatDay(use.day);
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "FX_CHANGED",
        fmt::format("sources.fx: rows of the ledger in {} of {} got the rate {}, and the table now gives {} (a rate "
                    "that comes late counts as a change, also where an earlier day's stood in for it). Put the rates "
                    "back, or build the ledger anew from the sources with --rebuild-ledger",
                    currency, day, FormatRate(use.rate), FormatRate(now)),
        {{"currency", currency}, {"day", day}, {"before", FormatRate(use.rate)}, {"now", FormatRate(now)}});
  }
  return absl::OkStatus();
}

FxRate FxLookups::Find(uint32_t currency, Day day) {
  if (last_.currency == currency && last_.day == day) return last_.rate;
  const uint64_t key = static_cast<uint64_t>(currency) << 32 | static_cast<uint32_t>(day);
  auto found = found_.find(key);
  if (found == found_.end()) found = found_.emplace(key, table_->Find(currency, day)).first;
  last_ = {.currency = currency, .day = day, .rate = found->second};
  return found->second;
}

std::vector<FxUse> FxLookups::Uses() const {
  std::vector<FxUse> uses;
  for (const auto& [key, rate] : found_) {
    uses.push_back({.currency = static_cast<uint32_t>(key >> 32),
                    .day = static_cast<Day>(static_cast<uint32_t>(key)),
                    .rate = rate});
  }
  std::sort(uses.begin(), uses.end(), Before);
  return uses;
}

}  // namespace strata
