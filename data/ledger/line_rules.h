// Which of several rows with one transaction id counts: the greatest element of a total order over (greatest
// updated_at, greatest row hash, smallest file, ...), so any grouping and order of merges finds the same row. The best
// row of every other file is stored beside it, so that the next best counts when a file is removed. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "data/ledger/ledger.h"

namespace strata {

// `lines` are those of one customer, in any order, and become the stored ones: the best one per transaction and file,
// in the order (day, minute, transaction, file). `winners` are those that count, one per transaction, in the order
// (day, minute, transaction). Returns how many transactions have rows that differ in content.
int64_t SettleLines(std::vector<LedgerLine>* lines, std::vector<LedgerLine>* winners);

}  // namespace strata
