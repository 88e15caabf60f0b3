// Where predicates are true and where they are false.
#include <algorithm>
#include <cmath>

#include "data/segments/block_evaluator.h"

namespace strata {
namespace {

// Bits of the last word behind the last of n rows.
void ClearBehind(size_t n, uint64_t* bits) {
  if (n % kWordBits != 0) bits[n / kWordBits] &= (uint64_t{1} << n % kWordBits) - 1;
}

}  // namespace

void BlockEvaluator::ComputeSets(int expression, size_t n) {
  const Expression& e = Of(expression);
  Computed& made = At(expression);
  if (e.wants_true || e.wants_value) ComputeSet(expression, true, n, made.is_true.data());
  if (e.wants_false || e.wants_value) ComputeSet(expression, false, n, made.is_false.data());
}

// Rows where the expression is true (`positive`), or where it is false.
void BlockEvaluator::ComputeSet(int expression, bool positive, size_t n, uint64_t* bits) {
  const Expression& e = Of(expression);
  switch (e.kind) {
    case NodeKind::kSegment: {  // never unknown
      const uint64_t* members = True(e.operands[0]);
      for (size_t i = 0; i < WordsOfBits(n); ++i) bits[i] = positive ? members[i] : ~members[i];
      ClearBehind(n, bits);
      return;
    }
    case NodeKind::kNot: {
      const Computed& below = At(e.operands[0]);
      const std::vector<uint64_t>& source = positive ? below.is_false : below.is_true;
      std::copy(source.begin(), source.begin() + static_cast<ptrdiff_t>(WordsOfBits(n)), bits);
      return;
    }
    case NodeKind::kAnd:
    case NodeKind::kOr:
      Join(expression, positive, n, bits);
      return;
    case NodeKind::kIsNull:
      FindNulls(expression, positive, n, bits);
      return;
    case NodeKind::kIn:
    case NodeKind::kLike:
      FindListed(expression, positive, n, bits);
      return;
    default:
      Compare(expression, positive, n, bits);
      return;
  }
}

void BlockEvaluator::Join(int expression, bool positive, size_t n, uint64_t* bits) const {
  const Expression& e = Of(expression);
  const bool all = (e.kind == NodeKind::kAnd) == positive;
  const size_t words = WordsOfBits(n);
  for (size_t k = 0; k < e.operands.size(); ++k) {
    const Computed& below = At(e.operands[k]);
    const uint64_t* source = positive ? below.is_true.data() : below.is_false.data();
    for (size_t i = 0; i < words; ++i) {
      bits[i] = k == 0 ? source[i] : (all ? bits[i] & source[i] : bits[i] | source[i]);
    }
  }
}

void BlockEvaluator::FindNulls(int expression, bool positive, size_t n, uint64_t* bits) const {
  const int operand = Of(expression).operands[0];
  const Expression& e = Of(operand);
  const Computed& below = At(operand);
  if (e.IsPredicate()) {
    for (size_t i = 0; i < WordsOfBits(n); ++i) {
      const uint64_t known = below.is_true[i] | below.is_false[i];
      bits[i] = positive ? ~known : known;
    }
    ClearBehind(n, bits);
    return;
  }
  const ValuesView& values = below.values;
  if (e.type == ColumnType::kNumber) {
    FillBits(n, bits, [&](size_t i) { return std::isnan(values.Number(i)) == positive; });
  } else {
    FillBits(n, bits, [&](size_t i) { return (values.Whole(i) == kNoWhole) == positive; });
  }
}

// IN, and LIKE, which are a look-up for texts.
void BlockEvaluator::FindListed(int expression, bool positive, size_t n, uint64_t* bits) const {
  const Expression& e = Of(expression);
  const Computed& made = At(expression);
  const Expression& first = Of(e.operands[0]);
  const ValuesView& values = At(e.operands[0]).values;
  if (first.IsText()) {
    FillBits(n, bits, [&](size_t i) {
      const int64_t code = values.Whole(i);
      return code != kNoWhole && (made.matches[static_cast<size_t>(code)] != 0) == positive;
    });
  } else if (first.type == ColumnType::kNumber) {
    const std::vector<double>& listed = made.listed_numbers;
    FillBits(n, bits, [&](size_t i) {
      const double value = values.Number(i);
      return !std::isnan(value) && std::binary_search(listed.begin(), listed.end(), value) == positive;
    });
  } else {
    const std::vector<int64_t>& listed = made.listed;
    FillBits(n, bits, [&](size_t i) {
      const int64_t value = values.Whole(i);
      return value != kNoWhole && std::binary_search(listed.begin(), listed.end(), value) == positive;
    });
  }
}

void BlockEvaluator::Compare(int expression, bool positive, size_t n, uint64_t* bits) const {
  const Expression& e = Of(expression);
  const Computed& made = At(expression);
  const NodeKind kind = positive ? e.kind : Opposite(e.kind);
  const Computed& a = At(e.operands[0]);
  const Computed& b = At(e.operands[1]);
  if (made.comparison.has_value()) {  // with a text that is written there
    const bool literal_is_right = Of(e.operands[1]).kind == NodeKind::kLiteral;
    const NodeKind of_codes = positive ? made.comparison->kind : Opposite(made.comparison->kind);
    CompareWhole(of_codes, literal_is_right ? a.values : b.values, {.whole = &made.comparison->code, .step = 0}, n,
                 bits);
  } else if (!made.codes.empty()) {
    WithComparison(kind, [&](const auto compare) {
      FillBits(n, bits, [&](size_t i) {
        const int64_t x = a.values.Whole(i), y = b.values.Whole(i);
        if (x == kNoWhole || y == kNoWhole) return false;
        return bool(compare(made.codes[0][static_cast<size_t>(x)], made.codes[1][static_cast<size_t>(y)]));
      });
    });
  } else if (Of(e.operands[0]).type == ColumnType::kNumber) {
    CompareNumbers(kind, a.values, b.values, n, bits);
  } else if (a.values.step == 0) {
    CompareWhole(Mirrored(kind), b.values, a.values, n, bits);
  } else {
    CompareWhole(kind, a.values, b.values, n, bits);
  }
}

}  // namespace strata
