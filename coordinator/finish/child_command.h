// Runs a program of somebody else's in a process group of its own, for a bounded time: text on its standard input, the
// end of what it says kept for a message. No shell is involved. Thread-safe; blocks its caller.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace strata {

inline constexpr size_t kKeptOutputBytes = 512;    // the last of it, for a message; all of it is read
inline constexpr int64_t kCommandGraceMs = 2'000;  // from SIGTERM to SIGKILL
inline constexpr int64_t kCommandLookMs = 20;      // between two looks at whether it has ended

struct CommandRequest {
  std::vector<std::string> words;  // a program, found by PATH or by a path (relative to `folder`), and its arguments
  std::string folder;              // where it runs
  std::string_view input;
  int64_t timeout_ms = 0;  // then SIGTERM to its group, and SIGKILL after kCommandGraceMs
};

struct CommandEnd {
  enum class How { kExited, kSignalled, kTimedOut, kStopped, kNotStarted };
  How how = How::kNotStarted;
  int number = 0;      // the exit status, or the signal's number
  std::string output;  // the last bytes of its standard output and error together; why it was not started

  bool ok() const { return how == How::kExited && number == 0; }
  std::string Describe() const;  // "exit status 3; it said: ..."
};

// Ends the group at once when `stop` is requested (kStopped). What the program leaves behind in the background lives on
// after an end of its own accord, and not after a time-out.
CommandEnd RunCommand(const CommandRequest& request, const Clock& clock, std::stop_token stop);

}  // namespace strata
