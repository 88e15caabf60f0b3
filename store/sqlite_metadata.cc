#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>
#include <utility>

#include "store/metadata.h"
#include "store/sqlite_connection.h"

namespace strata {
namespace {

constexpr int kFormatVersion = 1;           // in user_version
constexpr int kApplicationId = 0x73747261;  // "stra": tells our files from other programs'
constexpr size_t kMaxHolderBytes = 256;     // a host name and a process id

// Each table of one row has it from the start, so that reading never meets none. Revision 1 is the first commit's.
constexpr char kSchema[] = R"sql(
  CREATE TABLE entries(key TEXT PRIMARY KEY, value BLOB NOT NULL, revision INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE newest(id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
  CREATE TABLE leadership(id INTEGER PRIMARY KEY CHECK (id = 1), token INTEGER NOT NULL, held INTEGER NOT NULL,
                          renewals INTEGER NOT NULL, holder TEXT NOT NULL);
  INSERT INTO newest VALUES (1, 0);
  INSERT INTO leadership VALUES (1, 0, 0, 0, '');
)sql";

absl::Status RequestError(std::string_view reason, std::string message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message);
}

bool IsPrintable(char c) { return c > ' ' && c < 0x7f; }

absl::Status ValidateMetadataKey(const std::string& key) {
  if (key.empty() || key.size() > kMaxMetadataKeyBytes) {
    return RequestError("KEY_INVALID", fmt::format("metadata key of {} bytes '{}'; allowed are 1 to {}", key.size(),
                                                   key.substr(0, kMaxMetadataKeyBytes), kMaxMetadataKeyBytes));
  }
  if (!std::all_of(key.begin(), key.end(), IsPrintable)) {
    return RequestError("KEY_INVALID", fmt::format("metadata key '{}' has characters other than printable ASCII", key));
  }
  if (key.starts_with(kLeadershipPrefix)) {
    return RequestError("KEY_RESERVED", fmt::format("metadata key '{}': '{}' is reserved for leadership; use Campaign",
                                                    key, kLeadershipPrefix));
  }
  return absl::OkStatus();
}

absl::Status ValidateWrite(const std::string& key, std::set<std::string_view>* written) {
  STRATA_RETURN_IF_ERROR(ValidateMetadataKey(key));
  if (written->insert(key).second) return absl::OkStatus();
  return RequestError("KEY_REPEATED", fmt::format("metadata key '{}' is written twice by one commit", key));
}

absl::Status ValidateRequest(const CommitRequest& request) {
  const size_t operations = request.compares.size() + request.puts.size() + request.deletes.size();
  if (operations > kMaxCommitOperations) {
    return RequestError("COMMIT_TOO_LARGE",
                        fmt::format("a commit of {} operations; allowed are {}", operations, kMaxCommitOperations));
  }
  size_t bytes = 0;
  for (const Compare& compare : request.compares) {
    STRATA_RETURN_IF_ERROR(ValidateMetadataKey(compare.key));
    bytes += compare.key.size();
  }
  std::set<std::string_view> written;
  for (const Put& put : request.puts) {
    STRATA_RETURN_IF_ERROR(ValidateWrite(put.key, &written));
    if (put.value.size() > kMaxValueBytes) {
      return RequestError("VALUE_TOO_LARGE", fmt::format("metadata key '{}': a value of {} bytes; allowed are {}",
                                                         put.key, put.value.size(), kMaxValueBytes));
    }
    bytes += put.key.size() + put.value.size();
  }
  for (const std::string& key : request.deletes) {
    STRATA_RETURN_IF_ERROR(ValidateWrite(key, &written));
    bytes += key.size();
  }
  if (bytes <= kMaxCommitBytes) return absl::OkStatus();
  return RequestError("COMMIT_TOO_LARGE", fmt::format("a commit of {} bytes; allowed are {}", bytes, kMaxCommitBytes));
}

struct Lead {
  int64_t token = 0;
  bool held = false;
  int64_t renewals = 0;
  std::string holder;
};

// What a contender saw of a holder, and since when nothing of it changed.
struct Watch {
  int64_t token = 0;
  int64_t renewals = 0;
  int64_t since_ms = 0;
};

class SqliteMetadata final : public Metadata {
 public:
  static absl::StatusOr<std::unique_ptr<Metadata>> Open(const std::string& path, const Clock* clock);

