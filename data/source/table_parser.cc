#include "data/source/table_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/local_minutes.h"
#include "data/source/decimal.h"
#include "data/source/row_parser.h"
#include "data/source/text.h"
#include "run/source_fields.h"

namespace strata {
namespace {

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kNanosPerMinute = 60'000'000'000;

bool Fail(FaultKind kind, size_t place, std::string_view value, Fault* fault) {
  fault->kind = kind;
  fault->field = static_cast<uint16_t>(place);
  fault->value = value;
  return false;
}

// A column of the job's own, as the schema would describe it.
ColumnSchema SchemaOfExtra(const ExtraColumn& extra) {
  ColumnSchema schema;
  schema.type = extra.type;
  return schema;
}

std::string ShowLimit(const ColumnSchema& schema, int64_t value) {
  return schema.type == ValueType::kInteger ? fmt::format("{}", value) : FormatMicros(value);
}

std::string AllowedRange(const ColumnSchema& schema) {
  if (!schema.max.has_value()) return fmt::format("{} or more", ShowLimit(schema, *schema.min));
  if (!schema.min.has_value()) return fmt::format("at most {}", ShowLimit(schema, *schema.max));
  return fmt::format("{} to {}", ShowLimit(schema, *schema.min), ShowLimit(schema, *schema.max));
}

// Limits of a survey's score: whole numbers from `min` to `max`.
struct ScoreScale {
  std::string_view instrument;
  int64_t min;
  int64_t max;
};
constexpr ScoreScale kScales[] = {{"nps", 0, 10}, {"kano", 1, 5}};

}  // namespace

absl::StatusOr<TableParser> TableParser::ForSource(const Job& job, const TableSource& source,
                                                   std::optional<Day> file_valid_from) {
  Job times;  // the job's zone, the table's format
  times.time_zone = job.time_zone;
  times.transactions.time_format = source.time_format;
  STRATA_ASSIGN_OR_RETURN(TimeReader reader, TimeReader::ForJob(times));
  return TableParser(source, std::move(reader), file_valid_from);
}

TableParser::TableParser(const TableSource& source, TimeReader times, std::optional<Day> file_valid_from)
    : table_(source.table), has_key_(source.HasRowKey()), times_(std::move(times)), file_valid_from_(file_valid_from) {
  const std::span<const ColumnSchema> columns = SchemaOf(table_).columns;
  for (const ColumnSchema& schema : columns) {
    Field& field = fields_.emplace_back(FieldOf(source, schema));
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == schema.not_before) field.starts_at = static_cast<int>(i);
    }
  }
  for (const ExtraColumn& extra : source.extra) {
    Field& field = fields_.emplace_back();
    field.schema = SchemaOfExtra(extra);
    field.mapped = true;
  }
  nanos_.resize(fields_.size());
  is_flag_.resize(fields_.size());
  tags_.resize(fields_.size());
}

TableParser::Field TableParser::FieldOf(const TableSource& source, const ColumnSchema& schema) {
  Field field;
  field.schema = schema;
  field.mapped = source.Maps(schema.name);
  for (const std::string& word : WordsOf(schema)) field.words.emplace(word, word);
  const auto values = source.values.find(std::string(schema.name));
  if (values == source.values.end()) return field;
  for (const auto& [word, of_choice] : values->second) field.words.insert_or_assign(word, of_choice);
  return field;
}

bool TableParser::Parse(const Cells& cells, ParsedTableRow* row, Fault* fault) {
  row->values.assign(fields_.size(), TableValue());
  row->customer_id = {};
  row->updated_at_us = kNoUpdatedAt;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (!fields_[i].mapped) continue;
    if (!ParseValue(cells[i], i, &row->values[i], fault)) return false;
    const ColumnSchema& schema = fields_[i].schema;
    if (schema.Is(kCustomer)) row->customer_id = row->values[i].text;
    if (schema.Is(kUpdatedAt) && row->values[i].present) times_.ReadInstantMicros(cells[i], &row->updated_at_us);
  }
  Place(row);
  SettleFlags(row);
  if (!CheckRow(cells, *row, fault) || !CheckScore(cells, *row, fault)) return false;
  Hash(row);
  return true;
}

