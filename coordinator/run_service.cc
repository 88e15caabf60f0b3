#include "coordinator/run_service.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>

#include "coordinator/run_operation.h"
#include "data/reports/report_plan.h"
#include "google/longrunning/operations_proto.grpc.pb.h"
#include "run/job_file.h"
#include "strata/v1/run_service.grpc.pb.h"
#include "wire/errors.h"
#include "wire/names.h"
#include "wire/runs.h"

namespace strata {
namespace {

namespace lro = google::longrunning;

// WaitOperation answers at the latest after this, done or not, so that a call never outlives proxies' idle limits.
constexpr int64_t kMaxWaitMs = 30'000;

absl::StatusOr<NightRequest> ToNightRequest(RunRequest request) {
  NightRequest night;
  STRATA_ASSIGN_OR_RETURN(night.job, ParseJob(request.job_yaml, "job_yaml"));
  STRATA_RETURN_IF_ERROR(CheckReportNames(night.job, "job_yaml"));
  night.job_yaml = std::move(request.job_yaml);
  night.job_folder = "/";
  night.as_of = request.as_of;
  night.follows = request.follows;
  night.activation = request.activation;
  night.rebuild_ledger = request.rebuild_ledger;
  night.ledger_only = request.ledger_only;
  night.verify_sources = request.verify_sources;
  night.ignore_veto = request.ignore_veto;
  night.backfill = request.backfill;
  return night;
}

}  // namespace

class RunServices::Runs final : public v1::RunService::Service {
 public:
  Runs(RunHost* host, Metadata* metadata, bool allow_commands)
      : host_(host), metadata_(metadata), allow_commands_(allow_commands) {}

  grpc::Status RunJob(grpc::ServerContext*, const v1::RunJobRequest* message, lro::Operation* operation) override {
    return ToGrpcStatus(Start(*message, operation));
  }

  grpc::Status GetRun(grpc::ServerContext*, const v1::GetRunRequest* request, v1::Run* run) override {
    const auto name = ParseRunName("name", request->name());
    if (!name.ok()) return ToGrpcStatus(name.status());
    const auto summary = host_->Get(name->job, name->number);
    if (!summary.ok()) return ToGrpcStatus(summary.status());
    FillRun(*summary, run);
    return grpc::Status::OK;
  }

  grpc::Status ListRuns(grpc::ServerContext*, const v1::ListRunsRequest* request,
                        v1::ListRunsResponse* response) override {
    const auto question = ReadListRuns(*request);
    if (!question.ok()) return ToGrpcStatus(question.status());
    auto runs = strata::ListRuns(*metadata_, question->job);
    if (!runs.ok()) return ToGrpcStatus(runs.status());
    std::reverse(runs->begin(), runs->end());
    for (const RunSummary& summary : *runs) {
      if (question->before > 0 && summary.run >= question->before) continue;
      if (response->runs_size() == question->page_size) {
        response->set_next_page_token(RunsToken(question->job, summary.run + 1));
        break;
      }
      FillRun(summary, response->add_runs());
    }
    return grpc::Status::OK;
  }

  grpc::Status CancelRun(grpc::ServerContext*, const v1::CancelRunRequest* request,
                         v1::CancelRunResponse* response) override {
    const auto name = ParseRunName("name", request->name());
    if (!name.ok()) return ToGrpcStatus(name.status());
    if (const absl::Status status = host_->Cancel(name->job, name->number); !status.ok()) return ToGrpcStatus(status);
    const auto summary = host_->Get(name->job, name->number);
    if (!summary.ok()) return ToGrpcStatus(summary.status());
    FillRun(*summary, response->mutable_run());
    return grpc::Status::OK;
  }

