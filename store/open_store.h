// Object stores and sources by URI: a folder, or s3://bucket/prefix with the settings that the AWS tools take from the
// environment (store/s3_address.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "store/file_system.h"
#include "store/object_cache.h"
#include "store/object_store.h"

namespace strata {

struct ObjectStoreOptions {
  std::string uri;        // a folder, or s3://bucket/prefix
  std::string cache_dir;  // of S3; empty: DefaultCacheFolder()
  uint64_t cache_bytes = kDefaultCacheBytes;
  // Sentences for people about requests that are tried again; may be empty. From any thread.
  std::function<void(const std::string&)> note;
};

// Opens the store. S3 is asked at once whether the bucket is there and may be read. `files` (of this machine) must
// outlive the store. Errors: those of NewLocalObjectStore and OpenS3ObjectStore, INVALID_ARGUMENT (S3_URI_INVALID,
// S3_SETTINGS_INVALID, OBJECTS_UNSUPPORTED: another scheme).
absl::StatusOr<std::unique_ptr<ObjectStore>> OpenObjectStore(const ObjectStoreOptions& options, FileSystem* files);

// Files of this machine, and those in S3 by paths that begin with s3://, which are connected to at their first use;
// `uri` is not looked at. `local` must outlive the result.
std::unique_ptr<FileSystem> NewSourceFiles(const ObjectStoreOptions& options, FileSystem* local);

// This user's own folder under the machine's one for temporary files ($TMPDIR).
std::string DefaultCacheFolder();

}  // namespace strata
