// Implements strata.v1.JobService (proto/strata/v1/job_service.proto is its manual) on gRPC's callback API.
#pragma once

#include <memory>

#include "serving/serving_context.h"

namespace grpc {
class Service;
}

namespace strata {

// What `serving` points to must outlive the service. Thread-safe.
std::unique_ptr<grpc::Service> NewJobService(const ServingContext& serving);

}  // namespace strata
