// The small truths of a state: runs, commits, ledger versions, the current pointer, who leads. Keys are paths, values
// at most 64 KiB. Implementations (SQLite; etcd later; a simulated one in tests) are thread-safe and pass one
// conformance test (tests/store/metadata_conformance.h).
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

inline constexpr size_t kMaxMetadataKeyBytes = 1024;    // as for objects
inline constexpr size_t kMaxCommitOperations = 100;     // etcd's default is 128 a transaction
inline constexpr size_t kMaxValueBytes = 64 * 1024;     // small truths only; registries are objects
inline constexpr size_t kMaxCommitBytes = 1024 * 1024;  // etcd refuses requests above 1.5 MiB

// Keys of leadership inside the metadata; reserved: Commit takes none of them.
inline constexpr char kLeadershipPrefix[] = "leadership/";
// What a Conflict names when the commit's token is not the one in force.
inline constexpr char kLeadershipKey[] = "leadership/leader";

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
  // Keys with the prefix, sorted by their bytes; the empty prefix lists everything.
  virtual absl::StatusOr<std::vector<KeyValue>> List(const std::string& prefix) = 0;
  // All of it or nothing. The token is checked first, then the compares in their order, then puts and deletes are done
  // (deleting a missing key is fine). A request without puts and deletes only checks: Committed with the newest
  // revision. INVALID_ARGUMENT for a request over the limits, a key that is none (1..kMaxMetadataKeyBytes printable
  // ASCII characters, outside kLeadershipPrefix) or written twice; every other trouble is an outcome.
  virtual absl::StatusOr<CommitOutcome> Commit(const CommitRequest& request) = 0;

  // Takes the lead, or FAILED_PRECONDITION (reason STATE_HELD) naming the holder. A holder that did not renew for
  // `timeout_ms` of the contender's own monotonic clock may be replaced: call again until then. What was seen of the
  // holder is remembered by this object between calls, so the first call against a held lead is always refused.
  // `holder` is for people (1..256 bytes). Precondition: timeout_ms > 0.
  virtual absl::StatusOr<Leadership> Campaign(const std::string& holder, int64_t timeout_ms) = 0;
  // FAILED_PRECONDITION (reason LEADERSHIP_LOST) when someone newer leads, or the lead was resigned.
  virtual absl::Status Renew(const Leadership& leadership) = 0;
  // Frees the lead at once; its token is never in force again. Errors as for Renew.
  virtual absl::Status Resign(const Leadership& leadership) = 0;
};

// SQLite in WAL mode, synchronous=FULL: a commit is durable when it is answered. `path` is created when missing, mode
// 0600; its folder must exist. Any number of processes may open the same file (of a local disk). `clock` must outlive
// the result. Errors: NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED (DISK_FULL), UNAVAILABLE (METADATA_BUSY: another
// process holds the file), DATA_LOSS (not a database, or damaged), FAILED_PRECONDITION (FORMAT_UNKNOWN: of another
// program or version).
absl::StatusOr<std::unique_ptr<Metadata>> OpenSqliteMetadata(const std::string& path, const Clock* clock);

}  // namespace strata
