// How an object of S3 gets into the cache: in pieces, so that memory stays bounded whatever its size. Thread-safe.
#pragma once

#include <memory>

#include "base/status.h"
#include "store/object_cache.h"
#include "store/s3_client.h"

namespace strata {

inline constexpr uint64_t kS3PieceBytes = 8u
                                          << 20;  // a tenth of a second at 80 MB/s, so that starting it hardly counts

// Hands `size` bytes of the object to `sink`, in order.
absl::Status FetchS3Object(S3Client& client, const S3Address& address, uint64_t size, const CacheSource::Sink& sink);

}  // namespace strata
