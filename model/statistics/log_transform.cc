#include "model/statistics/log_transform.h"

#include <array>
#include <cstddef>

namespace strata {
namespace {

constexpr size_t kTableSize = 4096;  // eleven years of days; 32 KiB

std::array<double, kTableSize> MakeTable() {
  std::array<double, kTableSize> table;
  for (size_t i = 0; i < kTableSize; ++i) table[i] = std::log1p(static_cast<double>(i));
  return table;
}

}  // namespace

double Log1pCount(int64_t count) {
  static const std::array<double, kTableSize> table = MakeTable();
  if (static_cast<uint64_t>(count) < kTableSize) return table[static_cast<size_t>(count)];
  return std::log1p(static_cast<double>(count));
}

}  // namespace strata
