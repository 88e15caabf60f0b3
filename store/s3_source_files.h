// Files that others put into S3 buckets, read as files: paths are s3://bucket/key. What is mapped comes through the
// bounded local cache.
#pragma once

#include <memory>

#include "base/status.h"
#include "store/file_system.h"
#include "store/object_cache.h"
#include "store/retry.h"
#include "store/s3_address.h"

namespace strata {

struct S3SourceOptions {
  S3Settings settings;
  RetrySeams seams;
  std::shared_ptr<ObjectCache> cache;
};

// Reads only; every call that writes is a FAILED_PRECONDITION (SOURCE_READ_ONLY). A bucket or prefix is a folder.
//
// modified_ns identifies the content as well as S3 can: whole seconds of Last-Modified, and below them 30 bits of the
// ETag, which differs when other bytes are put within the same second. It is only to be compared. Map fails with
// FAILED_PRECONDITION (FILE_CHANGED) when the object was replaced while it was fetched.
//
// Errors beyond those of FileSystem: those of store/s3_errors.h and of ObjectCache.
absl::StatusOr<std::unique_ptr<FileSystem>> OpenS3SourceFiles(S3SourceOptions options);

}  // namespace strata
