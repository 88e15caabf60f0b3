#include "store/state.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <utility>
#include <variant>

#include "store/late_object_store.h"
#include "store/s3_address.h"
#include "store/state_layout.h"

namespace strata {
namespace {

constexpr char kWithin[] = "objects";  // the remembered form of the default

std::string Absolute(const std::string& path) {
  std::string absolute = std::filesystem::absolute(path).lexically_normal().string();
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return absolute;
}

// As it is remembered.
absl::StatusOr<std::string> Canonical(const std::string& folder, const std::string& objects) {
  if (objects.empty() || Absolute(objects) == Absolute(ObjectsRoot(folder))) return kWithin;
  if (!IsS3Uri(objects)) return objects.find("://") == std::string::npos ? Absolute(objects) : objects;
  STRATA_ASSIGN_OR_RETURN(const S3Address address, ParseS3Uri(objects));
  return S3Uri(address);
}

std::string Shown(const std::string& folder, const std::string& remembered) {
  return remembered == kWithin ? ObjectsRoot(folder) : remembered;
}

// What the metadata says; a state from before it was remembered has its objects within.
absl::StatusOr<std::string> ReadRemembered(Metadata& metadata, bool* recorded) {
  STRATA_ASSIGN_OR_RETURN(const auto value, metadata.Get(kObjectsUriKey));
  *recorded = value.has_value();
  return value.has_value() ? value->value : std::string(kWithin);
}

// Records `wanted` in a state that remembers nothing yet, and returns what it remembers in the end: another process may
// be quicker.
absl::StatusOr<std::string> Remember(Metadata& metadata, const std::string& wanted) {
  const CommitRequest commit{
      .compares = {{kObjectsUriKey, 0}}, .puts = {{kObjectsUriKey, wanted}}, .deletes = {}, .token = 0};
  STRATA_ASSIGN_OR_RETURN(const CommitOutcome outcome, metadata.Commit(commit));
  if (const auto* unknown = std::get_if<Unknown>(&outcome)) return unknown->cause;
  bool recorded = false;
  return ReadRemembered(metadata, &recorded);
}

// Whether anything has run: then its objects are where they always were, recorded or not.
absl::StatusOr<bool> HasJobs(Metadata& metadata) {
  STRATA_ASSIGN_OR_RETURN(const auto records, metadata.List("jobs/"));
  return !records.empty();
}

absl::Status ObjectsDiffer(const StateOptions& options, const std::string& remembered) {
  return MakeError(absl::StatusCode::kInvalidArgument, "OBJECTS_DIFFER",
                   fmt::format("--objects {}: the state {} keeps its objects at {}; leave --objects out, or name "
                               "another state",
                               options.objects, options.folder, Shown(options.folder, remembered)),
                   {{"flag", "--objects"}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<State>> State::OpenParts(const StateOptions& options, bool make) {
  std::unique_ptr<State> state(new State());
  STRATA_ASSIGN_OR_RETURN(state->metadata_, OpenSqliteMetadata(MetadataPath(options.folder), &state->clock_));
  STRATA_ASSIGN_OR_RETURN(const std::string wanted, Canonical(options.folder, options.objects));
  bool recorded = false;
  STRATA_ASSIGN_OR_RETURN(std::string place, ReadRemembered(*state->metadata_, &recorded));
  if (!recorded && make) {
    STRATA_ASSIGN_OR_RETURN(const bool used, HasJobs(*state->metadata_));
    if (!used) place = wanted;
  }
  if (!options.objects.empty() && place != wanted) return ObjectsDiffer(options, place);
  state->objects_uri_ = Shown(options.folder, place);
  const ObjectStoreOptions store{
      .uri = state->objects_uri_,
      .cache_dir = options.cache_dir.empty() ? CacheFolder(options.folder) : options.cache_dir,
      .cache_bytes = options.cache_bytes,
      .note = options.note};
  const auto open = [store, files = state->files_.get()] { return OpenObjectStore(store, files); };
  // Only a recorded place may be late: one that never opened is not to be remembered.
  STRATA_ASSIGN_OR_RETURN(state->objects_,
                          recorded && options.on_late ? OpenNowOrLater(open, options.on_late) : open());
  state->sources_ = NewSourceFiles(store, state->files_.get());
  if (recorded || !make) return state;
  STRATA_ASSIGN_OR_RETURN(const std::string remembered, Remember(*state->metadata_, place));
  if (remembered != place) return ObjectsDiffer(options, remembered);
  return state;
}

absl::StatusOr<std::unique_ptr<State>> State::OpenOrMake(const StateOptions& options) {
  // A name that cannot be one is told before a folder is made for it.
  STRATA_RETURN_IF_ERROR(Canonical(options.folder, options.objects).status());
  STRATA_RETURN_IF_ERROR(NewPosixFileSystem()->CreateFolders(options.folder));
  return OpenParts(options, /*make=*/true);
}

absl::StatusOr<std::unique_ptr<State>> State::Open(const StateOptions& options) {
  const auto info = NewPosixFileSystem()->Stat(MetadataPath(options.folder));
  if (absl::IsNotFound(info.status())) {
    return MakeError(absl::StatusCode::kNotFound, "STATE_MISSING", fmt::format("no state at {}", options.folder),
                     {{"state", options.folder}});
  }
  STRATA_RETURN_IF_ERROR(info.status());
  return OpenParts(options, /*make=*/false);
}

std::string State::objects_folder() const { return IsS3Uri(objects_uri_) ? "" : objects_uri_; }

absl::StatusOr<std::string> RememberedObjects(const std::string& folder) {
  const auto info = NewPosixFileSystem()->Stat(MetadataPath(folder));
  if (absl::IsNotFound(info.status())) return ObjectsRoot(folder);
  STRATA_RETURN_IF_ERROR(info.status());
  const SystemClock clock;
  STRATA_ASSIGN_OR_RETURN(const auto metadata, OpenSqliteMetadata(MetadataPath(folder), &clock));
  bool recorded = false;
  STRATA_ASSIGN_OR_RETURN(const std::string remembered, ReadRemembered(*metadata, &recorded));
  return Shown(folder, remembered);
}

}  // namespace strata
