// Inner loops of the evaluator over some rows: values in, values or bits out. Null is kNoWhole or NaN. Bits behind the
// last row are 0. Pure; thread-safe.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

#include "base/column_type.h"
#include "run/segments/node.h"

namespace strata {

inline constexpr size_t kWordBits = 64;
inline constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

constexpr size_t WordsOfBits(size_t rows) { return (rows + kWordBits - 1) / kWordBits; }

// One value a row, or (step 0) the same for all; by type one of the two is there.
struct ValuesView {
  const int64_t* whole = nullptr;
  const double* number = nullptr;
  size_t step = 1;

  int64_t Whole(size_t row) const { return whole[row * step]; }
  double Number(size_t row) const { return number[row * step]; }
};

template <typename Test>
void FillBits(size_t n, uint64_t* bits, const Test& test) {
  size_t begin = 0;
  for (; begin + kWordBits <= n; begin += kWordBits, ++bits) {
    uint64_t word = 0;
    for (size_t i = 0; i < kWordBits; ++i) word |= uint64_t{test(begin + i)} << i;
    *bits = word;
  }
  if (begin == n) return;
  uint64_t word = 0;
  for (size_t i = 0; begin + i < n; ++i) word |= uint64_t{test(begin + i)} << i;
  *bits = word;
}

// Calls run with the operator of kEqual … kGreaterEqual.
template <typename Run>
void WithComparison(NodeKind kind, const Run& run) {
  switch (kind) {
    case NodeKind::kEqual:
      run(std::equal_to<>());
      break;
    case NodeKind::kNotEqual:
      run(std::not_equal_to<>());
      break;
    case NodeKind::kLess:
      run(std::less<>());
      break;
    case NodeKind::kLessEqual:
      run(std::less_equal<>());
      break;
    case NodeKind::kGreater:
      run(std::greater<>());
      break;
    default:
      run(std::greater_equal<>());
      break;
  }
}

// The comparison that is true where this one is false, both values known.
inline NodeKind Opposite(NodeKind kind) {
  switch (kind) {
    case NodeKind::kEqual:
      return NodeKind::kNotEqual;
    case NodeKind::kNotEqual:
      return NodeKind::kEqual;
    case NodeKind::kLess:
      return NodeKind::kGreaterEqual;
    case NodeKind::kLessEqual:
      return NodeKind::kGreater;
    case NodeKind::kGreater:
      return NodeKind::kLessEqual;
    default:
      return NodeKind::kLess;
  }
}

// The comparison with its sides swapped.
inline NodeKind Mirrored(NodeKind kind) {
  switch (kind) {
    case NodeKind::kLess:
      return NodeKind::kGreater;
    case NodeKind::kLessEqual:
      return NodeKind::kGreaterEqual;
    case NodeKind::kGreater:
      return NodeKind::kLess;
    case NodeKind::kGreaterEqual:
      return NodeKind::kLessEqual;
    default:
      return kind;
  }
}

// Bits of the rows where both are known and the comparison holds.
inline void CompareWhole(NodeKind kind, const ValuesView& a, const ValuesView& b, size_t n, uint64_t* bits) {
  WithComparison(kind, [&](const auto compare) {
    if (a.step == 1 && b.step == 0) {
      const int64_t limit = *b.whole;
      const bool is_known = limit != kNoWhole;
      const int64_t* values = a.whole;
      FillBits(n, bits, [=](size_t i) { return bool(is_known & (values[i] != kNoWhole) & compare(values[i], limit)); });
      return;
    }
    FillBits(n, bits, [&](size_t i) {
      const int64_t x = a.Whole(i), y = b.Whole(i);
      return bool((x != kNoWhole) & (y != kNoWhole) & compare(x, y));
    });
  });
}

inline void CompareNumbers(NodeKind kind, const ValuesView& a, const ValuesView& b, size_t n, uint64_t* bits) {
  WithComparison(kind, [&](const auto compare) {
    FillBits(n, bits, [&](size_t i) {
      const double x = a.Number(i), y = b.Number(i);
      return bool(!std::isnan(x) & !std::isnan(y) & compare(x, y));
    });
  });
}

// out = op(a, b) where both are known, else null; op gives false where the result does not fit, and that row's bit in
// `failed` is set. True where any was.
template <typename Op>
bool CombineWhole(const ValuesView& a, const ValuesView& b, size_t n, int64_t* out, uint64_t* failed, const Op& op) {
  bool any_failed = false;
  for (size_t i = 0; i < n; ++i) {
    const int64_t x = a.Whole(i), y = b.Whole(i);
    out[i] = kNoWhole;
    if (x == kNoWhole || y == kNoWhole) continue;
    int64_t result = kNoWhole;
    if (op(x, y, &result) && result != kNoWhole) {
      out[i] = result;
    } else {
      any_failed = true;
      failed[i / kWordBits] |= uint64_t{1} << i % kWordBits;
    }
  }
  return any_failed;
}

// The same of numbers: op gives a result, null or one that is not finite.
template <typename Op>
bool CombineNumbers(const ValuesView& a, const ValuesView& b, size_t n, double* out, uint64_t* failed, const Op& op) {
  bool any_failed = false;
  for (size_t i = 0; i < n; ++i) {
    const double result = op(a.Number(i), b.Number(i));
    out[i] = result;
    if (std::isinf(result)) {
      out[i] = kNoNumber;
      any_failed = true;
      failed[i / kWordBits] |= uint64_t{1} << i % kWordBits;
    }
  }
  return any_failed;
}

}  // namespace strata
