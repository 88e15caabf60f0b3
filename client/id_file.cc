#include "client/id_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace strata {
namespace {

absl::Status IdsInvalid(const std::string& name, const std::string& what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "IDS_INVALID", fmt::format("{}: {}", name, what),
                   {{"file", name}});
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadIds(std::istream& in, const std::string& name, int64_t* empty_lines) {
  std::vector<std::string> ids;
  *empty_lines = 0;
  std::string line;
  while (std::getline(in, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) {
      ++*empty_lines;
      continue;
    }
    if (ids.size() == kMaxIdsInFile) {
      return IdsInvalid(name, fmt::format("more than {} ids; use `strata export` for so many", kMaxIdsInFile));
    }
    ids.push_back(line);
  }
  if (in.bad()) return IdsInvalid(name, "cannot be read to its end");
  if (ids.empty()) return IdsInvalid(name, "no id in it; one id a line is wanted");
  return ids;
}

absl::StatusOr<std::vector<std::string>> ReadIdFile(const std::string& path, std::istream& standard_input,
                                                    int64_t* empty_lines) {
  if (path == "-") return ReadIds(standard_input, "standard input", empty_lines);
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    return MakeError(absl::StatusCode::kNotFound, "IDS_MISSING",
                     fmt::format("--ids {}: {}", path, file ? "is a folder; a file is wanted" : std::strerror(errno)),
                     {{"file", path}});
  }
  return ReadIds(file, path, empty_lines);
}

}  // namespace strata
