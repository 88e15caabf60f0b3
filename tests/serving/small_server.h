// A ScoreServer over a SmallState, asked through an in-process channel. Only for tests that include gRPC.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "serving/server.h"
#include "serving/snapshot_catalogue.h"
#include "tests/serving/small_state.h"
#include "wire/errors.h"

namespace strata {

class SmallServer {
 public:
  explicit SmallServer(SmallState* state, ScoreServerOptions options = {})
      : catalogue_(&state->objects(), NewPublishedInMetadata(&state->metadata())),
        server_(&catalogue_, &state->objects(), &state->metadata(), &state->clock(), std::move(options)) {
    MustBeOk(catalogue_.Refresh());
    MustBeOk(server_.Start("").status());
    channel_ = server_.InProcessChannel();
  }

  SnapshotCatalogue& catalogue() { return catalogue_; }
  ScoreServer& server() { return server_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

  // One unary call; `method` is a member of the service's stub.
  template <typename Service, typename Request, typename Response, typename Method>
  absl::Status Call(Method method, const Request& request, Response* response) {
    const auto stub = Service::NewStub(channel_);
    grpc::ClientContext context;
    return FromGrpcStatus(((*stub).*method)(&context, request, response));
  }

 private:
  SnapshotCatalogue catalogue_;
  ScoreServer server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace strata
