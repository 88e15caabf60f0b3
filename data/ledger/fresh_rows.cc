#include "data/ledger/fresh_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>

namespace strata {
namespace {

constexpr int kMaxRadixBits = 11;  // 2,048 streams to write to are what caches and address translation still hold

bool HashBefore(const FreshRows::Row& a, const FreshRows::Row& b) { return a.hash < b.hash; }

// Stable, by `bits` bits of the hash above the lowest `shift`.
void Scatter(std::span<const FreshRows::Row> from, int shift, int bits, std::span<FreshRows::Row> to) {
  const uint64_t mask = (uint64_t{1} << bits) - 1;
  std::vector<size_t> next((size_t{1} << bits) + 1);
  for (const FreshRows::Row& row : from) ++next[((row.hash >> shift) & mask) + 1];
  for (size_t i = 1; i < next.size(); ++i) next[i] += next[i - 1];
  for (const FreshRows::Row& row : from) to[next[(row.hash >> shift) & mask]++] = row;
}

// As a == b, without a call for ids as short as most are.
bool SameId(std::string_view a, std::string_view b) {
  constexpr size_t kWord = sizeof(uint64_t);
  if (a.size() != b.size()) return false;
  if (a.size() < kWord || a.size() > 2 * kWord) return a == b;
  const auto word = [](const char* bytes) {
    uint64_t value = 0;
    std::memcpy(&value, bytes, kWord);
    return value;
  };
  const size_t last = a.size() - kWord;  // the words overlap where the id has less than two
  return word(a.data()) == word(b.data()) && word(a.data() + last) == word(b.data() + last);
}

}  // namespace

FreshRows::FreshRows(const std::vector<RowBatch>& batches) : batches_(batches) {
  size_t total = 0;
  for (const RowBatch& batch : batches) total += batch.size();
  rows_.reserve(total);
  for (size_t b = 0; b < batches.size(); ++b) {
    const RowBatch& batch = batches[b];
    for (size_t row = 0; row < batch.size(); ++row) {
      rows_.push_back({batch.hash[row], batch.net_micros[row], batch.day[row], batch.file[row],
                       static_cast<uint32_t>(row), static_cast<uint32_t>(b) << 1 | batch.is_return[row]});
    }
  }
  SortByHash();
  for (size_t begin = 0; begin < rows_.size();) {
    size_t end = begin + 1;
    while (end < rows_.size() && rows_[end].hash == rows_[begin].hash) ++end;
    // Their ids lie anywhere: asked for in time, in two steps, because the first says where the second is.
    constexpr size_t kAhead = 24;
    for (size_t row = begin; row < end && row + 2 * kAhead < rows_.size(); ++row) {
      const Row& soon = rows_[row + kAhead];
      const Row& later = rows_[row + 2 * kAhead];
      const TextColumn& ids = batches_[soon.batch()].id;
      __builtin_prefetch(ids.bytes().data() + ids.ends()[soon.row] - 1);
      __builtin_prefetch(batches_[later.batch()].id.ends().data() + later.row);
    }
    AddCustomers(begin, end);
    begin = end;
  }
  begins_.push_back(rows_.size());
}

void FreshRows::Prefetch(size_t customer) const {
  if (customer >= customers()) return;
  for (const Row& at : rows(customer)) {
    const RowBatch& from = batch(at);
    __builtin_prefetch(from.minute.data() + at.row);
    if (from.transaction.empty()) continue;
    __builtin_prefetch(from.transaction.data() + at.row);
    __builtin_prefetch(from.updated_at_us.data() + at.row);
    __builtin_prefetch(from.row_hash.data() + at.row);
  }
}

// Stable. The hash is as good as random, so its highest bits alone, as many as there are rows, leave next to nothing to
// sort.
void FreshRows::SortByHash() {
  const int bits = std::clamp(static_cast<int>(std::bit_width(rows_.size())), 2, 2 * kMaxRadixBits);
  const int low_bits = bits / 2;
  const auto memory = std::make_unique_for_overwrite<Row[]>(rows_.size());  // a vector would write zeroes first
  const std::span<Row> scattered(memory.get(), rows_.size());
  Scatter(rows_, 64 - bits, low_bits, scattered);
  Scatter(scattered, 64 - bits + low_bits, bits - low_bits, rows_);
  for (size_t begin = 0; begin < rows_.size();) {
    const uint64_t prefix = rows_[begin].hash >> (64 - bits);
    size_t end = begin + 1;
    bool sorted = true;
    for (; end < rows_.size() && rows_[end].hash >> (64 - bits) == prefix; ++end) {
      sorted &= rows_[end - 1].hash <= rows_[end].hash;
    }
    const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(begin);
    if (!sorted) std::stable_sort(first, first + static_cast<std::ptrdiff_t>(end - begin), HashBefore);
    begin = end;
  }
}

// Rows [begin, end) share a hash: nearly always, but not surely, the rows of one customer.
void FreshRows::AddCustomers(size_t begin, size_t end) {
  begins_.push_back(begin);
  if (end - begin == 1) return;
  const std::string_view first = IdOf(rows_[begin]);
  const auto run = std::span(rows_).subspan(begin, end - begin);
  if (std::all_of(run.begin() + 1, run.end(), [&](const Row& row) { return SameId(IdOf(row), first); })) return;
  std::sort(run.begin(), run.end(), [this](const Row& a, const Row& b) { return IdOf(a) < IdOf(b); });
  for (size_t i = begin + 1; i < end; ++i) {
    if (IdOf(rows_[i]) != IdOf(rows_[i - 1])) begins_.push_back(i);
  }
}

}  // namespace strata
