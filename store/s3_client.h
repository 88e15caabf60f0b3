// The requests of S3 that Strata makes, over Arrow's S3 file system, each tried again while the server is out of reach
// (store/retry.h). Credentials come from the SDK's usual chain: environment, profile, web identity, instance role.
//
// Thread-safe. Errors are those of store/s3_errors.h. What `seams` refers to must outlive the client.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/retry.h"
#include "store/s3_address.h"

namespace strata {

// A connection to a machine that is gone, or an answer that stalls, is given up after this and tried again.
inline constexpr int64_t kS3ConnectTimeoutMs = 3'000;
inline constexpr int64_t kS3StallTimeoutMs = 6'000;

// An object above this is uploaded in parts of this size. Arrow's own figure: a smaller object is one request, which
// S3 takes whole or not at all.
inline constexpr uint64_t kS3PartBytes = 10u << 20;

struct S3Object {
  std::string key;
  uint64_t size_bytes = 0;
  int64_t modified_s = 0;     // since 1970-01-01 UTC
  std::string etag;           // only from Head; changes with the content
  bool is_directory = false;  // only from ListFolder: a common prefix
};

class S3Client {
 public:
  // Talks to nobody yet. The first client of a process sets up the S3 library, which is taken down when it exits.
  static absl::StatusOr<std::shared_ptr<S3Client>> Connect(S3Settings settings, RetrySeams seams);
  ~S3Client();
  S3Client(const S3Client&) = delete;
  S3Client& operator=(const S3Client&) = delete;

  const S3Settings& settings() const;

  // That the bucket is there and may be listed at `address`: BUCKET_MISSING, S3_ACCESS_DENIED and so on otherwise.
  absl::Status CheckBucket(const S3Address& address);
  absl::StatusOr<S3Object> Head(const S3Address& address);
  // Exactly `size` bytes from `offset` into `out`. Precondition: they lie within the object.
  absl::Status Read(const S3Address& address, uint64_t object_size, uint64_t offset, uint64_t size, char* out);
  // Writes the whole object, replacing what is there; when it fails nothing of it is visible. An upload in parts that
  // fails is aborted, and aborting is tried as patiently as any request. Out of reach are an upload whose very first
  // answer is lost, because nobody knows its id, and one whose last requests fail for longer than policy.total_ms; a
  // rule of the bucket (AbortIncompleteMultipartUpload) clears such ones away.
  absl::Status Write(const S3Address& address, std::string_view bytes);
  absl::Status Delete(const S3Address& address);  // OK when it is already gone
  // All objects under a folder, at any depth, in no order; none when it is missing. No `etag`.
  absl::StatusOr<std::vector<S3Object>> ListAll(const S3Address& folder);
  // Objects and common prefixes directly in a folder; NOT_FOUND (OBJECT_MISSING) when there is none. No `etag`.
  absl::StatusOr<std::vector<S3Object>> ListFolder(const S3Address& folder);

 private:
  struct Parts;
  explicit S3Client(std::unique_ptr<Parts> parts);
  absl::Status WriteOnce(const S3Address& address, std::string_view bytes);
  absl::Status Retry(std::string_view verb, const S3Address& address, const std::function<absl::Status()>& attempt);
  absl::StatusOr<std::vector<S3Object>> List(const S3Address& folder, bool recursive);

  std::unique_ptr<Parts> parts_;
};

}  // namespace strata
