#include "client/flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "store/cache_flags.h"
#include "store/state.h"

namespace strata {
namespace {

constexpr char kFolderAllowed[] = "the name of a folder";

CLI::Validator NotEmpty(const std::string& allowed) {
  return CLI::Validator(
      [allowed](const std::string& text) { return text.empty() ? "found ''; allowed is " + allowed : std::string(); },
      "");
}

}  // namespace

void AddStateOption(CLI::App* command, StateFlags* flags, const std::string& description) {
  command->add_option("--state", flags->state, description)->type_name("DIR")->check(NotEmpty(kFolderAllowed));
  command
      ->add_option("--objects", flags->objects,
                   "where the state's objects are: a folder or s3://bucket/prefix (default: as the state remembers; "
                   "DIR/objects for a new one)")
      ->type_name("URI")
      ->check(NotEmpty("a folder or s3://bucket/prefix"));
  AddCacheFlags(command, "DIR/cache", &flags->cache_dir, &flags->cache_bytes);
}

StateOptions StateFlags::place() const {
  return {.folder = state_folder(),
          .objects = objects,
          .cache_dir = cache_dir,
          .cache_bytes = cache_bytes,
          .note = [](const std::string& note) { fmt::print(stderr, "strata: {}\n", note); }};
}

std::string StateFlags::local_words() const {
  if (state.has_value()) return "--state a folder";
  if (!objects.empty()) return "--objects the objects of a folder";
  if (!cache_dir.empty()) return "--cache-dir the cache of a folder";
  return cache_bytes != kDefaultCacheBytes ? "--cache-bytes the size of a folder's cache" : "";
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
  if (flags.remote()) return {.where = WhereWords(flags), .objects_root = ""};
  const auto objects = RememberedObjects(flags.state_folder());
  return {.where = WhereWords(flags), .objects_root = objects.value_or("")};
}

}  // namespace strata
