#include "data/ledger/line_rules.h"

#include <algorithm>
#include <tuple>

namespace strata {
namespace {

// The row to keep comes first within its transaction. What follows the file number only makes the order total.
bool KeepsBefore(const LedgerLine& a, const LedgerLine& b) {
  const auto rank = [](const LedgerLine& line, const LedgerLine& other) {
    return std::tie(line.transaction, other.updated_at_us, other.row_hash, line.file, line.day, line.minute,
                    line.net_micros, line.is_return);
  };
  return rank(a, b) < rank(b, a);
}

bool StoredBefore(const LedgerLine& a, const LedgerLine& b) {
  return std::tie(a.day, a.minute, a.transaction) < std::tie(b.day, b.minute, b.transaction);
}

}  // namespace

void KeepOnePerTransaction(std::vector<LedgerLine>* lines, DroppedLines* dropped) {
  std::sort(lines->begin(), lines->end(), KeepsBefore);
  size_t kept = 0;
  for (size_t begin = 0; begin < lines->size();) {
    const LedgerLine winner = (*lines)[begin];
    bool differs = false;
    size_t end = begin + 1;
    for (; end < lines->size() && (*lines)[end].transaction == winner.transaction; ++end) {
      differs |= (*lines)[end].row_hash != winner.row_hash;
      ++dropped->by_file[(*lines)[end].file];
    }
    if (differs) ++dropped->conflicts;
    (*lines)[kept++] = winner;
    begin = end;
  }
  lines->resize(kept);
  std::sort(lines->begin(), lines->end(), StoredBefore);
}

}  // namespace strata
