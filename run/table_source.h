// What a job says of one of its tables beside transactions. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "run/source_rules.h"
#include "run/table_schema.h"

namespace strata {

// A column of the customers table that no schema has.
struct ExtraColumn {
  std::string name;                       // [a-z][a-z0-9_]*, none of the schema's
  std::string column;                     // of the source
  ValueType type = ValueType::kCategory;  // or kDecimal, kDay, kFlag
};

struct TableSource {
  TableId table = TableId::kCustomers;
  std::string uri;                             // as of TransactionSource
  std::map<std::string, std::string> columns;  // field → column of the source, mapped ones alone
  std::vector<ExtraColumn> extra;              // by name
  std::map<std::string, std::map<std::string, std::string>> values;  // field → word of the source → word of the choice
  // From when on rows of a version table hold that has no column for it: pattern of a file's name → date, by pattern;
  // "*" alone for one date. A file must match at most one of them; the rows of one that matches none hold always.
  std::vector<std::pair<std::string, Day>> valid_from;
  std::string time_format;  // empty: ISO 8601
  char delimiter = ',';
  OnMissingCustomer on_missing_customer = OnMissingCustomer::kReject;
  OnVanished on_vanished = OnVanished::kKeep;
  OnChanged on_changed = OnChanged::kError;
  std::optional<ErrorBudget> error_budget;  // nullopt: the job's

  bool Maps(std::string_view field) const;
  // Whether rows have a key, by which duplicates are found.
  bool HasRowKey() const;
};

}  // namespace strata
