#include "model/statistics/radix_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <utility>

namespace strata {
namespace {

constexpr int kDigitBits = 11;  // six passes over 64 bits; 2,048 counts stay in the first-level cache
constexpr size_t kDigits = size_t{1} << kDigitBits;
constexpr int kPasses = (64 + kDigitBits - 1) / kDigitBits;
constexpr size_t kFewItems = 256;  // below, clearing and adding up the counts costs more than comparing

using Counts = std::array<std::array<uint32_t, kDigits>, kPasses>;

size_t DigitOf(uint64_t key, int pass) { return key >> (pass * kDigitBits) & (kDigits - 1); }

// Stable, least digit first; digits that all keys share are passed over.
template <typename Item, typename KeyOf>
void RadixSort(std::vector<Item>* items, KeyOf key_of) {
  std::vector<Counts> counts(1);  // not on the stack: 48 KiB
  for (const Item& item : *items) {
    for (int pass = 0; pass < kPasses; ++pass) ++counts[0][static_cast<size_t>(pass)][DigitOf(key_of(item), pass)];
  }
  std::vector<Item> scratch(items->size());
  for (int pass = 0; pass < kPasses; ++pass) {
    std::array<uint32_t, kDigits>& next = counts[0][static_cast<size_t>(pass)];
    if (next[DigitOf(key_of(items->front()), pass)] == items->size()) continue;
    uint32_t begin = 0;
    for (uint32_t& count : next) {
      const uint32_t size = count;
      count = begin;
      begin += size;
    }
    for (const Item& item : *items) scratch[next[DigitOf(key_of(item), pass)]++] = item;
    items->swap(scratch);
  }
}

// Ascends as the doubles do.
uint64_t KeyOf(double value) {
  constexpr uint64_t kSign = uint64_t{1} << 63;
  const uint64_t bits = std::bit_cast<uint64_t>(value + 0.0);  // makes -0 a 0
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

struct KeyedRow {
  uint64_t key = 0;
  uint32_t row = 0;
};

std::vector<uint32_t> RowsInOrder(std::vector<KeyedRow> rows) {
  if (rows.size() < kFewItems) {
    std::stable_sort(rows.begin(), rows.end(), [](const KeyedRow& a, const KeyedRow& b) { return a.key < b.key; });
  } else {
    RadixSort(&rows, [](const KeyedRow& row) { return row.key; });
  }
  std::vector<uint32_t> order(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) order[i] = rows[i].row;
  return order;
}

}  // namespace

std::vector<uint32_t> RowsByValue(std::span<const double> values) {
  std::vector<KeyedRow> rows(values.size());
  for (size_t i = 0; i < values.size(); ++i) rows[i] = {KeyOf(values[i]), static_cast<uint32_t>(i)};
  return RowsInOrder(std::move(rows));
}

std::vector<uint32_t> RowsByKey(std::span<const uint64_t> keys) {
  std::vector<KeyedRow> rows(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) rows[i] = {keys[i], static_cast<uint32_t>(i)};
  return RowsInOrder(std::move(rows));
}

void SortKeys(std::vector<uint64_t>* keys) {
  if (keys->size() < kFewItems) return std::sort(keys->begin(), keys->end());
  RadixSort(keys, [](uint64_t key) { return key; });
}

}  // namespace strata
