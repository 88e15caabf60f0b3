// What a job says of one of its tables beside transactions. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/job.h"
#include "run/table_schema.h"

namespace strata {

struct ExtraColumn { std::string name, column; ValueType type = ValueType::kCategory; };  // kCategory kDecimal kDay kFlag
struct TableSource {
  TableId table = TableId::kCustomers;
  std::string uri;
  std::map<std::string, std::string> columns;                       // field → column of the source
  std::vector<ExtraColumn> extra;                                   // by name
  std::map<std::string, std::map<std::string, std::string>> values; // field → word of the source → word of the choice
  std::vector<std::pair<std::string, Day>> valid_from;              // glob → date, "*" alone for one date
  std::string time_format;
  char delimiter = ',';
  OnMissingCustomer on_missing_customer = OnMissingCustomer::kReject;
  OnVanished on_vanished = OnVanished::kKeep;
  OnChanged on_changed = OnChanged::kError;
  std::optional<ErrorBudget> error_budget;
  bool Maps(std::string_view field) const;
};

}  // namespace strata
