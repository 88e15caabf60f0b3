#include "data/ledger/merged_rows.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

// The first customer from `begin` on that is not before (hash, id).
size_t FirstNotBefore(const SegmentSpans& segment, size_t begin, uint64_t hash, std::string_view id) {
  const std::span<const uint64_t> hashes = segment.hash;
  size_t end = begin;
  for (size_t step = 1; end < hashes.size() && hashes[end] < hash; step *= 2) {
    begin = end + 1;
    end += step;
  }
  const auto first = hashes.begin() + static_cast<std::ptrdiff_t>(begin);
  const auto last = hashes.begin() + static_cast<std::ptrdiff_t>(std::min(end, hashes.size()));
  auto found = static_cast<size_t>(std::lower_bound(first, last, hash) - hashes.begin());
  while (found < hashes.size() && hashes[found] == hash && segment.id(found) < id) ++found;
  return found;
}

}  // namespace

MergedRows::MergedRows(std::vector<SegmentSpans> segments, std::span<const int32_t> removed_files)
    : segments_(std::move(segments)), removed_files_(removed_files), next_(segments_.size()) {
  for (const SegmentSpans& segment : segments_) has_lines_ |= segment.has_lines();
}

bool MergedRows::Next() {
  while (status_.ok() && FindCustomer()) {
    if (Take()) return true;
  }
  return false;
}

bool MergedRows::Seek(uint64_t hash, std::string_view id) {
  heads_.clear();
  for (size_t i = 0; i < segments_.size(); ++i) {
    const SegmentSpans& segment = segments_[i];
    const size_t customer = FirstNotBefore(segment, next_[i], hash, id);
    next_[i] = customer;
    if (customer == segment.customers() || segment.hash[customer] != hash || segment.id(customer) != id) continue;
    heads_.push_back({i, customer});
    hash_ = hash;
    id_ = segment.id(customer);
    ++next_[i];
  }
  return status_.ok() && !heads_.empty() && Take();
}

// Reads the customer that heads_ name; false when none of its rows counts, or status_ says why not.
bool MergedRows::Take() {
  const Head& first = heads_.front();
  const SegmentSpans& segment = segments_[first.segment];
  direct_ = heads_.size() == 1 && IsWhole(segment, first.customer);
  if (direct_) {
    days_ = segment.DaysOf(first.customer);
    return true;
  }
  status_ = Gather();
  days_ = gathered_.days();
  return status_.ok() && days_.size() > 0;
}

// Sets hash, id and heads of the least customer that is left, and moves past it.
bool MergedRows::FindCustomer() {
  heads_.clear();
  for (size_t i = 0; i < segments_.size(); ++i) {
    const size_t customer = next_[i];
    if (customer == segments_[i].customers()) continue;
    const uint64_t hash = segments_[i].hash[customer];
    if (!heads_.empty()) {
      if (hash > hash_) continue;
      if (hash == hash_) {
        const std::string_view id = segments_[i].id(customer);
        if (id > id_) continue;
        if (id == id_) {
          heads_.push_back({i, customer});
          continue;
        }
      }
    }
    hash_ = hash;
    id_ = segments_[i].id(customer);
    heads_.assign(1, {i, customer});
  }
  for (const Head& head : heads_) ++next_[head.segment];
  return !heads_.empty();
}

bool MergedRows::IsRemoved(int32_t file) const {
  return std::binary_search(removed_files_.begin(), removed_files_.end(), file);
}

// Whether nothing of the customer in this segment is left out: no removed file, no line that only waits in the second
// place.
bool MergedRows::IsWhole(const SegmentSpans& segment, size_t customer) const {
  const DaySpans days = segment.DaysOf(customer);
  if (segment.has_lines()) {
    size_t rows = 0;
    for (const int32_t of_day : days.rows) rows += static_cast<size_t>(of_day);
    if (rows != segment.LinesEnd(customer) - segment.LinesBegin(customer)) return false;
  }
  if (removed_files_.empty()) return true;
  return std::none_of(days.file.begin(), days.file.end(), [this](int32_t file) { return IsRemoved(file); });
}

absl::Status MergedRows::Gather() {
  gathered_.Clear();
  for (const Head& head : heads_) {
    const SegmentSpans& segment = segments_[head.segment];
    if (has_lines_) {
      for (size_t i = segment.LinesBegin(head.customer); i < segment.LinesEnd(head.customer); ++i) {
        if (!IsRemoved(segment.lines.file[i])) gathered_.AddLine(segment.lines.At(i));
      }
      continue;
    }
    const DaySpans days = segment.DaysOf(head.customer);
    for (size_t i = 0; i < days.size(); ++i) {
      if (IsRemoved(days.file[i])) continue;
      gathered_.AddDay({days.day[i], days.file[i], days.net_micros[i], days.rows[i], days.return_rows[i]});
    }
  }
  return gathered_.Settle(hash_, has_lines_);
}

void MergedRows::AppendWinners(std::vector<LedgerLine>* lines) const {
  if (direct_) return AppendStored(lines);
  lines->insert(lines->end(), gathered_.winners().begin(), gathered_.winners().end());
}

void MergedRows::AppendStored(std::vector<LedgerLine>* lines) const {
  if (!direct_) {
    lines->insert(lines->end(), gathered_.stored().begin(), gathered_.stored().end());
    return;
  }
  const SegmentSpans& segment = segments_[heads_.front().segment];
  const size_t customer = heads_.front().customer;
  for (size_t i = segment.LinesBegin(customer); i < segment.LinesEnd(customer); ++i) {
    lines->push_back(segment.lines.At(i));
  }
}

int64_t MergedRows::Conflicts() const {
  if (!direct_) return gathered_.conflicts();
  const SegmentSpans& segment = segments_[heads_.front().segment];
  const size_t customer = heads_.front().customer;
  int64_t conflicts = 0;
  for (size_t i = segment.LinesBegin(customer); i < segment.LinesEnd(customer); ++i) {
    conflicts += segment.lines.differs[i];
  }
  return conflicts;
}

}  // namespace strata
