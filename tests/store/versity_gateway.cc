#include "tests/store/versity_gateway.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace strata {
namespace {

constexpr char kProgram[] = "build/deps/bin/versitygw";
constexpr auto kStartDeadline = std::chrono::seconds(30);  // far above what it takes
constexpr int kPollMs = 20;

int FreePort() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  close(listener);
  return ntohs(address.sin_port);
}

bool Answers(int port) {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool connected = connect(probe, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  close(probe);
  return connected;
}

}  // namespace

void SetGatewayCredentials(const std::string& key, const std::string& secret) {
  setenv("AWS_ACCESS_KEY_ID", key.c_str(), 1);
  setenv("AWS_SECRET_ACCESS_KEY", secret.c_str(), 1);
  setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

VersityGateway::VersityGateway() : port_(FreePort()) {
  if (!std::filesystem::exists(kProgram)) {
    throw std::runtime_error(std::string("there is no S3 server at ") + kProgram + "; scripts/setup --tests makes one");
  }
  SetGatewayCredentials(kGatewayKey, kGatewaySecret);
  std::filesystem::create_directories(bucket_folder());
  Start();
}

VersityGateway::~VersityGateway() { Kill(); }

void VersityGateway::Start() {
  const std::string root = folder_.Under("s3");
  const std::string address = "127.0.0.1:" + std::to_string(port_);
  const std::string log = folder_.Under("gateway.log");
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execl(kProgram, kProgram, "--access", kGatewayKey, "--secret", kGatewaySecret, "--port", address.c_str(), "posix",
          root.c_str(), nullptr);
    _exit(127);
  }
  const auto deadline = std::chrono::steady_clock::now() + kStartDeadline;
  while (!Answers(port_)) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_ || std::chrono::steady_clock::now() > deadline) {
      pid_ = -1;
      throw std::runtime_error("versitygw did not start; see " + log);
    }
    poll(nullptr, 0, kPollMs);  // a process has no condition to wait on before it listens
  }
}

void VersityGateway::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void VersityGateway::Restart() {
  Kill();
  Start();
}

int VersityGateway::UnfinishedUploads() const {
  int files = 0;
  const std::filesystem::path uploads = bucket_folder() + "/.sgwtmp/multipart";
  if (!std::filesystem::exists(uploads)) return 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(uploads)) {
    static_cast<void>(entry);
    ++files;
  }
  return files;
}

}  // namespace strata
