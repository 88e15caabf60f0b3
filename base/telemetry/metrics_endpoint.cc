#include "base/telemetry/metrics_endpoint.h"

#include <fmt/format.h>
#include <httplib.h>

#include <charconv>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace strata {
namespace {

constexpr char kTextType[] = "text/plain; charset=utf-8";
constexpr char kMetricsType[] = "text/plain; version=0.0.4; charset=utf-8";  // Prometheus' exposition format
constexpr int kOk = 200;
constexpr int kNotReady = 503;

// The library's own queue takes connections without end; this one makes its acceptor wait.
class BoundedQueue final : public httplib::TaskQueue {
 public:
  BoundedQueue() {
    for (size_t i = 0; i < kEndpointThreads; ++i) threads_.emplace_back([this] { Work(); });
  }

  void enqueue(std::function<void()> task) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return tasks_.size() < kEndpointQueue; });
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    threads_.clear();  // joins; what is queued is answered first
  }

 private:
  void Work() {
    while (true) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
        if (tasks_.empty()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      changed_.notify_all();
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::jthread> threads_;        // last: start when everything above exists
};

// Only so that a restarted server gets its port back at once. The library's default would also let two servers share
// a port in silence.
void ReuseAddressOnly(int socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

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
  httplib::Server server;
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
  httplib::Server& server = parts->server;
  server.new_task_queue = [] { return new BoundedQueue(); };  // the server deletes it
  server.set_socket_options(ReuseAddressOnly);
  server.set_keep_alive_max_count(1);
  server.set_read_timeout(kEndpointTimeoutS);
  server.set_write_timeout(kEndpointTimeoutS);
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
