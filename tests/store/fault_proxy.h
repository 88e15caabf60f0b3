// A TCP proxy between a test and its server that does what the test says to connections: cuts them after so many bytes
// of a request that holds a text. Counts what it did, so that a test can show that a fault was met.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace strata {

class FaultProxy {
 public:
  explicit FaultProxy(int server_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const { return port_; }

  // The next `times` requests whose head holds `text` are cut after `after_bytes` of the request, or, with
  // `after_answer`, when the server has answered but before the client hears of it. Calls add up.
  void CutRequests(const std::string& text, int times, uint64_t after_bytes, bool after_answer = false);
  // Calls `act` before the n-th request from now on whose head holds `text` goes to the server. `act` must not go
  // through this proxy.
  void OnRequest(const std::string& text, int n, std::function<void()> act);

  int cuts() const { return cuts_; }
  // Request heads seen that hold the text, e.g. "PUT " or "uploadId=".
  int Requests(const std::string& text) const;

 private:
  void Accept();
  void Serve(int client);
  struct Cut {
    std::string text;
    int times = 0;
    uint64_t after_bytes = 0;
    bool after_answer = false;
  };
  bool TakeCut(const std::string& head, uint64_t* after_bytes, bool* after_answer);

  const int server_port_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<int> cuts_{0};
  mutable std::mutex mutex_;
  std::vector<Cut> cuts_to_do_;     // guarded by mutex_
  std::vector<std::string> heads_;  // guarded by mutex_
  std::string act_text_;            // guarded by mutex_
  int act_at_ = 0;                  // guarded by mutex_
  std::function<void()> act_;       // guarded by mutex_
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace strata
