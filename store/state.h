// A state: its metadata, its objects and the sources it reads, opened in one place for every program. The folder holds
// the metadata; where the objects are is remembered in it when the state is made.
//
// Thread-safe as far as its parts are.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "store/file_system.h"
#include "store/metadata.h"
#include "store/object_store.h"
#include "store/open_store.h"

namespace strata {

// Metadata key of the URI of the objects: "objects" is the folder of that name within the state, so that a state can be
// moved; anything else is an absolute folder or s3://bucket/prefix.
inline constexpr char kObjectsUriKey[] = "state/objects";

struct StateOptions {
  std::string folder;
  std::string objects;    // a folder or s3://bucket/prefix; empty: as remembered, or FOLDER/objects in a new state
  std::string cache_dir;  // empty: FOLDER/cache
  uint64_t cache_bytes = kDefaultCacheBytes;
  std::function<void(const std::string&)> note;  // as in ObjectStoreOptions
  // Where given: a state whose place is recorded is opened although its objects do not answer; they are tried again at
  // every use (late_object_store.h), and this is told why.
  std::function<void(const absl::Status&)> on_late;
};

class State {
 public:
  // Makes the state when it is missing. INVALID_ARGUMENT (OBJECTS_DIFFER) when `objects` is not what the state
  // remembers; it names both.
  static absl::StatusOr<std::unique_ptr<State>> OpenOrMake(const StateOptions& options);
  // NOT_FOUND (STATE_MISSING) where there is no state: looking never makes one.
  static absl::StatusOr<std::unique_ptr<State>> Open(const StateOptions& options);

  FileSystem& sources() { return *sources_; }  // local files and s3:// alike
  ObjectStore& objects() { return *objects_; }
  Metadata& metadata() { return *metadata_; }
  const Clock& clock() const { return clock_; }
  // The folder of the objects, or s3://bucket/prefix: for people, and for whoever looks into it.
  const std::string& objects_uri() const { return objects_uri_; }
  // The same where it is a folder, else empty.
  std::string objects_folder() const;

 private:
  State() = default;
  static absl::StatusOr<std::unique_ptr<State>> OpenParts(const StateOptions& options, bool make);

  SystemClock clock_;
  std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
  std::unique_ptr<FileSystem> sources_;
  std::unique_ptr<Metadata> metadata_;
  std::unique_ptr<ObjectStore> objects_;
  std::string objects_uri_;
};

// Where a state's objects are, as OpenObjectStore takes it, for a process that only works on them; FOLDER/objects where
// the state is not made yet.
absl::StatusOr<std::string> RememberedObjects(const std::string& folder);

}  // namespace strata
