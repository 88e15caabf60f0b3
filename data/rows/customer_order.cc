#include "data/rows/customer_order.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace strata {
namespace {

constexpr int kMaxRadixBits = 11;  // 2,048 streams to write to are what caches and address translation still hold

bool HashBefore(const RowAt& a, const RowAt& b) { return a.hash < b.hash; }

}  // namespace

bool IsRemoved(std::span<const int32_t> removed_files, int64_t file) {
  return std::binary_search(removed_files.begin(), removed_files.end(), file);
}

void AppendRows(std::span<const RowSpans> sources, size_t source, size_t owner, std::span<const int32_t> removed_files,
                std::vector<RowAt>* rows) {
  const RowSpans& from = sources[source];
  for (size_t row = from.begin(owner); row < from.end(owner); ++row) {
    if (!removed_files.empty() && IsRemoved(removed_files, from.file[row])) continue;
    rows->push_back({.hash = from.hash[owner],
                     .day = static_cast<Day>(from.day[row]),
                     .source = static_cast<uint32_t>(source),
                     .row = static_cast<uint32_t>(row),
                     .owner = static_cast<uint32_t>(owner),
                     .differs = from.Differs(row)});
  }
}

CustomerOrder::CustomerOrder(std::span<const RowSpans> sources, std::vector<RowAt> rows)
    : sources_(sources), rows_(std::move(rows)) {
  if (!std::is_sorted(rows_.begin(), rows_.end(), HashBefore)) SortByHash();
  for (size_t begin = 0; begin < rows_.size();) {
    size_t end = begin + 1;
    while (end < rows_.size() && rows_[end].hash == rows_[begin].hash) ++end;
    AddCustomers(begin, end);
    begin = end;
  }
  begins_.push_back(rows_.size());
}

// The hash is as good as random, so its highest bits alone leave next to nothing to sort.
void CustomerOrder::SortByHash() {
  const int bits = std::clamp(static_cast<int>(std::bit_width(rows_.size())), 1, kMaxRadixBits);
  const int shift = 64 - bits;
  std::vector<size_t> ends((size_t{1} << bits) + 1);
  for (const RowAt& row : rows_) ++ends[(row.hash >> shift) + 1];
  for (size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  std::vector<RowAt> scattered(rows_.size());
  for (const RowAt& row : rows_) scattered[ends[row.hash >> shift]++] = row;
  size_t begin = 0;
  for (size_t bucket = 0; bucket + 1 < ends.size(); ++bucket) {  // ends[bucket] has moved to the bucket's end
    const auto first = scattered.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = scattered.begin() + static_cast<std::ptrdiff_t>(ends[bucket]);
    if (!std::is_sorted(first, last, HashBefore)) std::stable_sort(first, last, HashBefore);
    begin = ends[bucket];
  }
  rows_ = std::move(scattered);
}

// Rows [begin, end) share a hash: nearly always, but not surely, the rows of one customer.
void CustomerOrder::AddCustomers(size_t begin, size_t end) {
  begins_.push_back(begin);
  const std::string_view first = IdOf(rows_[begin]);
  const auto run = std::span(rows_).subspan(begin, end - begin);
  const auto same = [this, &run, first](const RowAt& row) {
    const bool same_owner = row.source == run[0].source && row.owner == run[0].owner;
    return same_owner || IdOf(row) == first;
  };
  if (std::all_of(run.begin() + 1, run.end(), same)) return;
  std::stable_sort(run.begin(), run.end(), [this](const RowAt& a, const RowAt& b) { return IdOf(a) < IdOf(b); });
  for (size_t i = begin + 1; i < end; ++i) {
    if (IdOf(rows_[i]) != IdOf(rows_[i - 1])) begins_.push_back(i);
  }
}

}  // namespace strata
