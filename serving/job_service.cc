#include "serving/job_service.h"

#include "google/rpc/status.pb.h"
#include "serving/answering.h"
#include "strata/v1/job_service.grpc.pb.h"
#include "wire/pages.h"

namespace strata {
namespace {

constexpr char kScope[] = "ListJobs";

void FillJob(const std::string& name, const JobView& job, v1::Job* message) {
  message->set_name(JobResource(name));
  if (job.current != nullptr) message->set_serving_snapshot(SnapshotResource(name, job.current->record.number));
  if (job.pointer.has_value()) {
    message->set_current_snapshot(SnapshotResource(name, job.pointer->snapshot));
    message->set_generation(job.pointer->generation);
  }
  message->set_snapshots(static_cast<int64_t>(job.records.size()));
  if (!job.problem.ok()) *message->mutable_problem() = ToRpcStatus(job.problem);
}

class JobService final : public v1::JobService::CallbackService {
 public:
  explicit JobService(const ServingContext& serving) : serving_(serving) {}

  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context, const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override {
    const UnaryCall call(serving_, list_jobs_, context);
    call.Finish(FillList(*request, response));
    return call.reactor();
  }

  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* context, const v1::GetJobRequest* request,
                                   v1::Job* response) override {
    const UnaryCall call(serving_, get_job_, context);
    call.Finish(FillOne(*request, response));
    return call.reactor();
  }

 private:
  absl::Status FillList(const v1::ListJobsRequest& request, v1::ListJobsResponse* response) const {
    STRATA_ASSIGN_OR_RETURN(const int32_t page_size, ReadPageSize(request.page_size()));
    PagePosition position;
    if (!request.page_token().empty()) {
      STRATA_ASSIGN_OR_RETURN(position, DecodePageToken(kScope, request.page_token()));
    }
    STRATA_RETURN_IF_ERROR(serving_.catalogue->JobsRead());
    const auto view = serving_.catalogue->view();
    for (auto job = view->upper_bound(position.after); job != view->end(); ++job) {
      if (response->jobs_size() == page_size) {
        response->set_next_page_token(EncodePageToken(kScope, position));
        break;
      }
      FillJob(job->first, *job->second, response->add_jobs());
      position.after = job->first;
    }
    return absl::OkStatus();
  }

  absl::Status FillOne(const v1::GetJobRequest& request, v1::Job* response) const {
    STRATA_ASSIGN_OR_RETURN(const std::string name, ParseJobName("name", request.name()));
    const auto view = serving_.catalogue->view();
    const auto job = view->find(name);
    if (job == view->end()) return serving_.catalogue->UnknownJob(name);
    FillJob(name, *job->second, response);
    return absl::OkStatus();
  }

  ServingContext serving_;
  CallMetrics* list_jobs_ = serving_.metrics->Method("strata.v1.JobService/ListJobs");
  CallMetrics* get_job_ = serving_.metrics->Method("strata.v1.JobService/GetJob");
};

}  // namespace

std::unique_ptr<grpc::Service> NewJobService(const ServingContext& serving) {
  return std::make_unique<JobService>(serving);
}

}  // namespace strata
