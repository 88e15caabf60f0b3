#include "tests/data/source/csv_oracle.h"

#include <algorithm>
#include <optional>

namespace strata {
namespace {

struct Record {
  std::vector<std::string> fields;
  std::string raw;  // without the line end
  std::string reason;
  size_t next = 0;  // where the next record begins
};

std::string WithoutReturn(std::string line) {
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

// The record up to the first line end at or after `from`.
Record CutAtLineEnd(std::string_view text, size_t begin, size_t from, std::string reason) {
  const size_t end = std::min(text.find('\n', from), text.size());
  return {
      .raw = WithoutReturn(std::string(text.substr(begin, end - begin))), .reason = std::move(reason), .next = end + 1};
}

// Reads the record at `begin` by the rules, character by character.
Record ReadRecord(std::string_view text, size_t begin, char delimiter, size_t max_record_bytes) {
  enum class State { kFieldStart, kPlain, kQuoted, kAfterQuote, kTrailing } state = State::kFieldStart;
  Record record;
  std::string field;
  bool trailing = false;
  size_t opened = 0;
  size_t i = begin;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (state == State::kQuoted) {
      if (i - begin >= max_record_bytes) return CutAtLineEnd(text, begin, opened, "QUOTE_UNCLOSED");
      if (c != '"') {
        field.push_back(c);
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field.push_back('"');
        ++i;
      } else {
        state = State::kAfterQuote;
      }
      continue;
    }
    if (c == '\n') break;
    if (c == delimiter) {
      record.fields.push_back(field);
      field.clear();
      state = State::kFieldStart;
    } else if (c == '"' && state == State::kFieldStart) {
      state = State::kQuoted;
      opened = i;
    } else {
      const bool line_end_follows = i + 1 == text.size() || text[i + 1] == '\n';
      if (state == State::kAfterQuote && !(c == '\r' && line_end_follows)) trailing = true;
      if (state != State::kAfterQuote) state = State::kPlain;
      field.push_back(c);
    }
  }
  if (state == State::kQuoted) return CutAtLineEnd(text, begin, opened, "QUOTE_UNCLOSED");
  record.fields.push_back(WithoutReturn(field));
  record.raw = WithoutReturn(std::string(text.substr(begin, i - begin)));
  record.next = i + 1;
  if (record.raw.size() > max_record_bytes) {
    record.reason = "RECORD_TOO_LONG";
  } else if (text.substr(begin, i - begin).find('\0') != std::string_view::npos) {
    record.reason = "RECORD_NUL_BYTE";
  } else if (trailing) {
    record.reason = "QUOTE_TRAILING_TEXT";
  }
  return record;
}

bool IsBlank(const std::string& raw, char delimiter) {
  return std::all_of(raw.begin(), raw.end(), [delimiter](char c) { return c == delimiter || c == ' ' || c == '\t'; });
}

}  // namespace

std::vector<std::string> OracleRecords(std::string_view text, char delimiter, size_t max_record_bytes) {
  std::vector<std::string> records;
  size_t columns = 0;
  size_t begin = 0;
  while (begin < text.size()) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
    Record record = ReadRecord(text, begin, delimiter, max_record_bytes);
    begin = record.next;
    if (columns == 0) {
      columns = record.fields.size();
      continue;
    }
    std::string shown = std::to_string(line) + ":";
    if (IsBlank(record.raw, delimiter)) {
      shown += "blank";
    } else if (!record.reason.empty()) {
      shown += record.reason;
    } else if (record.fields.size() != columns) {
      shown += "RECORD_FIELD_COUNT";
    } else {
      shown += "row:";
      for (const std::string& field : record.fields) shown += field + "|";
    }
    records.push_back(shown);
  }
  return records;
}

}  // namespace strata
