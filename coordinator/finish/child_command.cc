#include "coordinator/finish/child_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace strata {
namespace {

// A descriptor of this process, closed with this object.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }
  void Close() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

CommandEnd NotStarted(std::string_view what, int error) {
  return {.how = CommandEnd::How::kNotStarted,
          .number = error,
          .output = fmt::format("{}: {}", what, std::strerror(error))};
}

// A file in memory: the program may read it late, in part or never, and nobody waits for it.
int InputFile(std::string_view input) {
  const int file = memfd_create("strata-run", MFD_CLOEXEC);
  if (file < 0) return file;
  size_t written = 0;
  while (written < input.size()) {
    const ssize_t n = write(file, input.data() + written, input.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      close(file);
      return -1;
    }
    written += static_cast<size_t>(n);
  }
  lseek(file, 0, SEEK_SET);
  return file;
}

// Starts the program; 0 or the error's number.
int Spawn(const CommandRequest& request, int input, int output, pid_t* process) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, request.folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // This process blocks signals for threads of its own; a child that inherited that could not be asked to end.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words = request.words;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const int error = posix_spawnp(process, pointers[0], &actions, &attributes, pointers.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Reads what is there; closes the descriptor at its end.
void Drain(Descriptor* output, std::string* kept) {
  char block[4096];
  while (output->get() >= 0) {
    const ssize_t n = read(output->get(), block, sizeof(block));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      output->Close();
      return;
    }
    kept->append(block, static_cast<size_t>(n));
    if (kept->size() > kKeptOutputBytes) kept->erase(0, kept->size() - kKeptOutputBytes);
  }
}

// Whether the process has ended; it stays to be waited for, so that its group's number belongs to nobody else.
bool HasEnded(pid_t process) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == process;
}

// Follows the process until it has ended; says how if this function ended it.
CommandEnd::How Follow(pid_t process, const CommandRequest& request, const Clock& clock, const std::stop_token& stop,
                       Descriptor* output, std::string* kept) {
  const int64_t begun_ms = clock.MonotonicMs();
  auto how = CommandEnd::How::kExited;
  int64_t asked_ms = 0;  // when it was asked to end
  bool killed = false;
  while (true) {
    Drain(output, kept);
    if (HasEnded(process)) break;
    const int64_t now_ms = clock.MonotonicMs();
    const bool too_long = now_ms - begun_ms >= request.timeout_ms;
    if (how == CommandEnd::How::kExited && (too_long || stop.stop_requested())) {
      how = too_long ? CommandEnd::How::kTimedOut : CommandEnd::How::kStopped;
      asked_ms = now_ms;
      kill(-process, SIGTERM);
    } else if (how != CommandEnd::How::kExited && !killed && now_ms - asked_ms >= kCommandGraceMs) {
      killed = true;
      kill(-process, SIGKILL);
    }
    pollfd waiting{.fd = output->get(), .events = POLLIN, .revents = 0};  // a closed one (-1) is only waited with
    poll(&waiting, 1, static_cast<int>(kCommandLookMs));
  }
  if (how != CommandEnd::How::kExited) kill(-process, SIGKILL);  // whoever of the group ignored being asked
  Drain(output, kept);
  return how;
}

}  // namespace

std::string CommandEnd::Describe() const {
  std::string text;
  switch (how) {
    case How::kExited:
      text = fmt::format("exit status {}", number);
      break;
    case How::kSignalled:
      text = fmt::format("ended by signal {}", number);
      break;
    case How::kTimedOut:
      text = "ended because it took too long";
      break;
    case How::kStopped:
      text = "ended because this process ends";
      break;
    case How::kNotStarted:
      return fmt::format("not started: {}", output);
  }
  std::string said = output;
  std::replace_if(
      said.begin(), said.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  const size_t last = said.find_last_not_of(' ');
  if (ok() || last == std::string::npos) return text;
  return fmt::format("{}; it said: {}", text, said.substr(0, last + 1));
}

CommandEnd RunCommand(const CommandRequest& request, const Clock& clock, std::stop_token stop) {
  const Descriptor input(InputFile(request.input));
  if (input.get() < 0) return NotStarted("no memory for its input", errno);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return NotStarted("no pipe for its output", errno);
  Descriptor output(ends[0]);
  Descriptor theirs(ends[1]);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);
  pid_t process = 0;
  if (const int error = Spawn(request, input.get(), theirs.get(), &process); error != 0) {
    return NotStarted(fmt::format("'{}' in {}", request.words[0], request.folder), error);
  }
  theirs.Close();
  CommandEnd end;
  end.how = Follow(process, request, clock, stop, &output, &end.output);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (end.how != CommandEnd::How::kExited) return end;
  if (WIFSIGNALED(status)) end.how = CommandEnd::How::kSignalled;
  end.number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  return end;
}

}  // namespace strata
