// A job's own segments over the API: in lists, of a customer, and their members page by page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/hash.h"
#include "data/reports/reports.h"
#include "data/snapshot/members_file.h"
#include "data/snapshot/moves_file.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "strata/v1/segment_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"

namespace strata {
namespace {

using Service = v1::SegmentService;
using Names = std::set<std::string>;

constexpr uint32_t kShards = 2;  // as SmallState has them
constexpr int kCustomers = 9;

bool IsEven(int i) { return i % 2 == 0; }

// "even" was in the followed snapshot, with c1 and without c2; "some" was not.
std::string ReportOfSegments() {
  const RegisteredReport report = UserSegmentsReport();
  ReportRows rows(report.info.name, report.info.columns);
  rows.Add({std::string("even"), std::string("Even ones"), int64_t{5}, 5.0 / kCustomers, int64_t{1}, int64_t{2},
            int64_t{1}, int64_t{10'000'000}, 2.0, std::string("rows = 2")});
  rows.Add({std::string("some"), ReportCell(), int64_t{kCustomers}, 1.0, ReportCell(), ReportCell(), ReportCell(),
            int64_t{0}, 0.0, std::string("TRUE")});
  return *EncodeReport(report.info.name, report.info.columns, *rows.Take());
}

std::vector<SmallState::Extra> OwnSegments() {
  std::vector<SmallState::Extra> parts = {{kUserSegmentsReport, ReportOfSegments(), 2}};
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    std::vector<std::pair<uint64_t, int>> customers;  // by hash
    for (int i = 0; i < kCustomers; ++i) {
      const uint64_t hash = Hash64(CustomerId(i));
      if (ShardOf(hash, kShards) == shard) customers.emplace_back(hash, i);
    }
    std::sort(customers.begin(), customers.end());
    MemberBits members{{"even", "some"}, {"", ""}, {{0}, {0}}};
    for (size_t row = 0; row < customers.size(); ++row) {
      members.bits[0][0] |= uint64_t{IsEven(customers[row].second)} << row;
      members.bits[1][0] |= uint64_t{1} << row;
    }
    const auto rows = static_cast<int64_t>(customers.size());
    parts.push_back({MembersName(shard), *EncodeMembers(members, customers.size()), rows});
    std::vector<MemberMove> moves;
    if (shard == 0) moves = {{"even", true, "c2"}, {"even", false, "c1"}};
    if (shard == 1) moves = {{"even", false, "gone"}};
    parts.push_back({MovesName(shard), *EncodeMoves(std::move(moves)), 0});
  }
  return parts;
}

class OwnSegmentsTest : public testing::Test {
 protected:
  OwnSegmentsTest() {
    state_.Publish("shop", 1, kCustomers, OwnSegments());
    state_.Activate("shop", 1);
    server_ = std::make_unique<SmallServer>(&state_);
  }