 private:
  absl::Status Start(const v1::RunJobRequest& message, lro::Operation* operation) {
    STRATA_ASSIGN_OR_RETURN(RunRequest request, ReadRunRequest(message));
    const std::string request_id = request.request_id;
    STRATA_ASSIGN_OR_RETURN(NightRequest night, ToNightRequest(std::move(request)));
    if (!night.job.on_finish.command.empty() && !allow_commands_) {
      return MakeError(absl::StatusCode::kPermissionDenied, "ON_FINISH_COMMAND_REFUSED",
                       "on_finish.command: this coordinator runs no commands of jobs; allowed are a webhook, or a "
                       "coordinator started with --allow-on-finish-command",
                       {{"field", "on_finish.command"}});
    }
    STRATA_ASSIGN_OR_RETURN(const RunSummary summary, host_->Submit(std::move(night), request_id));
    FillOperation(host_, summary, operation);
    return absl::OkStatus();
  }

  RunHost* host_;
  Metadata* metadata_;
  bool allow_commands_;
};

class RunServices::Operations final : public lro::Operations::Service {
 public:
  Operations(RunHost* host, Metadata* metadata) : host_(host), metadata_(metadata) {}

  grpc::Status GetOperation(grpc::ServerContext*, const lro::GetOperationRequest* request,
                            lro::Operation* operation) override {
    return ToGrpcStatus(Answer(request->name(), 0, operation));
  }

  grpc::Status WaitOperation(grpc::ServerContext* context, const lro::WaitOperationRequest* request,
                             lro::Operation* operation) override {
    int64_t wait_ms = kMaxWaitMs;
    if (request->has_timeout())
      wait_ms = std::clamp<int64_t>(request->timeout().seconds() * 1000 + request->timeout().nanos() / 1'000'000, 0,
                                    kMaxWaitMs);
    const auto until_deadline =
        std::chrono::duration_cast<std::chrono::milliseconds>(context->deadline() - std::chrono::system_clock::now());
    wait_ms =
        std::clamp<int64_t>(until_deadline.count() - 200, 0, wait_ms);  // time to answer before the caller gives up
    return ToGrpcStatus(Answer(request->name(), wait_ms, operation));
  }

  grpc::Status CancelOperation(grpc::ServerContext*, const lro::CancelOperationRequest* request,
                               google::protobuf::Empty*) override {
    const auto name = ParseOperationName("name", request->name());
    if (!name.ok()) return ToGrpcStatus(name.status());
    return ToGrpcStatus(host_->Cancel(name->job, name->number));
  }

  grpc::Status ListOperations(grpc::ServerContext*, const lro::ListOperationsRequest* request,
                              lro::ListOperationsResponse* response) override {
    const auto job = ParseJobName("name", request->name());
    if (!job.ok()) return ToGrpcStatus(job.status());
    const auto runs = strata::ListRuns(*metadata_, *job);
    if (!runs.ok()) return ToGrpcStatus(runs.status());
    for (auto summary = runs->rbegin(); summary != runs->rend() && response->operations_size() < 1000; ++summary) {
      FillOperation(host_, *summary, response->add_operations());
    }
    return grpc::Status::OK;
  }

 private:
  absl::Status Answer(const std::string& operation_name, int64_t wait_ms, lro::Operation* operation) {
    STRATA_ASSIGN_OR_RETURN(const RunName name, ParseOperationName("name", operation_name));
    STRATA_ASSIGN_OR_RETURN(const RunSummary summary, wait_ms > 0 ? host_->Wait(name.job, name.number, wait_ms)
                                                                  : host_->Get(name.job, name.number));
    FillOperation(host_, summary, operation);
    return absl::OkStatus();
  }

  RunHost* host_;
  Metadata* metadata_;
};

RunServices::RunServices(RunHost* host, Metadata* metadata, bool allow_commands)
    : runs_(std::make_unique<Runs>(host, metadata, allow_commands)),
      operations_(std::make_unique<Operations>(host, metadata)) {}
RunServices::~RunServices() = default;
grpc::Service* RunServices::run_service() { return runs_.get(); }
grpc::Service* RunServices::operations_service() { return operations_.get(); }

}  // namespace strata
