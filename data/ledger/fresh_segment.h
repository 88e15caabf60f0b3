// New rows as the columns of a segment. Pure; thread-safe.
#pragma once

#include <vector>

#include "base/status.h"
#include "data/ledger/segment_columns.h"
#include "data/row_batch.h"

namespace strata {

// Independent of the order of batches and rows. DATA_LOSS (BATCH_INCONSISTENT) when a batch is not what RowBatch
// promises or its transaction ids are not there as they must be; OUT_OF_RANGE (NET_OVERFLOW, SEGMENT_TOO_LARGE).
absl::StatusOr<SegmentColumns> ColumnsOf(const std::vector<RowBatch>& fresh, bool has_transaction_id);

}  // namespace strata
