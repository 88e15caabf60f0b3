#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "store/metadata.h"
#include "tests/base/temporary_folder.h"
#include "tests/store/faulty_vfs.h"
#include "tests/store/leadership_conformance.h"
#include "tests/store/metadata_conformance.h"
#include "tests/store/metadata_model.h"

namespace strata {
namespace {

class SqliteWorld final : public MetadataWorld {
 public:
  std::unique_ptr<Metadata> Open(const Clock* clock) override {
    auto metadata = OpenSqliteMetadata(folder_.Under("metadata.sqlite"), clock);
    return metadata.ok() ? *std::move(metadata) : nullptr;
  }

 private:
  TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, MetadataConformance,
                         testing::Values(MetadataWorldFactory([] { return std::make_unique<SqliteWorld>(); })));

class SqliteMetadata : public testing::Test {
 protected:
  std::unique_ptr<Metadata> Open() {
    auto metadata = OpenSqliteMetadata(path_, &clock_);
    EXPECT_OK(metadata);
    return *std::move(metadata);
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.Under("metadata.sqlite");
  FakeClock clock_;
};

TEST_F(SqliteMetadata, TheFileIsForItsOwnerOnly) {
  const auto metadata = Open();
  ASSERT_OK(metadata->Commit({.puts = {{"a", "1"}}}));
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat stat = {};
    ASSERT_EQ(::stat((path_ + suffix).c_str(), &stat), 0) << suffix;
    EXPECT_EQ(stat.st_mode & 07777u, 0600u) << suffix;
  }
}

TEST_F(SqliteMetadata, FilesThatAreNoneOfOursAreRefused) {
  const auto refused = [](absl::StatusCode code, const char* reason) { return FailsWith(code, reason); };
  EXPECT_THAT(OpenSqliteMetadata(folder_.Under("missing/metadata"), &clock_).status(),
              refused(absl::StatusCode::kNotFound, "FOLDER_MISSING"));
  EXPECT_THAT(OpenSqliteMetadata(folder_.path(), &clock_).status(),
              refused(absl::StatusCode::kPermissionDenied, "ACCESS_DENIED"));
  std::ofstream(folder_.Under("text")) << std::string(5000, 't');
  EXPECT_THAT(OpenSqliteMetadata(folder_.Under("text"), &clock_).status(),
              refused(absl::StatusCode::kDataLoss, "METADATA_DAMAGED"));
  for (const char* sql : {"CREATE TABLE entries(key)", "PRAGMA user_version=2"}) {
    const std::string foreign = folder_.Under(std::string("foreign") + sql[0]);
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(foreign.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
    EXPECT_THAT(OpenSqliteMetadata(foreign, &clock_).status(),
                refused(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"))
        << sql;
  }
}

TEST_F(SqliteMetadata, ManyMayOpenANewFileAtOnce) {
  for (int round = 0; round < 10; ++round) {
    path_ = folder_.Under("round" + std::to_string(round));
    std::atomic<int> committed{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        auto metadata = OpenSqliteMetadata(path_, &clock_);
        ASSERT_OK(metadata);
        const auto outcome = (*metadata)->Commit({.puts = {{"from/" + std::to_string(i), "x"}}});
        if (outcome.ok() && std::holds_alternative<Committed>(*outcome)) ++committed;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(committed, 4);
    EXPECT_EQ(Open()->List("from/")->size(), 4u);
  }
}

TEST_F(SqliteMetadata, CanBeOpenedAndReadWhileAnotherProcessStandsInTheMiddleOfACommit) {
  ASSERT_OK(Open()->Commit({.puts = {{"a", "1"}}}));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto metadata = Open();
  ASSERT_NE(metadata, nullptr);
  EXPECT_EQ((*metadata->Get("a"))->value, "1");
  sqlite3_close(other);
}

TEST_F(SqliteMetadata, NothingIsAnsweredBeforeItIsSynced) {
  FaultPlan plan;
  const FaultyVfs vfs(&plan);
  const auto metadata = Open();
  int syncs = vfs.syncs();
  const auto expect_synced = [&](const char* operation) {
    EXPECT_GT(vfs.syncs(), syncs) << operation;
    syncs = vfs.syncs();
  };
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(metadata->Commit({.puts = {{"a", std::to_string(i)}}}));
    expect_synced("Commit");
  }
  const auto lead = metadata->Campaign("first", kLeaseMs);
  ASSERT_OK(lead);
  expect_synced("Campaign");
  ASSERT_OK(metadata->Resign(*lead));
  expect_synced("Resign");
}

// Fails each write and sync of a commit in turn, until one commit meets no failure.
TEST_F(SqliteMetadata, ACommitThatMetAnErrorIsUnknownAndWholeOrNothing) {
  int unknowns = 0;
  for (const bool for_good : {false, true}) {
    for (const int error : {EIO, ENOSPC}) {
      for (int call = 1;; ++call) {
        ASSERT_LT(call, 1000) << "a commit of so many calls does not end";
        const std::string where = "call " + std::to_string(call) + " errno " + std::to_string(error);
        path_ = folder_.Under(where + (for_good ? "!" : ""));
        FaultPlan plan;
        const FaultyVfs vfs(&plan);
        auto metadata = Open();
        ASSERT_OK(metadata->Commit({.puts = {{"a", "old"}, {"b", "old"}, {"c", "old"}}}));
        plan = {.fail_at = call, .error = error, .for_good = for_good};
        const std::string large(kMaxValueBytes, 'v');
        const auto outcome = metadata->Commit({.puts = {{"a", "new"}, {"b", "new"}, {"d", large}}, .deletes = {"c"}});
        const int fired = plan.fired;
        plan.fail_at = 0;
        ASSERT_OK(outcome) << where;
        ASSERT_FALSE(std::holds_alternative<Conflict>(*outcome)) << where;
        const bool unknown = std::holds_alternative<Unknown>(*outcome);
        EXPECT_EQ(unknown, fired > 0) << where;
        const auto again = metadata->Commit({.puts = {{"after", "x"}}});
        ASSERT_OK(again);
        EXPECT_TRUE(std::holds_alternative<Committed>(*again)) << where << ": the connection is spoilt";
        metadata.reset();
        metadata = Open();
        const bool is_new = metadata->Get("a")->value().value == "new";
        EXPECT_EQ(metadata->Get("b")->value().value, is_new ? "new" : "old") << where;
        EXPECT_EQ(metadata->Get("c")->has_value(), !is_new) << where;
        EXPECT_EQ(metadata->Get("d")->has_value(), is_new) << where;
        EXPECT_TRUE(is_new || unknown) << where;
        if (fired == 0) break;
        ++unknowns;
      }
    }
  }
  EXPECT_GT(unknowns, 20) << "the failures were never met";
}

TEST_F(SqliteMetadata, ALeadThatMetAnErrorIsAnErrorAndCanBeSoughtAgain) {
  FaultPlan plan;
  const FaultyVfs vfs(&plan);
  const auto metadata = Open();
  ASSERT_OK(metadata->Commit({.puts = {{"a", "1"}}}));
  plan = {.fail_at = 1, .error = EIO};
  EXPECT_THAT(metadata->Campaign("first", kLeaseMs), FailsWith(absl::StatusCode::kDataLoss, "IO_ERROR"));
  plan.fail_at = 0;
  const auto lead = metadata->Campaign("first", kLeaseMs);
  ASSERT_OK(lead);
  plan = {.fail_at = 1, .error = EIO};
  EXPECT_THAT(metadata->Renew(*lead), FailsWith(absl::StatusCode::kDataLoss, "IO_ERROR"));
  plan.fail_at = 0;
  EXPECT_OK(metadata->Renew(*lead));
}

}  // namespace
}  // namespace strata
