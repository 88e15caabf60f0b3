#include <gtest/gtest.h>

#include "strata/v1/segment_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"

namespace strata {
namespace {

using Service = v1::SegmentService;

class SegmentServiceTest : public testing::Test {
 protected:
  SegmentServiceTest() {
    state_.Publish("shop", 1, 5);
    state_.Publish("shop", 2, 7);
    state_.Activate("shop", 2);
    server_ = std::make_unique<SmallServer>(&state_);
  }

  absl::StatusOr<v1::ListSegmentsResponse> List(const v1::ListSegmentsRequest& request) {
    v1::ListSegmentsResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::ListSegments, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::GetSegmentResponse> Get(const std::string& name) {
    v1::GetSegmentRequest request;
    request.set_name(name);
    v1::GetSegmentResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::GetSegment, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  static v1::ListSegmentsRequest Request(const std::string& parent, int page_size = 0) {
    v1::ListSegmentsRequest request;
    request.set_parent(parent);
    request.set_page_size(page_size);
    return request;
  }

  SmallState state_;
  std::unique_ptr<SmallServer> server_;
};

TEST_F(SegmentServiceTest, ListsAllSegmentsWithTheirProfiles) {
  const auto all = List(Request("jobs/shop"));
  ASSERT_OK(all);
  ASSERT_EQ(all->segments_size(), 3);
  EXPECT_EQ(all->segments(0).name(), "jobs/shop/segments/about_to_sleep");
  EXPECT_EQ(all->segments(0).kind(), v1::SEGMENT_KIND_RFM);
  EXPECT_EQ(all->segments(0).customers(), 7);
  EXPECT_EQ(all->segments(0).mean_purchase_days(), 3);
  EXPECT_EQ(all->segments(1).display_name(), "cluster-1");
  EXPECT_FALSE(all->segments(1).has_mean_p_alive());
  EXPECT_EQ(all->segments(2).kind(), v1::SEGMENT_KIND_CLASS);
  EXPECT_EQ(all->next_page_token(), "");
  EXPECT_EQ(all->info().snapshot(), "jobs/shop/snapshots/2");
}

TEST_F(SegmentServiceTest, PagesThroughOneSnapshotWhateverBecomesCurrent) {
  v1::ListSegmentsRequest request = Request("jobs/shop", 1);
  std::vector<std::string> names;
  for (int page = 0; page < 10; ++page) {
    const auto answer = List(request);
    ASSERT_OK(answer);
    ASSERT_EQ(answer->segments_size(), 1);
    EXPECT_EQ(answer->info().snapshot(), "jobs/shop/snapshots/2");
    names.push_back(answer->segments(0).display_name());
    if (answer->next_page_token().empty()) break;
    request.set_page_token(answer->next_page_token());
    state_.Activate("shop", 1);
    ASSERT_OK(server_->catalogue().Refresh());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"about_to_sleep", "cluster-1", "no_purchase"}));
}

TEST_F(SegmentServiceTest, ListsOneKind) {
  v1::ListSegmentsRequest request = Request("jobs/shop/snapshots/1");
  request.set_kind(v1::SEGMENT_KIND_CLUSTER);
  const auto clusters = List(request);
  ASSERT_OK(clusters);
  ASSERT_EQ(clusters->segments_size(), 1);
  EXPECT_EQ(clusters->segments(0).display_name(), "cluster-1");
  EXPECT_EQ(clusters->segments(0).customers(), 5);
  EXPECT_EQ(clusters->info().snapshot(), "jobs/shop/snapshots/1");
}

TEST_F(SegmentServiceTest, GetsOneByName) {
  const auto lapsed = Get("jobs/shop/segments/about_to_sleep");
  ASSERT_OK(lapsed);
  EXPECT_EQ(lapsed->segment().customers(), 7);
  EXPECT_EQ(lapsed->info().snapshot(), "jobs/shop/snapshots/2");
  EXPECT_EQ(Get("jobs/shop/snapshots/1/segments/about_to_sleep")->segment().customers(), 5);
  EXPECT_THAT(Get("jobs/shop/segments/vip"), FailsWith(absl::StatusCode::kNotFound, "SEGMENT_UNKNOWN"));
  EXPECT_THAT(Get("jobs/shop/segments/vip"), SaysThat("it has about_to_sleep, cluster-1, no_purchase"));
  EXPECT_THAT(Get("jobs/shop"), FailsWith(absl::StatusCode::kInvalidArgument, "NAME_INVALID"));
  EXPECT_THAT(Get("jobs/web/segments/vip"), FailsWith(absl::StatusCode::kNotFound, "JOB_UNKNOWN"));
}

}  // namespace
}  // namespace strata
