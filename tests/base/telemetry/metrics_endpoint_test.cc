#include "base/telemetry/metrics_endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <future>
#include <thread>

#include "base/telemetry/telemetry.h"
#include "tests/base/status_matchers.h"
#include "tests/base/telemetry/exposition.h"

namespace strata {
namespace {

class Connection {
 public:
  explicit Connection(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  bool connected() const { return connected_; }
  void Send(const std::string& text) const { send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  std::string ReadAll() const {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = recv(socket_, buffer, sizeof(buffer), 0)) > 0;)
      text.append(buffer, static_cast<size_t>(n));
    return text;
  }

 private:
  int socket_;
  bool connected_ = false;
};

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

Answer Ask(int port, const std::string& request) {
  const Connection connection(port);
  connection.Send(request);
  const std::string text = connection.ReadAll();
  const size_t blank = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || blank == std::string::npos) return {.status = 0, .head = text, .body = {}};
  return {.status = std::stoi(text.substr(9, 3)), .head = text.substr(0, blank), .body = text.substr(blank + 4)};
}

Answer Get(int port, const std::string& path) { return Ask(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"); }

class MetricsEndpointTest : public testing::Test {
 protected:
  std::unique_ptr<MetricsEndpoint> Start(const std::string& address = "127.0.0.1:0") {
    auto started = MetricsEndpoint::Start(
        address, &registry_, [this] { return ready_ ? std::string() : std::string("waits for the lead"); });
    EXPECT_OK(started);
    return *std::move(started);
  }
  MetricsRegistry registry_;
  std::atomic<bool> ready_ = false;
};

TEST_F(MetricsEndpointTest, ServesMetricsAndProbes) {
  registry_.AddCounter({"strata_x_total", "X.", {}}).only().Add(5);
  const auto endpoint = Start();
  const Answer metrics = Get(endpoint->port(), "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.head.find("Content-Type: text/plain; version=0.0.4"), std::string::npos) << metrics.head;
  EXPECT_EQ(Exposition::Parse(metrics.body).Value("strata_x_total"), 5);
  EXPECT_EQ(Get(endpoint->port(), "/healthz").body, "ok\n");
  const Answer waiting = Get(endpoint->port(), "/readyz");
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(waiting.body, "not ready: waits for the lead\n");
  ready_ = true;
  EXPECT_EQ(Get(endpoint->port(), "/readyz").status, 200);
  EXPECT_EQ(Get(endpoint->port(), "/").status, 404);
  EXPECT_EQ(Get(endpoint->port(), "/metrics/../healthz").status, 404);
  EXPECT_EQ(Ask(endpoint->port(), "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").status, 404);
}

TEST_F(MetricsEndpointTest, OversizedRequestsAreRefusedAndHurtNobody) {
  const auto endpoint = Start();
  const std::string huge(20'000, 'a');
  EXPECT_NE(Get(endpoint->port(), "/" + huge).status, 200);
  EXPECT_NE(Ask(endpoint->port(), "GET /metrics HTTP/1.1\r\nX: " + huge + "\r\n\r\n").status, 200);
  EXPECT_EQ(
      Ask(endpoint->port(), "POST /metrics HTTP/1.1\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x')).status,
      413);
  std::string many = "GET /metrics HTTP/1.1\r\n";  // each line is short enough, all together are too much
  for (int i = 0; i < 1'000; ++i) many += fmt::format("X-{}: {}\r\n", i, std::string(50, 'a'));
  EXPECT_NE(Ask(endpoint->port(), many + "\r\n").status, 200);
  EXPECT_NE(Ask(endpoint->port(), "nonsense\r\n\r\n").status, 200);
  EXPECT_EQ(Get(endpoint->port(), "/healthz").status, 200);
}

TEST_F(MetricsEndpointTest, MoreRequestsThanThreadsWaitForTheirTurn) {
  std::promise<void> gate;
  std::atomic<size_t> inside = 0;
  const auto started = MetricsEndpoint::Start("127.0.0.1:0", &registry_, [&inside, open = gate.get_future().share()] {
    ++inside;
    open.wait();
    return std::string();
  });
  ASSERT_OK(started);
  std::vector<std::unique_ptr<Connection>> waiting;
  for (size_t i = 0; i < kEndpointThreads + 4; ++i) {
    waiting.push_back(std::make_unique<Connection>((*started)->port()));
    ASSERT_TRUE(waiting.back()->connected());
    waiting.back()->Send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  while (inside < kEndpointThreads) std::this_thread::yield();
  EXPECT_EQ(inside, kEndpointThreads);
  gate.set_value();
  for (const auto& connection : waiting) EXPECT_NE(connection->ReadAll().find("ready\n"), std::string::npos);
}

TEST_F(MetricsEndpointTest, AStoppedEndpointFreesItsPort) {
  auto endpoint = Start();
  const int port = endpoint->port();
  EXPECT_EQ(Get(port, "/healthz").status, 200);
  endpoint.reset();
  EXPECT_FALSE(Connection(port).connected());
  endpoint = Start(fmt::format("127.0.0.1:{}", port));
  EXPECT_EQ(endpoint->port(), port);
}

TEST_F(MetricsEndpointTest, APortInUseAndAForeignAddressAreClearErrors) {
  const auto endpoint = Start();
  const auto none = [] { return std::string(); };
  const auto taken = MetricsEndpoint::Start(fmt::format("127.0.0.1:{}", endpoint->port()), &registry_, none);
  EXPECT_THAT(taken, FailsWith(absl::StatusCode::kFailedPrecondition, "ADDRESS_UNAVAILABLE"));
  EXPECT_THAT(taken, SaysThat("in use"));
  EXPECT_THAT(MetricsEndpoint::Start("192.0.2.1:0", &registry_, none),
              FailsWith(absl::StatusCode::kFailedPrecondition, "ADDRESS_UNAVAILABLE"));
}

TEST(HostPort, IsReadStrictly) {
  const struct {
    const char* text;
    const char* host;
    int port;
  } good[] = {{"127.0.0.1:0", "127.0.0.1", 0}, {"localhost:65535", "localhost", 65535}, {"[::1]:9090", "::1", 9090}};
  for (const auto& each : good) {
    const auto parsed = ParseHostPort(each.text);
    ASSERT_OK(parsed);
    EXPECT_EQ(parsed->host, each.host);
    EXPECT_EQ(parsed->port, each.port);
  }
  for (const char* bad : {"", ":", ":9090", "9090", "host:", "host:65536", "host:-1", "host:9x", "::1:90", "[]:1",
                          "[::1:90", "host: 9"}) {
    EXPECT_THAT(ParseHostPort(bad), FailsWith(absl::StatusCode::kInvalidArgument, "ADDRESS_INVALID")) << bad;
  }
}

// What a program says to a command line: "" or the error.
std::string Parsed(const std::vector<std::string>& arguments, TelemetryOptions* options) {
  CLI::App app("test");
  AddTelemetryFlags(&app, options);
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return "";
}

TEST(TelemetryFlags, TakeWhatTheySay) {
  TelemetryOptions options;
  EXPECT_EQ(Parsed({}, &options), "");
  EXPECT_EQ(options.metrics_listen, "");
  EXPECT_EQ(options.log.format, LogFormat::kText);
  EXPECT_EQ(options.log.level, LogLevel::kInfo);
  EXPECT_EQ(Parsed({"--metrics-listen", "0.0.0.0:9090", "--log-format=json", "--log-level", "debug"}, &options), "");
  EXPECT_EQ(options.metrics_listen, "0.0.0.0:9090");
  EXPECT_EQ(options.log.format, LogFormat::kJson);
  EXPECT_EQ(options.log.level, LogLevel::kDebug);
}

TEST(TelemetryFlags, SayWhatIsWrong) {
  TelemetryOptions options;
  EXPECT_NE(Parsed({"--metrics-listen", "9090"}, &options).find("HOST:PORT"), std::string::npos);
  EXPECT_NE(Parsed({"--log-format", "xml"}, &options).find("text,json"), std::string::npos);
  EXPECT_NE(Parsed({"--log-level", "trace"}, &options).find("debug,info,warn,error"), std::string::npos);
}

}  // namespace
}  // namespace strata
