// One connection to an SQLite file and its prepared statements, with errors as values. Not thread-safe: whoever holds a
// connection guards it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace strata {

class SqliteConnection {
 public:
  // Opens `path`, creating it with mode 0600 when missing, in WAL mode with synchronous=FULL and a busy time-out.
  // Errors as listed at OpenSqliteMetadata.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  // Statements that answer nothing.
  absl::Status Execute(const char* sql);
  // What the last call that failed with `code` met, naming `operation` and the file.
  absl::Status Error(int code, std::string_view operation) const;
  // False after BEGIN until COMMIT or ROLLBACK; SQLite itself rolls back on some errors.
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }
  sqlite3* handle() const { return database_.get(); }
  const std::string& path() const { return path_; }

 private:
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };

  explicit SqliteConnection(std::string path) : path_(std::move(path)) {}
  absl::Status Configure();

  const std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
};

// A prepared statement. Texts and blobs bound to it must stay alive until the execution is over.
class SqliteStatement {
 public:
  static absl::StatusOr<SqliteStatement> Prepare(SqliteConnection& connection, std::string_view sql);

  // One execution of the statement: bind, Step until it answers false, read columns in between. Resets at its end, so
  // that no read lock stays behind. At most one at a time.
  class Execution {
   public:
    explicit Execution(SqliteStatement& statement) : statement_(statement) {}
    ~Execution();
    Execution(const Execution&) = delete;
    Execution& operator=(const Execution&) = delete;

    Execution& BindText(int parameter, std::string_view value);  // parameters count from 1
    Execution& BindBlob(int parameter, std::string_view value);
    Execution& BindInteger(int parameter, int64_t value);
    // True: a row is there. False: done. Also reports the first failure to bind.
    absl::StatusOr<bool> Step();
    absl::Status Run();  // a statement without rows

    std::string Bytes(int column) const;  // columns count from 0
    int64_t Integer(int column) const;

   private:
    void Note(int code);

    SqliteStatement& statement_;
    int bind_code_ = SQLITE_OK;
  };

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  SqliteConnection* connection_ = nullptr;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace strata
