// Records go before objects, in bounded sure commits, and only by whoever leads.
#include "coordinator/removal.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/ledger_compaction.h"
#include "data/ledger/ledger_state.h"
#include "data/ledger/shard.h"
#include "run/keys.h"
#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/coordinator/vague_metadata.h"

namespace strata {
namespace {

using Fate = VagueMetadata::Fate;
using testing::ElementsAre;

class RemovalTest : public testing::Test {
 protected:
  RemovalTest() : files_(NewPosixFileSystem()) {
    real_ = *OpenSqliteMetadata(folder_.Under("metadata.db"), &clock_);
    metadata_ = std::make_unique<VagueMetadata>(real_.get());
    objects_ = *NewLocalObjectStore(files_.get(), folder_.Under("objects"));
    seams_ = {.sources = files_.get(), .objects = objects_.get(), .metadata = metadata_.get(), .clock = &clock_};
    leadership_ = *real_->Campaign("test", 1000);
  }
  void Write(const std::string& key, const std::string& value) {
    const CommitRequest commit{.compares = {}, .puts = {{key, value}}, .deletes = {}, .token = leadership_.token};
    ASSERT_TRUE(std::holds_alternative<Committed>(*real_->Commit(commit)));
  }
  std::vector<std::string> Objects() {
    std::vector<std::string> keys;
    const std::vector<ObjectInfo> listed = *objects_->List("");
    for (const ObjectInfo& object : listed) keys.push_back(object.key);
    return keys;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Metadata> real_;
  std::unique_ptr<VagueMetadata> metadata_;
  std::unique_ptr<ObjectStore> objects_;
  StateSeams seams_;
  Leadership leadership_;
};

TEST_F(RemovalTest, ManyRecordsGoInBoundedCommitsAndNoOthersGo) {
  const size_t rows[][2] = {{0, 1}, {1, 1}, {kMaxCommitOperations, 1}, {2 * kMaxCommitOperations + 1, 3}};
  for (const auto& [records, commits] : rows) {
    for (size_t i = 0; i < records; ++i) Write(fmt::format("old/{:04}", i), "x");
    Write("older", "stays");
    metadata_->commits = 0;
    ASSERT_THAT(RemoveRecordsBelow(*metadata_, leadership_, "old/", "a test"), IsOk());
    EXPECT_EQ(metadata_->commits, static_cast<int>(commits)) << records << " records";
    EXPECT_TRUE(real_->List("old/")->empty());
    EXPECT_TRUE(real_->Get("older")->has_value());
  }
}

TEST_F(RemovalTest, ACommitOfUnknownOutcomeIsFoundOutBeforeObjectsGo) {
  for (const Fate fate : {Fate::kDone, Fate::kLost, Fate::kLate}) {
    Write("record", "x");
    ASSERT_THAT(objects_->Put("a/object", "bytes"), IsOk());
    metadata_->Next(fate);
    ASSERT_THAT(Remove(seams_, leadership_, {.records = {"record"}, .objects = {"a/object"}}, "a test"), IsOk());
    EXPECT_FALSE(real_->Get("record")->has_value());
    EXPECT_THAT(Objects(), ElementsAre());
    metadata_->Arrive();
  }
}

TEST_F(RemovalTest, WithoutCertaintyNoObjectGoes) {
  Write("record", "x");
  ASSERT_THAT(objects_->Put("a/object", "bytes"), IsOk());
  for (int i = 0; i < 4; ++i) metadata_->Next(Fate::kLost);
  EXPECT_THAT(Remove(seams_, leadership_, {.records = {"record"}, .objects = {"a/object"}}, "a test"),
              FailsWith(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  EXPECT_THAT(Objects(), ElementsAre("a/object"));
}

TEST_F(RemovalTest, ADeposedCoordinatorRemovesNothingWithRecordsAndWithout) {
  Write("record", "x");
  ASSERT_THAT(objects_->Put("a/object", "bytes"), IsOk());
  const Leadership old = leadership_;
  ASSERT_THAT(real_->Resign(leadership_), IsOk());
  leadership_ = *real_->Campaign("another", 1000);
  for (const std::vector<std::string>& records : {std::vector<std::string>{"record"}, std::vector<std::string>{}}) {
    EXPECT_THAT(Remove(seams_, old, {.records = records, .objects = {"a/object"}}, "a test"),
                FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
  }
  EXPECT_TRUE(real_->Get("record")->has_value());
  EXPECT_THAT(Objects(), ElementsAre("a/object"));
}

// A ledger without rows that still remembers a removed file: the least that a compaction has something to do with.
TEST_F(RemovalTest, ACompactionOfUnknownOutcomeIsFoundOut) {
  for (const Fate fate : {Fate::kDone, Fate::kLost, Fate::kLate}) {
    LedgerRegistry registry;
    registry.segments = {{}};
    registry.digests = {SumShard({}, false)->digest};
    registry.removed_files = {{.number = 1, .version = 1}};
    const std::string bytes = registry.Encode();
    LedgerVersion version{.version = 1};
    version.registry = {RegistryObject("shop", Hash64(bytes)), Hash64(bytes), bytes.size()};
    version.digest = Hex(LedgerDigest(registry.digests));
    ASSERT_THAT(objects_->Put(version.registry.key, bytes), IsOk());
    Write(LedgerVersionKey("shop", 1), version.ToJson());
    Write(LedgerHeadKey("shop"), "1");
    ASSERT_THAT(real_->Commit({.deletes = {LedgerVersionKey("shop", 2)}}), IsOk());
    metadata_->Next(fate);
    const auto compacted = CompactLedger(seams_, leadership_, "shop");
    ASSERT_THAT(compacted, IsOk());
    EXPECT_EQ(compacted->version, 2);
    metadata_->Arrive();
    EXPECT_EQ((*real_->Get(LedgerHeadKey("shop")))->value, "2");
    EXPECT_FALSE(real_->Get(LedgerVersionKey("shop", 1))->has_value());
  }
}

TEST_F(RemovalTest, ACompactionNamesTheShardWhoseRowsAreNotThoseOnRecord) {
  LedgerRegistry registry;
  registry.segments = {{}, {}};
  registry.digests = {{}, {.high = 1, .low = 2}};
  const auto commit = [&] {
    const std::string bytes = registry.Encode();
    LedgerVersion version{.version = 1};
    version.registry = {RegistryObject("shop", Hash64(bytes)), Hash64(bytes), bytes.size()};
    version.digest = Hex(LedgerDigest({{}, {.high = 1, .low = 2}}));
    EXPECT_THAT(objects_->Put(version.registry.key, bytes), IsOk());
    Write(LedgerVersionKey("shop", 1), version.ToJson());
    Write(LedgerHeadKey("shop"), "1");
  };
  commit();
  const auto differs = CompactLedger(seams_, leadership_, "shop");
  EXPECT_THAT(differs, FailsWith(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
  EXPECT_THAT(std::string(differs.status().message()),
              testing::HasSubstr("shard 1 is 00000000000000000000000000000000"));
  registry.digests = {{}, {.high = 1, .low = 3}};
  commit();
  EXPECT_THAT(CompactLedger(seams_, leadership_, "shop"),
              FailsWith(absl::StatusCode::kDataLoss, "LEDGER_RECORD_CORRUPT"));
}

}  // namespace
}  // namespace strata
