// The fields that a reader looks for in a file of a table, in the order of their cells. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/job.h"
#include "run/table_source.h"

namespace strata {

enum class FieldRead : uint8_t { kText, kId, kNumber, kTime, kFlag, kCurrency };  // which types of a Parquet column serve
struct SourceField {
  std::string name;        // of the field
  std::string upper_name;  // prefix of reasons
  std::string column;      // of the source; empty: not mapped
  std::string key;         // how errors name it: sources.cases.columns.opened
  FieldRead read = FieldRead::kText;
};
struct SourceFields { std::vector<SourceField> fields; char delimiter = ','; };
SourceFields FieldsOf(const TransactionSource& source);
SourceFields FieldsOf(const TableSource& source);

}  // namespace strata
