#include "store/s3_errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace strata {
namespace {

constexpr size_t kTextBytesMax = 500;  // a proxy may answer with a whole page

// What follows `mark` up to the first of `ends`.
std::string_view After(std::string_view text, std::string_view mark, std::string_view ends) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + mark.size());
  return text.substr(0, std::min(text.find_first_of(ends), text.size()));
}

int HttpStatus(std::string_view text) {
  const std::string_view digits = After(text, "(HTTP status ", ")");
  int status = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status;
}

bool OneOf(std::string_view code, std::initializer_list<std::string_view> codes) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// What arrived is not what was sent: the server compared checksums.
bool IsDamaged(std::string_view code) {
  return OneOf(code, {"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"});
}

bool IsPassing(std::string_view code, int http) {
  constexpr int kRequestTimeout = 408;
  constexpr int kTooManyRequests = 429;
  return IsDamaged(code) || http >= 500 || http == kRequestTimeout || http == kTooManyRequests ||
         OneOf(code, {"NETWORK_CONNECTION", "INTERNAL_FAILURE", "SERVICE_UNAVAILABLE", "THROTTLING", "SLOW_DOWN",
                      "REQUEST_TIMEOUT", "SlowDown", "RequestTimeout", "OperationAborted", "ServiceUnavailable"});
}

bool IsDenied(std::string_view code, int http) {
  return http == 401 || http == 403 ||
         OneOf(code, {"ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "INVALID_SIGNATURE", "SIGNATURE_DOES_NOT_MATCH",
                      "INVALID_CLIENT_TOKEN_ID", "MISSING_AUTHENTICATION_TOKEN", "UNRECOGNIZED_CLIENT",
                      "REQUEST_EXPIRED", "REQUEST_TIME_TOO_SKEWED", "ExpiredToken", "InvalidToken", "ACCOUNT_PROBLEM",
                      "InvalidAccessKeyId", "XAdminUserNotFound" /* versitygw's name for it */});
}

bool IsOtherRegion(std::string_view code, int http) {
  return http == 301 || http == 307 || OneOf(code, {"PermanentRedirect", "AuthorizationHeaderMalformed"});
}

}  // namespace

std::string S3ErrorCode(std::string_view text) {
  const std::string_view unknown = After(text, "Unable to parse ExceptionName: ", " ");
  return std::string(unknown.empty() ? After(text, "AWS Error ", " ") : unknown);
}

absl::Status S3Error(std::string_view text, const S3Address& address, const S3Settings& settings) {
  const std::string code = S3ErrorCode(text);
  const int http = HttpStatus(text);
  const std::string place = settings.endpoint.empty() ? "AWS" : settings.scheme + "://" + settings.endpoint;
  const std::string shown(text.substr(0, kTextBytesMax));
  const std::map<std::string, std::string> metadata = {{"bucket", address.bucket}, {"key", address.key}};
  if (OneOf(code, {"NO_SUCH_BUCKET", "NoSuchBucket"})) {
    return MakeError(absl::StatusCode::kNotFound, "BUCKET_MISSING",
                     fmt::format("there is no bucket '{}' at {}; make it, or name another one", address.bucket, place),
                     metadata);
  }
  if (text.find("[errno 2]") != std::string_view::npos || OneOf(code, {"NO_SUCH_KEY", "RESOURCE_NOT_FOUND"})) {
    return MakeError(absl::StatusCode::kNotFound, "OBJECT_MISSING", fmt::format("no object '{}'", S3Uri(address)),
                     metadata);
  }
  if (IsDenied(code, http)) {
    return MakeError(
        absl::StatusCode::kPermissionDenied, "S3_ACCESS_DENIED",
        fmt::format("bucket '{}' at {} refuses access: {}; {}", address.bucket, place, shown,
                    settings.missing.empty()
                        ? "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or the profile or role) and its rights"
                        : settings.missing),
        metadata);
  }
  if (IsOtherRegion(code, http)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "S3_REGION_WRONG",
                     fmt::format("bucket '{}' is not in region '{}': set AWS_REGION to its region ({})", address.bucket,
                                 settings.region, shown),
                     metadata);
  }
  if (IsPassing(code, http)) {
    return MakeError(absl::StatusCode::kUnavailable, "S3_UNAVAILABLE",
                     fmt::format("'{}' at {}: {}", S3Uri(address), place, shown), metadata);
  }
  return MakeError(absl::StatusCode::kInternal, "S3_ERROR", fmt::format("'{}' at {}: {}", S3Uri(address), place, shown),
                   metadata);
}

}  // namespace strata