  absl::StatusOr<std::optional<KeyValue>> Get(const std::string& key) override;
  absl::StatusOr<std::vector<KeyValue>> List(const std::string& prefix) override;
  absl::StatusOr<CommitOutcome> Commit(const CommitRequest& request) override;
  absl::StatusOr<Leadership> Campaign(const std::string& holder, int64_t timeout_ms) override;
  absl::Status Renew(const Leadership& leadership) override;
  absl::Status Resign(const Leadership& leadership) override;

 private:
  using Execution = SqliteStatement::Execution;

  SqliteMetadata(std::unique_ptr<SqliteConnection> connection, const Clock* clock)
      : clock_(*clock), connection_(std::move(connection)) {}

  struct Format {
    int64_t application = 0;
    int64_t version = 0;
    int64_t tables = 0;
  };

  // All of these: mutex_ is held, or nobody else knows this object yet.
  absl::StatusOr<Format> ReadFormat();
  absl::Status PrepareSchema();
  absl::Status PrepareStatements();
  absl::StatusOr<std::string> FindConflict(const CommitRequest& request);
  absl::StatusOr<int64_t> Write(const CommitRequest& request);
  absl::StatusOr<Lead> ReadLead();
  absl::Status WriteLead(const Lead& lead);
  absl::Status AsLeader(const Leadership& leadership, const std::function<void(Lead*)>& change);
  bool MayReplace(const Lead& lead, int64_t asked_at_ms, int64_t timeout_ms);
  // Runs `body` between BEGIN IMMEDIATE and COMMIT; rolls back when it fails.
  absl::Status InTransaction(const std::function<absl::Status()>& body);

  const Clock& clock_;
  std::mutex mutex_;
  std::unique_ptr<SqliteConnection> connection_;  // outlives the statements
  SqliteStatement get_, list_, put_, delete_, newest_, advance_, read_lead_, write_lead_;
  std::optional<Watch> watch_;
};

absl::StatusOr<std::unique_ptr<Metadata>> SqliteMetadata::Open(const std::string& path, const Clock* clock) {
  STRATA_ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection, SqliteConnection::Open(path));
  std::unique_ptr<SqliteMetadata> metadata(new SqliteMetadata(std::move(connection), clock));
  STRATA_RETURN_IF_ERROR(metadata->PrepareSchema());
  STRATA_RETURN_IF_ERROR(metadata->PrepareStatements());
  return metadata;
}

absl::Status SqliteMetadata::InTransaction(const std::function<absl::Status()>& body) {
  STRATA_RETURN_IF_ERROR(connection_->Execute("BEGIN IMMEDIATE"));
  absl::Status status = body();
  if (status.ok()) status = connection_->Execute("COMMIT");
  if (!connection_->in_transaction()) return status;
  const absl::Status rolled_back = connection_->Execute("ROLLBACK");
  if (rolled_back.ok()) return status;
  return WithContext(status, fmt::format("also: {}", StdView(rolled_back.message())));
}

absl::StatusOr<SqliteMetadata::Format> SqliteMetadata::ReadFormat() {
  STRATA_ASSIGN_OR_RETURN(
      SqliteStatement query,
      SqliteStatement::Prepare(*connection_,
                               "SELECT a.application_id, v.user_version, (SELECT count(*) FROM "
                               "sqlite_schema) FROM pragma_application_id a, pragma_user_version v"));
  Execution execution(query);
  STRATA_RETURN_IF_ERROR(execution.Run());
  return Format{.application = execution.Integer(0), .version = execution.Integer(1), .tables = execution.Integer(2)};
}

absl::Status SqliteMetadata::PrepareSchema() {
  // Read first: whoever only looks must not wait for a process that stands in the middle of a commit.
  STRATA_ASSIGN_OR_RETURN(const Format before, ReadFormat());
  if (before.application == kApplicationId && before.version == kFormatVersion) return absl::OkStatus();
  return InTransaction([this]() -> absl::Status {
    STRATA_ASSIGN_OR_RETURN(const Format found, ReadFormat());
    if (found.application == kApplicationId && found.version == kFormatVersion) return absl::OkStatus();
    const bool is_new = found.application == 0 && found.version == 0 && found.tables == 0;
    if (!is_new) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
          fmt::format("metadata '{}': an SQLite file of application {:#x}, format {}; this program reads "
                      "application {:#x}, format {}",
                      connection_->path(), found.application, found.version, kApplicationId, kFormatVersion),
          {{"path", connection_->path()}});
    }
    STRATA_RETURN_IF_ERROR(connection_->Execute(kSchema));
    return connection_->Execute(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, kFormatVersion).c_str());
  });
}

