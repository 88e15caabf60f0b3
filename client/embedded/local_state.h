// A state folder with a server of its own in this process: what commands without --target talk to, and what `strata
// serve` offers on a port. Reads only; whoever changes snapshots takes the lead (client/embedded/state_actions.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/status.h"
#include "client/connection.h"
#include "store/state.h"

namespace strata {

class MetricsRegistry;

// Metadata and objects of a state folder, without a server. NOT_FOUND (STATE_MISSING) where there is no state, with
// what to do about it: looking never makes one.
absl::StatusOr<std::unique_ptr<State>> OpenState(const StateOptions& state);

// The server of a state folder. Methods from one thread.
class LocalServer {
 public:
  // Reads what is published and opens the current snapshots. A snapshot that does not open is no error here: whoever
  // asks for it is told. `max_age_hours`: older answers are stale.
  // `metrics`: where the server counts, null: in a registry of its own; must outlive the server.
  static absl::StatusOr<std::unique_ptr<LocalServer>> Open(const StateOptions& state, int64_t max_age_hours,
                                                           MetricsRegistry* metrics = nullptr);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  // At "host:port", or at "" in this process only; returns the bound port. FAILED_PRECONDITION (ADDRESS_UNAVAILABLE).
  absl::StatusOr<int> Start(const std::string& address);
  std::shared_ptr<grpc::Channel> channel();  // precondition: Start succeeded

  // Looks for what others published every `interval_ms`; `report` gets the outcome whenever it changes, on another
  // thread.
  void KeepFresh(int64_t interval_ms, std::function<void(const absl::Status&)> report);
  // Why no snapshot answers; empty when one does. From any thread.
  std::string NotReady() const;
  // Takes no new calls and lets those under way finish for `deadline_ms`.
  void Stop(int64_t deadline_ms);

 private:
  struct Parts;
  explicit LocalServer(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// A connection to a LocalServer that lives as long as the connection.
absl::StatusOr<std::unique_ptr<Connection>> OpenLocalState(const StateOptions& state, int64_t max_age_hours);

}  // namespace strata
