#include "base/bytes.h"

#include <fmt/format.h>

namespace strata {

absl::Status ByteReader::Finish(std::string_view what) const {
  if (damaged_)
    return MakeError(absl::StatusCode::kDataLoss, "DAMAGED", fmt::format("{}: its bytes make no sense", what));
  if (!ok_) return MakeError(absl::StatusCode::kDataLoss, "TRUNCATED", fmt::format("{}: ends too early", what));
  if (!rest_.empty()) {
    return MakeError(absl::StatusCode::kDataLoss, "TRAILING_BYTES",
                     fmt::format("{}: {} bytes too many", what, rest_.size()));
  }
  return absl::OkStatus();
}

}  // namespace strata
