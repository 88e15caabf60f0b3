#include "store/sqlite_connection.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "store/errno_error.h"

namespace strata {
namespace {

constexpr int kBusyTimeoutMs = 5000;  // a commit holds the file for milliseconds; seconds mean that somebody hangs
constexpr int kWalAttemptsMax = 200;  // processes that open a new file at once get in one another's way for moments
constexpr int kWalRetryMs = 10;

struct SqliteMeaning {
  absl::StatusCode code;
  const char* reason;
};

SqliteMeaning MeaningOf(int code) {
  switch (code & 0xff) {  // the primary code is the low byte of an extended one
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {absl::StatusCode::kUnavailable, "METADATA_BUSY"};
    case SQLITE_FULL:
      return {absl::StatusCode::kResourceExhausted, "DISK_FULL"};
    case SQLITE_NOMEM:
      return {absl::StatusCode::kResourceExhausted, "OUT_OF_MEMORY"};
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return {absl::StatusCode::kPermissionDenied, "ACCESS_DENIED"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {absl::StatusCode::kDataLoss, "METADATA_DAMAGED"};
    case SQLITE_IOERR:
      return {absl::StatusCode::kDataLoss, "IO_ERROR"};
    default:
      return {absl::StatusCode::kInternal, "METADATA_ERROR"};
  }
}

// What the system said, where SQLite's own words are "disk I/O error".
std::string SystemCause(sqlite3* database, int code) {
  const bool of_system = database != nullptr && (code & 0xff) == SQLITE_IOERR;
  const int error = of_system ? sqlite3_system_errno(database) : 0;
  return error == 0 ? "" : fmt::format(", {}", std::strerror(error));
}

// SQLite would create the file for everybody to read. mknod opens no descriptor: closing one would drop the locks that
// another connection of this process holds on the file.
absl::Status CreatePrivate(const std::string& path) {
  if (mknod(path.c_str(), S_IFREG | 0600, 0) == 0 || errno == EEXIST) {
    // SQLite would say that it is unable to open a file that is there.
    if (access(path.c_str(), W_OK) == 0) return absl::OkStatus();
    return ErrnoError(errno, "open for writing: metadata", path);
  }
  const int error = errno;
  const std::string message = fmt::format("metadata '{}': create: {}", path, std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) {
    return MakeError(absl::StatusCode::kNotFound, "FOLDER_MISSING", message, {{"path", path}});
  }
  if (error == ENOSPC || error == EDQUOT) {
    return MakeError(absl::StatusCode::kResourceExhausted, "DISK_FULL", message, {{"path", path}});
  }
  return MakeError(absl::StatusCode::kPermissionDenied, "ACCESS_DENIED", message, {{"path", path}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path) {
  STRATA_RETURN_IF_ERROR(CreatePrivate(path));
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path));
  sqlite3* database = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &database, kFlags, nullptr);
  connection->database_.reset(database);  // also a failed open leaves a handle to close
  if (code != SQLITE_OK) return connection->Error(code, "open");
  STRATA_RETURN_IF_ERROR(connection->Configure());
  return connection;
}

absl::Status SqliteConnection::Configure() {
  sqlite3_busy_timeout(handle(), kBusyTimeoutMs);
  absl::StatusOr<bool> row = false;
  std::string mode;
  // The switch to WAL answers BUSY at once, without the busy time-out, while another connection makes the same switch.
  for (int attempt = 0; attempt < kWalAttemptsMax; ++attempt) {
    STRATA_ASSIGN_OR_RETURN(SqliteStatement wal, SqliteStatement::Prepare(*this, "PRAGMA journal_mode=WAL"));
    SqliteStatement::Execution execution(wal);
    row = execution.Step();
    if (row.ok() && *row) mode = execution.Bytes(0);
    if (!absl::IsUnavailable(row.status())) break;
    sqlite3_sleep(kWalRetryMs);
  }
  STRATA_RETURN_IF_ERROR(row.status());
  if (mode != "wal") {
    return MakeError(
        absl::StatusCode::kFailedPrecondition, "WAL_UNAVAILABLE",
        fmt::format("metadata '{}': its disk allows journal mode '{}' only, not WAL; use a local disk", path_, mode),
        {{"path", path_}});
  }
  return Execute("PRAGMA synchronous=FULL");
}

absl::Status SqliteConnection::Execute(const char* sql) {
  const int code = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Error(code, sql);
}

absl::Status SqliteConnection::Error(int code, std::string_view operation) const {
  const SqliteMeaning meaning = MeaningOf(code);
  return MakeError(meaning.code, meaning.reason,
                   fmt::format("metadata '{}': {}: {} (SQLite {}{})", path_, operation,
                               handle() == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle()), code,
                               SystemCause(handle(), code)),
                   {{"path", path_}});
}

absl::StatusOr<SqliteStatement> SqliteStatement::Prepare(SqliteConnection& connection, std::string_view sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  SqliteStatement statement;
  statement.connection_ = &connection;
  statement.statement_.reset(raw);
  if (code != SQLITE_OK) return connection.Error(code, sql);
  return statement;
}

SqliteStatement::Execution::~Execution() {
  sqlite3_reset(statement_.statement_.get());
  sqlite3_clear_bindings(statement_.statement_.get());
}

void SqliteStatement::Execution::Note(int code) {
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

SqliteStatement::Execution& SqliteStatement::Execution::BindText(int parameter, std::string_view value) {
  Note(sqlite3_bind_text(statement_.statement_.get(), parameter, value.data(), static_cast<int>(value.size()),
                         SQLITE_STATIC));
  return *this;
}

SqliteStatement::Execution& SqliteStatement::Execution::BindBlob(int parameter, std::string_view value) {
  // A null pointer would bind NULL instead of an empty value.
  const char* const data = value.empty() ? "" : value.data();
  Note(sqlite3_bind_blob(statement_.statement_.get(), parameter, data, static_cast<int>(value.size()), SQLITE_STATIC));
  return *this;
}

SqliteStatement::Execution& SqliteStatement::Execution::BindInteger(int parameter, int64_t value) {
  Note(sqlite3_bind_int64(statement_.statement_.get(), parameter, value));
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Execution::Step() {
  const int code = bind_code_ == SQLITE_OK ? sqlite3_step(statement_.statement_.get()) : bind_code_;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return statement_.connection_->Error(code, sqlite3_sql(statement_.statement_.get()));
}

absl::Status SqliteStatement::Execution::Run() { return Step().status(); }

std::string SqliteStatement::Execution::Bytes(int column) const {
  const void* const data = sqlite3_column_blob(statement_.statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.statement_.get(), column);
  return size == 0 ? std::string() : std::string(static_cast<const char*>(data), static_cast<size_t>(size));
}

int64_t SqliteStatement::Execution::Integer(int column) const {
  return sqlite3_column_int64(statement_.statement_.get(), column);
}

}  // namespace strata
