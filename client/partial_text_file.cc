#include "client/partial_text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "client/export_writer.h"

namespace strata {
namespace {

constexpr size_t kBufferBytes = 1 << 20;  // written at once: rows are short and many

}  // namespace

PartialTextFile::~PartialTextFile() {
  if (finished_) return;
  file_.close();
  std::error_code ignored;
  std::filesystem::remove(PartialPath(path_), ignored);
}

absl::Status PartialTextFile::Open() {
  file_.open(PartialPath(path_), std::ios::binary | std::ios::trunc);
  return file_ ? absl::OkStatus() : CannotWrite(path_, std::strerror(errno));
}

absl::Status PartialTextFile::Append(std::string_view text) {
  buffer_ += text;
  return buffer_.size() < kBufferBytes ? absl::OkStatus() : Flush();
}

absl::Status PartialTextFile::Finish() {
  STRATA_RETURN_IF_ERROR(Flush());
  file_.close();
  if (!file_) return CannotWrite(path_, std::strerror(errno));
  STRATA_RETURN_IF_ERROR(Reveal(path_));
  finished_ = true;
  return absl::OkStatus();
}

absl::Status PartialTextFile::Flush() {
  file_ << buffer_;
  buffer_.clear();
  return file_ ? absl::OkStatus() : CannotWrite(path_, std::strerror(errno));
}

}  // namespace strata
