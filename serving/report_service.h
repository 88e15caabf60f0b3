// Implements strata.v1.ReportService (proto/strata/v1/report_service.proto is its manual) on gRPC's callback API.
// Reports are read from the object store when they are asked for, on the background lane: they are seldom asked for,
// and only the last one is kept, for its next page.
#pragma once

#include <memory>

#include "serving/serving_context.h"

namespace grpc {
class Service;
}

namespace strata {

// What `serving` points to must outlive the service. Thread-safe.
std::unique_ptr<grpc::Service> NewReportService(const ServingContext& serving);

}  // namespace strata
