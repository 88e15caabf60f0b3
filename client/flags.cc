#include "client/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "store/state_layout.h"

namespace strata {

void AddStateOption(CLI::App* command, StateFlags* flags, const std::string& description) {
  const auto named = [](const std::string& text) {
    return std::string(text.empty() ? "found ''; allowed is the name of a folder" : "");
  };
  command->add_option("--state", flags->state, description)->type_name("DIR")->check(CLI::Validator(named, ""));
}

void AddStateFlags(CLI::App* command, StateFlags* flags) {
  AddStateOption(command, flags, "the state folder to use (default: .strata)");
  command->add_option("--target", flags->target, "ask the server at this address instead of a state folder")
      ->type_name("HOST:PORT");
  command->add_option("--job", flags->job, "the job; needed where there is more than one")->type_name("NAME");
  AddJsonFlag(command, &flags->json);
}

void AddSnapshotFlag(CLI::App* command, StateFlags* flags) {
  AllowRange(command->add_option("--snapshot", flags->snapshot, "a certain snapshot (default: the current one)")
                 ->type_name("N"),
             1, kMaxNumber);
}

void AllowRange(CLI::Option* option, int64_t min, int64_t max) {
  option->check(CLI::Validator(
      [min, max](const std::string& text) -> std::string {
        int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size() && value >= min && value <= max) return "";
        return fmt::format("found '{}'; allowed is a whole number from {} to {}", text, min, max);
      },
      ""));
}

void AddJsonFlag(CLI::App* command, bool* json) {
  command->add_flag("--json", *json, "one JSON object on the standard output");
}

std::string WhereWords(const StateFlags& flags) {
  if (flags.remote()) return " --target " + ShellQuoted(flags.target);
  return StateWords(flags.state_folder());
}

ReportPlace PlaceOf(const StateFlags& flags) {
  return {.where = WhereWords(flags), .objects_root = flags.remote() ? "" : ObjectsRoot(flags.state_folder())};
}

}  // namespace strata
