// Implements strata.v1.SnapshotService (proto/strata/v1/snapshot_service.proto is its manual) on gRPC's callback API.
#pragma once

#include <memory>

#include "serving/serving_context.h"

namespace grpc {
class Service;
}

namespace strata {

// What `serving` points to must outlive the service. Thread-safe.
std::unique_ptr<grpc::Service> NewSnapshotService(const ServingContext& serving);

}  // namespace strata
