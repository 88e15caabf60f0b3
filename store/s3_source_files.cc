#include "store/s3_source_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "store/s3_client.h"
#include "store/s3_fetch.h"
#include "store/side_by_side.h"

namespace strata {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

absl::Status ReadOnly(const std::string& path) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "SOURCE_READ_ONLY",
                   fmt::format("'{}': sources in S3 are only read", path), {{"path", path}});
}

int64_t Identity(const S3Object& object) {
  return object.modified_s * kNanosPerSecond + static_cast<int64_t>(Hash64(object.etag) % kNanosPerSecond);
}

FileInfo InfoOf(const std::string& bucket, const S3Object& object) {
  return {.path = S3Uri({.bucket = bucket, .key = object.key}),
          .size_bytes = object.size_bytes,
          .modified_ns = object.is_directory ? 0 : Identity(object),
          .is_directory = object.is_directory};
}

bool IsMissing(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() && detail->reason == "OBJECT_MISSING";
}

class S3SourceFiles final : public FileSystem {
 public:
  S3SourceFiles(std::shared_ptr<S3Client> client, std::shared_ptr<ObjectCache> cache)
      : client_(std::move(client)), cache_(std::move(cache)) {}

  absl::StatusOr<FileInfo> Stat(const std::string& path) override;
  absl::StatusOr<std::vector<FileInfo>> List(const std::string& folder) override;
  absl::StatusOr<std::string> ReadRange(const std::string& path, uint64_t offset, uint64_t size) override;
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& path) override;

  absl::Status CreateFolders(const std::string& folder) override { return ReadOnly(folder); }
  absl::Status WriteNew(const std::string& path, std::string_view, uint32_t) override { return ReadOnly(path); }
  absl::Status RenameNew(const std::string& from, const std::string&) override { return ReadOnly(from); }
  absl::Status WriteVolatile(const std::string&, const std::string& path, std::string_view, uint32_t) override {
    return ReadOnly(path);
  }
  absl::Status SyncFolder(const std::string& folder) override { return ReadOnly(folder); }
  absl::Status Remove(const std::string& path) override { return ReadOnly(path); }

 private:
  absl::Status FetchSure(const S3Address& address, uint64_t size, const CacheSource::Sink& sink);
  absl::Status LookAtAll(const std::string& bucket, std::vector<S3Object>* objects);

  const std::shared_ptr<S3Client> client_;
  const std::shared_ptr<ObjectCache> cache_;
};

absl::StatusOr<FileInfo> S3SourceFiles::Stat(const std::string& path) {
  STRATA_ASSIGN_OR_RETURN(const S3Address address, ParseS3Uri(path));
  const FileInfo folder{.path = S3Uri(address), .is_directory = true};
  if (!address.key.empty()) {
    const auto object = client_->Head(address);
    if (object.ok()) return InfoOf(address.bucket, *object);
    if (!IsMissing(object.status())) return object.status();
  }
  // No object: a prefix that others share, a bucket, or nothing. The listing tells a missing bucket from a missing key.
  const auto children = client_->ListFolder(address);
  if (children.ok()) return folder;
  if (!address.key.empty() || !IsMissing(children.status())) return children.status();
  return folder;  // an empty bucket
}

// Adds what only looking at each object tells.
absl::Status S3SourceFiles::LookAtAll(const std::string& bucket, std::vector<S3Object>* objects) {
  STRATA_RETURN_IF_ERROR(SideBySide(objects->size(), [&](size_t i) -> absl::Status {
    S3Object& object = (*objects)[i];
    if (object.is_directory) return absl::OkStatus();
    auto found = client_->Head({.bucket = bucket, .key = object.key});
    if (!found.ok() && !IsMissing(found.status())) return found.status();
    if (found.ok()) {
      object = *std::move(found);
    } else {
      object.key.clear();  // removed since it was listed
    }
    return absl::OkStatus();
  }));
  std::erase_if(*objects, [](const S3Object& object) { return object.key.empty(); });
  return absl::OkStatus();
}