absl::Status SqliteMetadata::PrepareStatements() {
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&get_, "SELECT value, revision FROM entries WHERE key = ?1"},
      {&list_, "SELECT key, value, revision FROM entries WHERE key >= ?1 AND key < ?2 ORDER BY key"},
      {&put_, "INSERT OR REPLACE INTO entries(key, value, revision) VALUES (?1, ?2, ?3)"},
      {&delete_, "DELETE FROM entries WHERE key = ?1"},
      {&newest_, "SELECT revision FROM newest"},
      {&advance_, "UPDATE newest SET revision = ?1"},
      {&read_lead_, "SELECT token, held, renewals, holder FROM leadership"},
      {&write_lead_, "UPDATE leadership SET token = ?1, held = ?2, renewals = ?3, holder = ?4"},
  };
  for (const auto& [statement, sql] : statements) {
    STRATA_ASSIGN_OR_RETURN(*statement, SqliteStatement::Prepare(*connection_, sql));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<KeyValue>> SqliteMetadata::Get(const std::string& key) {
  const std::lock_guard lock(mutex_);
  Execution execution(get_);
  STRATA_ASSIGN_OR_RETURN(const bool found, execution.BindText(1, key).Step());
  if (!found) return std::nullopt;
  return KeyValue{.key = key, .value = execution.Bytes(0), .revision = execution.Integer(1)};
}

absl::StatusOr<std::vector<KeyValue>> SqliteMetadata::List(const std::string& prefix) {
  const std::lock_guard lock(mutex_);
  Execution execution(list_);
  // Keys are printable ASCII, so every key with the prefix sorts before the prefix followed by this byte.
  const std::string behind = prefix + '\x7f';
  execution.BindText(1, prefix).BindText(2, behind);
  std::vector<KeyValue> entries;
  while (true) {
    STRATA_ASSIGN_OR_RETURN(const bool row, execution.Step());
    if (!row) return entries;
    entries.push_back({.key = execution.Bytes(0), .value = execution.Bytes(1), .revision = execution.Integer(2)});
  }
}

// The key to name in a Conflict, or an empty text when nothing is against the commit.
absl::StatusOr<std::string> SqliteMetadata::FindConflict(const CommitRequest& request) {
  if (request.token != 0) {
    STRATA_ASSIGN_OR_RETURN(const Lead lead, ReadLead());
    if (!lead.held || lead.token != request.token) return std::string(kLeadershipKey);
  }
  for (const Compare& compare : request.compares) {
    Execution execution(get_);
    STRATA_ASSIGN_OR_RETURN(const bool found, execution.BindText(1, compare.key).Step());
    if ((found ? execution.Integer(1) : 0) != compare.expected_revision) return compare.key;
  }
  return std::string();
}

// The revision after the commit.
absl::StatusOr<int64_t> SqliteMetadata::Write(const CommitRequest& request) {
  int64_t revision = 0;
  {
    Execution execution(newest_);
    STRATA_RETURN_IF_ERROR(execution.Run());
    revision = execution.Integer(0);
  }
  if (request.puts.empty() && request.deletes.empty()) return revision;
  ++revision;
  STRATA_RETURN_IF_ERROR(Execution(advance_).BindInteger(1, revision).Run());
  for (const Put& put : request.puts) {
    STRATA_RETURN_IF_ERROR(Execution(put_).BindText(1, put.key).BindBlob(2, put.value).BindInteger(3, revision).Run());
  }
  for (const std::string& key : request.deletes) {
    STRATA_RETURN_IF_ERROR(Execution(delete_).BindText(1, key).Run());
  }
  return revision;
}

absl::StatusOr<CommitOutcome> SqliteMetadata::Commit(const CommitRequest& request) {
  STRATA_RETURN_IF_ERROR(ValidateRequest(request));
  const std::lock_guard lock(mutex_);
  std::string conflict;
  int64_t revision = 0;
  const absl::Status status = InTransaction([&]() -> absl::Status {
    STRATA_ASSIGN_OR_RETURN(conflict, FindConflict(request));
    if (!conflict.empty()) return absl::OkStatus();
    STRATA_ASSIGN_OR_RETURN(revision, Write(request));
    return absl::OkStatus();
  });
  // A failed COMMIT may still be in the log of the file and so come to pass; a failure before it did nothing, but what
  // the caller does about either is the same: read again.
  if (!status.ok()) return Unknown{.cause = status};
  if (!conflict.empty()) return Conflict{.key = conflict};
  return Committed{.revision = revision};
}

absl::StatusOr<Lead> SqliteMetadata::ReadLead() {
  Execution execution(read_lead_);
  STRATA_RETURN_IF_ERROR(execution.Run());
  return Lead{.token = execution.Integer(0),
              .held = execution.Integer(1) != 0,
              .renewals = execution.Integer(2),
              .holder = execution.Bytes(3)};
}

absl::Status SqliteMetadata::WriteLead(const Lead& lead) {
  return Execution(write_lead_)
      .BindInteger(1, lead.token)
      .BindInteger(2, lead.held ? 1 : 0)
      .BindInteger(3, lead.renewals)
      .BindText(4, lead.holder)
      .Run();
}

// True when the holder's renewal counter stood still for the whole time-out between reads of it by this object.
bool SqliteMetadata::MayReplace(const Lead& lead, int64_t asked_at_ms, int64_t timeout_ms) {
  const bool unchanged = watch_.has_value() && watch_->token == lead.token && watch_->renewals == lead.renewals;
  if (unchanged) return asked_at_ms - watch_->since_ms >= timeout_ms;
  watch_ = Watch{.token = lead.token, .renewals = lead.renewals, .since_ms = clock_.MonotonicMs()};
  return false;
}

absl::StatusOr<Leadership> SqliteMetadata::Campaign(const std::string& holder, int64_t timeout_ms) {
  if (timeout_ms <= 0) {
    return RequestError("TIMEOUT_INVALID",
                        fmt::format("a leadership time-out of {} ms; it must be positive", timeout_ms));
  }
  if (holder.empty() || holder.size() > kMaxHolderBytes) {
    return RequestError("HOLDER_INVALID",
                        fmt::format("the name of a leadership holder has {} bytes; allowed are 1 to {}", holder.size(),
                                    kMaxHolderBytes));
  }
  const std::lock_guard lock(mutex_);
  Leadership won;
  STRATA_RETURN_IF_ERROR(InTransaction([&]() -> absl::Status {
    // Taken before the read, as the watch begins after its read: what lies between is surely not longer.
    const int64_t asked_at_ms = clock_.MonotonicMs();
    STRATA_ASSIGN_OR_RETURN(const Lead lead, ReadLead());
    if (lead.held && !MayReplace(lead, asked_at_ms, timeout_ms)) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "STATE_HELD",
          fmt::format("metadata '{}' is held by {} (token {})", connection_->path(), lead.holder, lead.token),
          {{"holder", lead.holder}, {"token", fmt::format("{}", lead.token)}});
    }
    won.token = lead.token + 1;
    return WriteLead({.token = won.token, .held = true, .renewals = 0, .holder = holder});
  }));
  return won;
}

