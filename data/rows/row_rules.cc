#include "data/rows/row_rules.h"

#include <algorithm>
#include <compare>

namespace strata {
namespace {

// As a < b, a == b, a > b; missing words come first.
int CompareWords(const ColumnSpan& a, size_t row_a, const ColumnSpan& b, size_t row_b) {
  const int32_t code_a = a.Code(row_a), code_b = b.Code(row_b);
  if (code_a < 0 || code_b < 0) return int{code_a >= 0} - int{code_b >= 0};
  return a.words[static_cast<size_t>(code_a)].compare(b.words[static_cast<size_t>(code_b)]);
}

int CompareWhole(int64_t a, int64_t b) { return int{a > b} - int{a < b}; }

}  // namespace

void RowRules::Settle(std::span<const RowAt> rows) {
  stored_.assign(rows.begin(), rows.end());
  conflicts_ = 0;
  all_win_ = !layout_.has_key || AllDistinct();
  if (all_win_) {
    conflicts_ = std::count_if(stored_.begin(), stored_.end(), [](const RowAt& at) { return at.differs; });
    return Sort(&stored_);
  }
  std::sort(stored_.begin(), stored_.end(), [this](const RowAt& a, const RowAt& b) { return GroupsBefore(a, b); });
  winners_.clear();
  size_t kept = 0;
  for (size_t next = 0; next < stored_.size();) {
    RowAt winner = stored_[next];
    bool conflict = false;
    while (next < stored_.size() && SameKey(stored_[next], winner)) {
      RowAt best = stored_[next];  // of its file
      const int64_t file = SourceOf(best).file[best.row];
      for (++next; next < stored_.size() && SameKey(stored_[next], best); ++next) {
        const RowAt& other = stored_[next];
        if (SourceOf(other).file[other.row] != file) break;
        if (other.differs || RowHash(other) != RowHash(best)) best.differs = true;
      }
      conflict |= best.differs || RowHash(best) != RowHash(winner);
      if (IsBetter(best, winner)) winner = best;
      stored_[kept++] = best;
    }
    conflicts_ += conflict;
    winners_.push_back(winner);
  }
  stored_.resize(kept);
  Sort(&stored_);
  Sort(&winners_);
}

// True when no two rows can have one key, judged by half of it.
bool RowRules::AllDistinct() {
  keys_.clear();
  for (const RowAt& at : stored_) keys_.push_back(Key(at).low);
  std::sort(keys_.begin(), keys_.end());
  return std::adjacent_find(keys_.begin(), keys_.end()) == keys_.end();
}

bool RowRules::SameKey(const RowAt& a, const RowAt& b) const {
  return Key(a) == Key(b) && (layout_.effect == Effect::kEvent || a.day == b.day);
}

int RowRules::CompareColumns(const RowAt& a, const RowAt& b) const {
  for (size_t i = 0; i < layout_.types.size(); ++i) {
    const ColumnSpan& column_a = SourceOf(a).columns[i];
    const ColumnSpan& column_b = SourceOf(b).columns[i];
    const int order = IsCoded(layout_.types[i]) ? CompareWords(column_a, a.row, column_b, b.row)
                                                : CompareWhole(column_a.Whole(a.row), column_b.Whole(b.row));
    if (order != 0) return order;
  }
  return 0;
}

// What follows the file number only makes the order total.
bool RowRules::IsBetter(const RowAt& a, const RowAt& b) const {
  const RowSpans& in_a = SourceOf(a);
  const RowSpans& in_b = SourceOf(b);
  if (const auto order = in_a.version[a.row] <=> in_b.version[b.row]; order != 0) return order > 0;
  if (const auto order = RowHash(a) <=> RowHash(b); order != 0) return order > 0;
  if (const auto order = in_a.file[a.row] <=> in_b.file[b.row]; order != 0) return order < 0;
  if (a.day != b.day) return a.day < b.day;
  if (const auto order = in_a.minute[a.row] <=> in_b.minute[b.row]; order != 0) return order < 0;
  return CompareColumns(a, b) < 0;
}

bool RowRules::GroupsBefore(const RowAt& a, const RowAt& b) const {
  if (const auto order = Key(a) <=> Key(b); order != 0) return order < 0;
  if (layout_.effect == Effect::kVersion && a.day != b.day) return a.day < b.day;
  if (const auto order = SourceOf(a).file[a.row] <=> SourceOf(b).file[b.row]; order != 0) return order < 0;
  return IsBetter(a, b);
}

bool RowRules::StoredBefore(const RowAt& a, const RowAt& b) const {
  if (a.day != b.day) return a.day < b.day;
  if (const auto order = SourceOf(a).minute[a.row] <=> SourceOf(b).minute[b.row]; order != 0) return order < 0;
  if (layout_.has_key) {
    if (const auto order = Key(a) <=> Key(b); order != 0) return order < 0;
    if (const auto order = RowHash(a) <=> RowHash(b); order != 0) return order < 0;
  }
  if (const int order = CompareColumns(a, b); order != 0) return order < 0;
  return SourceOf(a).file[a.row] < SourceOf(b).file[b.row];
}

void RowRules::Sort(std::vector<RowAt>* rows) const {
  const auto before = [this](const RowAt& a, const RowAt& b) { return StoredBefore(a, b); };
  if (!std::is_sorted(rows->begin(), rows->end(), before)) std::sort(rows->begin(), rows->end(), before);
}

}  // namespace strata
