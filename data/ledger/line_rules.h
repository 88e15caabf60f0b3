// Which of several rows with one transaction id is kept. The rule is the greatest element of a total order over
// (greatest updated_at, greatest row hash, smallest file, ...), so any grouping and order of merges keeps the same row.
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "data/ledger/ledger.h"

namespace strata {

struct DroppedLines {
  std::map<int32_t, int64_t> by_file;  // every dropped row, under its own file
  int64_t conflicts = 0;               // transaction ids whose rows differ in content
};

// Leaves one line per transaction, in the order (day, minute, transaction), and adds what it dropped to `dropped`.
// `lines` are those of one customer, in any order.
void KeepOnePerTransaction(std::vector<LedgerLine>* lines, DroppedLines* dropped);

}  // namespace strata
