// Whether the rows of a batch are what RowBatch promises. Pure; thread-safe.
#pragma once

#include "base/status.h"
#include "data/row_batch.h"

namespace strata {

// 1900-01-01 and 2199-12-31: the calendar of base/date.h. A test holds them to ToDay.
inline constexpr Day kFirstDay = -25567;
inline constexpr Day kLastDay = 84005;

// DATA_LOSS (BATCH_INCONSISTENT) names the first column or row at fault. A batch without rows is always fine.
absl::Status CheckBatch(const RowBatch& batch);

}  // namespace strata
