// The HTTP endpoint of a server, for Prometheus and for probes:
//   GET /metrics   the registry in Prometheus' text format
//   GET /healthz   200 "ok" as long as the process answers at all
//   GET /readyz    200 "ready", or 503 with the reason as text
// Everything else is 404. A connection answers one request. It knows neither TLS nor passwords: keep the port inside
// the cluster's network.
//
// Bounded: kEndpointThreads requests at once and kEndpointQueue connections waiting for them (what comes then waits in
// the kernel), kEndpointRequestBytes a request with its headers, kEndpointBodyBytes of body, kEndpointTimeoutS for a
// connection from its first byte to its last. Owns its threads. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "base/telemetry/metrics.h"

namespace strata {

inline constexpr size_t kEndpointThreads = 3;  // a scraper, a liveness and a readiness probe at the same moment
inline constexpr size_t kEndpointQueue = 16;
inline constexpr int64_t kEndpointTimeoutS = 5;  // a scraper sends its request within a round trip
inline constexpr size_t kEndpointRequestBytes = 16 * 1024;
inline constexpr size_t kEndpointBodyBytes = 1024;  // nothing here takes a body

// Host and port of "HOST:PORT" ("[::1]:9090" for IPv6). INVALID_ARGUMENT (ADDRESS_INVALID) says what is allowed.
struct HostPort {
  std::string host;
  int port = 0;  // 0: any free one
};
absl::StatusOr<HostPort> ParseHostPort(const std::string& address);

class MetricsEndpoint {
 public:
  // Serves at once. `not_ready` returns why the server is not ready, or "" when it is; it is called on the endpoint's
  // threads and must not block. `registry` must outlive the endpoint. INVALID_ARGUMENT (ADDRESS_INVALID);
  // FAILED_PRECONDITION (ADDRESS_UNAVAILABLE) when the port is in use or the address is not this machine's.
  static absl::StatusOr<std::unique_ptr<MetricsEndpoint>> Start(const std::string& address,
                                                                const MetricsRegistry* registry,
                                                                std::function<std::string()> not_ready);
  // Takes no new connections and answers those under way; a client that sends nothing holds it for kEndpointTimeoutS.
  ~MetricsEndpoint();
  MetricsEndpoint(const MetricsEndpoint&) = delete;
  MetricsEndpoint& operator=(const MetricsEndpoint&) = delete;

  int port() const;

 private:
  struct Parts;
  explicit MetricsEndpoint(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace strata
