// What an error of the S3 library means. The library tells its errors as text; this is the one place that reads it.
// Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "store/s3_address.h"

namespace strata {

// The status for an error text of Arrow's S3 file system about `address`:
//   UNAVAILABLE (S3_UNAVAILABLE)       connections, time-outs, throttling, 5xx: worth another attempt
//   NOT_FOUND (OBJECT_MISSING, BUCKET_MISSING)
//   PERMISSION_DENIED (S3_ACCESS_DENIED) names the bucket and which variables are not set
//   INVALID_ARGUMENT (S3_REGION_WRONG)  the bucket lives in another region
//   INTERNAL (S3_ERROR)                 everything else
absl::Status S3Error(std::string_view text, const S3Address& address, const S3Settings& settings);

// The error code in the text, e.g. "NO_SUCH_UPLOAD", or S3's own name where the library does not know it; may be empty.
std::string S3ErrorCode(std::string_view text);

}  // namespace strata
