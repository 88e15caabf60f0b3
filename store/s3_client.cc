#include "store/s3_client.h"

#include <arrow/filesystem/s3fs.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "base/date.h"
#include "store/s3_errors.h"

namespace strata {
namespace {

// Asked by the SDK, on the thread of the request, after each failure. Trying again is RetryUnavailable's business,
// except while an object is uploaded in parts: Arrow's stream cannot abort an upload any more once Close has failed, so
// that requests of an upload are repeated in their place and Close fails only when the server stays away for good.
class UploadPatience final : public arrow::fs::S3RetryStrategy {
 public:
  explicit UploadPatience(RetrySeams seams) : seams_(std::move(seams)) {}

  // From Begin to End this thread's requests are patient.
  void Begin(std::string what) {
    const std::lock_guard lock(mutex_);
    uploads_[std::this_thread::get_id()] = {.what = std::move(what)};
  }
  void End() {
    const std::lock_guard lock(mutex_);
    uploads_.erase(std::this_thread::get_id());
  }

  // Sleeps by itself, so that sleeping comes in through the door; the SDK then need not.
  bool ShouldRetry(const AWSErrorDetail& error, int64_t attempted) override {
    int64_t delay_ms = 0;
    std::string note;
    {
      const std::lock_guard lock(mutex_);
      const auto found = uploads_.find(std::this_thread::get_id());
      if (found == uploads_.end() || !error.should_retry) return false;
      Upload& upload = found->second;
      const int64_t now_ms = seams_.clock->MonotonicMs();
      if (attempted == 0) upload = {.what = upload.what, .begun_ms = now_ms, .delay_ms = seams_.policy.first_delay_ms};
      delay_ms = upload.delay_ms;
      if (now_ms - upload.begun_ms + delay_ms > seams_.policy.total_ms) return false;
      upload.delay_ms = std::min(delay_ms * 2, seams_.policy.max_delay_ms);
      note = fmt::format("{}: {}; trying this part of it again, attempt {}", upload.what, error.message, attempted + 2);
    }
    if (attempted == 0 && seams_.note) seams_.note(note);
    seams_.sleep(delay_ms);
    return true;
  }
  int64_t CalculateDelayBeforeNextRetry(const AWSErrorDetail&, int64_t) override { return 0; }

 private:
  struct Upload {
    std::string what;
    int64_t begun_ms = 0;  // of the first failure of the request at hand
    int64_t delay_ms = 0;
  };
  const RetrySeams seams_;
  std::mutex mutex_;
  std::map<std::thread::id, Upload> uploads_;  // guarded by mutex_
};

// Arrow's wheel brings a TLS library that does not know where a machine keeps the certificates it trusts. Debian and its
// kin, Fedora and its kin.
constexpr std::array<const char*, 2> kTrustedCertificates = {"/etc/ssl/certs/ca-certificates.crt",
                                                             "/etc/pki/tls/certs/ca-bundle.crt"};

std::string TrustedCertificates(const S3Settings& settings) {
  if (!settings.ca_file.empty()) return settings.ca_file;
  for (const char* path : kTrustedCertificates) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) return path;
  }
  return "";
}

absl::Status SetUpLibrary(const S3Settings& settings) {
  static std::once_flag once;
  arrow::Status status;
  std::call_once(once, [&status, &settings] {
    status = arrow::fs::Initialize({.tls_ca_file_path = TrustedCertificates(settings), .tls_ca_dir_path = ""});
    if (!status.ok()) return;
    arrow::fs::S3GlobalOptions options = arrow::fs::S3GlobalOptions::Defaults();
    options.install_sigpipe_handler = true;  // a server that closes a connection must not end this process
    status = arrow::fs::InitializeS3(options);
  });
  if (status.ok() && arrow::fs::IsS3Initialized()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "S3_ERROR",
                   fmt::format("the S3 library cannot be set up: {}", status.ToString()));
}

// The library must be taken down before its static objects go, and cannot be set up a second time in one process: so
// at exit, when main's stores and threads are gone. Registered behind the first file system, because what is made
// first goes last, and the file system makes static objects that taking down needs.
void TakeDownAtExit() {
  static std::once_flag once;
  std::call_once(once, [] {
    std::atexit([] {
      if (arrow::fs::IsS3Initialized()) static_cast<void>(arrow::fs::FinalizeS3());
    });
  });
}

