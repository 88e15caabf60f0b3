#include "client/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace strata {

void AddStateFlags(CLI::App* command, StateFlags* flags) {
  command->add_option("--state", flags->state, "the state folder to use (default: .strata)")->type_name("DIR");
  command->add_option("--target", flags->target, "ask the server at this address instead of a state folder")
      ->type_name("HOST:PORT");
  command->add_option("--job", flags->job, "the job; needed where there is more than one")->type_name("NAME");
  AddJsonFlag(command, &flags->json);
}

void AddSnapshotFlag(CLI::App* command, StateFlags* flags) {
  command->add_option("--snapshot", flags->snapshot, "a certain snapshot (default: the current one)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
}

void AddJsonFlag(CLI::App* command, bool* json) {
  command->add_flag("--json", *json, "one JSON object on the standard output");
}

std::string ShellQuoted(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                             "0123456789_./:@%+=,-") == std::string::npos;
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string WhereWords(const StateFlags& flags) {
  if (flags.remote()) return " --target " + ShellQuoted(flags.target);
  return flags.state_folder() == kDefaultState ? "" : " --state " + ShellQuoted(flags.state_folder());
}

absl::Status FlagInvalid(const std::string& flag, const std::string& found, const std::string& allowed) {
  return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID", fmt::format("{} {}: {}", flag, found, allowed),
                   {{"flag", flag}, {"found", found}});
}

}  // namespace strata
