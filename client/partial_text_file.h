// A text file that is written beside its name and appears under it only when it is whole. Without Finish nothing is
// left behind. Not thread-safe.
#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

class PartialTextFile {
 public:
  explicit PartialTextFile(std::string path) : path_(std::move(path)) {}
  ~PartialTextFile();
  PartialTextFile(const PartialTextFile&) = delete;
  PartialTextFile& operator=(const PartialTextFile&) = delete;

  // All of them: INTERNAL (EXPORT_UNWRITTEN) names the file and the cause.
  absl::Status Open();
  absl::Status Append(std::string_view text);  // buffered
  absl::Status Finish();

 private:
  absl::Status Flush();

  std::string path_;
  std::ofstream file_;
  std::string buffer_;
  bool finished_ = false;
};

}  // namespace strata
