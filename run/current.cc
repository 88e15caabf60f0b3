#include "run/current.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace strata {
namespace {

constexpr int kFormat = 1;

absl::Status Corrupt(std::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "CURRENT_CORRUPT",
                   fmt::format("the current pointer cannot be read: {}", what));
}

}  // namespace

std::string CurrentPointer::ToJson() const {
  return fmt::format(R"({{"format":{},"generation":{},"snapshot":{},"manifest_checksum":"{}"}})", kFormat, generation,
                     snapshot, Hex(manifest_checksum));
}

absl::StatusOr<CurrentPointer> CurrentPointer::FromJson(std::string_view text) {
  CurrentPointer pointer;
  try {
    const auto json = nlohmann::json::parse(text);
    if (const int format = json.at("format").get<int>(); format != kFormat) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                       fmt::format("the current pointer has format {}, this program reads {}", format, kFormat));
    }
    json.at("generation").get_to(pointer.generation);
    json.at("snapshot").get_to(pointer.snapshot);
    pointer.manifest_checksum = std::stoull(json.at("manifest_checksum").get<std::string>(), nullptr, 16);
  } catch (const std::exception& error) {
    return Corrupt(error.what());
  }
  if (pointer.generation < 1 || pointer.snapshot < 1) return Corrupt("generation and snapshot must be 1 or more");
  if (pointer.ToJson() != text) return Corrupt("it is not in canonical form");
  return pointer;
}

}  // namespace strata
