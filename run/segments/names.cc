#include "run/segments/names.h"

#include <fmt/format.h>

#include <memory>
#include <utility>
#include <vector>

#include "run/nearest_name.h"

namespace strata {
namespace {

template <typename Map>
std::vector<std::string> KeysOf(const Map& map) {
  std::vector<std::string> keys;
  keys.reserve(map.size());
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

}  // namespace

absl::StatusOr<NodePtr> NameScope::Column(std::string_view name, std::string_view table,
                                          SourcePosition position) const {
  const auto events = catalogue_.events.find(table);
  const NameInfos& known = table.empty() || events == catalogue_.events.end() ? catalogue_.columns : events->second;
  // FROM transactions WHERE transactions.category = ... is SQL too.
  std::string_view own = name;
  if (!table.empty() && own.size() > table.size() && own.starts_with(table) && own[table.size()] == '.') {
    own.remove_prefix(table.size() + 1);
  }
  const auto found = known.find(own);
  if (found == known.end()) return Unknown(own, table, known, position);
  Node node;
  node.kind = NodeKind::kColumn;
  node.type = found->second.type;
  node.position = position;
  node.text = found->first;
  node.table = std::string(table);
  node.stored = found->second.stored;
  node.words = found->second.words;
  return NodePtr(std::make_shared<const Node>(std::move(node)));
}

absl::Status NameScope::CheckTable(std::string_view table, SourcePosition position) const {
  if (catalogue_.events.contains(table)) return absl::OkStatus();
  const auto absent = catalogue_.absent.find(table);
  if (absent != catalogue_.absent.end()) {
    return ConditionError(position, fmt::format("{} has no rows in this job; it needs {}", table, absent->second));
  }
  const std::vector<std::string> tables = KeysOf(catalogue_.events);
  return ConditionError(
      position,
      fmt::format("there are no events in a table {}{}; allowed: {}", table, DidYouMean(table, tables),
                  tables.empty() ? "none, the job has no such table" : fmt::to_string(fmt::join(tables, ", "))));
}

absl::Status NameScope::Unknown(std::string_view name, std::string_view table, const NameInfos& known,
                                SourcePosition position) const {
  const std::string whole = table.empty() ? std::string(name) : fmt::format("{}.{}", table, name);
  const auto absent = catalogue_.absent.find(whole);
  if (absent != catalogue_.absent.end()) {
    return ConditionError(position, fmt::format("the job has no column {}; it needs {}", whole, absent->second));
  }
  if (!table.empty() && catalogue_.columns.contains(name)) {
    return ConditionError(position,
                          fmt::format("{} is a column of the customer; allowed inside of a select: columns of "
                                      "{}",
                                      name, table));
  }
  const std::string_view of_table = name.substr(0, name.find('.'));
  if (table.empty() && catalogue_.events.contains(of_table)) {
    return ConditionError(position,
                          fmt::format("columns of {} stand inside of a select; allowed: EXISTS (SELECT * FROM "
                                      "{} WHERE ...), (SELECT count(*) FROM {} WHERE ...)",
                                      of_table, of_table, of_table));
  }
  const std::vector<std::string> names = KeysOf(known);
  return ConditionError(
      position, fmt::format("unknown column {}{}; allowed: {}{}", name, DidYouMean(name, names), fmt::join(names, ", "),
                            table.empty() ? " (a text stands in single quotes)" : ""));
}

}  // namespace strata
