#include "data/source/columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/source/text.h"
#include "run/nearest_name.h"

namespace strata {
namespace {

constexpr size_t kNamesShown = 50;  // of a wide file; the nearest name is shown anyway
constexpr size_t kNameBytesShown = 64;

std::string ListOf(const std::vector<std::string>& names) {
  std::string list;
  for (size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
    list += fmt::format("{}'{}'", i == 0 ? "" : ", ", Printable(names[i], kNameBytesShown));
  }
  if (names.size() > kNamesShown) list += fmt::format(" and {} more", names.size() - kNamesShown);
  return list;
}

}  // namespace

absl::StatusOr<FieldColumns> MatchColumns(const std::vector<std::string>& names, const SourceFields& fields,
                                          std::string_view path) {
  FieldColumns columns(fields.size(), -1);
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!fields.fields[i].is_mapped()) continue;
    const std::string& wanted = fields.fields[i].column;
    const std::string& key = fields.fields[i].key;
    const auto metadata = [&] {
      return std::map<std::string, std::string>{{"file", std::string(path)}, {"column", wanted}, {"key", key}};
    };
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found == names.end()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING",
                       fmt::format("{}: found no column '{}' ({}){}; columns there: {}", path, wanted, key,
                                   DidYouMean(wanted, names), ListOf(names)),
                       metadata());
    }
    if (std::find(found + 1, names.end(), wanted) != names.end()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "COLUMN_DUPLICATE",
                       fmt::format("{}: found the column '{}' ({}) more than once; allowed: once; columns there: {}",
                                   path, wanted, key, ListOf(names)),
                       metadata());
    }
    columns[i] = static_cast<int>(found - names.begin());
  }
  return columns;
}

}  // namespace strata
