// Counts the calls of services that somebody else implements (ExtraService), which know nothing of this server's
// metrics: an interceptor for each of their calls. It costs a server that has such services about a hundred nanoseconds
// a call; the server's own handlers count by themselves, and a server without such services pays nothing. Only for the
// .cc files of serving, because it includes gRPC.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_interceptor.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "serving/serving_metrics.h"

namespace strata {

// For methods of `services` (full names, linked into this program): other calls, and methods that a caller made up,
// are not counted. `metrics` and `clock` must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> CountCallsOf(
    const std::vector<std::string>& services, ServingMetrics* metrics, const Clock* clock);

}  // namespace strata
