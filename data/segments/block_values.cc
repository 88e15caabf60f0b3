// Values of expressions: columns, arithmetic, coalesce.
#include <algorithm>
#include <cmath>

#include "data/segments/block_evaluator.h"

namespace strata {
namespace {

constexpr int64_t kMicros = 1'000'000;
constexpr double kMicrosNumber = 1e6;

bool IsWhole(const Expression& e) { return e.type != ColumnType::kNumber; }

}  // namespace

void BlockEvaluator::ReadColumn(int expression, size_t begin, size_t n) {
  const Expression& e = Of(expression);
  Computed& made = At(expression);
  const ColumnReader& reader = readers_[static_cast<size_t>(expression)];
  if (e.type == ColumnType::kNumber) {
    made.values.number = reader.number + begin;
  } else if (reader.Plain() != nullptr) {
    made.values.whole = reader.Plain() + begin;
  } else {
    reader.Read(begin, n, made.whole.data());
  }
  if (reader.failed == nullptr) return;
  // A block begins with a word.
  const uint64_t* failed = reader.failed->data() + begin / kWordBits;
  std::copy(failed, failed + WordsOfBits(n), made.failed.begin());
  made.has_failed = std::any_of(made.failed.begin(), made.failed.begin() + static_cast<ptrdiff_t>(WordsOfBits(n)),
                                [](uint64_t word) { return word != 0; });
}

void BlockEvaluator::ComputeValue(int expression, size_t begin, size_t n) {
  const Expression& e = Of(expression);
  Computed& made = At(expression);
  switch (e.kind) {
    case NodeKind::kLiteral:
      if (IsWhole(e)) {
        made.whole[0] = e.whole;
      } else {
        made.number[0] = e.number;
      }
      return;
    case NodeKind::kToday:
      made.whole[0] = as_of_;
      return;
    case NodeKind::kColumn:
    case NodeKind::kAggregate:
      ReadColumn(expression, begin, n);
      break;
    case NodeKind::kCoalesce:
      Coalesce(e, n, &made);
      break;
    default:
      std::fill(made.failed.begin(), made.failed.end(), 0);
      made.has_failed = IsWhole(e) ? ComputeWhole(e, n, &made) : ComputeNumber(e, n, &made);
      break;
  }
  any_failed_ |= made.has_failed;
}

bool BlockEvaluator::ComputeWhole(const Expression& e, size_t n, Computed* made) const {
  const ValuesView& a = At(e.operands.front()).values;
  const ValuesView& b = At(e.operands.back()).values;
  const auto combine = [&](const auto& op) {
    return CombineWhole(a, b, n, made->whole.data(), made->failed.data(), op);
  };
  switch (e.kind) {
    case NodeKind::kConvert:
      return combine([](int64_t x, int64_t, int64_t* out) { return !__builtin_mul_overflow(x, kMicros, out); });
    case NodeKind::kNegate:
      return combine([](int64_t x, int64_t, int64_t* out) {
        *out = -x;  // null is the one value without a counterpart
        return true;
      });
    case NodeKind::kAbsolute:
      return combine([](int64_t x, int64_t, int64_t* out) {
        *out = x < 0 ? -x : x;
        return true;
      });
    case NodeKind::kAdd:
      return combine([](int64_t x, int64_t y, int64_t* out) { return !__builtin_add_overflow(x, y, out); });
    case NodeKind::kSubtract:
      return combine([](int64_t x, int64_t y, int64_t* out) { return !__builtin_sub_overflow(x, y, out); });
    default:
      return combine([](int64_t x, int64_t y, int64_t* out) { return !__builtin_mul_overflow(x, y, out); });
  }
}

bool BlockEvaluator::ComputeNumber(const Expression& e, size_t n, Computed* made) const {
  const ValuesView& a = At(e.operands.front()).values;
  const ValuesView& b = At(e.operands.back()).values;
  if (e.kind == NodeKind::kConvert) {
    const bool is_integer = Of(e.operands.front()).type == ColumnType::kInteger;
    const double unit = is_integer ? 1 : kMicrosNumber;
    for (size_t i = 0; i < n; ++i) {
      const int64_t whole = a.Whole(i);
      made->number[i] = whole == kNoWhole ? kNoNumber : static_cast<double>(whole) / unit;
    }
    return false;
  }
  const auto combine = [&](const auto& op) {
    return CombineNumbers(a, b, n, made->number.data(), made->failed.data(), op);
  };
  switch (e.kind) {
    case NodeKind::kNegate:
      return combine([](double x, double) { return -x; });
    case NodeKind::kAbsolute:
      return combine([](double x, double) { return std::fabs(x); });
    case NodeKind::kAdd:
      return combine([](double x, double y) { return x + y; });
    case NodeKind::kSubtract:
      return combine([](double x, double y) { return x - y; });
    case NodeKind::kMultiply:
      return combine([](double x, double y) { return x * y; });
    default:
      return combine([](double x, double y) { return y == 0 ? kNoNumber : x / y; });
  }
}

void BlockEvaluator::Coalesce(const Expression& e, size_t n, Computed* made) const {
  if (e.type == ColumnType::kNumber) {
    std::fill(made->number.begin(), made->number.begin() + static_cast<ptrdiff_t>(n), kNoNumber);
    for (const int operand : e.operands) {
      const ValuesView& values = At(operand).values;
      for (size_t i = 0; i < n; ++i) {
        if (std::isnan(made->number[i])) made->number[i] = values.Number(i);
      }
    }
    return;
  }
  std::fill(made->whole.begin(), made->whole.begin() + static_cast<ptrdiff_t>(n), kNoWhole);
  for (size_t k = 0; k < e.operands.size(); ++k) {
    const ValuesView& values = At(e.operands[k]).values;
    const std::vector<int64_t>* codes = made->codes.empty() ? nullptr : &made->codes[k];
    for (size_t i = 0; i < n; ++i) {
      const int64_t value = values.Whole(i);
      if (made->whole[i] != kNoWhole || value == kNoWhole) continue;
      made->whole[i] = codes == nullptr ? value : (*codes)[static_cast<size_t>(value)];
    }
  }
}

}  // namespace strata
