// Where S3 objects are: s3:// URIs, and the settings that the AWS tools take from the environment. Pure functions;
// thread-safe.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

inline constexpr std::string_view kS3Scheme = "s3://";

struct S3Address {
  std::string bucket;
  std::string key;  // without a slash at its begin or end; may be empty
};

inline bool IsS3Uri(std::string_view uri) { return uri.starts_with(kS3Scheme); }

// "s3://bucket" or "s3://bucket/key". INVALID_ARGUMENT (S3_URI_INVALID) says what is wrong: no bucket, a bucket's name
// outside S3's rules (3..63 of [a-z0-9.-]), "//" within the key, or a query, which belongs into the environment.
absl::StatusOr<S3Address> ParseS3Uri(std::string_view uri);
std::string S3Uri(const S3Address& address);  // the canonical form

struct S3Settings {
  std::string scheme = "https";
  std::string endpoint;  // host or host:port; empty: AWS itself
  std::string region;    // empty: the SDK finds one
  // What a person may have forgotten when access is denied, e.g. "AWS_ACCESS_KEY_ID is not set"; empty when keys are.
  std::string missing;
  std::string ca_file;  // the certificates that https servers are checked against; empty: the machine's own
};

// Reads AWS_ENDPOINT_URL_S3 (or AWS_ENDPOINT_URL), AWS_REGION (or AWS_DEFAULT_REGION), AWS_CA_BUNDLE (or SSL_CERT_FILE), and whether there are keys; the
// keys themselves are read by the SDK: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, profiles, roles.
// INVALID_ARGUMENT (S3_SETTINGS_INVALID) names the variable.
using Environment = std::function<std::optional<std::string>(const char* name)>;
absl::StatusOr<S3Settings> ReadS3Settings(const Environment& environment);

}  // namespace strata
