// The small truths of a state: runs, commits, ledger versions, the current pointer, who leads. Keys are paths, values at
// most 64 KiB. Implementations (SQLite; etcd later; a simulated one in tests) are thread-safe and pass one conformance
// test (tests/store/metadata_conformance.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace strata {

inline constexpr size_t kMaxCommitOperations = 100;       // etcd's default is 128 a transaction
inline constexpr size_t kMaxValueBytes = 64 * 1024;       // small truths only; registries are objects
inline constexpr size_t kMaxCommitBytes = 1024 * 1024;    // etcd refuses requests above 1.5 MiB

struct KeyValue {
  std::string key;
  std::string value;
  int64_t revision = 0;  // of the commit that wrote it last; revisions rise by commit
};

// `expected_revision` 0: the key must not exist.
struct Compare {
  std::string key;
  int64_t expected_revision = 0;
};
struct Put {
  std::string key;
  std::string value;
};

struct CommitRequest {
  std::vector<Compare> compares;
  std::vector<Put> puts;
  std::vector<std::string> deletes;
  // When not 0, the commit is refused (Conflict, key of leadership) unless this is the token in force.
  int64_t token = 0;
};

struct Committed {
  int64_t revision = 0;
};
struct Conflict {
  std::string key;  // the first comparison that failed, or the leadership key
};
struct Unknown {  // the outcome is not known: read again before deciding
  absl::Status cause;
};
using CommitOutcome = std::variant<Committed, Conflict, Unknown>;

struct Leadership {
  int64_t token = 0;  // strictly rising over all who ever led this state
};

class Metadata {
 public:
  virtual ~Metadata() = default;

  virtual absl::StatusOr<std::optional<KeyValue>> Get(const std::string& key) = 0;
  // Keys with the prefix, sorted by key.
  virtual absl::StatusOr<std::vector<KeyValue>> List(const std::string& prefix) = 0;
  // All of it or nothing. INVALID_ARGUMENT for a request over the limits; every other trouble is an outcome.
  virtual absl::StatusOr<CommitOutcome> Commit(const CommitRequest& request) = 0;

  // Takes the lead, or FAILED_PRECONDITION (reason STATE_HELD) naming the holder. A holder that did not renew for
  // `timeout_ms` of the contender's own monotonic clock may be replaced: call again until then. `holder` is for people.
  virtual absl::StatusOr<Leadership> Campaign(const std::string& holder, int64_t timeout_ms) = 0;
  // FAILED_PRECONDITION (reason LEADERSHIP_LOST) when someone newer leads.
  virtual absl::Status Renew(const Leadership& leadership) = 0;
  virtual absl::Status Resign(const Leadership& leadership) = 0;
};

// Keys of leadership inside the metadata; not writable by Commit.
inline constexpr char kLeadershipPrefix[] = "leadership/";

// SQLite in WAL mode, synchronous=FULL. `path` is created when missing. `clock` must outlive the result.
absl::StatusOr<std::unique_ptr<Metadata>> OpenSqliteMetadata(const std::string& path, const Clock* clock);

}  // namespace strata
