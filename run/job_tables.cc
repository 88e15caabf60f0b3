#include "run/job_tables.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "run/source_keys.h"

namespace strata {
namespace {

using Column = std::pair<const char*, std::string*>;  // key and where its column goes

absl::Status ReadTable(const YamlSection& section, std::string* uri, std::initializer_list<Column> columns) {
  STRATA_RETURN_IF_ERROR(ReadUri(section, uri));
  std::vector<std::string> keys;
  for (const Column& column : columns) keys.emplace_back(column.first);
  STRATA_RETURN_IF_ERROR(
      section.Require("columns", fmt::format("a mapping from {} to columns of the table", fmt::join(keys, ", "))));
  STRATA_ASSIGN_OR_RETURN(const auto mapping, section.Section("columns", keys));
  for (const auto& [key, column] : columns) {
    STRATA_RETURN_IF_ERROR(mapping->Require(key, "the name of a column of the table"));
    STRATA_RETURN_IF_ERROR(ReadColumnName(*mapping, key, column));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadTables(const YamlSection& sources, Job* job) {
  STRATA_ASSIGN_OR_RETURN(const auto aliases, sources.Section("aliases", {"uri", "columns"}));
  if (aliases.has_value()) {
    AliasSource& source = job->aliases.emplace();
    STRATA_RETURN_IF_ERROR(ReadTable(*aliases, &source.uri,
                                     {{"old_id", &source.old_id}, {"new_id", &source.new_id}, {"date", &source.date}}));
  }
  STRATA_ASSIGN_OR_RETURN(const auto fx, sources.Section("fx", {"uri", "columns"}));
  if (fx.has_value()) {
    if (job->transactions.columns.currency.empty()) {
      return sources.Problem("fx",
                             "is given although no column says a row's currency; allowed: with "
                             "sources.transactions.columns.currency");
    }
    FxSource& source = job->fx.emplace();
    STRATA_RETURN_IF_ERROR(
        ReadTable(*fx, &source.uri, {{"currency", &source.currency}, {"day", &source.day}, {"rate", &source.rate}}));
  }
  return absl::OkStatus();
}

}  // namespace strata
