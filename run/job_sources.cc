#include "run/job_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "run/source_keys.h"

namespace strata {
namespace {

constexpr size_t kMaxWordsOfAField = 1000;        // a choice has ten words at most; sources spell them in many ways
constexpr size_t kMaxValidFromPatterns = 10'000;  // a file a day for 27 years
constexpr size_t kMaxExtraNameBytes = 63;
constexpr std::string_view kColumnAllowed = "the name of a column of the source";

struct ExtraType {
  const char* name;
  ValueType type;
};
constexpr std::array<ExtraType, 4> kExtraTypes = {{{"category", ValueType::kCategory},
                                                   {"number", ValueType::kDecimal},
                                                   {"day", ValueType::kDay},
                                                   {"flag", ValueType::kFlag}}};

std::vector<std::string> KnownKeys(const TableSchema& schema) {
  std::vector<std::string> keys = {"uri", "columns", "time_format", "delimiter"};
  const auto is_choice = [](const ColumnSchema& column) { return column.type == ValueType::kChoice; };
  if (std::any_of(schema.columns.begin(), schema.columns.end(), is_choice)) keys.emplace_back("values");
  if (schema.id == TableId::kCustomers) keys.emplace_back("extra");
  if (schema.effect == Effect::kVersion) keys.emplace_back("valid_from");
  if (schema.placing == Placing::kCustomer) keys.emplace_back("on_missing_customer");
  for (const char* key : {"on_vanished", "on_changed", "error_budget"}) keys.emplace_back(key);
  return keys;
}

absl::Status CheckColumns(const YamlSection& section, const YamlSection& mapping, const TableSchema& schema,
                          const TableSource& source) {
  for (const ColumnSchema& column : schema.columns) {
    if (column.Is(kRequired)) STRATA_RETURN_IF_ERROR(mapping.Require(std::string(column.name), kColumnAllowed));
  }
  if (schema.placing == Placing::kEither && !source.Maps("customer_id") && !source.Maps("activity")) {
    return section.Problem("columns",
                           "says neither whom nor what a row is for; allowed: customer_id, activity or both");
  }
  const ColumnSchema* updated_at = schema.Marked(kUpdatedAt);
  if (updated_at != nullptr && source.Maps(updated_at->name) && !source.HasRowKey()) {
    return mapping.Problem(
        std::string(updated_at->name),
        fmt::format("is mapped without {}; it only chooses between rows of one key, allowed: both or "
                    "neither",
                    schema.FirstKey()->name));
  }
  return absl::OkStatus();
}

absl::Status ReadColumns(const YamlSection& section, const TableSchema& schema, TableSource* source) {
  STRATA_RETURN_IF_ERROR(section.Require("columns", "a mapping from columns of the table to columns of the source"));
  std::vector<std::string> fields;
  for (const ColumnSchema& column : schema.columns) fields.emplace_back(column.name);
  STRATA_ASSIGN_OR_RETURN(const auto mapping, section.Section("columns", fields));
  for (const std::string& field : fields) {
    if (mapping->Has(field)) STRATA_RETURN_IF_ERROR(ReadColumnName(*mapping, field, &source->columns[field]));
  }
  return CheckColumns(section, *mapping, schema, *source);
}

// The words of one field, all of them words of its choice.
absl::Status ReadWords(const YamlSection& fields, const ColumnSchema& column,
                       std::map<std::string, std::string>* words) {
  const std::string field(column.name);
  STRATA_ASSIGN_OR_RETURN(const auto mapping, fields.OpenSection(field,
                                                                 fmt::format("a mapping from words of the source to {}",
                                                                             fmt::join(WordsOf(column), ", ")),
                                                                 kMaxWordsOfAField));
  const std::vector<std::string> allowed = WordsOf(column);
  for (const std::string& word : mapping->keys()) {
    if (word.size() > kMaxCategoryBytes) {
      return mapping->Problem(
          word, fmt::format("found a word of {} bytes; allowed: {} at most", word.size(), kMaxCategoryBytes));
    }
    size_t index = 0;
    STRATA_RETURN_IF_ERROR(mapping->ReadChoice(word, allowed, &index));
    words->emplace(word, allowed[index]);
  }
  return absl::OkStatus();
}

absl::Status ReadValues(const YamlSection& section, const TableSchema& schema, TableSource* source) {
  std::vector<std::string> choices;
  for (const ColumnSchema& column : schema.columns) {
    if (column.type == ValueType::kChoice) choices.emplace_back(column.name);
  }
  STRATA_ASSIGN_OR_RETURN(const auto fields, section.Section("values", choices));
  if (!fields.has_value()) return absl::OkStatus();
  for (const std::string& field : fields->keys()) {
    if (!source->Maps(field)) {
      return fields->Problem(field, fmt::format("has words although no column is mapped to it; allowed: with {} in "
                                                "columns",
                                                field));
    }
    STRATA_RETURN_IF_ERROR(ReadWords(*fields, *FindColumn(schema.id, field), &source->values[field]));
  }
  return absl::OkStatus();
}

bool IsExtraName(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kMaxExtraNameBytes && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), allowed);
}

