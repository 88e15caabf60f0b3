#include "client/call.h"
#include "client/connection.h"
#include "google/longrunning/operations_proto.grpc.pb.h"
#include "strata/v1/run_service.grpc.pb.h"
#include "wire/runs.h"

namespace strata {

absl::StatusOr<RunName> Connection::RunJob(const RunRequest& request) const {
  const auto stub = v1::RunService::NewStub(channel_);
  v1::RunJobRequest message;
  FillRunRequest(request, &message);
  google::longrunning::Operation operation;
  STRATA_RETURN_IF_ERROR(Call(*stub, &v1::RunService::Stub::RunJob, message, &operation, where_, kSubmitTimeoutMs));
  return ParseOperationName("name", operation.name());
}

absl::StatusOr<RunProgressFacts> Connection::Progress(const RunName& run, bool* done) const {
  const auto stub = google::longrunning::Operations::NewStub(channel_);
  google::longrunning::GetOperationRequest request;
  request.set_name(OperationResource(run.job, run.number));
  google::longrunning::Operation operation;
  STRATA_RETURN_IF_ERROR(
      Call(*stub, &google::longrunning::Operations::Stub::GetOperation, request, &operation, where_, kCallTimeoutMs));
  *done = operation.done();
  v1::RunMetadata metadata;
  if (!operation.metadata().UnpackTo(&metadata)) return AnswerInvalid("metadata", "is not a RunMetadata");
  return ReadRunMetadata(metadata);
}

absl::StatusOr<RunSummary> Connection::Run(const RunName& run) const {
  const auto stub = v1::RunService::NewStub(channel_);
  v1::GetRunRequest request;
  request.set_name(RunResource(run.job, run.number));
  v1::Run response;
  STRATA_RETURN_IF_ERROR(Call(*stub, &v1::RunService::Stub::GetRun, request, &response, where_, kCallTimeoutMs));
  return ReadRun(response);
}

absl::StatusOr<std::vector<RunSummary>> Connection::Runs(const std::string& job) const {
  const auto stub = v1::RunService::NewStub(channel_);
  v1::ListRunsRequest request;
  request.set_parent(JobResource(job));
  std::vector<RunSummary> runs;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::RunService::Stub::ListRuns, request, where_, kCallTimeoutMs,
                                   [&runs](const v1::ListRunsResponse& page) -> absl::Status {
                                     for (const v1::Run& message : page.runs()) {
                                       STRATA_ASSIGN_OR_RETURN(RunSummary summary, ReadRun(message));
                                       runs.push_back(std::move(summary));
                                     }
                                     return absl::OkStatus();
                                   }));
  return runs;
}

void Connection::AwaitServer(int64_t timeout_ms) const {
  const auto deadline = std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms);
  channel_->WaitForConnected(deadline);  // whether it is, the next call tells
}

absl::StatusOr<RunSummary> Connection::CancelRun(const RunName& run) const {
  const auto stub = v1::RunService::NewStub(channel_);
  v1::CancelRunRequest request;
  request.set_name(RunResource(run.job, run.number));
  v1::CancelRunResponse response;
  STRATA_RETURN_IF_ERROR(Call(*stub, &v1::RunService::Stub::CancelRun, request, &response, where_, kCallTimeoutMs));
  return ReadRun(response.run());
}

}  // namespace strata
