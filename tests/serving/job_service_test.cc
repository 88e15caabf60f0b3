#include <gtest/gtest.h>

#include "google/rpc/status.pb.h"
#include "strata/v1/job_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"

namespace strata {
namespace {

using Service = v1::JobService;

TEST(JobService, SaysWhatIsServedAndWhyNotTheNewest) {
  SmallState state;
  state.Publish("shop", 1);
  state.Activate("shop", 1);
  SmallServer server(&state);
  state.Publish("shop", 2);
  state.Damage("shop", 2, LookupName(0));
  state.Activate("shop", 2);
  EXPECT_FALSE(server.catalogue().Refresh().ok());

  v1::GetJobRequest request;
  request.set_name("jobs/shop");
  v1::Job job;
  ASSERT_OK(server.Call<Service>(&Service::Stub::GetJob, request, &job));
  EXPECT_EQ(job.serving_snapshot(), "jobs/shop/snapshots/1");
  EXPECT_EQ(job.current_snapshot(), "jobs/shop/snapshots/2");
  EXPECT_EQ(job.generation(), 2);
  EXPECT_EQ(job.snapshots(), 2);
  EXPECT_THAT(FromRpcStatus(job.problem()), FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));

  request.set_name("jobs/web");
  EXPECT_THAT(server.Call<Service>(&Service::Stub::GetJob, request, &job),
              FailsWith(absl::StatusCode::kNotFound, "JOB_UNKNOWN"));
}

TEST(JobService, ListsJobsByNameInPages) {
  SmallState state;
  for (const char* job : {"c", "a", "b"}) state.Publish(job, 1);
  SmallServer server(&state);
  v1::ListJobsRequest request;
  request.set_page_size(2);
  v1::ListJobsResponse first, second;
  ASSERT_OK(server.Call<Service>(&Service::Stub::ListJobs, request, &first));
  request.set_page_token(first.next_page_token());
  ASSERT_OK(server.Call<Service>(&Service::Stub::ListJobs, request, &second));
  ASSERT_EQ(first.jobs_size(), 2);
  EXPECT_EQ(first.jobs(0).name(), "jobs/a");
  EXPECT_EQ(first.jobs(0).serving_snapshot(), "");
  EXPECT_EQ(first.jobs(0).snapshots(), 1);
  EXPECT_FALSE(first.jobs(0).has_problem());
  EXPECT_EQ(first.jobs(1).name(), "jobs/b");
  ASSERT_EQ(second.jobs_size(), 1);
  EXPECT_EQ(second.jobs(0).name(), "jobs/c");
  EXPECT_EQ(second.next_page_token(), "");
  request.set_page_token("x");
  EXPECT_THAT(server.Call<Service>(&Service::Stub::ListJobs, request, &first),
              FailsWith(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID"));
}

}  // namespace
}  // namespace strata
