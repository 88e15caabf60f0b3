#include "data/rows/ledger_layouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "run/job_sources.h"
#include "run/table_schema.h"
#include "run/transaction_fields.h"

namespace strata {
namespace {

using Fingerprint = std::map<std::string, std::string>;

// The value of a field; empty where there is none.
std::string ValueOf(const Fingerprint& fields, const std::string& field) {
  const auto found = fields.find(field);
  return found == fields.end() ? std::string() : found->second;
}

TransactionSource TransactionsOf(const Fingerprint& fields) {
  TransactionSource source;
  for (const TransactionFieldInfo& info : kTransactionFields) {
    source.columns.*(info.column) = ValueOf(fields, std::string("sources.transactions.columns.") + info.name);
  }
  source.keep_lines = ValueOf(fields, "sources.transactions.lines") != "drop";
  return source;
}

std::vector<ExtraColumn> ExtrasOf(const Fingerprint& fields, const std::string& prefix) {
  constexpr std::string_view kType = ".type";
  std::vector<ExtraColumn> extras;
  for (auto it = fields.lower_bound(prefix); it != fields.end() && it->first.starts_with(prefix); ++it) {
    if (!it->first.ends_with(kType)) continue;
    ExtraColumn extra;
    extra.name = it->first.substr(prefix.size(), it->first.size() - prefix.size() - kType.size());
    extra.type = ExtraTypeNamed(it->second).value_or(ValueType::kCategory);
    extras.push_back(std::move(extra));
  }
  return extras;
}

std::vector<TableSource> TablesOf(const Fingerprint& fields) {
  std::vector<TableSource> tables;
  for (const TableSchema& schema : AllTables()) {
    if (schema.id == TableId::kTransactions) continue;
    const std::string prefix = "sources." + std::string(schema.name) + ".";
    TableSource source;
    source.table = schema.id;
    for (const ColumnSchema& column : schema.columns) {
      const std::string name(column.name);
      const std::string mapped = ValueOf(fields, prefix + "columns." + name);
      if (!mapped.empty()) source.columns[name] = mapped;
    }
    source.extra = ExtrasOf(fields, prefix + "extra.");
    if (!source.columns.empty()) tables.push_back(std::move(source));
  }
  return tables;
}

}  // namespace

std::vector<TableLayout> LayoutsOf(const TransactionSource& transactions, const std::vector<TableSource>& tables) {
  std::vector<TableLayout> layouts;
  if (KeepsLines(transactions)) layouts.push_back(LineLayoutOf(transactions));
  bool has_links = false;
  for (const TableSource& source : tables) {
    layouts.push_back(LayoutOf(source));
    has_links |= HasLinks(source);
  }
  if (has_links) layouts.push_back(LinkLayout());
  return layouts;
}

std::vector<TableLayout> LayoutsOf(const LedgerVersion& version) {
  const Fingerprint fields(version.fingerprint.begin(), version.fingerprint.end());
  return LayoutsOf(TransactionsOf(fields), TablesOf(fields));
}

absl::StatusOr<const TableLayout*> FindLayout(std::span<const TableLayout> layouts, TableId table) {
  const auto found = std::find_if(layouts.begin(), layouts.end(),
                                  [table](const TableLayout& layout) { return layout.table == table; });
  if (found != layouts.end()) return &*found;
  return MakeError(absl::StatusCode::kInternal, "TABLE_UNKNOWN",
                   fmt::format("rows of table {} are named, which the job does not keep", SchemaOf(table).name));
}

}  // namespace strata
