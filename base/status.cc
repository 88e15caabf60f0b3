#include "base/status.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace strata {
namespace {

constexpr char kDetailUrl[] = "strata/error_detail";

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message,
                       std::map<std::string, std::string> metadata) {
  absl::Status status(code, AbslView(message));
  ByteWriter writer;
  writer.Text(reason);
  writer.U32(static_cast<uint32_t>(metadata.size()));
  for (const auto& [key, value] : metadata) {
    writer.Text(key);
    writer.Text(value);
  }
  status.SetPayload(kDetailUrl, absl::Cord(AbslView(writer.bytes())));
  return status;
}

std::optional<ErrorDetail> DetailOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kDetailUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::string bytes(*payload);
  ByteReader reader(bytes);
  ErrorDetail detail;
  detail.reason = reader.Text();
  const uint32_t count = reader.U32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    std::string key(reader.Text());
    detail.metadata[std::move(key)] = reader.Text();
  }
  if (!reader.Finish("error detail").ok()) return std::nullopt;
  return detail;
}

absl::Status WithContext(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  absl::Status result(status.code(), fmt::format("{}: {}", context, StdView(status.message())));
  status.ForEachPayload(
      [&result](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

ErrorClass ClassOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnknown:
      return ErrorClass::kRetryable;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return ErrorClass::kBadInput;
    default:
      return ErrorClass::kFatal;
  }
}

}  // namespace strata
