// Records go before objects, in bounded sure commits, and only by whoever leads.
#include "coordinator/removal.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/ledger_compaction.h"
#include "data/ledger/ledger_state.h"
#include "data/ledger/shard.h"
#include "run/keys.h"
#include "tests/coordinator/led_state.h"

namespace strata {
namespace {

using Fate = VagueMetadata::Fate;
using testing::ElementsAre;

using RemovalTest = LedState;

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
    EXPECT_THAT(Keys(""), ElementsAre());
    metadata_->Arrive();
  }
}

TEST_F(RemovalTest, WithoutCertaintyNoObjectGoes) {
  Write("record", "x");
  ASSERT_THAT(objects_->Put("a/object", "bytes"), IsOk());
  for (int i = 0; i < 4; ++i) metadata_->Next(Fate::kLost);
  EXPECT_THAT(Remove(seams_, leadership_, {.records = {"record"}, .objects = {"a/object"}}, "a test"),
              FailsWith(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  EXPECT_THAT(Keys(""), ElementsAre("a/object"));
}

TEST_F(RemovalTest, ADeposedCoordinatorRemovesNothingWithRecordsAndWithout) {
  Write("record", "x");
  ASSERT_THAT(objects_->Put("a/object", "bytes"), IsOk());
  const Leadership old = LeadAnew();
  for (const std::vector<std::string>& records : {std::vector<std::string>{"record"}, std::vector<std::string>{}}) {
    EXPECT_THAT(Remove(seams_, old, {.records = records, .objects = {"a/object"}}, "a test"),
                FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
  }
  EXPECT_TRUE(real_->Get("record")->has_value());
  EXPECT_THAT(Keys(""), ElementsAre("a/object"));
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
    version.digest = Hex(LedgerDigest(registry));
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
  const std::string digest = Hex(LedgerDigest(registry));
  const auto commit = [&] {
    const std::string bytes = registry.Encode();
    LedgerVersion version{.version = 1};
    version.registry = {RegistryObject("shop", Hash64(bytes)), Hash64(bytes), bytes.size()};
    version.digest = digest;
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

TEST_F(RemovalTest, ACompactionNamesTheTableWhoseRowsAreNotThoseOnRecord) {
  LedgerRegistry registry;
  registry.segments = {{}};
  registry.digests = {{}};
  RegisteredTable& products = registry.TableOf(TableId::kProducts);
  products.segments = {{}, {}};
  products.digests = {{}, {.high = 1, .low = 2}};
  products.rows = 1;
  const std::string bytes = registry.Encode();
  LedgerVersion version{.version = 1, .fingerprint = {{"sources.products.columns.product_id", "sku"}}};
  version.registry = {RegistryObject("shop", Hash64(bytes)), Hash64(bytes), bytes.size()};
  version.digest = Hex(LedgerDigest(registry));
  ASSERT_THAT(objects_->Put(version.registry.key, bytes), IsOk());
  Write(LedgerVersionKey("shop", 1), version.ToJson());
  Write(LedgerHeadKey("shop"), "1");
  const auto differs = CompactLedger(seams_, leadership_, "shop");
  EXPECT_THAT(differs, FailsWith(absl::StatusCode::kDataLoss, "LEDGER_CORRUPT"));
  EXPECT_THAT(std::string(differs.status().message()), testing::HasSubstr("table products in shard 1 is 0000"));
}

}  // namespace
}  // namespace strata
