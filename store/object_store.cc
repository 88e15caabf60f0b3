#include "store/object_store.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"

namespace strata {
namespace {

absl::Status KeyError(std::string_view key, std::string_view found) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "KEY_INVALID",
      fmt::format(
          "object key '{}' {}; a key is segments of [A-Za-z0-9._=-] joined by '/', none of them empty or beginning "
          "with '.', at most {} bytes a segment and {} in all",
          key.substr(0, kMaxKeyBytes), found, kMaxKeySegmentBytes, kMaxKeyBytes),
      {{"key", std::string(key.substr(0, kMaxKeyBytes))}});
}

bool InAlphabet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '=' || c == '-';
}

}  // namespace

absl::Status ValidateKey(std::string_view key) {
  if (key.size() > kMaxKeyBytes) return KeyError(key, fmt::format("has {} bytes", key.size()));
  size_t begin = 0;
  while (true) {
    const size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view segment = key.substr(begin, end - begin);
    if (segment.empty()) return KeyError(key, "has an empty segment");
    if (segment.front() == '.') return KeyError(key, fmt::format("has the segment '{}'", segment));
    if (segment.size() > kMaxKeySegmentBytes)
      return KeyError(key, fmt::format("has a segment of {} bytes", segment.size()));
    if (!std::all_of(segment.begin(), segment.end(), InAlphabet)) {
      return KeyError(key, fmt::format("has the segment '{}'", segment));
    }
    if (end == key.size()) return absl::OkStatus();
    begin = end + 1;
  }
}

absl::StatusOr<std::vector<std::string>> ObjectStore::ListFolders(const std::string& folder) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<ObjectInfo> objects, List(folder));
  std::vector<std::string> names;
  for (const ObjectInfo& object : objects) {
    const std::string_view rest = std::string_view(object.key).substr(folder.size());
    if (const size_t slash = rest.find('/'); slash != std::string_view::npos) names.emplace_back(rest.substr(0, slash));
  }
  // Keys are sorted with their '/', names without it.
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

absl::Status ObjectStore::PutVolatile(const std::string& key, std::string_view bytes, uint32_t mode) {
  return Put(key, bytes, mode);
}

absl::Status ObjectStore::DeleteAll(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) STRATA_RETURN_IF_ERROR(Delete(key));
  return absl::OkStatus();
}

void ObjectStore::Prefetch(const std::vector<std::string>&) {}

absl::StatusOr<std::shared_ptr<const FileView>> MapVerified(ObjectStore& store, const std::string& key,
                                                            uint64_t checksum) {
  STRATA_ASSIGN_OR_RETURN(std::shared_ptr<const FileView> view, store.Map(key));
  uint64_t found = Hash64(view->bytes());
  if (found != checksum) {
    STRATA_ASSIGN_OR_RETURN(const bool other, store.Distrust(key));
    if (other) {
      STRATA_ASSIGN_OR_RETURN(view, store.Map(key));
      found = Hash64(view->bytes());
    }
  }
  if (found != checksum) {
    return MakeError(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH",
                     fmt::format("object '{}': {} bytes with checksum {}, written with {}", key, view->bytes().size(),
                                 Hex(found), Hex(checksum)),
                     {{"key", key}, {"expected", Hex(checksum)}, {"found", Hex(found)}});
  }
  return view;
}

}  // namespace strata
