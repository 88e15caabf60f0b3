#include "serving/coordinators_methods.h"

#include <fmt/format.h>

#include "wire/errors.h"

namespace strata {
namespace {

constexpr std::string_view kCoordinatorsServices[] = {"/strata.v1.RunService/", "/google.longrunning.Operations/"};

// Ends the call at once; gRPC's reactors delete themselves.
class EndedCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit EndedCall(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerGenericBidiReactor* CoordinatorsMethods::CreateReactor(grpc::GenericCallbackServerContext* context) {
  for (const std::string_view service : kCoordinatorsServices) {
    if (!std::string_view(context->method()).starts_with(service)) continue;
    return new EndedCall(
        ToGrpcStatus(MakeError(absl::StatusCode::kUnimplemented, "NOT_ON_A_REPLICA",
                               "this server is a read replica: it has the snapshots, not the runs; ask the coordinator",
                               {{"method", context->method()}})));
  }
  return new EndedCall(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""));
}

}  // namespace strata
