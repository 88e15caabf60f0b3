#include "model/statistics/shard_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace strata {

std::string ShardErrorOf(const absl::Status& status) {
  if (status.ok()) return "";
  const std::optional<ErrorDetail> detail = DetailOf(status);
  return fmt::format("{:02} {} {}", static_cast<int>(status.code()), detail ? detail->reason : "UNKNOWN",
                     StdView(status.message()));
}

void MergeShardError(std::string* error, const std::string& other) {
  if (other.empty()) return;
  if (error->empty() || other < *error) *error = other;
}

absl::Status StatusOfShardError(const std::string& error) {
  if (error.empty()) return absl::OkStatus();
  const std::string_view text = error;
  const size_t code_end = text.find(' ');
  const size_t reason_end = code_end == text.npos ? text.npos : text.find(' ', code_end + 1);
  int code = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + std::min(code_end, text.size()), code);
  if (reason_end == text.npos || parsed.ec != std::errc() || code <= 0 || code > 16) {
    return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                     fmt::format("a shard's error is not one: {}", error));
  }
  return MakeError(static_cast<absl::StatusCode>(code), text.substr(code_end + 1, reason_end - code_end - 1),
                   text.substr(reason_end + 1));
}

}  // namespace strata