absl::Status ReadExtra(const YamlSection& section, TableSource* source) {
  STRATA_ASSIGN_OR_RETURN(
      const auto extra,
      section.OpenSection("extra", "a mapping from a name to {column: …, type: …}", kMaxExtraColumns));
  if (!extra.has_value()) return absl::OkStatus();
  std::vector<std::string> types;
  for (const ExtraType& type : kExtraTypes) types.emplace_back(type.name);
  for (const std::string& name : extra->keys()) {
    if (!IsExtraName(name)) {
      return extra->Problem(name,
                            "is no name for a column; allowed: a small letter, then up to 62 small letters, digits or "
                            "underscores");
    }
    if (FindColumn(source->table, name) != nullptr) {
      return extra->Problem(name, "is a column of the table itself; allowed: in columns, or another name");
    }
    ExtraColumn& column = source->extra.emplace_back();
    column.name = name;
    STRATA_ASSIGN_OR_RETURN(const auto of_column, extra->Section(name, {"column", "type"}));
    STRATA_RETURN_IF_ERROR(of_column->Require("column", kColumnAllowed));
    STRATA_RETURN_IF_ERROR(ReadColumnName(*of_column, "column", &column.column));
    STRATA_RETURN_IF_ERROR(of_column->Require("type", fmt::format("{}", fmt::join(types, ", "))));
    size_t type = 0;
    STRATA_RETURN_IF_ERROR(of_column->ReadChoice("type", types, &type));
    column.type = kExtraTypes[type].type;
  }
  return absl::OkStatus();
}

absl::Status ReadDay(const YamlSection& section, const std::string& key, Day* day) {
  std::string text;
  const bool is_text = section.ReadText(key, &text).ok();
  const absl::StatusOr<Day> parsed = ParseDay(text);
  if (!is_text || !parsed.ok()) {
    return section.Invalid(key, fmt::format("a day of the calendar as YYYY-MM-DD, {} to {}", kFirstYear, kLastYear));
  }
  *day = *parsed;
  return absl::OkStatus();
}

absl::Status ReadValidFrom(const YamlSection& section, TableSource* source) {
  if (!section.Has("valid_from")) return absl::OkStatus();
  if (source->Maps("valid_from")) {
    return section.Problem("valid_from", "is given although a column says it; allowed: here or in columns, not both");
  }
  if (!section.IsMapping("valid_from")) {
    return ReadDay(section, "valid_from", &source->valid_from.emplace_back("*", 0).second);
  }
  STRATA_ASSIGN_OR_RETURN(const auto dates, section.OpenSection("valid_from",
                                                                "a date, or a mapping from patterns of "
                                                                "file names to dates",
                                                                kMaxValidFromPatterns));
  for (const std::string& pattern : dates->keys()) {
    STRATA_RETURN_IF_ERROR(ReadDay(*dates, pattern, &source->valid_from.emplace_back(pattern, 0).second));
  }
  return absl::OkStatus();
}

