#include "data/source/csv_fields.h"

#include <algorithm>

#include "data/source/text.h"

namespace strata {

FaultKind CsvFields::Split(const CsvRecord& record) {
  fields_.clear();
  if (record.has_quote) return SplitQuoted(record.bytes);
  SplitPlain(record.bytes);
  return FaultKind::kNone;
}

void CsvFields::SplitPlain(std::string_view bytes) {
  const char* begin = bytes.data();
  const char* const end = begin + bytes.size();
  for (const char* at = begin; at != end; ++at) {
    if (*at != delimiter_) continue;
    fields_.emplace_back(begin, static_cast<size_t>(at - begin));
    begin = at + 1;
  }
  fields_.emplace_back(begin, static_cast<size_t>(end - begin));
}

FaultKind CsvFields::SplitQuoted(std::string_view bytes) {
  unescaped_.clear();
  unescaped_.reserve(bytes.size());  // unescaping only shortens, so views into it stay valid
  for (size_t at = 0;; ++at) {
    if (at < bytes.size() && bytes[at] == '"') {
      at = TakeQuoted(bytes, at);
      if (at < bytes.size() && bytes[at] != delimiter_) return FaultKind::kQuoteTrailingText;
    } else {
      const size_t begin = at;
      at = std::min(bytes.find(delimiter_, begin), bytes.size());
      fields_.push_back(bytes.substr(begin, at - begin));
    }
    if (at == bytes.size()) return FaultKind::kNone;
  }
}

size_t CsvFields::TakeQuoted(std::string_view bytes, size_t at) {
  const size_t begin = at + 1;
  const size_t unescaped_begin = unescaped_.size();
  bool escaped = false;
  size_t piece = begin;
  size_t quote = std::min(bytes.find('"', begin), bytes.size());
  while (quote + 1 < bytes.size() && bytes[quote + 1] == '"') {
    unescaped_.append(bytes.substr(piece, quote + 1 - piece));
    escaped = true;
    piece = quote + 2;
    quote = std::min(bytes.find('"', piece), bytes.size());
  }
  if (escaped) {
    unescaped_.append(bytes.substr(piece, quote - piece));
    fields_.push_back(std::string_view(unescaped_).substr(unescaped_begin));
  } else {
    fields_.push_back(bytes.substr(begin, quote - begin));
  }
  return std::min(quote + 1, bytes.size());
}

bool IsBlankRecord(std::string_view bytes, char delimiter) {
  for (const char c : bytes) {
    if (c != delimiter && !IsBlankByte(c)) return false;
  }
  return true;
}

}  // namespace strata
