// What `strata validate` shows of merged identities and rates: both are read whole, for one row can decide over whole
// histories. Pure functions of the files and the job; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/tables/alias_resolver.h"
#include "data/tables/fx_table.h"
#include "run/job.h"
#include "store/file_system.h"

namespace strata {

struct AliasProfile {
  int64_t files = 0;
  uint64_t bytes = 0;        // of all files
  ResolvedAliases resolved;  // without the table
};

struct CurrencyProfile {
  std::string currency;
  int64_t rates = 0;
  Day first_day = 0;
  Day last_day = 0;
  std::string last_rate;  // of last_day
};

struct FxProfile {
  int64_t files = 0;
  uint64_t bytes = 0;                       // of all files
  int64_t rates = 0;                        // of other currencies than the job's
  std::vector<CurrencyProfile> currencies;  // ascending
};

struct TablesProfile {
  std::optional<AliasProfile> aliases;  // absent where the job has no such table
  std::optional<FxProfile> fx;
  std::optional<FxTable> rates;  // to judge transactions with
};

// Errors are those of ListSource and data/source/table_files.h.
absl::StatusOr<TablesProfile> ProfileTables(FileSystem& file_system, const Job& job, const std::string& base_folder);

}  // namespace strata
