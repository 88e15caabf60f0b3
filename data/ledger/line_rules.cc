#include "data/ledger/line_rules.h"

#include <algorithm>
#include <tuple>

namespace strata {
namespace {

// The better row first. What follows the file number only makes the order total.
bool IsBetter(const LedgerLine& a, const LedgerLine& b) {
  const auto rank = [](const LedgerLine& line, const LedgerLine& other) {
    return std::tie(other.updated_at_us, other.row_hash, line.file, line.day, line.minute, line.net_micros,
                    line.is_return);
  };
  return rank(a, b) < rank(b, a);
}

bool GroupsBefore(const LedgerLine& a, const LedgerLine& b) {
  if (a.transaction != b.transaction) return a.transaction < b.transaction;
  return a.file != b.file ? a.file < b.file : IsBetter(a, b);
}

bool StoredBefore(const LedgerLine& a, const LedgerLine& b) {
  return std::tie(a.day, a.minute, a.transaction, a.file) < std::tie(b.day, b.minute, b.transaction, b.file);
}

}  // namespace

int64_t SettleLines(std::vector<LedgerLine>* lines, std::vector<LedgerLine>* winners) {
  std::vector<LedgerLine>& all = *lines;
  std::sort(all.begin(), all.end(), GroupsBefore);
  winners->clear();
  int64_t conflicts = 0;
  size_t stored = 0;
  for (size_t next = 0; next < all.size();) {
    LedgerLine winner = all[next];
    bool conflict = false;
    while (next < all.size() && all[next].transaction == winner.transaction) {
      LedgerLine best = all[next];  // of its file
      for (++next; next < all.size() && all[next].transaction == best.transaction && all[next].file == best.file;
           ++next) {
        if (all[next].differs != 0 || all[next].row_hash != best.row_hash) best.differs = 1;
      }
      conflict |= best.differs != 0 || best.row_hash != winner.row_hash;
      if (IsBetter(best, winner)) winner = best;
      all[stored++] = best;
    }
    conflicts += conflict;
    winners->push_back(winner);
  }
  all.resize(stored);
  std::sort(all.begin(), all.end(), StoredBefore);
  std::sort(winners->begin(), winners->end(), StoredBefore);
  return conflicts;
}

}  // namespace strata
