// Implements strata.v1.ClusterService (proto/strata/v1/cluster_service.proto is its manual) on gRPC's callback API.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "serving/serving_context.h"

namespace grpc {
class Service;
}

namespace strata {

// What the server's owner says of itself.
struct ServerIdentity {
  std::string program;  // "strata-coordinator"; empty: "strata"
  std::string version;  // base/build_id.h; may be empty
  // What a coordinator knows; empty on servers that are none. Called on gRPC's threads: must not block for long.
  std::function<CoordinatorFacts()> coordinator;
};

// What `serving` points to must outlive the service. Thread-safe.
std::unique_ptr<grpc::Service> NewClusterService(const ServingContext& serving, ServerIdentity identity);

}  // namespace strata
