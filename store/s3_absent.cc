// Stands in for S3 where Arrow is not built in (the core alone).
#include "store/s3_object_store.h"
#include "store/s3_source_files.h"

namespace strata {
namespace {

absl::Status Absent() {
  return MakeError(absl::StatusCode::kUnimplemented, "S3_ABSENT", "this build has no S3: it was made without Arrow");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectStore>> OpenS3ObjectStore(S3StoreOptions) { return Absent(); }
absl::StatusOr<std::unique_ptr<FileSystem>> OpenS3SourceFiles(S3SourceOptions) { return Absent(); }

}  // namespace strata
