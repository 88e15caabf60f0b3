// What churn reads of customers beside their days: columns as of the run's date and as of each cutoff, row by row as
// the views of a feature file. A cutoff's columns come from tables that were opened as of the cutoff, so nothing that
// happened later is in reach; only attributes that the job declares static, or that cannot change, are those of the
// run's date at every cutoff.
//
// One object for all of them: kMagic, the number of views and where each ends (64 bits each), then the views as column
// files (column_file.h) at multiples of 64. Pure functions of bytes; thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/profile/owned_columns.h"
#include "data/rows/table_shard.h"
#include "model/columns.h"
#include "run/churn_attributes.h"

namespace strata {

// As of the table's date. Precondition: `customers` is aligned to `rows` customers and has the attributes.
OwnedColumns BuildCutoffColumns(const TableShard& customers, size_t rows, std::span<const ChurnAttribute> attributes);

// The fixed attributes are those of `today` for the customers in its rows `row_of_today`, the others those of the table
// as above. Precondition: `today` was built of the same attributes.
OwnedColumns BuildCutoffColumns(const TableShard& customers, std::span<const ChurnAttribute> attributes,
                                const ColumnSet& today, std::span<const uint32_t> row_of_today);

// The views' column files, as_of first, as one object.
std::string JoinCutoffProfiles(std::span<const std::string> files);

// A read-only view; `bytes` must outlive it, and lie at a multiple of 8 lest columns be copied. Copies share it, and
// the columns live as long as any of them.
class CutoffProfiles {
 public:
  // DATA_LOSS (COLUMNS_CORRUPT), and errors of ColumnFile.
  static absl::StatusOr<CutoffProfiles> Open(std::string_view bytes);
  // As_of first, then the cutoffs, newest first: what ShardFeatures::churn_profiles wants.
  std::span<const ColumnSet* const> columns() const;

 private:
  struct Files;
  std::shared_ptr<const Files> files_;
};

}  // namespace strata
