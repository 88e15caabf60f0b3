#include "store/s3_fetch.h"

#include <algorithm>
#include <memory>

namespace strata {

absl::Status FetchS3Object(S3Client& client, const S3Address& address, uint64_t size, const CacheSource::Sink& sink) {
  const auto piece = std::make_unique_for_overwrite<char[]>(std::min(size, kS3PieceBytes));
  for (uint64_t offset = 0; offset < size; offset += kS3PieceBytes) {
    const uint64_t bytes = std::min(size - offset, kS3PieceBytes);
    STRATA_RETURN_IF_ERROR(client.Read(address, size, offset, bytes, piece.get()));
    STRATA_RETURN_IF_ERROR(sink({piece.get(), bytes}));
  }
  return absl::OkStatus();
}

}  // namespace strata