std::string PathOf(const S3Address& address) {
  return address.key.empty() ? address.bucket : address.bucket + "/" + address.key;
}

// "2026-11-22T03:11:02Z" as seconds since 1970; 0 for anything else, which then never changes.
int64_t ParseUtc(const std::string& text) {
  constexpr int64_t kSecondsPerDay = 86'400;
  CivilDate date;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const int fields =
      std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d", &date.year, &date.month, &date.day, &hour, &minute, &second);
  if (fields != 6 || !IsValid(date)) return 0;
  return ToDay(date) * kSecondsPerDay + hour * 3'600 + minute * 60 + second;
}

}  // namespace

struct S3Client::Parts {
  S3Settings settings;
  RetrySeams seams;
  std::shared_ptr<UploadPatience> patience;
  std::shared_ptr<arrow::fs::S3FileSystem> files;

  absl::Status Error(const arrow::Status& status, const S3Address& address) const {
    return status.ok() ? absl::OkStatus() : S3Error(status.ToString(), address, settings);
  }
};

S3Client::S3Client(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
S3Client::~S3Client() = default;
const S3Settings& S3Client::settings() const { return parts_->settings; }

absl::StatusOr<std::shared_ptr<S3Client>> S3Client::Connect(S3Settings settings, RetrySeams seams) {
  STRATA_RETURN_IF_ERROR(SetUpLibrary(settings));
  arrow::fs::S3Options options = arrow::fs::S3Options::Defaults();
  options.scheme = settings.scheme;
  options.endpoint_override = settings.endpoint;
  options.region = settings.region;
  options.connect_timeout = static_cast<double>(kS3ConnectTimeoutMs) / 1e3;
  options.request_timeout = static_cast<double>(kS3StallTimeoutMs) / 1e3;
  const auto patience = std::make_shared<UploadPatience>(seams);
  options.retry_strategy = patience;
  options.allow_delayed_open = true;  // a small object is then one request
  options.background_writes = false;  // an error is told where it happens
  auto files = arrow::fs::S3FileSystem::Make(options);
  if (!files.ok()) return S3Error(files.status().ToString(), {}, settings);
  TakeDownAtExit();
  auto parts = std::make_unique<Parts>();
  *parts = {
      .settings = std::move(settings), .seams = std::move(seams), .patience = patience, .files = *std::move(files)};
  return std::shared_ptr<S3Client>(new S3Client(std::move(parts)));
}

absl::Status S3Client::Retry(std::string_view verb, const S3Address& address,
                             const std::function<absl::Status()>& attempt) {
  return RetryUnavailable(parts_->seams, fmt::format("{} {}", verb, S3Uri(address)), attempt);
}

absl::Status S3Client::CheckBucket(const S3Address& address) {
  // A listing of what is not there: unlike a HEAD of the bucket its answer says why it is refused.
  S3Address nothing = address;
  nothing.key += nothing.key.empty() ? ".strata-probe" : "/.strata-probe";
  arrow::fs::FileSelector selector;
  selector.base_dir = PathOf(nothing);
  const absl::Status status =
      Retry("list", address, [&] { return parts_->Error(parts_->files->GetFileInfo(selector).status(), address); });
  const auto detail = DetailOf(status);
  return detail.has_value() && detail->reason == "OBJECT_MISSING" ? absl::OkStatus() : status;
}

absl::StatusOr<S3Object> S3Client::Head(const S3Address& address) {
  S3Object object{.key = address.key};
  const absl::Status status = Retry("look at", address, [&]() -> absl::Status {
    const auto file = parts_->files->OpenInputFile(PathOf(address));
    if (!file.ok()) return parts_->Error(file.status(), address);
    const auto size = (*file)->GetSize();
    if (!size.ok()) return parts_->Error(size.status(), address);
    object.size_bytes = static_cast<uint64_t>(*size);
    const auto metadata = (*file)->ReadMetadata();
    if (!metadata.ok()) return parts_->Error(metadata.status(), address);
    if (*metadata == nullptr) return absl::OkStatus();
    object.etag = (*metadata)->Get("ETag").ValueOr("");
    object.modified_s = ParseUtc((*metadata)->Get("Last-Modified").ValueOr(""));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return object;
}

absl::Status S3Client::Read(const S3Address& address, uint64_t object_size, uint64_t offset, uint64_t size, char* out) {
  if (size == 0) return absl::OkStatus();
  arrow::fs::FileInfo info(PathOf(address), arrow::fs::FileType::File);
  info.set_size(static_cast<int64_t>(object_size));  // known, so that opening asks nothing
  return Retry("read", address, [&]() -> absl::Status {
    const auto file = parts_->files->OpenInputFile(info);
    if (!file.ok()) return parts_->Error(file.status(), address);
    const auto got = (*file)->ReadAt(static_cast<int64_t>(offset), static_cast<int64_t>(size), out);
    if (!got.ok()) return parts_->Error(got.status(), address);
    if (*got == static_cast<int64_t>(size)) return absl::OkStatus();
    return MakeError(absl::StatusCode::kUnavailable, "S3_UNAVAILABLE",
                     fmt::format("'{}': {} of {} bytes came", S3Uri(address), *got, size));
  });
}

absl::Status S3Client::WriteOnce(const S3Address& address, std::string_view bytes) {
  const auto opened = parts_->files->OpenOutputStream(PathOf(address), nullptr);
  if (!opened.ok()) return parts_->Error(opened.status(), address);
  arrow::io::OutputStream& stream = **opened;
  if (bytes.size() > kS3PartBytes) parts_->patience->Begin("write " + S3Uri(address));
  arrow::Status status = stream.Write(bytes.data(), static_cast<int64_t>(bytes.size()));
  if (status.ok()) status = stream.Close();
  parts_->patience->End();
  if (status.ok()) return absl::OkStatus();
  const absl::Status failed = parts_->Error(status, address);
  const absl::Status aborted = Retry("abort the upload of", address, [&] {
    const arrow::Status abort = stream.Abort();
    const std::string code = S3ErrorCode(abort.ToString());
    const bool gone = code == "NO_SUCH_UPLOAD" || code == "NoSuchUpload";
    return gone ? absl::OkStatus() : parts_->Error(abort, address);
  });
  if (aborted.ok()) return failed;
  return WithContext(failed, fmt::format("an unfinished upload is left behind ({})", StdView(aborted.message())));
}

absl::Status S3Client::Write(const S3Address& address, std::string_view bytes) {
  return Retry("write", address, [&] { return WriteOnce(address, bytes); });
}

absl::Status S3Client::Delete(const S3Address& address) {
  const absl::Status status =
      Retry("delete", address, [&] { return parts_->Error(parts_->files->DeleteFile(PathOf(address)), address); });
  const auto detail = DetailOf(status);
  return detail.has_value() && detail->reason == "OBJECT_MISSING" ? absl::OkStatus() : status;
}

absl::StatusOr<std::vector<S3Object>> S3Client::List(const S3Address& folder, bool recursive) {
  constexpr int64_t kNanosPerSecond = 1'000'000'000;
  arrow::fs::FileSelector selector;
  selector.base_dir = PathOf(folder);
  selector.recursive = recursive;
  std::vector<S3Object> objects;
  const absl::Status status = Retry("list", folder, [&]() -> absl::Status {
    const auto infos = parts_->files->GetFileInfo(selector);
    if (!infos.ok()) return parts_->Error(infos.status(), folder);
    objects.clear();
    for (const arrow::fs::FileInfo& info : *infos) {
      S3Object object{.key = info.path().substr(folder.bucket.size() + 1)};
      object.is_directory = info.type() == arrow::fs::FileType::Directory;
      object.size_bytes = object.is_directory ? 0 : static_cast<uint64_t>(info.size());
      object.modified_s = info.mtime().time_since_epoch().count() / kNanosPerSecond;
      objects.push_back(std::move(object));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return objects;
}

absl::StatusOr<std::vector<S3Object>> S3Client::ListAll(const S3Address& folder) {
  auto objects = List(folder, /*recursive=*/true);
  const auto detail = DetailOf(objects.status());
  if (detail.has_value() && detail->reason == "OBJECT_MISSING") return std::vector<S3Object>();
  if (objects.ok()) std::erase_if(*objects, [](const S3Object& object) { return object.is_directory; });
  return objects;
}

absl::StatusOr<std::vector<S3Object>> S3Client::ListFolder(const S3Address& folder) {
  return List(folder, /*recursive=*/false);
}

}  // namespace strata
