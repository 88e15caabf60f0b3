#include "tests/store/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace strata {
namespace {

constexpr int kPollMs = 50;  // how soon an idle connection notices the end of the proxy

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int Dial(int port) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return server;
  close(server);
  return -1;
}

bool SendAll(int to, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(to, data, size, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

bool IsHead(const std::string& bytes) {
  for (const char* verb : {"GET ", "PUT ", "POST ", "HEAD ", "DELETE "}) {
    if (bytes.starts_with(verb)) return true;
  }
  return false;
}

// Closes with a reset, as a machine that dies does.
void Reset(int socket_descriptor) {
  const linger now = {.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

}  // namespace

FaultProxy::FaultProxy(int server_port) : server_port_(server_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

FaultProxy::~FaultProxy() {
  ending_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

void FaultProxy::CutRequests(const std::string& text, int times, uint64_t after_bytes, bool after_answer) {
  const std::lock_guard lock(mutex_);
  cuts_to_do_.push_back({.text = text, .times = times, .after_bytes = after_bytes, .after_answer = after_answer});
}

void FaultProxy::OnRequest(const std::string& text, int n, std::function<void()> act) {
  const std::lock_guard lock(mutex_);
  act_text_ = text;
  act_at_ = n;
  act_ = std::move(act);
}

int FaultProxy::Requests(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(
      heads_.begin(), heads_.end(), [&text](const std::string& head) { return head.find(text) != std::string::npos; }));
}

bool FaultProxy::TakeCut(const std::string& head, uint64_t* after_bytes, bool* after_answer) {
  const std::lock_guard lock(mutex_);
  heads_.push_back(head);
  if (act_ && head.find(act_text_) != std::string::npos && --act_at_ == 0) act_();
  for (Cut& cut : cuts_to_do_) {
    if (cut.times == 0 || head.find(cut.text) == std::string::npos) continue;
    --cut.times;
    *after_bytes = cut.after_bytes;
    *after_answer = cut.after_answer;
    return true;
  }
  return false;
}

void FaultProxy::Accept() {
  while (!ending_) {
    pollfd ready = {.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, kPollMs) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    threads_.emplace_back([this, client] { Serve(client); });
  }
}

void FaultProxy::Serve(int client) {
  const int server = Dial(server_port_);
  bool cutting = false;
  bool after_answer = false;
  uint64_t left = 0;
  std::string buffer(65'536, '\0');
  bool open = server >= 0;
  while (open && !ending_) {
    pollfd ready[2] = {{.fd = client, .events = POLLIN, .revents = 0}, {.fd = server, .events = POLLIN, .revents = 0}};
    if (poll(ready, 2, kPollMs) <= 0) continue;
    if (ready[0].revents != 0) {
      const ssize_t got = recv(client, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      const std::string head = buffer.substr(0, static_cast<size_t>(got)).substr(0, buffer.find("\r\n"));
      if (IsHead(head) && !cutting) cutting = TakeCut(head, &left, &after_answer);
      uint64_t forward = static_cast<uint64_t>(got);
      if (cutting && !after_answer) forward = std::min(forward, left);
      open = SendAll(server, buffer.data(), forward);
      left -= std::min(left, forward);
      if (cutting && !after_answer && left == 0) break;
    }
    if (open && ready[1].revents != 0) {
      const ssize_t got = recv(server, buffer.data(), buffer.size(), 0);
      // "100 Continue" asks for the body; it is not the answer.
      const bool interim = buffer.starts_with("HTTP/1.1 100");
      if (got <= 0 || (cutting && after_answer && !interim)) break;
      open = SendAll(client, buffer.data(), static_cast<size_t>(got));
    }
  }
  if (cutting && !ending_) ++cuts_;
  if (cutting) Reset(client);
  close(client);
  if (server >= 0) close(server);
}

}  // namespace strata
