#include "base/telemetry/metrics_endpoint.h"

#include <fmt/format.h>

#include <charconv>
#include <thread>

#include "base/telemetry/bounded_http.h"

namespace strata {
namespace {

constexpr char kTextType[] = "text/plain; charset=utf-8";
constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";  // Prometheus' exposition format
constexpr int kOk = 200;
constexpr int kNotReady = 503;

}  // namespace

absl::StatusOr<HostPort> ParseHostPort(const std::string& address) {
  const size_t colon = address.rfind(':');
  HostPort parsed;
  bool good = colon != std::string::npos && colon > 0;
  if (good) {
    parsed.host = address.substr(0, colon);
    const char* end = address.data() + address.size();
    const auto [rest, error] = std::from_chars(address.data() + colon + 1, end, parsed.port);
    good = error == std::errc() && rest == end && parsed.port >= 0 && parsed.port <= 65535;
  }
  if (good && parsed.host.front() == '[') {
    good = parsed.host.size() > 2 && parsed.host.back() == ']';
    parsed.host = parsed.host.substr(1, parsed.host.size() - std::min<size_t>(2, parsed.host.size()));
  } else if (good) {
    good = parsed.host.find(':') == std::string::npos;
  }
  if (good) return parsed;
  return MakeError(absl::StatusCode::kInvalidArgument, "ADDRESS_INVALID",
                   fmt::format("'{}' is no address: it is HOST:PORT with a port from 0 (any free one) to 65535, for "
                               "example 127.0.0.1:9090 or [::1]:9090",
                               address),
                   {{"address", address}});
}

struct MetricsEndpoint::Parts {
  BoundedServer server;
  int port = 0;
  std::atomic<bool> ended = false;
  std::jthread thread;
};

MetricsEndpoint::MetricsEndpoint(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<MetricsEndpoint>> MetricsEndpoint::Start(const std::string& address,
                                                                        const MetricsRegistry* registry,
                                                                        std::function<std::string()> not_ready) {
  STRATA_ASSIGN_OR_RETURN(const HostPort where, ParseHostPort(address));
  auto parts = std::make_unique<Parts>();
  BoundedServer& server = parts->server;
  server.set_payload_max_length(kEndpointBodyBytes);
  server.Get("/metrics", [registry](const httplib::Request&, httplib::Response& response) {
    response.set_content(registry->Scrape(), kMetricsType);
  });
  server.Get("/healthz",
             [](const httplib::Request&, httplib::Response& response) { response.set_content("ok\n", kTextType); });
  server.Get("/readyz", [not_ready = std::move(not_ready)](const httplib::Request&, httplib::Response& response) {
    const std::string reason = not_ready();
    response.status = reason.empty() ? kOk : kNotReady;
    response.set_content(reason.empty() ? "ready\n" : "not ready: " + reason + "\n", kTextType);
  });
  parts->port = where.port;
  const bool bound = where.port == 0 ? (parts->port = server.bind_to_any_port(where.host)) > 0
                                     : server.bind_to_port(where.host, where.port);
  if (!bound) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "ADDRESS_UNAVAILABLE",
                     fmt::format("cannot serve metrics at '{}': the port is in use, or the address is not one of this "
                                 "machine; choose another HOST:PORT, or port 0 for any free one",
                                 address),
                     {{"address", address}});
  }
  parts->thread = std::jthread([p = parts.get()] {
    p->server.listen_after_bind();
    p->ended = true;
  });
  // Until the loop runs a stop would be ignored.
  while (!server.is_running() && !parts->ended) std::this_thread::yield();
  return std::unique_ptr<MetricsEndpoint>(new MetricsEndpoint(std::move(parts)));
}

MetricsEndpoint::~MetricsEndpoint() {
  if (parts_ != nullptr) parts_->server.stop();
}

int MetricsEndpoint::port() const { return parts_->port; }

}  // namespace strata
