// An S3 bucket, or a prefix of one, as an object store. What is mapped comes through a bounded local cache.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "store/object_cache.h"
#include "store/object_store.h"
#include "store/retry.h"
#include "store/s3_address.h"

namespace strata {

struct S3StoreOptions {
  S3Address root;
  S3Settings settings;
  RetrySeams seams;
  std::shared_ptr<ObjectCache> cache;
};

// Asks the bucket whether it answers, so that a wrong name, key or endpoint is told at once. Errors beyond those of
// ObjectStore: PERMISSION_DENIED (S3_ACCESS_DENIED), NOT_FOUND (BUCKET_MISSING), INVALID_ARGUMENT (S3_REGION_WRONG),
// UNAVAILABLE (S3_UNAVAILABLE) after policy.total_ms of trying; ObjectCache's for Map.
//
// S3 has no "write unless it exists": Put looks first. Writers of one store exclude one another; of two processes that
// put different bytes under one key at the same moment both may be told OK. Keys therefore hold an attempt or a
// checksum. What the cache holds of a key is believed without asking: a key that is deleted is not used again for other
// bytes by another process (MapVerified notices and fetches anew).
absl::StatusOr<std::unique_ptr<ObjectStore>> OpenS3ObjectStore(S3StoreOptions options);

}  // namespace strata