bool TableParser::ParseValue(const Cell& cell, size_t place, TableValue* value, Fault* fault) {
  const Field& field = fields_[place];
  const ColumnSchema& schema = field.schema;
  if (IsMissing(cell)) return !schema.Is(kRequired) || Fail(FaultKind::kMissing, place, "", fault);
  FaultKind kind = FaultKind::kNone;
  switch (schema.type) {
    case ValueType::kKey:
    case ValueType::kCategory:
      kind = ReadText(cell, value);
      break;
    case ValueType::kChoice: {
      const auto word = field.words.find(TrimBlanks(cell.text));
      if (word != field.words.end()) {
        value->text = word->second;
      } else {
        kind = FaultKind::kUnknownChoice;
        std::set<std::string_view> words;
        for (const auto& [of_source, of_choice] : field.words) words.insert(of_source);
        fault->allowed = fmt::format("{}", fmt::join(words, ", "));
      }
      break;
    }
    case ValueType::kInteger:
    case ValueType::kDecimal:
    case ValueType::kMoney:
    case ValueType::kShare:
      kind = ReadNumber(cell, schema, value);
      if (kind == FaultKind::kOutOfRange) fault->allowed = AllowedRange(schema);
      break;
    case ValueType::kDay:
    case ValueType::kTime:
      kind = ReadTime(cell, place, value);
      break;
    case ValueType::kFlag: {
      bool flag = false;
      kind = ReadFlag(cell, &flag);
      value->whole = flag ? 1 : 0;
      break;
    }
    case ValueType::kTags:
      kind = ReadTags(cell, place, value);
      break;
  }
  value->present = kind == FaultKind::kNone;
  return value->present || Fail(kind, place, cell.text, fault);
}

FaultKind TableParser::ReadText(const Cell& cell, TableValue* value) const {
  if (cell.kind == Cell::Kind::kNotInteger) return FaultKind::kNotInteger;
  if (!cell.is_clean && !IsUtf8(cell.text)) return FaultKind::kNotUtf8;
  value->text = cell.text;
  return cell.text.size() > kMaxCategoryBytes ? FaultKind::kTooLong : FaultKind::kNone;
}

FaultKind TableParser::ReadNumber(const Cell& cell, const ColumnSchema& schema, TableValue* value) const {
  int64_t micros = cell.micros;
  if (cell.kind != Cell::Kind::kMicros) {
    const Decimal decimal = ParseMicros(cell.text);
    if (decimal.fault != FaultKind::kNone) return decimal.fault;
    micros = decimal.micros;
  }
  const bool whole = schema.type == ValueType::kInteger;
  if (whole && micros % kMicros != 0) return FaultKind::kNotInteger;
  value->whole = whole ? micros / kMicros : micros;
  const bool low = schema.min.has_value() && value->whole < *schema.min;
  const bool high = schema.max.has_value() && value->whole > *schema.max;
  return low || high ? FaultKind::kOutOfRange : FaultKind::kNone;
}

FaultKind TableParser::ReadTime(const Cell& cell, size_t place, TableValue* value) {
  is_flag_[place] = false;
  nanos_[place] = 0;
  bool flag = false;
  if (fields_[place].schema.Is(kFlagServes) && cell.kind == Cell::Kind::kText &&
      ReadFlag(cell, &flag) == FaultKind::kNone) {
    is_flag_[place] = true;
    value->whole = flag ? 1 : 0;
    return FaultKind::kNone;
  }
  LocalTime time;
  const FaultKind kind = times_.ReadLocal(cell, &time);
  if (kind != FaultKind::kNone) return kind;
  if (fields_[place].schema.type == ValueType::kDay) {
    value->whole = time.day;
    return kind;
  }
  value->whole = time.day * kMinutesPerDay + time.nanos / kNanosPerMinute;
  nanos_[place] = time.nanos % kNanosPerMinute;
  return kind;
}

