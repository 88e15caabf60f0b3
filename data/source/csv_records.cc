#include "data/source/csv_records.h"

#include <algorithm>
#include <cstring>

namespace strata {
namespace {

constexpr size_t kLookaheadBytes = 64 * 1024;  // stays in the cache until the records are read

}  // namespace

CsvRecords::CsvRecords(std::string_view bytes, int64_t first_line, char delimiter, size_t max_record_bytes)
    : bytes_(bytes), delimiter_(delimiter), max_record_bytes_(max_record_bytes), line_(first_line) {}

// `end` when there is none.
size_t CsvRecords::Find(char c, size_t from, size_t end) const {
  if (from >= end) return end;
  const void* found = std::memchr(bytes_.data() + from, c, end - from);
  return found == nullptr ? end : static_cast<size_t>(static_cast<const char*>(found) - bytes_.data());
}

bool CsvRecords::Contains(Lookahead* lookahead, size_t end) const {
  if (lookahead->found < position_) lookahead->found = SIZE_MAX;
  while (lookahead->found == SIZE_MAX && lookahead->searched < end) {
    const size_t from = std::max(lookahead->searched, position_);
    const size_t to = std::min(bytes_.size(), std::max(end, from + kLookaheadBytes));
    const size_t found = Find(lookahead->character, from, to);
    if (found < to) lookahead->found = found;
    lookahead->searched = std::min(found + 1, to);
  }
  return lookahead->found < end;
}

size_t CsvRecords::EndOfQuoted(FaultKind* fault) const {
  const size_t size = bytes_.size();
  const size_t limit = std::min(size, position_ + max_record_bytes_);
  size_t at = position_;  // the first byte of a field
  while (true) {
    if (at < size && bytes_[at] == '"') {
      const size_t opened = at;
      for (++at;; at += 2) {
        at = Find('"', at, limit);
        if (at >= limit) {
          *fault = FaultKind::kQuoteUnclosed;
          return Find('\n', opened, size);
        }
        if (at + 1 >= size || bytes_[at + 1] != '"') break;
      }
      ++at;
    }
    while (at < size && bytes_[at] != delimiter_ && bytes_[at] != '\n') ++at;
    if (at == size || bytes_[at] == '\n') return at;
    ++at;
  }
}

bool CsvRecords::Next(CsvRecord* record) {
  const size_t size = bytes_.size();
  if (position_ >= size) return false;
  size_t end = Find('\n', position_, size);
  FaultKind fault = FaultKind::kNone;
  record->has_quote = Contains(&quote_, end);
  if (record->has_quote) end = EndOfQuoted(&fault);

  size_t text_end = end;
  if (text_end > position_ && bytes_[text_end - 1] == '\r') --text_end;
  record->bytes = bytes_.substr(position_, text_end - position_);
  record->line = line_;
  if (fault == FaultKind::kNone && record->bytes.size() > max_record_bytes_) fault = FaultKind::kRecordTooLong;
  if (fault == FaultKind::kNone && Contains(&nul_, end)) fault = FaultKind::kNulByte;
  record->fault = fault;

  // The line feeds before the record's own, which only quotes can hold.
  if (record->has_quote)
    line_ += std::count(bytes_.begin() + static_cast<std::ptrdiff_t>(position_),
                        bytes_.begin() + static_cast<std::ptrdiff_t>(end), '\n');
  ++line_;
  position_ = std::min(end + 1, size);
  return true;
}

}  // namespace strata
