#include "data/ledger/line_rules.h"

#include <algorithm>
#include <array>
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

constexpr size_t kFewLines = 64;  // of nearly every customer: their ids are compared on the stack

// True when no two lines can be of one transaction, judged by the first half of its id alone.
bool AllDistinct(const std::vector<LedgerLine>& lines) {
  if (lines.size() > kFewLines) return false;
  std::array<uint64_t, kFewLines> ids;
  for (size_t i = 0; i < lines.size(); ++i) ids[i] = lines[i].transaction.high;
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(lines.size());
  std::sort(ids.begin(), end);
  return std::adjacent_find(ids.begin(), end) == end;
}

void SortAsStored(std::vector<LedgerLine>* lines) {
  if (!std::is_sorted(lines->begin(), lines->end(), StoredBefore)) {
    std::sort(lines->begin(), lines->end(), StoredBefore);
  }
}

}  // namespace

int64_t SettleLines(std::vector<LedgerLine>* lines, std::vector<LedgerLine>* winners) {
  std::vector<LedgerLine>& all = *lines;
  if (AllDistinct(all)) {  // each line wins
    SortAsStored(lines);
    *winners = all;
    return std::count_if(all.begin(), all.end(), [](const LedgerLine& line) { return line.differs != 0; });
  }
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
  SortAsStored(lines);
  SortAsStored(winners);
  return conflicts;
}

}  // namespace strata
