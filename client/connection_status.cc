#include "client/call.h"
#include "client/connection.h"
#include "strata/v1/cluster_service.grpc.pb.h"
#include "wire/cluster_status.h"

namespace strata {

absl::StatusOr<ClusterStatus> Connection::Status() const {
  const auto stub = v1::ClusterService::NewStub(channel_);
  v1::GetStatusResponse response;
  STRATA_RETURN_IF_ERROR(
      Call(*stub, &v1::ClusterService::Stub::GetStatus, v1::GetStatusRequest(), &response, where_, kStatusTimeoutMs));
  return ReadClusterStatus(response);
}

}  // namespace strata
