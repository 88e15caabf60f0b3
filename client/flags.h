// Flags that several commands share. Plain values; CLI11 fills them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/status.h"
#include "client/console.h"
#include "client/text/flag_words.h"
#include "client/text/run_report.h"
#include "store/state.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace strata {

inline constexpr int64_t kMaxAgeHoursMax = 24 * 366 * 10;  // ten years: whoever wants more wants no limit at all

struct StateFlags {
  std::optional<std::string> state;  // a folder; absent: kDefaultState
  std::string objects;               // of the state: a folder or s3://bucket/prefix; empty: as it remembers
  std::string cache_dir;             // empty: within the state
  uint64_t cache_bytes = kDefaultCacheBytes;
  std::string target;               // an address; empty: the state folder
  std::string job;                  // empty: the only one there is
  std::optional<int64_t> snapshot;  // absent: the current one
  int64_t max_age_hours = 36;       // of a state folder; a target has its own limit
  bool json = false;

  std::string state_folder() const { return state.value_or(kDefaultState); }
  bool remote() const { return !target.empty(); }
  // The state folder with all that is known of it; what is told of S3 goes to the standard error.
  StateOptions place() const;
  // The first flag that says something about a state folder, and what: "--state a folder"; empty when none was given.
  std::string local_words() const;
};

// --state with its objects and cache, --target, --job, --json.
void AddStateFlags(CLI::App* command, StateFlags* flags);
// --state, --objects, --cache-dir, --cache-bytes.
void AddStateOption(CLI::App* command, StateFlags* flags, const std::string& description);
void AddSnapshotFlag(CLI::App* command, StateFlags* flags);
void AddJsonFlag(CLI::App* command, bool* json);

// Whole numbers from `min` to `max`, with an error that says so.
void AllowRange(CLI::Option* option, int64_t min, int64_t max);
inline constexpr int64_t kMaxNumber = 1'000'000'000'000;  // of snapshots and runs: a night a second for 30,000 years

// How the reader's next command names the same state: "", " --state DIR" or " --target ADDRESS", quoted for a shell.
std::string WhereWords(const StateFlags& flags);

// The same for a run's report.
ReportPlace PlaceOf(const StateFlags& flags);

// What the command line asked for: filled while it is parsed, run afterwards.
struct CommandContext {
  Console console;
  std::function<int()> action;  // returns the exit status
};

}  // namespace strata