// Changes the row of leadership, if `leadership` is in force.
absl::Status SqliteMetadata::AsLeader(const Leadership& leadership, const std::function<void(Lead*)>& change) {
  const std::lock_guard lock(mutex_);
  return InTransaction([&]() -> absl::Status {
    STRATA_ASSIGN_OR_RETURN(Lead lead, ReadLead());
    if (!lead.held || lead.token != leadership.token) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, "LEADERSHIP_LOST",
          fmt::format(
              "metadata '{}': token {} is no longer in force; {}", connection_->path(), leadership.token,
              lead.held ? fmt::format("{} leads with token {}", lead.holder, lead.token) : std::string("nobody leads")),
          {{"holder", lead.held ? lead.holder : ""}, {"token", fmt::format("{}", lead.token)}});
    }
    change(&lead);
    return WriteLead(lead);
  });
}

absl::Status SqliteMetadata::Renew(const Leadership& leadership) {
  return AsLeader(leadership, [](Lead* lead) { ++lead->renewals; });
}

absl::Status SqliteMetadata::Resign(const Leadership& leadership) {
  return AsLeader(leadership, [](Lead* lead) { lead->held = false; });
}

}  // namespace

absl::StatusOr<std::unique_ptr<Metadata>> OpenSqliteMetadata(const std::string& path, const Clock* clock) {
  return SqliteMetadata::Open(path, clock);
}

}  // namespace strata
