#include "wire/names.h"

#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

TEST(Names, ReadTheNamesTheyWrite) {
  EXPECT_EQ(*ParseJobName("name", JobResource("cdnow")), "cdnow");
  EXPECT_EQ(*ParseSnapshotName("name", SnapshotResource("a-b_1", 7)), (SnapshotName{"a-b_1", 7}));
  EXPECT_EQ(*ParseModelsName("name", ModelsResource("cdnow", 7)), (SnapshotName{"cdnow", 7}));
  EXPECT_EQ(*ParseRunName("name", RunResource("cdnow", 9223372036854775807)), (RunName{"cdnow", 9223372036854775807}));
  EXPECT_EQ(*ParseLedgerName("name", LedgerResource("cdnow")), "cdnow");
  EXPECT_EQ(*ParseOperationName("name", OperationResource("cdnow", 12)), (RunName{"cdnow", 12}));
  EXPECT_EQ(*ParseSegmentName("name", SegmentResource("cdnow", "cant_lose")), (SegmentName{{"cdnow", 0}, "cant_lose"}));
}

TEST(Names, ASnapshotIsTheCurrentOneOrPinned) {
  EXPECT_TRUE(ParseSnapshotParent("parent", "jobs/cdnow")->is_current());
  EXPECT_TRUE(ParseSnapshotParent("parent", "jobs/cdnow/snapshots/current")->is_current());
  EXPECT_TRUE(ParseSnapshotName("name", "jobs/cdnow/snapshots/current")->is_current());
  EXPECT_EQ(ParseSnapshotParent("parent", "jobs/cdnow/snapshots/3")->number, 3);
  EXPECT_EQ(*ParseSegmentName("name", "jobs/cdnow/snapshots/3/segments/lost"), (SegmentName{{"cdnow", 3}, "lost"}));
}

TEST(Names, OnlyANumberWillDoForWhatChanges) {
  EXPECT_EQ(ParseNumberedSnapshotName("name", "jobs/cdnow/snapshots/3")->number, 3);
  EXPECT_THAT(ParseNumberedSnapshotName("name", "jobs/cdnow/snapshots/current"),
              FailsWith(absl::StatusCode::kInvalidArgument, "NAME_INVALID"));
}

TEST(Names, RefuseEverythingElseAndSayWhatIsAllowed) {
  const std::string long_job(64, 'a');
  for (const std::string& name : std::vector<std::string>{"",
                                                          "jobs",
                                                          "jobs/",
                                                          "/jobs/a",
                                                          "jobs/A",
                                                          "jobs/1a",
                                                          "jobs/a/",
                                                          "jobs/a b",
                                                          "jobs/../x",
                                                          "jobs/" + long_job,
                                                          "Jobs/a",
                                                          "jobs/a/snapshots",
                                                          "jobs/a/snapshots/",
                                                          "jobs/a/snapshots/0",
                                                          "jobs/a/snapshots/-1",
                                                          "jobs/a/snapshots/07",
                                                          "jobs/a/snapshots/+7",
                                                          "jobs/a/snapshots/7x",
                                                          "jobs/a/snapshots/latest",
                                                          "jobs/a/snapshots/9223372036854775808",
                                                          "jobs/a/snapshots/7/",
                                                          "jobs/a/snapshots/7/models",
                                                          "jobs/a/runs/7",
                                                          "jobs/\xff",
                                                          std::string("jobs/a\0", 7),
                                                          std::string(100'000, '/')}) {
    const auto parsed = ParseSnapshotParent("parent", name);
    EXPECT_THAT(parsed, FailsWith(absl::StatusCode::kInvalidArgument, "NAME_INVALID")) << name.substr(0, 80);
    EXPECT_THAT(parsed, SaysThat("must be jobs/{job} or jobs/{job}/snapshots/{number}"));
    EXPECT_LT(parsed.status().message().size(), 400u);
  }
}

TEST(Names, EachFormRefusesTheOthers) {
  EXPECT_FALSE(ParseJobName("name", "jobs/a/ledger").ok());
  EXPECT_FALSE(ParseSnapshotName("name", "jobs/a").ok());
  EXPECT_FALSE(ParseModelsName("name", "jobs/a/snapshots/1/model").ok());
  EXPECT_FALSE(ParseRunName("name", "jobs/a/runs/current").ok());
  EXPECT_FALSE(ParseLedgerName("name", "jobs/a/ledgers").ok());
  EXPECT_FALSE(ParseOperationName("name", "jobs/a/runs/1").ok());
  EXPECT_FALSE(ParseOperationName("name", "operations/jobs/a/runs/1/x").ok());
  EXPECT_FALSE(ParseSegmentName("name", "jobs/a/segments/Lost").ok());
  EXPECT_FALSE(ParseSegmentName("name", "jobs/a/segments/").ok());
  EXPECT_FALSE(ParseSegmentName("name", "jobs/a/b/c/segments/lost").ok());
}

}  // namespace
}  // namespace strata
