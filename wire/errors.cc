#include "wire/errors.h"

#include <fmt/format.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "wire/text.h"

namespace strata {
namespace {

constexpr int kLastCode = static_cast<int>(absl::StatusCode::kUnauthenticated);
constexpr char kLeftOut[] = "metadata_left_out";

std::string ReasonOfCode(absl::StatusCode code) { return std::string(absl::StatusCodeToString(code)); }

absl::StatusCode CodeOf(int code) {
  return code >= 0 && code <= kLastCode ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kUnknown;
}

std::string CutMessage(const std::string& message, size_t max_bytes) {
  if (message.size() <= max_bytes) return message;
  const std::string mark = fmt::format(" ... [cut, {} bytes in all]", message.size());
  return std::string(Utf8Prefix(message, max_bytes - mark.size())) + mark;
}

ErrorDetail EscapedDetail(const absl::Status& status) {
  const auto detail = DetailOf(status);
  if (!detail.has_value()) return {.reason = ReasonOfCode(status.code())};
  ErrorDetail escaped{.reason = EscapeNonUtf8(detail->reason)};
  for (const auto& [key, value] : detail->metadata) escaped.metadata[EscapeNonUtf8(key)] = EscapeNonUtf8(value);
  return escaped;
}

ErrorDetail CutDetail(ErrorDetail detail) {
  size_t bytes = 0;
  int64_t left_out = 0;
  for (auto entry = detail.metadata.begin(); entry != detail.metadata.end();) {
    const size_t size = entry->first.size() + entry->second.size();
    if (bytes + size > kMaxDetailMetadataBytes) {
      entry = detail.metadata.erase(entry);
      ++left_out;
    } else {
      bytes += size;
      ++entry;
    }
  }
  if (left_out > 0) detail.metadata[kLeftOut] = fmt::format("{}", left_out);
  return detail;
}

google::rpc::Status Pack(absl::StatusCode code, const std::string& message, const ErrorDetail& detail) {
  google::rpc::Status packed;
  packed.set_code(static_cast<int>(code));
  packed.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_reason(detail.reason);
  info.set_domain(kErrorDomain);
  for (const auto& [key, value] : detail.metadata) (*info.mutable_metadata())[key] = value;
  packed.add_details()->PackFrom(info);
  return packed;
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  if (status.ok()) return {};
  return Pack(status.code(), EscapeNonUtf8(StdView(status.message())), EscapedDetail(status));
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  if (status.code() == 0) return absl::OkStatus();
  const absl::StatusCode code = CodeOf(status.code());
  for (const google::protobuf::Any& any : status.details()) {
    google::rpc::ErrorInfo info;
    if (!any.Is<google::rpc::ErrorInfo>() || !any.UnpackTo(&info) || info.domain() != kErrorDomain) continue;
    return MakeError(code, info.reason(), status.message(), {info.metadata().begin(), info.metadata().end()});
  }
  return MakeError(code, ReasonOfCode(code), status.message());
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const std::string message = EscapeNonUtf8(StdView(status.message()));
  const google::rpc::Status packed =
      Pack(status.code(), CutMessage(message, kMaxDetailMessageBytes), CutDetail(EscapedDetail(status)));
  return {static_cast<grpc::StatusCode>(status.code()), CutMessage(message, kMaxPlainMessageBytes),
          packed.SerializeAsString()};
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status packed;
  const bool has_details = !status.error_details().empty() && packed.ParseFromString(status.error_details());
  // The code of the call counts: a proxy may have changed it after the details were written.
  if (has_details && packed.code() == static_cast<int>(status.error_code())) return FromRpcStatus(packed);
  const absl::StatusCode code = CodeOf(status.error_code());
  return MakeError(code, ReasonOfCode(code), status.error_message());
}

absl::Status AnswerInvalid(std::string_view field, std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "ANSWER_INVALID",
                   fmt::format("the server's answer cannot be read: {}: {}", field, what),
                   {{"field", std::string(field)}});
}

}  // namespace strata
