#include "run/source_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "run/time_format.h"

namespace strata {
namespace {

constexpr std::string_view kDelimiters = ",;|:~^\t";

}  // namespace

absl::Status ReadUri(const YamlSection& section, std::string* uri) {
  STRATA_RETURN_IF_ERROR(
      section.Require("uri", "a file, folder or glob, relative to the job file or absolute, or s3://"));
  STRATA_RETURN_IF_ERROR(section.ReadText("uri", uri));
  if (uri->size() <= kMaxUriBytes) return absl::OkStatus();
  return section.Problem("uri", fmt::format("found {} bytes; allowed: {} at most", uri->size(), kMaxUriBytes));
}

absl::Status ReadColumnName(const YamlSection& mapping, const std::string& key, std::string* column) {
  STRATA_RETURN_IF_ERROR(mapping.ReadText(key, column));
  if (column->size() <= kMaxColumnNameBytes) return absl::OkStatus();
  return mapping.Problem(
      key, fmt::format("found a column name of {} bytes; allowed: {} at most", column->size(), kMaxColumnNameBytes));
}

absl::Status ReadDelimiter(const YamlSection& section, char* delimiter) {
  if (!section.Has("delimiter")) return absl::OkStatus();
  constexpr std::string_view kAllowed = "one of , ; | : ~ ^ or tab";
  // A tab is blank, so ReadText would refuse "\t"; the word is for people.
  size_t index = 0;
  if (!section.ReadChoice("delimiter", {",", ";", "|", ":", "~", "^", "\t", "tab"}, &index).ok()) {
    return section.Invalid("delimiter", kAllowed);
  }
  *delimiter = kDelimiters[std::min(index, kDelimiters.size() - 1)];
  return absl::OkStatus();
}

absl::Status ReadTimeFormat(const YamlSection& section, std::string* time_format) {
  if (!section.Has("time_format")) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(section.ReadText("time_format", time_format));
  const auto items = CompileTimeFormat(*time_format);
  return items.ok() ? absl::OkStatus() : section.Problem("time_format", StdView(items.status().message()));
}

absl::Status ReadOnMissingCustomer(const YamlSection& section, OnMissingCustomer* rule) {
  size_t choice = *rule == OnMissingCustomer::kReject ? 0 : 1;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("on_missing_customer", {"reject", "skip"}, &choice));
  *rule = choice == 0 ? OnMissingCustomer::kReject : OnMissingCustomer::kSkip;
  return absl::OkStatus();
}

absl::Status ReadOnVanished(const YamlSection& section, OnVanished* rule) {
  if (!section.Has("on_vanished")) return absl::OkStatus();
  size_t choice = 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("on_vanished", {"keep", "error", "remove"}, &choice));
  constexpr OnVanished kVanished[] = {OnVanished::kKeep, OnVanished::kError, OnVanished::kRemove};
  *rule = kVanished[choice];
  return absl::OkStatus();
}

absl::Status ReadOnChanged(const YamlSection& section, OnChanged* rule) {
  size_t choice = *rule == OnChanged::kError ? 0 : 1;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("on_changed", {"error", "replace"}, &choice));
  *rule = choice == 0 ? OnChanged::kError : OnChanged::kReplace;
  return absl::OkStatus();
}

absl::Status ReadErrorBudget(const YamlSection& section, std::optional<ErrorBudget>* budget) {
  STRATA_ASSIGN_OR_RETURN(const auto limits, section.Section("error_budget", {"rejected_ratio_max", "rejected_max"}));
  if (!limits.has_value()) return absl::OkStatus();
  ErrorBudget& read = budget->emplace();
  STRATA_RETURN_IF_ERROR(limits->ReadNumber("rejected_ratio_max", 0, 1, &read.rejected_ratio_max));
  if (!limits->Has("rejected_max")) return absl::OkStatus();
  return limits->ReadInteger<int64_t>("rejected_max", 0, INT64_MAX, &read.rejected_max.emplace());
}

}  // namespace strata