absl::StatusOr<TableSource> ReadTableSource(const YamlSection& section, const TableSchema& schema) {
  TableSource source;
  source.table = schema.id;
  STRATA_RETURN_IF_ERROR(ReadUri(section, &source.uri));
  STRATA_RETURN_IF_ERROR(ReadColumns(section, schema, &source));
  STRATA_RETURN_IF_ERROR(ReadValues(section, schema, &source));
  STRATA_RETURN_IF_ERROR(ReadExtra(section, &source));
  STRATA_RETURN_IF_ERROR(ReadValidFrom(section, &source));
  STRATA_RETURN_IF_ERROR(ReadTimeFormat(section, &source.time_format));
  STRATA_RETURN_IF_ERROR(ReadDelimiter(section, &source.delimiter));
  STRATA_RETURN_IF_ERROR(ReadOnMissingCustomer(section, &source.on_missing_customer));
  STRATA_RETURN_IF_ERROR(ReadOnVanished(section, &source.on_vanished));
  STRATA_RETURN_IF_ERROR(ReadOnChanged(section, &source.on_changed));
  STRATA_RETURN_IF_ERROR(ReadErrorBudget(section, &source.error_budget));
  return source;
}

const char* NameOfExtra(ValueType type) {
  const auto found = std::find_if(kExtraTypes.begin(), kExtraTypes.end(),
                                  [type](const ExtraType& extra) { return extra.type == type; });
  return found->name;
}

}  // namespace

bool TableSource::Maps(std::string_view field) const { return columns.contains(std::string(field)); }

bool TableSource::HasRowKey() const {
  const ColumnSchema* first = SchemaOf(table).FirstKey();
  return first != nullptr && Maps(first->name);
}

absl::StatusOr<std::vector<TableSource>> ReadTableSources(const YamlSection& sources) {
  std::vector<TableSource> tables;
  for (const TableSchema& schema : AllTables()) {
    if (schema.id == TableId::kTransactions) continue;
    STRATA_ASSIGN_OR_RETURN(const auto section, sources.Section(std::string(schema.name), KnownKeys(schema)));
    if (!section.has_value()) continue;
    STRATA_ASSIGN_OR_RETURN(tables.emplace_back(), ReadTableSource(*section, schema));
  }
  return tables;
}

std::optional<ValueType> ExtraTypeNamed(std::string_view name) {
  const auto found = std::find_if(kExtraTypes.begin(), kExtraTypes.end(),
                                  [name](const ExtraType& extra) { return extra.name == name; });
  return found == kExtraTypes.end() ? std::nullopt : std::optional(found->type);
}

std::vector<std::pair<std::string, std::string>> TablesFingerprint(const std::vector<TableSource>& tables) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const TableSource& source : tables) {
    const TableSchema& schema = SchemaOf(source.table);
    const std::string prefix = fmt::format("sources.{}.", schema.name);
    const auto add = [&](const std::string& key, std::string value) {
      pairs.emplace_back(prefix + key, std::move(value));
    };
    for (const ColumnSchema& column : schema.columns) {
      const auto found = source.columns.find(std::string(column.name));
      if (found != source.columns.end()) add(fmt::format("columns.{}", column.name), found->second);
    }
    for (const auto& [field, words] : source.values) {
      for (const auto& [word, of_choice] : words) add(fmt::format("values.{}.{}", field, word), of_choice);
    }
    for (const ExtraColumn& extra : source.extra) {
      add(fmt::format("extra.{}.column", extra.name), extra.column);
      add(fmt::format("extra.{}.type", extra.name), NameOfExtra(extra.type));
    }
    for (const auto& [pattern, day] : source.valid_from) add(fmt::format("valid_from.{}", pattern), FormatDay(day));
    add("time_format", source.time_format);
    add("delimiter", std::string(1, source.delimiter));
    if (schema.placing == Placing::kCustomer) {
      add("on_missing_customer", source.on_missing_customer == OnMissingCustomer::kSkip ? "skip" : "reject");
    }
  }
  return pairs;
}

}  // namespace strata
