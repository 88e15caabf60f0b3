// What every Metadata promises (store/metadata.h): keys, commits and limits here, leadership in
// leadership_conformance.h, random histories in metadata_model.h. An implementation joins all three with
//   INSTANTIATE_TEST_SUITE_P(Mine, MetadataConformance, testing::Values(MetadataWorldFactory(MakeMyWorld)));
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/base/status_matchers.h"
#include "tests/store/metadata_world.h"

namespace strata {

TEST_P(MetadataConformance, AKeyLivesFromPutToDelete) {
  EXPECT_EQ(Value("runs/1"), "(none)");
  const int64_t created = CommittedRevision({.puts = {{"runs/1", "running"}}});
  auto entry = metadata_->Get("runs/1");
  ASSERT_OK(entry);
  ASSERT_TRUE(entry->has_value());
  EXPECT_EQ((*entry)->key, "runs/1");
  EXPECT_EQ((*entry)->value, "running");
  EXPECT_EQ((*entry)->revision, created);
  const int64_t changed = CommittedRevision({.puts = {{"runs/1", "done"}}});
  EXPECT_GT(changed, created);
  EXPECT_EQ(Value("runs/1"), "done");
  EXPECT_GT(CommittedRevision({.deletes = {"runs/1"}}), changed);
  EXPECT_EQ(Value("runs/1"), "(none)");
}

TEST_P(MetadataConformance, OneCommitGivesOneRevision) {
  const int64_t first = CommittedRevision({.puts = {{"a", "1"}, {"b", "1"}}});
  const int64_t second = CommittedRevision({.puts = {{"b", "2"}}, .deletes = {"never-was"}});
  EXPECT_GT(second, first);
  const auto entries = metadata_->List("");
  ASSERT_OK(entries);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].revision, first);
  EXPECT_EQ((*entries)[1].revision, second);
}

TEST_P(MetadataConformance, ComparesDecideAboutTheWholeCommit) {
  const int64_t old = CommittedRevision({.puts = {{"a", "1"}, {"b", "1"}}});
  const int64_t now = CommittedRevision({.puts = {{"a", "2"}}});
  const struct {
    std::vector<Compare> compares;
    std::string conflict;  // empty: committed
  } rows[] = {
      {{}, ""},
      {{{"a", now}, {"b", old}, {"c", 0}}, ""},
      {{{"a", old}}, "a"},                          // has changed since
      {{{"a", 0}}, "a"},                            // must not exist, but does
      {{{"c", old}}, "c"},                          // does not exist
      {{{"a", now + 1}}, "a"},                      // from the future
      {{{"b", old}, {"c", now}, {"a", old}}, "c"},  // the first that fails is named
  };
  int number = 0;
  for (const auto& row : rows) {
    const std::string marker = "marker/" + std::to_string(number++);
    const CommitOutcome outcome = Commit({.compares = row.compares, .puts = {{marker, "x"}}});
    EXPECT_EQ(ConflictKey(outcome), row.conflict) << marker;
    EXPECT_EQ(Value(marker), row.conflict.empty() ? "x" : "(none)") << marker;
  }
}

TEST_P(MetadataConformance, ARefusedCommitChangesNothing) {
  const int64_t before = CommittedRevision({.puts = {{"a", "1"}, {"b", "1"}}});
  const CommitOutcome outcome =
      Commit({.compares = {{"a", before + 5}}, .puts = {{"a", "2"}, {"c", "2"}}, .deletes = {"b"}});
  EXPECT_EQ(ConflictKey(outcome), "a");
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(Value("b"), "1");
  EXPECT_EQ(Value("c"), "(none)");
  EXPECT_EQ(CommittedRevision({}), before)
      << "no revision was used up; a commit that writes nothing answers the newest";
}

TEST_P(MetadataConformance, ADeletedKeyComparesAsMissing) {
  const int64_t created = CommittedRevision({.puts = {{"a", "1"}}});
  CommittedRevision({.deletes = {"a", "never-was"}});
  EXPECT_EQ(ConflictKey(Commit({.compares = {{"a", created}}})), "a");
  EXPECT_GT(CommittedRevision({.compares = {{"a", 0}}, .puts = {{"a", "again"}}}), created);
}

TEST_P(MetadataConformance, AListIsSortedAndKeepsToItsPrefix) {
  CommittedRevision({.puts = {{"b", ""}, {"a/2", ""}, {"a/10", ""}, {"a", ""}, {"a0", ""}, {"A", ""}, {"a/~", ""}}});
  EXPECT_THAT(Keys("a/"), testing::ElementsAre("a/10", "a/2", "a/~"));
  EXPECT_THAT(Keys("a"), testing::ElementsAre("a", "a/10", "a/2", "a/~", "a0"));
  EXPECT_THAT(Keys(""), testing::ElementsAre("A", "a", "a/10", "a/2", "a/~", "a0", "b"));
  EXPECT_THAT(Keys("a/~"), testing::ElementsAre("a/~"));
  EXPECT_THAT(Keys("c"), testing::IsEmpty());
}

TEST_P(MetadataConformance, ValuesAreBytes) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte.push_back(static_cast<char>(byte));
  CommittedRevision({.puts = {{"bytes", every_byte}, {"empty", ""}}});
  EXPECT_EQ(Value("bytes"), every_byte);
  EXPECT_EQ(Value("empty"), "");
}

