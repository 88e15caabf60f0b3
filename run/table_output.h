// Rows of a table that a task leaves for the ledger stage. Plain values with a canonical encoding.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "run/frames.h"
#include "run/table_schema.h"

namespace strata {

struct TableOutput {
  TableId table = TableId::kTransactions;  // transactions: their details
  int64_t rows = 0;                        // at least 1
  ObjectRef object;                        // data/rows/table_batch.h
};

void Encode(const std::vector<TableOutput>& outputs, ByteWriter* writer);
std::vector<TableOutput> DecodeTableOutputs(ByteReader* reader);

}  // namespace strata