  absl::StatusOr<v1::ListSegmentMembersResponse> Page(const v1::ListSegmentMembersRequest& request) {
    v1::ListSegmentMembersResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::ListSegmentMembers, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  static v1::ListSegmentMembersRequest Request(const std::string& segment, v1::MemberChange change, int page_size = 0) {
    v1::ListSegmentMembersRequest request;
    request.set_name("jobs/shop/segments/" + segment);
    request.set_change(change);
    request.set_page_size(page_size);
    return request;
  }
  // All pages; every customer once.
  Names All(const std::string& segment, v1::MemberChange change, int page_size) {
    Names names;
    v1::ListSegmentMembersRequest request = Request(segment, change, page_size);
    int64_t total = 0;
    do {
      const auto page = Page(request);
      EXPECT_OK(page);
      if (!page.ok()) return names;
      total = page->total_size();
      EXPECT_EQ(page->info().snapshot(), "jobs/shop/snapshots/1");
      for (const std::string& id : page->customer_ids()) EXPECT_TRUE(names.insert(id).second) << id;
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_EQ(static_cast<int64_t>(names.size()), total);
    return names;
  }

  SmallState state_;
  std::unique_ptr<SmallServer> server_;
};

TEST_F(OwnSegmentsTest, ComeAfterThoseOfTheModels) {
  v1::ListSegmentsRequest request;
  request.set_parent("jobs/shop");
  v1::ListSegmentsResponse all;
  ASSERT_OK(server_->Call<Service>(&Service::Stub::ListSegments, request, &all));
  ASSERT_EQ(all.segments_size(), 5);
  const v1::Segment& even = all.segments(3);
  EXPECT_EQ(even.name(), "jobs/shop/segments/even");
  EXPECT_EQ(even.kind(), v1::SEGMENT_KIND_USER);
  EXPECT_EQ(even.customers(), 5);
  EXPECT_EQ(even.title(), "Even ones");
  EXPECT_EQ(even.condition(), "rows = 2");
  EXPECT_EQ(even.entered(), 1);
  EXPECT_EQ(even.left(), 2);
  EXPECT_EQ(even.mean_net(), 2.0);
  EXPECT_EQ(even.sum_net(), 10.0);
  EXPECT_FALSE(even.has_mean_p_alive());
  EXPECT_FALSE(all.segments(4).has_entered());
  request.set_kind(v1::SEGMENT_KIND_USER);
  ASSERT_OK(server_->Call<Service>(&Service::Stub::ListSegments, request, &all));
  EXPECT_EQ(all.segments_size(), 2);
}

TEST_F(OwnSegmentsTest, AreNamedWithACustomersScore) {
  v1::GetScoreRequest request;
  request.set_parent("jobs/shop");
  for (int i = 0; i < kCustomers; ++i) {
    request.set_customer_id(CustomerId(i));
    v1::GetScoreResponse response;
    ASSERT_OK(server_->Call<v1::ScoreService>(&v1::ScoreService::Stub::GetScore, request, &response));
    const std::vector<std::string> segments(response.score().segments().begin(), response.score().segments().end());
    EXPECT_EQ(segments, IsEven(i) ? std::vector<std::string>({"even", "some"}) : std::vector<std::string>({"some"}));
    EXPECT_EQ(response.score().net_micros(), NetMicros(1, i));
  }
}

TEST_F(OwnSegmentsTest, ListTheirMembersPageByPage) {
  Names even, all;
  for (int i = 0; i < kCustomers; ++i) {
    all.insert(CustomerId(i));
    if (IsEven(i)) even.insert(CustomerId(i));
  }
  for (const int page_size : {0, 1, 2, 3, 100'000}) {
    EXPECT_EQ(All("even", v1::MEMBER_CHANGE_UNSPECIFIED, page_size), even);
    EXPECT_EQ(All("some", v1::MEMBER_CHANGE_UNSPECIFIED, page_size), all);
    EXPECT_EQ(All("even", v1::MEMBER_CHANGE_ENTERED, page_size), Names({"c2"}));
    EXPECT_EQ(All("even", v1::MEMBER_CHANGE_LEFT, page_size), Names({"c1", "gone"}));
  }
}

TEST_F(OwnSegmentsTest, ErrorsSayWhatThereIs) {
  EXPECT_THAT(Page(Request("some", v1::MEMBER_CHANGE_LEFT)),
              FailsWith(absl::StatusCode::kFailedPrecondition, "SEGMENT_NOT_COMPARED"));
  EXPECT_THAT(Page(Request("vip", v1::MEMBER_CHANGE_UNSPECIFIED)),
              FailsWith(absl::StatusCode::kNotFound, "SEGMENT_UNKNOWN"));
  EXPECT_THAT(Page(Request("about_to_sleep", v1::MEMBER_CHANGE_UNSPECIFIED)), SaysThat("it has even, some"));
  EXPECT_THAT(Page(Request("even", static_cast<v1::MemberChange>(3))),
              FailsWith(absl::StatusCode::kInvalidArgument, "CHANGE_INVALID"));
  EXPECT_THAT(Page(Request("even", v1::MEMBER_CHANGE_UNSPECIFIED, -1)),
              FailsWith(absl::StatusCode::kInvalidArgument, "PAGE_SIZE_INVALID"));
  const auto page = Page(Request("even", v1::MEMBER_CHANGE_UNSPECIFIED, 1));
  ASSERT_OK(page);
  v1::ListSegmentMembersRequest other = Request("some", v1::MEMBER_CHANGE_UNSPECIFIED, 1);
  other.set_page_token(page->next_page_token());
  EXPECT_THAT(Page(other), FailsWith(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

}  // namespace
}  // namespace strata
