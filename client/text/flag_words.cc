#include "client/text/flag_words.h"

#include <fmt/format.h>

namespace strata {

std::string ShellQuoted(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string StateWords(const std::string& state) {
  return state == kDefaultState ? "" : " --state " + ShellQuoted(state);
}

absl::Status FlagInvalid(const std::string& flag, const std::string& found, const std::string& allowed) {
  return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID", fmt::format("{} {}: {}", flag, found, allowed),
                   {{"flag", flag}, {"found", found}});
}

}  // namespace strata
