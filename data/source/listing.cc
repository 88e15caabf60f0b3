#include <fmt/format.h>

#include <algorithm>

#include "data/source/glob.h"
#include "data/source/ingest.h"
#include "data/source/text.h"
#include "store/s3_address.h"

namespace strata {
namespace {

constexpr std::string_view kEndings[] = {".csv", ".tsv", ".txt", ".parquet"};

std::string_view NameOf(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }

bool EndsWithLower(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  text.remove_prefix(text.size() - lower.size());
  return std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return LowerLetter(a) == b; });
}

bool IsReadable(std::string_view path) {
  return std::any_of(std::begin(kEndings), std::end(kEndings),
                     [path](std::string_view ending) { return EndsWithLower(path, ending); });
}

bool IsHidden(std::string_view path) {
  const std::string_view name = NameOf(path);
  return name.empty() || name.starts_with('.');
}

std::string Join(const std::string& folder, std::string_view name) {
  if (folder.empty()) return std::string(name);
  return folder.ends_with('/') ? folder + std::string(name) : fmt::format("{}/{}", folder, name);
}

absl::Status SourceError(absl::StatusCode code, std::string_view reason, const std::string& uri,
                         std::string_view problem) {
  return MakeError(code, reason, fmt::format("source '{}': {}", uri, problem), {{"uri", uri}});
}

absl::Status Unsupported(const std::string& uri, std::string_view found) {
  return SourceError(
      absl::StatusCode::kInvalidArgument, "SOURCE_UNSUPPORTED", uri,
      fmt::format("found {}; allowed: local files or s3://bucket/..., ending in .csv, .tsv, .txt or .parquet", found));
}

// The files directly in a folder that a source can be made of.
absl::StatusOr<std::vector<FileInfo>> FilesIn(FileSystem& file_system, const std::string& folder) {
  STRATA_ASSIGN_OR_RETURN(std::vector<FileInfo> children, file_system.List(folder));
  std::erase_if(children, [](const FileInfo& child) {
    return child.is_directory || IsHidden(child.path) ||
           !(EndsWithLower(child.path, ".csv") || EndsWithLower(child.path, ".parquet"));
  });
  return children;
}

// Adds what matches `pattern` (segments joined by '/') under `folder`. A folder that vanishes or is not there matches
// nothing.
absl::Status Expand(FileSystem& file_system, const std::string& folder, std::string_view pattern,
                    std::vector<FileInfo>* files) {
  const size_t slash = pattern.find('/');
  const std::string_view segment = pattern.substr(0, slash);
  const bool last = slash == std::string_view::npos;
  if (!last && !HasWildcard(segment)) {
    const std::string next = segment.empty() ? folder : Join(folder, segment);
    return Expand(file_system, next, pattern.substr(slash + 1), files);
  }
  absl::StatusOr<std::vector<FileInfo>> children = file_system.List(folder.empty() ? "." : folder);
  if (absl::IsNotFound(children.status())) return absl::OkStatus();
  if (!children.ok()) return children.status();
  for (const FileInfo& child : *children) {
    const std::string_view name = NameOf(child.path);
    if (name.empty() || !GlobMatches(segment, name)) continue;
    if (last && !child.is_directory) {
      FileInfo file = child;
      file.path = Join(folder, name);
      files->push_back(std::move(file));
    } else if (!last && child.is_directory) {
      STRATA_RETURN_IF_ERROR(Expand(file_system, Join(folder, name), pattern.substr(slash + 1), files));
    }
    if (files->size() > kMaxSourceFiles) break;
  }
  return absl::OkStatus();
}

// All files that the uri names, in any order.
absl::StatusOr<std::vector<FileInfo>> Resolve(FileSystem& file_system, const std::string& uri,
                                              const std::string& base_folder) {
  const bool in_s3 = IsS3Uri(uri);
  const bool absolute = uri.starts_with('/') || in_s3;
  const std::string path = absolute ? uri : Join(base_folder, uri);
  // A name that exists is meant, also when it holds * or [.
  const absl::StatusOr<FileInfo> info = file_system.Stat(path);
  if (info.ok() && info->is_directory) return FilesIn(file_system, path);
  if (info.ok()) return std::vector<FileInfo>{*info};
  const auto detail = DetailOf(info.status());
  const bool no_bucket = detail.has_value() && detail->reason == "BUCKET_MISSING";
  if (!absl::IsNotFound(info.status()) || no_bucket) return WithContext(info.status(), fmt::format("source '{}'", uri));
  if (!HasWildcard(uri)) {
    return SourceError(absl::StatusCode::kNotFound, "SOURCE_MISSING", uri,
                       fmt::format("found nothing at '{}'; allowed: an existing file, folder or glob", path));
  }
  std::vector<FileInfo> files;
  if (in_s3) {  // a bucket is named, not guessed
    const size_t bucket_end = uri.find('/', kS3Scheme.size());
    STRATA_RETURN_IF_ERROR(
        Expand(file_system, uri.substr(0, bucket_end), std::string_view(uri).substr(bucket_end + 1), &files));
    return files;
  }
  const std::string_view pattern = std::string_view(uri).substr(absolute ? 1 : 0);
  STRATA_RETURN_IF_ERROR(Expand(file_system, absolute ? "/" : base_folder, pattern, &files));
  return files;
}

}  // namespace

FileFormat FormatOf(std::string_view path) {
  return EndsWithLower(path, ".parquet") ? FileFormat::kParquet : FileFormat::kCsv;
}

absl::StatusOr<std::vector<FileInfo>> ListSource(FileSystem& file_system, const std::string& uri,
                                                 const std::string& base_folder) {
  const size_t scheme = uri.find("://");
  if (scheme != std::string::npos && !IsS3Uri(uri))
    return Unsupported(uri, fmt::format("'{}://'", uri.substr(0, scheme)));
  STRATA_ASSIGN_OR_RETURN(std::vector<FileInfo> files, Resolve(file_system, uri, base_folder));
  for (const FileInfo& file : files) {
    if (!IsReadable(file.path)) return Unsupported(uri, fmt::format("the file '{}'", file.path));
  }
  if (files.empty()) {
    return SourceError(absl::StatusCode::kInvalidArgument, "SOURCE_EMPTY", uri,
                       fmt::format("no file matches under '{}'; allowed: a folder with *.csv or *.parquet, or a glob "
                                   "that matches files",
                                   base_folder));
  }
  if (files.size() > kMaxSourceFiles) {
    return SourceError(absl::StatusCode::kInvalidArgument, "SOURCE_TOO_LARGE", uri,
                       fmt::format("found more than {0} files; allowed: {0}", kMaxSourceFiles));
  }
  std::sort(files.begin(), files.end(), [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
  return files;
}

}  // namespace strata
