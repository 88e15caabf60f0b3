#include "data/source/table_mapper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "data/source/glob.h"
#include "data/source/split_reader.h"
#include "run/source_fields.h"

namespace strata {
namespace {

struct LinkColumn {
  std::string_view column;
  std::string_view kind;
};
constexpr LinkColumn kLinkColumns[] = {{"referrer_id", "referrer"}, {"parent_id", "parent"}};
constexpr size_t kKind = 0;  // of LinkLayout's columns

int LinkKindOf(TableId table, std::string_view column) {
  for (size_t i = 0; table == TableId::kCustomers && i < std::size(kLinkColumns); ++i) {
    if (kLinkColumns[i].column == column) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

absl::StatusOr<std::optional<Day>> ValidFromOf(const TableSource& source, std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);  // npos + 1 is 0
  const std::pair<std::string, Day>* found = nullptr;
  for (const auto& pattern : source.valid_from) {
    if (!GlobMatches(pattern.first, name)) continue;
    if (found != nullptr) {
      return MakeError(absl::StatusCode::kInvalidArgument, "VALID_FROM_AMBIGUOUS",
                       fmt::format("{}: the patterns '{}' and '{}' of sources.{}.valid_from both match it; allowed: at "
                                   "most one of them for each file",
                                   path, found->first, pattern.first, SchemaOf(source.table).name),
                       {{"file", std::string(path)}});
    }
    found = &pattern;
  }
  return found == nullptr ? std::nullopt : std::optional(found->second);
}

absl::StatusOr<TableMapper> TableMapper::ForSource(const Job& job, const TableSource& source, const std::string& path,
                                                   int32_t file_number, const AliasTable* aliases) {
  STRATA_ASSIGN_OR_RETURN(const std::optional<Day> valid_from, ValidFromOf(source, path));
  STRATA_ASSIGN_OR_RETURN(TableParser parser, TableParser::ForSource(job, source, valid_from));
  return TableMapper(job, source, std::move(parser), path, file_number, aliases);
}

TableMapper::TableMapper(const Job& job, const TableSource& source, TableParser parser, const std::string& path,
                         int32_t file_number, const AliasTable* aliases)
    : source_(&source),
      aliases_(aliases),
      parser_(std::move(parser)),
      rejects_(FieldsOf(source), {.time_format = source.time_format, .currency = job.currency}, path),
      rows_(LayoutOf(source), job.shards, file_number) {
  if (HasLinks(source)) links_.emplace(LinkLayout(), job.shards, file_number);
  const std::vector<SourceField>& fields = rejects_.fields().fields;
  for (const std::string& name : rows_.layout().names) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&name](const auto& f) { return f.name == name; });
    kept_.push_back({.field = static_cast<size_t>(field - fields.begin()),
                     .type = rows_.layout().types[kept_.size()],
                     .link_kind = LinkKindOf(source.table, name)});
  }
  const std::span<const ColumnSchema> columns = SchemaOf(source.table).columns;
  const ColumnSchema* owner = SchemaOf(source.table).Marked(kCustomer);
  if (owner != nullptr) customer_field_ = static_cast<size_t>(owner - columns.data());
}

void TableMapper::OnBlank(int64_t) {
  ++counts_.read;
  ++counts_.blank;
}

void TableMapper::OnMalformed(int64_t line, const Fault& fault) {
  ++counts_.read;
  ++counts_.rejected;
  rejects_.Add(line, fault, nullptr);
}

void TableMapper::OnRow(int64_t line, const Cells& cells) {
  ++counts_.read;
  Fault fault;
  if (parser_.Parse(cells, &row_, &fault)) {
    ++counts_.accepted;
    Keep();
    return;
  }
  const bool no_customer = fault.kind == FaultKind::kMissing && customer_field_ == size_t{fault.field};
  if (no_customer && source_->on_missing_customer == OnMissingCustomer::kSkip) {
    ++counts_.skipped_no_customer;
    return;
  }
  ++counts_.rejected;
  rejects_.Add(line, fault, &cells);
}

void TableMapper::Keep() {
  rows_.Add({.customer_id = Resolve(row_.customer_id),
             .day = row_.day,
             .minute = row_.minute,
             .key = row_.key,
             .version = row_.updated_at_us,
             .row_hash = row_.row_hash});
  for (size_t i = 0; i < kept_.size(); ++i) {
    const Kept& kept = kept_[i];
    const TableValue& value = row_.values[kept.field];
    if (IsCoded(kept.type)) {
      rows_.AddWord(i, value.present ? value.text : std::string_view());
      continue;
    }
    if (kept.type != ValueType::kKey) {
      rows_.AddWhole(i, value.present ? value.whole : kNoWhole);
      continue;
    }
    rows_.AddWhole(i, value.present ? StoredKey(value.text) : kNoWhole);
    if (value.present && kept.link_kind >= 0) Link(Resolve(value.text), kept.link_kind);
  }
}

void TableMapper::Link(std::string_view named, int kind) {
  const std::string_view word = kLinkColumns[kind].kind;
  Hash128 key = row_.key;
  key.low ^= Hash64(word);  // one row may name two
  links_->Add({.customer_id = named,
               .day = row_.day,
               .minute = row_.minute,
               .key = key,
               .version = row_.updated_at_us,
               .row_hash = row_.row_hash});
  links_->AddWord(kKind, word);
}

MappedTable TableMapper::Take() {
  MappedTable mapped{.counts = counts_, .rows = rows_.Take()};
  if (links_.has_value()) mapped.links = links_->Take();
  mapped.quarantine = rejects_.TakeRows();
  mapped.rejected_by_reason = rejects_.ByReason();
  return mapped;
}

absl::StatusOr<MappedTable> MapTableSplit(FileSystem& file_system, const std::string& path, const FileScan& expected,
                                          const Split& split, const Job& job, const TableSource& source,
                                          int32_t file_number, const MapTables& tables) {
  STRATA_ASSIGN_OR_RETURN(TableMapper mapper, TableMapper::ForSource(job, source, path, file_number, tables.aliases));
  STRATA_RETURN_IF_ERROR(ReadSplit(file_system, path, expected, split, FieldsOf(source), &mapper));
  return mapper.Take();
}

}  // namespace strata
