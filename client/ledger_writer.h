// Where the rows of a ledger go: a CSV or a Parquet file, with the same columns. As for an export of scores
// (client/export_writer.h) the file is written beside the target and renamed to it by Finish; without Finish nothing is
// left behind. Not thread-safe.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "data/ledger/ledger_days.h"

namespace strata {

// One line per customer and day, in the order of the ledger. `net` is an exact decimal in the currency, `purchase` is
// false for a day of returns only.
inline constexpr std::array<std::string_view, 6> kLedgerColumns = {"customer_id", "day",         "net",
                                                                   "rows",        "return_rows", "purchase"};

class LedgerWriter {
 public:
  virtual ~LedgerWriter() = default;
  virtual absl::Status Write(const CustomerDay& day) = 0;
  // Writes what is left and makes the file appear. INTERNAL (EXPORT_UNWRITTEN) names the file.
  virtual absl::Status Finish() = 0;
};

// By the ending of `path`: .csv or .parquet. INVALID_ARGUMENT (FLAG_INVALID) for another ending; errors to create the
// file. `facts` describe the whole and are kept in a Parquet file: names and values.
using LedgerFacts = std::vector<std::pair<std::string, std::string>>;
absl::StatusOr<std::unique_ptr<LedgerWriter>> NewLedgerWriter(const std::string& path, const LedgerFacts& facts);
absl::StatusOr<std::unique_ptr<LedgerWriter>> NewLedgerParquetWriter(const std::string& path, const LedgerFacts& facts);

}  // namespace strata
