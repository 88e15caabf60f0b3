#include "serving/cluster_service.h"

#include "serving/answering.h"
#include "strata/v1/cluster_service.grpc.pb.h"
#include "wire/cluster_status.h"

namespace strata {
namespace {

class ClusterService final : public v1::ClusterService::CallbackService {
 public:
  ClusterService(const ServingContext& serving, ServerIdentity identity)
      : serving_(serving),
        metrics_(serving.metrics->Method("strata.v1.ClusterService/GetStatus")),
        identity_(std::move(identity)),
        started_ms_(serving.clock->WallMs()) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const v1::GetStatusRequest*,
                                      v1::GetStatusResponse* response) override {
    ClusterStatus status{.program = identity_.program.empty() ? "strata" : identity_.program,
                         .version = identity_.version,
                         .now_ms = serving_.clock->WallMs(),
                         .started_ms = started_ms_,
                         .coordinator = std::nullopt,
                         .snapshots = serving_.metrics->Snapshots(),
                         .methods = serving_.metrics->Methods()};
    if (identity_.coordinator) status.coordinator = identity_.coordinator();
    FillClusterStatus(status, response);
    const UnaryCall call(serving_, metrics_, context);  // after the facts, of which it is none yet
    call.Finish(absl::OkStatus());
    return call.reactor();
  }

 private:
  ServingContext serving_;
  CallMetrics* metrics_;
  ServerIdentity identity_;
  int64_t started_ms_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewClusterService(const ServingContext& serving, ServerIdentity identity) {
  return std::make_unique<ClusterService>(serving, std::move(identity));
}

}  // namespace strata
