#include "store/s3_address.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

constexpr size_t kMinBucketBytes = 3;
constexpr size_t kMaxBucketBytes = 63;
constexpr char kDefaultRegion[] = "us-east-1";  // what stores that are not AWS's expect in a signature

absl::Status UriError(std::string_view uri, std::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, "S3_URI_INVALID",
                   fmt::format("'{}' {}; allowed is s3://bucket/prefix, with settings like the endpoint in the "
                               "environment (AWS_ENDPOINT_URL)",
                               uri, problem),
                   {{"uri", std::string(uri)}});
}

bool IsBucketLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

// A variable that is set to nothing is not set, as the AWS tools have it.
std::string Read(const Environment& environment, const char* name) { return environment(name).value_or(""); }

absl::Status ReadEndpoint(const char* name, std::string_view url, S3Settings* settings) {
  const size_t scheme_end = url.find("://");
  const std::string_view scheme = url.substr(0, scheme_end == std::string_view::npos ? 0 : scheme_end);
  std::string_view host = scheme.empty() ? url : url.substr(scheme_end + 3);
  while (host.ends_with('/')) host.remove_suffix(1);
  if ((scheme != "http" && scheme != "https") || host.empty() || host.find_first_of("/?#@") != std::string_view::npos) {
    return MakeError(absl::StatusCode::kInvalidArgument, "S3_SETTINGS_INVALID",
                     fmt::format("{} is '{}'; allowed is http://HOST[:PORT] or https://HOST[:PORT]", name, url),
                     {{"variable", name}});
  }
  settings->scheme = scheme;
  settings->endpoint = host;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<S3Address> ParseS3Uri(std::string_view uri) {
  if (!IsS3Uri(uri)) return UriError(uri, "does not begin with s3://");
  std::string_view rest = uri.substr(kS3Scheme.size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view bucket = rest.substr(0, slash);
  std::string_view key = rest.substr(std::min(slash + 1, rest.size()));
  if (key.ends_with('/')) key.remove_suffix(1);
  if (bucket.empty()) return UriError(uri, "names no bucket");
  if (bucket.size() < kMinBucketBytes || bucket.size() > kMaxBucketBytes ||
      !std::all_of(bucket.begin(), bucket.end(), IsBucketLetter)) {
    return UriError(uri, fmt::format("names the bucket '{}', but a bucket's name is {} to {} of a-z, 0-9, '.', '-'",
                                     bucket, kMinBucketBytes, kMaxBucketBytes));
  }
  if (key.starts_with('/') || key.ends_with('/') || key.find("//") != std::string_view::npos) {
    return UriError(uri, "has an empty segment");
  }
  return S3Address{.bucket = std::string(bucket), .key = std::string(key)};
}

std::string S3Uri(const S3Address& address) {
  return fmt::format("{}{}{}{}", kS3Scheme, address.bucket, address.key.empty() ? "" : "/", address.key);
}

absl::StatusOr<S3Settings> ReadS3Settings(const Environment& environment) {
  S3Settings settings;
  for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"}) {
    const std::string url = Read(environment, name);
    if (url.empty()) continue;
    STRATA_RETURN_IF_ERROR(ReadEndpoint(name, url, &settings));
    break;
  }
  settings.region = Read(environment, "AWS_REGION");
  if (settings.region.empty()) settings.region = Read(environment, "AWS_DEFAULT_REGION");
  if (settings.region.empty() && !settings.endpoint.empty()) settings.region = kDefaultRegion;
  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}) {
    if (settings.ca_file.empty()) settings.ca_file = Read(environment, name);
  }
  // Keys, a profile, a web identity (EKS) or a container's role (ECS): any of them may hold credentials.
  const bool elsewhere = !Read(environment, "AWS_PROFILE").empty() ||
                         !Read(environment, "AWS_WEB_IDENTITY_TOKEN_FILE").empty() ||
                         !Read(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").empty() ||
                         !Read(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI").empty();
  for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}) {
    if (elsewhere || !Read(environment, name).empty()) continue;
    settings.missing += fmt::format("{}{} is not set", settings.missing.empty() ? "" : ", ", name);
  }
  return settings;
}

}  // namespace strata
