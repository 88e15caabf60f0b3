// On a server without metadata: what only a coordinator offers (strata.v1.RunService, google.longrunning.Operations) is
// answered with UNIMPLEMENTED (NOT_ON_A_REPLICA), which says to ask the coordinator; every other unknown method as gRPC
// does it. Only for server.cc, because it includes gRPC.
#pragma once

#include <grpcpp/generic/async_generic_service.h>

namespace strata {

class CoordinatorsMethods final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;
};

}  // namespace strata
