// Implements strata.v1.ScoreService (proto/strata/v1/score_service.proto is its manual) on gRPC's callback API.
#pragma once

#include <memory>

#include "serving/serving_context.h"

namespace grpc {
class Service;
}

namespace strata {

// What `serving` points to must outlive the service. Thread-safe.
std::unique_ptr<grpc::Service> NewScoreService(const ServingContext& serving);

}  // namespace strata
