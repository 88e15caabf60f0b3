// A table of requests that must be refused, and of the few things that are mended instead.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "google/type/date.pb.h"
#include "run/job.h"
#include "strata/v1/ledger_service.pb.h"
#include "strata/v1/run_service.pb.h"
#include "strata/v1/score_service.pb.h"
#include "strata/v1/segment_service.pb.h"
#include "strata/v1/snapshot_service.pb.h"
#include "tests/base/status_matchers.h"
#include "wire/ledgers.h"
#include "wire/pages.h"
#include "wire/runs.h"
#include "wire/score_export.h"
#include "wire/scores.h"
#include "wire/segments.h"
#include "wire/snapshots.h"

namespace strata {
namespace {

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

v1::GetScoreRequest GetScore(const std::string& parent, const std::string& id) {
  v1::GetScoreRequest request;
  request.set_parent(parent);
  request.set_customer_id(id);
  return request;
}

TEST(GetScoreRequests, NeedAParentAndAnIdOfOneTo256BytesOfUtf8) {
  EXPECT_OK(ReadGetScore(GetScore("jobs/a", std::string(256, 'x'))));
  EXPECT_EQ(ReadGetScore(GetScore("jobs/a/snapshots/5", "1"))->number, 5);
  EXPECT_THAT(ReadGetScore(GetScore("jobs/a", "")), FailsWith(kInvalid, "CUSTOMER_ID_INVALID"));
  EXPECT_THAT(ReadGetScore(GetScore("jobs/a", std::string(257, 'x'))), FailsWith(kInvalid, "CUSTOMER_ID_INVALID"));
  EXPECT_THAT(ReadGetScore(GetScore("jobs/a", std::string(257, 'x'))), SaysThat("has 257 bytes, must be 1 to 256"));
  EXPECT_THAT(ReadGetScore(GetScore("jobs/a", "\xff")), FailsWith(kInvalid, "CUSTOMER_ID_INVALID"));
  EXPECT_THAT(ReadGetScore(GetScore("", "1")), FailsWith(kInvalid, "NAME_INVALID"));
}

TEST(LookupRequests, NeedOneToAThousandIds) {
  v1::LookupScoresRequest request;
  request.set_parent("jobs/a");
  EXPECT_THAT(ReadLookup(request), FailsWith(kInvalid, "NO_IDS"));
  for (int i = 0; i < kMaxLookupIds; ++i) request.add_customer_ids("");
  EXPECT_OK(ReadLookup(request));  // empty ids have a status of their own
  request.add_customer_ids("1");
  EXPECT_THAT(ReadLookup(request), FailsWith(kInvalid, "TOO_MANY_IDS"));
  EXPECT_THAT(ReadLookup(request), SaysThat("has 1001 ids, must have 1 to 1000"));
}

TEST(PageSizes, AreMendedAboveTheMaximumAndRefusedBelowZero) {
  EXPECT_EQ(*ReadPageSize(0), kDefaultPageSize);
  EXPECT_EQ(*ReadPageSize(7), 7);
  EXPECT_EQ(*ReadPageSize(1001), kMaxPageSize);
  EXPECT_EQ(*ReadPageSize(2147483647), kMaxPageSize);
  EXPECT_THAT(ReadPageSize(-1), FailsWith(kInvalid, "PAGE_SIZE_INVALID"));
}

TEST(PageTokens, HoldTheirPositionAndNothingElsePassesForThem) {
  const PagePosition position{.version = 7, .major = 3, .minor = 99, .after = "cdnow"};
  const std::string token = EncodePageToken("ListThings a", position);
  EXPECT_EQ(*DecodePageToken("ListThings a", token), position);
  EXPECT_THAT(DecodePageToken("ListThings b", token), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(DecodePageToken("ListThings a", ""), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(DecodePageToken("ListThings a", std::string(10'000, 'A')), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(DecodePageToken("ListThings a", changed).ok()) << i;
    EXPECT_FALSE(DecodePageToken("ListThings a", token.substr(0, i)).ok()) << i;
  }
}

TEST(ExportRequests, ResumeInTheSnapshotOfTheirToken) {
  v1::ExportScoresRequest request;
  request.set_parent("jobs/a");
  EXPECT_TRUE(ReadExport(request)->snapshot.is_current());
  EXPECT_EQ(ReadExport(request)->rows_per_chunk, kDefaultExportRows);
  request.set_page_size(1'000'000);
  EXPECT_EQ(ReadExport(request)->rows_per_chunk, kMaxExportRows);
  request.set_page_token(EncodeExportToken({"a", 7}, {.shard = 2, .row = 5}));
  EXPECT_EQ(ReadExport(request)->snapshot.number, 7);
  EXPECT_EQ(ReadExport(request)->begin, (ExportPosition{.shard = 2, .row = 5}));
  request.set_parent("jobs/a/snapshots/7");
  EXPECT_OK(ReadExport(request));

  request.set_parent("jobs/a/snapshots/8");
  EXPECT_THAT(ReadExport(request), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(ReadExport(request), SaysThat("belongs to snapshot 7 of job a, but parent is 'jobs/a/snapshots/8'"));
  request.set_parent("jobs/b");
  EXPECT_THAT(ReadExport(request), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  request.set_page_size(-1);
  EXPECT_THAT(ReadExport(request), FailsWith(kInvalid, "PAGE_SIZE_INVALID"));
}

TEST(ListSegmentsRequests, KnowTheirKindsAndKeepToOneSnapshot) {
  v1::ListSegmentsRequest request;
  request.set_parent("jobs/a");
  EXPECT_EQ(ReadListSegments(request)->kind, std::nullopt);
  request.set_kind(v1::SEGMENT_KIND_CLUSTER);
  EXPECT_EQ(ReadListSegments(request)->kind, "cluster");
  request.set_page_token(SegmentsToken(request, {"a", 7}, 3));
  EXPECT_EQ(ReadListSegments(request)->begin, 3u);
  EXPECT_EQ(ReadListSegments(request)->snapshot, (SnapshotName{"a", 7}));
  request.set_kind(v1::SEGMENT_KIND_RFM);
  EXPECT_THAT(ReadListSegments(request), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  request.set_kind(static_cast<v1::SegmentKind>(9));
  EXPECT_THAT(ReadListSegments(request), FailsWith(kInvalid, "KIND_INVALID"));
}

TEST(OtherLists, RefuseTokensOfOneAnother) {
  v1::ListSnapshotsRequest snapshots;
  snapshots.set_parent("jobs/a");
  snapshots.set_page_token(SnapshotsToken("a", 12));
  EXPECT_EQ(ReadListSnapshots(snapshots)->before, 12);
  v1::ListRunsRequest runs;
  runs.set_parent("jobs/a");
  runs.set_page_token(RunsToken("a", 12));
  EXPECT_EQ(ReadListRuns(runs)->before, 12);
  v1::ListLedgerFilesRequest files;
  files.set_parent("jobs/a/ledger");
  files.set_page_token(LedgerFilesToken("a", 4, 200));
  EXPECT_EQ(ReadListLedgerFiles(files)->version, 4);
  EXPECT_EQ(ReadListLedgerFiles(files)->begin, 200u);

  snapshots.set_page_token(runs.page_token());
  EXPECT_THAT(ReadListSnapshots(snapshots), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  runs.set_page_token(files.page_token());
  EXPECT_THAT(ReadListRuns(runs), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  files.set_parent("jobs/b/ledger");
  EXPECT_THAT(ReadListLedgerFiles(files), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  files.set_parent("jobs/b");
  EXPECT_THAT(ReadListLedgerFiles(files), FailsWith(kInvalid, "NAME_INVALID"));
}

TEST(RunRequests, RefuseWhatIsNotDescribed) {
  v1::RunJobRequest good;
  good.set_job_yaml("name: a");
  ASSERT_OK(ReadRunRequest(good));
  const auto refused = [&good](auto change) {
    v1::RunJobRequest request = good;
    change(&request);
    return ReadRunRequest(request);
  };
  using R = v1::RunJobRequest;
  EXPECT_THAT(refused([](R* r) { r->clear_job_yaml(); }), FailsWith(kInvalid, "JOB_INVALID"));
  EXPECT_THAT(refused([](R* r) { r->set_job_yaml(std::string(kMaxJobFileBytes + 1, ' ')); }),
              FailsWith(kInvalid, "JOB_INVALID"));
  EXPECT_THAT(refused([](R* r) { r->mutable_as_of(); }), FailsWith(kInvalid, "DATE_INVALID"));
  EXPECT_THAT(refused([](R* r) {
                r->mutable_as_of()->set_year(2024);
                r->mutable_as_of()->set_month(2);
                r->mutable_as_of()->set_day(30);
              }),
              SaysThat("as_of is year 2024, month 2, day 30"));
  EXPECT_THAT(refused([](R* r) { r->set_follows(-1); }), FailsWith(kInvalid, "FOLLOWS_INVALID"));
  EXPECT_THAT(refused([](R* r) { r->set_activation(static_cast<v1::Activation>(7)); }),
              FailsWith(kInvalid, "ACTIVATION_INVALID"));
  EXPECT_THAT(refused([](R* r) { r->set_request_id("a b"); }), FailsWith(kInvalid, "REQUEST_ID_INVALID"));
  EXPECT_THAT(refused([](R* r) { r->set_request_id("a/b"); }), FailsWith(kInvalid, "REQUEST_ID_INVALID"));
  EXPECT_THAT(refused([](R* r) { r->set_request_id(std::string(65, 'x')); }),
              FailsWith(kInvalid, "REQUEST_ID_INVALID"));
  EXPECT_OK(refused([](R* r) { r->set_request_id("5f3c9a1e-0c1d-4f0e-9d4b-3a2b1c0d9e8f"); }));
}

}  // namespace
}  // namespace strata