absl::StatusOr<std::vector<FileInfo>> S3SourceFiles::List(const std::string& folder) {
  STRATA_ASSIGN_OR_RETURN(const S3Address address, ParseS3Uri(folder));
  STRATA_ASSIGN_OR_RETURN(std::vector<S3Object> objects, client_->ListFolder(address));
  STRATA_RETURN_IF_ERROR(LookAtAll(address.bucket, &objects));
  std::vector<FileInfo> children;
  children.reserve(objects.size());
  for (const S3Object& object : objects) children.push_back(InfoOf(address.bucket, object));
  std::sort(children.begin(), children.end(), [](const FileInfo& a, const FileInfo& b) { return a.path < b.path; });
  return children;
}

absl::StatusOr<std::string> S3SourceFiles::ReadRange(const std::string& path, uint64_t offset, uint64_t size) {
  STRATA_ASSIGN_OR_RETURN(const S3Address address, ParseS3Uri(path));
  STRATA_ASSIGN_OR_RETURN(const S3Object object, client_->Head(address));
  std::string bytes;
  if (offset < object.size_bytes) bytes.resize(std::min(size, object.size_bytes - offset));
  STRATA_RETURN_IF_ERROR(client_->Read(address, object.size_bytes, offset, bytes.size(), bytes.data()));
  return bytes;
}

// Nobody has a checksum of a source before it is read, so a byte that was damaged on the way would become a row. TLS
// leaves none; without it the object is read a second time and compared.
absl::Status S3SourceFiles::FetchSure(const S3Address& address, uint64_t size, const CacheSource::Sink& sink) {
  if (client_->settings().scheme == "https") return FetchS3Object(*client_, address, size, sink);
  StreamHash first;
  STRATA_RETURN_IF_ERROR(FetchS3Object(*client_, address, size, [&](std::string_view piece) {
    first.Add(piece);
    return sink(piece);
  }));
  StreamHash second;
  STRATA_RETURN_IF_ERROR(FetchS3Object(*client_, address, size, [&second](std::string_view piece) {
    second.Add(piece);
    return absl::OkStatus();
  }));
  if (first.Digest128() == second.Digest128()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnavailable, "SOURCE_DAMAGED",
                   fmt::format("{}: two reads differ ({} and {}): it was damaged on its way, or changed meanwhile",
                               S3Uri(address), Hex(first.Digest128()), Hex(second.Digest128())),
                   {{"file", S3Uri(address)}});
}

absl::StatusOr<std::shared_ptr<const FileView>> S3SourceFiles::Map(const std::string& path) {
  STRATA_ASSIGN_OR_RETURN(const S3Address address, ParseS3Uri(path));
  STRATA_ASSIGN_OR_RETURN(const S3Object object, client_->Head(address));
  // A copy belongs to one content of the object, not to its name.
  const std::string name = fmt::format("{} {} {} {} {}", client_->settings().endpoint, S3Uri(address),
                                       object.size_bytes, object.modified_s, object.etag);
  return cache_->Map(name, {.size = [&object]() -> absl::StatusOr<uint64_t> { return object.size_bytes; },
                            .fetch = [&](uint64_t size, const CacheSource::Sink& sink) -> absl::Status {
                              const absl::Status fetched = FetchSure(address, size, sink);
                              STRATA_ASSIGN_OR_RETURN(const S3Object now, client_->Head(address));
                              if (now.size_bytes != object.size_bytes || Identity(now) != Identity(object)) {
                                return MakeError(
                                    absl::StatusCode::kFailedPrecondition, "FILE_CHANGED",
                                    fmt::format("{}: replaced while it was read ({} bytes, ETag {}; now {} bytes, "
                                                "ETag {}); a file must not change while a run reads it",
                                                path, object.size_bytes, object.etag, now.size_bytes, now.etag),
                                    {{"file", path}});
                              }
                              return fetched;
                            }});
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileSystem>> OpenS3SourceFiles(S3SourceOptions options) {
  STRATA_ASSIGN_OR_RETURN(auto client, S3Client::Connect(std::move(options.settings), std::move(options.seams)));
  return std::make_unique<S3SourceFiles>(std::move(client), std::move(options.cache));
}

}  // namespace strata
