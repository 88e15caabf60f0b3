#include "store/errno_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace strata {
namespace {

struct ErrnoMeaning {
  absl::StatusCode code;
  const char* reason;
};

ErrnoMeaning MeaningOf(int error) {
  switch (error) {
    case ENOENT:
      return {absl::StatusCode::kNotFound, "FILE_MISSING"};
    case ENOTDIR:
      return {absl::StatusCode::kNotFound, "NOT_A_FOLDER"};
    case EEXIST:
      return {absl::StatusCode::kAlreadyExists, "FILE_EXISTS"};
    case ENOSPC:
    case EDQUOT:
      return {absl::StatusCode::kResourceExhausted, "DISK_FULL"};
    case EFBIG:
      return {absl::StatusCode::kResourceExhausted, "FILE_TOO_BIG"};
    case EMFILE:
    case ENFILE:
      return {absl::StatusCode::kResourceExhausted, "TOO_MANY_OPEN_FILES"};
    case ENOMEM:
      return {absl::StatusCode::kResourceExhausted, "OUT_OF_MEMORY"};
    case EACCES:
    case EPERM:
      return {absl::StatusCode::kPermissionDenied, "ACCESS_DENIED"};
    case EROFS:
      return {absl::StatusCode::kPermissionDenied, "DISK_READ_ONLY"};
    case EISDIR:
      return {absl::StatusCode::kInvalidArgument, "NOT_A_REGULAR_FILE"};
    case ENAMETOOLONG:
      return {absl::StatusCode::kInvalidArgument, "PATH_TOO_LONG"};
    case EIO:
      return {absl::StatusCode::kDataLoss, "IO_ERROR"};
    default:
      return {absl::StatusCode::kInternal, "SYSTEM_CALL_FAILED"};
  }
}

}  // namespace

absl::Status ErrnoError(int error, std::string_view operation, const std::string& path) {
  const ErrnoMeaning meaning = MeaningOf(error);
  return MakeError(meaning.code, meaning.reason, fmt::format("{} '{}': {}", operation, path, std::strerror(error)),
                   {{"path", path}, {"operation", std::string(operation)}});
}

}  // namespace strata
