// Splits a CSV record into fields. Not thread-safe; reused for many records, so that a field costs no allocation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/source/csv_records.h"
#include "data/source/fault.h"

namespace strata {

class CsvFields {
 public:
  explicit CsvFields(char delimiter) : delimiter_(delimiter) {}

  // kNone, or kQuoteTrailingText: text follows a closing quote. Precondition: record.fault is kNone or kNulByte.
  FaultKind Split(const CsvRecord& record);

  // Without their quotes; valid until the next Split and as long as the record's bytes.
  const std::vector<std::string_view>& fields() const { return fields_; }

 private:
  void SplitPlain(std::string_view bytes);
  FaultKind SplitQuoted(std::string_view bytes);
  // Appends the quoted field at `at`, which is its opening quote, and returns the byte after its closing one.
  size_t TakeQuoted(std::string_view bytes, size_t at);

  char delimiter_;
  std::vector<std::string_view> fields_;
  std::string unescaped_;  // bytes of fields that hold doubled quotes; never grows while fields view it
};

// No characters, or only delimiters and blanks.
bool IsBlankRecord(std::string_view bytes, char delimiter);

}  // namespace strata
