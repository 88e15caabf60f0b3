#include "run/time_format.h"

#include <fmt/format.h>

namespace strata {
namespace {

constexpr std::string_view kConversions = "YmdybHIMSpz";

absl::Status Invalid(std::string_view format, std::string_view problem) {
  return MakeError(absl::StatusCode::kInvalidArgument, "TIME_FORMAT_INVALID",
                   fmt::format("time format '{}' {}", format, problem));
}

// Checks that the conversions name one point of time.
absl::Status CheckParts(std::string_view format, std::string_view used) {
  const auto has = [used](char c) { return used.find(c) != std::string_view::npos; };
  if (has('Y') == has('y')) return Invalid(format, "must name the year once, as %Y or %y");
  if (has('m') == has('b')) return Invalid(format, "must name the month once, as %m or %b");
  if (!has('d')) return Invalid(format, "must name the day, as %d");
  if (has('H') && has('I')) return Invalid(format, "names the hour twice, as %H and %I");
  if (has('I') != has('p')) return Invalid(format, "must use %I and %p together");
  const bool has_hour = has('H') || has('I');
  if (has('M') != has_hour) return Invalid(format, "must name hour and minute together (%H:%M or %I:%M %p)");
  if (has('S') && !has_hour) return Invalid(format, "names seconds without hour and minute");
  if (has('z') && !has_hour) return Invalid(format, "names an offset (%z) without hour and minute");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<TimeFormatItem>> CompileTimeFormat(std::string_view format) {
  if (format.size() > kMaxTimeFormatBytes) {
    return Invalid(format.substr(0, kMaxTimeFormatBytes), fmt::format("is longer than {} bytes", kMaxTimeFormatBytes));
  }
  std::vector<TimeFormatItem> items;
  std::string used;
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c == ' ' || c == '\t') {
      if (items.empty() || items.back().conversion != ' ') items.push_back({.conversion = ' '});
      continue;
    }
    if (c != '%') {
      items.push_back({.literal = c});
      continue;
    }
    ++i;
    const char conversion = i < format.size() ? format[i] : '\0';
    if (conversion == '%') {
      items.push_back({.literal = '%'});
      continue;
    }
    if (conversion == '\0' || kConversions.find(conversion) == std::string_view::npos) {
      return Invalid(format, fmt::format("has '%{}'; allowed are %Y %y %m %b %d %H %I %M %S %p %z and %%",
                                         conversion == '\0' ? "" : std::string(1, conversion)));
    }
    if (used.find(conversion) != std::string::npos) {
      return Invalid(format, fmt::format("has '%{}' twice", conversion));
    }
    used.push_back(conversion);
    items.push_back({.conversion = conversion});
  }
  STRATA_RETURN_IF_ERROR(CheckParts(format, used));
  return items;
}

}  // namespace strata