inline CommitRequest RequestOf(size_t puts, size_t value_bytes, size_t compares = 0, size_t deletes = 0) {
  CommitRequest request;
  for (size_t i = 0; i < puts; ++i)
    request.puts.push_back({"put/" + std::to_string(1000 + i), std::string(value_bytes, 'v')});
  for (size_t i = 0; i < compares; ++i) request.compares.push_back({"compare/" + std::to_string(i), 0});
  for (size_t i = 0; i < deletes; ++i) request.deletes.push_back("delete/" + std::to_string(i));
  return request;
}

TEST_P(MetadataConformance, LimitsHoldToTheByte) {
  const size_t key_bytes = std::string("put/1000").size();
  CommitRequest full = RequestOf(16, kMaxValueBytes - key_bytes);  // exactly kMaxCommitBytes
  EXPECT_THAT(metadata_->Commit(full), IsOk());
  full.deletes = {"x"};
  const auto too_large = FailsWith(absl::StatusCode::kInvalidArgument, "COMMIT_TOO_LARGE");
  EXPECT_THAT(metadata_->Commit(full), too_large);
  EXPECT_THAT(metadata_->Commit(RequestOf(kMaxCommitOperations, 1)), IsOk());
  EXPECT_THAT(metadata_->Commit(RequestOf(kMaxCommitOperations + 1, 1)), too_large);
  EXPECT_THAT(metadata_->Commit(RequestOf(40, 1, 30, 30)), IsOk());
  EXPECT_THAT(metadata_->Commit(RequestOf(40, 1, 31, 30)), too_large);
  EXPECT_THAT(metadata_->Commit(RequestOf(1, kMaxValueBytes)), IsOk());
  EXPECT_THAT(metadata_->Commit(RequestOf(1, kMaxValueBytes + 1)),
              FailsWith(absl::StatusCode::kInvalidArgument, "VALUE_TOO_LARGE"));
  EXPECT_THAT(metadata_->Commit({.puts = {{std::string(kMaxMetadataKeyBytes, 'k'), ""}}}), IsOk());
}

TEST_P(MetadataConformance, OnlyKeysAreTaken) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "KEY_INVALID"},
      {"a b", "KEY_INVALID"},
      {"a\n", "KEY_INVALID"},
      {"\xc3\xa4", "KEY_INVALID"},
      {"a\x7f", "KEY_INVALID"},
      {std::string("a\0b", 3), "KEY_INVALID"},
      {std::string(kMaxMetadataKeyBytes + 1, 'k'), "KEY_INVALID"},
      {"leadership/leader", "KEY_RESERVED"},
  };
  for (const auto& [key, reason] : rows) {
    const auto refused = FailsWith(absl::StatusCode::kInvalidArgument, reason);
    EXPECT_THAT(metadata_->Commit({.puts = {{key, "x"}}}), refused) << key;
    EXPECT_THAT(metadata_->Commit({.deletes = {key}}), refused) << key;
    EXPECT_THAT(metadata_->Commit({.compares = {{key, 0}}}), refused) << key;
  }
  const auto repeated = FailsWith(absl::StatusCode::kInvalidArgument, "KEY_REPEATED");
  EXPECT_THAT(metadata_->Commit({.puts = {{"a", "1"}, {"a", "2"}}}), repeated);
  EXPECT_THAT(metadata_->Commit({.puts = {{"a", "1"}}, .deletes = {"a"}}), repeated);
  EXPECT_THAT(Keys(""), testing::IsEmpty());
}

TEST_P(MetadataConformance, EveryOpenerSeesWhatOthersCommitted) {
  const auto other = world_->Open(&clock_);
  const int64_t revision = CommittedRevision({.puts = {{"a", "1"}}});
  const auto entry = other->Get("a");
  ASSERT_OK(entry);
  ASSERT_TRUE(entry->has_value());
  EXPECT_EQ((*entry)->revision, revision);
  const auto outcome = other->Commit({.compares = {{"a", revision}}, .puts = {{"a", "2"}}});
  ASSERT_OK(outcome);
  EXPECT_EQ(ConflictKey(*outcome), "");
  EXPECT_EQ(Value("a"), "2");
  metadata_.reset();
  metadata_ = world_->Open(&clock_);
  EXPECT_EQ(Value("a"), "2") << "after a restart";
}

TEST_P(MetadataConformance, NoUpdateIsLostBetweenOpenersAndThreads) {
  constexpr int kIncrements = 25;
  CommittedRevision({.puts = {{"counter", "0"}}});
  std::vector<std::unique_ptr<Metadata>> openers;
  for (int i = 0; i < 2; ++i) openers.push_back(world_->Open(&clock_));
  const auto increment = [](Metadata* metadata) {
    for (int done = 0; done < kIncrements;) {
      const auto entry = metadata->Get("counter");
      if (!entry.ok() || !entry->has_value()) return;
      const std::string next = std::to_string(std::stoi((*entry)->value) + 1);
      const auto outcome =
          metadata->Commit({.compares = {{"counter", (*entry)->revision}}, .puts = {{"counter", next}}});
      if (!outcome.ok()) return;
      if (std::holds_alternative<Committed>(*outcome)) ++done;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(increment, openers[static_cast<size_t>(i) % openers.size()].get());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Value("counter"), std::to_string(4 * kIncrements));
}

}  // namespace strata
