#include "run/fx_uses.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace strata {
namespace {

constexpr uint32_t kObjectVersion = 1;
constexpr size_t kLetters = 3;

}  // namespace

std::optional<uint32_t> CurrencyCode(std::string_view currency) {
  if (currency.size() != kLetters) return std::nullopt;
  uint32_t code = 0;
  for (const char letter : currency) {
    if (letter < 'A' || letter > 'Z') return std::nullopt;
    code = code << 8 | static_cast<uint8_t>(letter);
  }
  return code;
}

std::string CurrencyName(uint32_t code) {
  return {static_cast<char>(code >> 16 & 0xFF), static_cast<char>(code >> 8 & 0xFF), static_cast<char>(code & 0xFF)};
}

std::string FormatRate(const FxRate& rate) {
  if (rate.empty()) return "none";
  std::string digits = std::to_string(rate.digits);
  const auto decimals = static_cast<size_t>(rate.decimals);
  if (decimals == 0) return digits;
  if (digits.size() <= decimals) digits.insert(0, decimals - digits.size() + 1, '0');
  return digits.insert(digits.size() - decimals, 1, '.');
}

bool Before(const FxUse& a, const FxUse& b) { return std::tie(a.currency, a.day) < std::tie(b.currency, b.day); }

void Encode(const std::vector<FxUse>& uses, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(uses.size()));
  for (const FxUse& use : uses) {
    writer->U32(use.currency);
    writer->I32(use.day);
    writer->I64(use.rate.digits);
    writer->I32(use.rate.decimals);
  }
}

std::vector<FxUse> DecodeFxUses(ByteReader* reader) {
  std::vector<FxUse> uses;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    FxUse use;
    use.currency = reader->U32();
    use.day = reader->I32();
    use.rate.digits = reader->I64();
    use.rate.decimals = reader->I32();
    uses.push_back(use);
  }
  return uses;
}

std::string EncodeFxUses(const std::vector<FxUse>& uses) {
  ByteWriter writer;
  writer.U32(kObjectVersion);
  Encode(uses, &writer);
  return writer.Take();
}

absl::StatusOr<std::vector<FxUse>> DecodeFxUsesObject(std::string_view bytes) {
  ByteReader reader(bytes);
  if (const uint32_t version = reader.U32(); version != kObjectVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("used rates of version {}, this build reads {}", version, kObjectVersion));
  }
  std::vector<FxUse> uses = DecodeFxUses(&reader);
  STRATA_RETURN_IF_ERROR(reader.Finish("used rates"));
  return uses;
}

absl::Status CheckFxUseCount(size_t uses, size_t uses_max) {
  if (uses <= uses_max) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kInvalidArgument, "FX_USES_TOO_MANY",
      fmt::format("sources.fx: found rows in {} different pairs of currency and day; allowed: {}. Does the "
                  "currency's column hold currencies?",
                  uses, uses_max));
}

absl::StatusOr<std::vector<FxUse>> MergeFxUses(std::vector<FxUse> a, const std::vector<FxUse>& b, size_t uses_max) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end(), Before);
  for (size_t i = 1; i < a.size(); ++i) {
    if (Before(a[i - 1], a[i]) || a[i - 1] == a[i]) continue;
    return MakeError(absl::StatusCode::kInternal, "FX_USES_DIFFER",
                     fmt::format("{} on {}: rows got the rate {} and the rate {}", CurrencyName(a[i].currency),
                                 FormatDay(a[i].day), FormatRate(a[i - 1].rate), FormatRate(a[i].rate)));
  }
  a.erase(std::unique(a.begin(), a.end()), a.end());
  STRATA_RETURN_IF_ERROR(CheckFxUseCount(a.size(), uses_max));
  return a;
}

}  // namespace strata