FaultKind TableParser::ReadTags(const Cell& cell, size_t place, TableValue* value) {
  if (cell.kind == Cell::Kind::kNotInteger) return FaultKind::kNotInteger;
  if (!cell.is_clean && !IsUtf8(cell.text)) return FaultKind::kNotUtf8;
  std::set<std::string_view> tags;
  for (std::string_view rest = cell.text;;) {
    const size_t bar = rest.find('|');
    const std::string_view tag = TrimBlanks(rest.substr(0, bar));
    if (!tag.empty()) tags.insert(tag);
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  tags_[place] = fmt::format("{}", fmt::join(tags, "|"));
  value->text = tags_[place];
  return tags_[place].size() > kMaxCategoryBytes ? FaultKind::kTooLong : FaultKind::kNone;
}

void TableParser::Place(ParsedTableRow* row) const {
  const bool is_event = SchemaOf(table_).effect == Effect::kEvent;
  const ColumnMark own = is_event ? kRowTime : kValidFrom;
  const TableValue* found = nullptr;
  bool is_time = false;
  for (size_t i = 0; i < fields_.size(); ++i) {
    const ColumnSchema& schema = fields_[i].schema;
    const bool is_own = schema.Is(own);
    if (!row->values[i].present || is_flag_[i] || !(is_own || (schema.Is(kStandsIn) && found == nullptr))) continue;
    found = &row->values[i];
    is_time = schema.type == ValueType::kTime;
    if (is_own) break;
  }
  row->minute = 0;
  if (found == nullptr) {
    row->day = is_event ? kTimelessDay : file_valid_from_.value_or(kTimelessDay);
    return;
  }
  int64_t day = found->whole;
  if (is_time) {
    day = DayOfMinutes(found->whole);
    row->minute = static_cast<int16_t>(MinuteOfDay(found->whole));
  }
  row->day = static_cast<Day>(day);
}

void TableParser::SettleFlags(ParsedTableRow* row) {
  for (size_t i = 0; i < fields_.size(); ++i) {
    TableValue& value = row->values[i];
    if (!fields_[i].schema.Is(kFlagServes) || !value.present || !is_flag_[i]) continue;
    value.present = value.whole == 1;
    // A row without a time of its own keeps that it happened at the time that always holds.
    value.whole = value.present ? row->day * kMinutesPerDay + row->minute : kNoWhole;
  }
}

bool TableParser::CheckRow(const Cells& cells, const ParsedTableRow& row, Fault* fault) const {
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].starts_at < 0 || !row.values[i].present) continue;
    const auto start = static_cast<size_t>(fields_[i].starts_at);
    const TableValue& begin = row.values[start];
    if (!begin.present || begin.whole <= row.values[i].whole) continue;
    fault->allowed = fmt::format("{} or later, which is {}", Show(cells[start]), fields_[start].schema.name);
    return Fail(FaultKind::kEndsBeforeStart, i, cells[i].text, fault);
  }
  if (SchemaOf(table_).placing != Placing::kEither || !row.customer_id.empty()) return true;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].schema.name == "activity" && row.values[i].present) return true;
  }
  fault->allowed = "customer_id, activity or both in every row";
  return Fail(FaultKind::kRowIncomplete, 0, "", fault);
}

bool TableParser::CheckScore(const Cells& cells, const ParsedTableRow& row, Fault* fault) const {
  if (table_ != TableId::kSurveys) return true;
  std::string_view instrument;
  size_t score = 0;
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].schema.name == "instrument") instrument = row.values[i].text;
    if (fields_[i].schema.name == "score") score = i;
  }
  for (const ScoreScale& scale : kScales) {
    if (scale.instrument != instrument) continue;
    const int64_t micros = row.values[score].whole;
    if (micros % kMicros == 0 && micros >= scale.min * kMicros && micros <= scale.max * kMicros) return true;
    fault->allowed = fmt::format("{} as a whole number from {} to {}", scale.instrument, scale.min, scale.max);
    return Fail(FaultKind::kOutOfRange, score, cells[score].text, fault);
  }
  return true;
}

void TableParser::AppendInteger(int64_t number) {
  canonical_.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void TableParser::AppendCanonical(size_t place, const TableValue& value) {
  AppendInteger(value.present ? 1 : 0);
  if (!value.present) return;
  if (value.whole != kNoWhole) {
    AppendInteger(value.whole);
    if (fields_[place].schema.type == ValueType::kTime) AppendInteger(is_flag_[place] ? 0 : nanos_[place]);
    return;
  }
  AppendInteger(static_cast<int64_t>(value.text.size()));
  canonical_.append(value.text);
}

void TableParser::Hash(ParsedTableRow* row) {
  const auto append_marked = [&](uint16_t marks) {
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].mapped && (fields_[i].schema.marks & marks) == marks) AppendCanonical(i, row->values[i]);
    }
  };
  canonical_.clear();
  append_marked(0);
  row->row_hash = Hash64(canonical_);
  if (!has_key_) return;
  canonical_.clear();
  if (SchemaOf(table_).effect == Effect::kVersion) AppendInteger(row->day);
  append_marked(kRowKey);
  row->key = HashOf128(canonical_);
}

}  // namespace strata
