// What the books of a ledger version say of each table, and the days of its rows. A pure function; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "run/ledger_version.h"
#include "run/row_counts.h"
#include "run/table_schema.h"

namespace strata {

struct TableBooks {
  TableId table = TableId::kTransactions;
  int64_t files = 0;
  RowCounts rows;  // as of the date: what is later is in skipped_after_as_of, and not in accepted
  int64_t conflicts = 0;
  std::optional<Day> first_day, newest_day;  // of rows up to the date that have a day
  std::map<std::string, int64_t> rejected_by_reason;
};

// Of every table that the version has files of, by TableId.
std::vector<TableBooks> BooksOf(const LedgerRegistry& registry, Day as_of);

}  // namespace strata
