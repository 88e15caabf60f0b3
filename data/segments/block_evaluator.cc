#include "data/segments/block_evaluator.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

bool IsNumber(const Expression& e) { return e.type == ColumnType::kNumber; }

}  // namespace

BlockEvaluator::BlockEvaluator(const ExpressionGraph& graph, int rows, Day as_of, std::vector<ColumnReader> readers)
    : graph_(graph), as_of_(as_of), readers_(std::move(readers)), computed_(graph.expressions.size()) {
  for (int i = 0; i < static_cast<int>(graph.expressions.size()); ++i) {
    if (Of(i).rows != rows) continue;
    Prepare(i);
    const bool wants_sets = Of(i).wants_true || Of(i).wants_false;
    if (!Of(i).is_constant || wants_sets) order_.push_back(i);
  }
}

void BlockEvaluator::Prepare(int expression) {
  const Expression& e = Of(expression);
  Computed& made = At(expression);
  const bool is_leaf = e.kind == NodeKind::kColumn || e.kind == NodeKind::kAggregate;
  const size_t rows = e.is_constant ? 1 : kSegmentBlock;
  if ((e.wants_value || !e.IsPredicate()) && !(is_leaf && IsNumber(e))) {  // numbers are read where they lie
    if (IsNumber(e)) {
      made.number.resize(rows);
      made.values.number = made.number.data();
    } else {
      made.whole.resize(rows);
      made.values.whole = made.whole.data();
    }
    made.values.step = e.is_constant ? 0 : 1;
  }
  made.is_true.resize(WordsOfBits(kSegmentBlock));
  made.is_false.resize(WordsOfBits(kSegmentBlock));
  made.failed.resize(WordsOfBits(kSegmentBlock));
  PrepareTexts(expression);
  if (e.kind == NodeKind::kIn || e.kind == NodeKind::kLike) PrepareList(expression);
  if (!e.is_constant) return;
  ComputeValue(expression, 0, 1);
  for (const int operand : e.operands) made.has_failed |= At(operand).has_failed;
  if (made.has_failed) std::fill(made.failed.begin(), made.failed.end(), ~uint64_t{0});
  constants_failed_ |= made.has_failed;
}

// What the codes of an expression mean, and how those of its operands become comparable.
void BlockEvaluator::PrepareTexts(int expression) {
  const Expression& e = Of(expression);
  Computed& made = At(expression);
  const bool is_leaf = e.kind == NodeKind::kColumn || e.kind == NodeKind::kAggregate;
  if (is_leaf && e.IsText()) made.words = std::move(readers_[static_cast<size_t>(expression)].words);
  if (e.kind == NodeKind::kLiteral && e.IsText()) made.words = {e.text};
  if (is_leaf || e.operands.empty() || !Of(e.operands[0]).IsText()) return;
  const bool compares = e.kind >= NodeKind::kEqual && e.kind <= NodeKind::kGreaterEqual;
  if (compares) {
    const Expression& a = Of(e.operands[0]);
    const Expression& b = Of(e.operands[1]);
    if (b.kind == NodeKind::kLiteral) {
      made.comparison = ComparedWith(e.kind, At(e.operands[0]).words, b.text);
      return;
    }
    if (a.kind == NodeKind::kLiteral) {
      made.comparison = ComparedWith(Mirrored(e.kind), At(e.operands[1]).words, a.text);
      return;
    }
  }
  if (!compares && e.kind != NodeKind::kCoalesce) return;
  std::vector<const Words*> sources;
  for (const int operand : e.operands) sources.push_back(&At(operand).words);
  MergedTexts merged = MergeTexts(sources);
  made.codes = std::move(merged.codes);
  made.words = std::move(merged.words);
}

void BlockEvaluator::PrepareList(int expression) {
  const Expression& e = Of(expression);
  Computed& made = At(expression);
  const Expression& first = Of(e.operands[0]);
  const Words& words = At(e.operands[0]).words;
  if (e.kind == NodeKind::kLike) {
    for (const std::string_view word : words) made.matches.push_back(MatchesLike(word, e.text));
    return;
  }
  if (first.IsText()) made.matches.resize(words.size());
  for (size_t i = 1; i < e.operands.size(); ++i) {
    const Expression& literal = Of(e.operands[i]);
    if (first.IsText()) {
      const auto place = std::lower_bound(words.begin(), words.end(), std::string_view(literal.text));
      if (place == words.end() || *place != literal.text) continue;
      made.matches[static_cast<size_t>(place - words.begin())] = 1;
    } else if (IsNumber(first)) {
      made.listed_numbers.push_back(At(e.operands[i]).values.Number(0));
    } else {
      made.listed.push_back(At(e.operands[i]).values.Whole(0));
    }
  }
  std::sort(made.listed.begin(), made.listed.end());
  std::sort(made.listed_numbers.begin(), made.listed_numbers.end());
}

void BlockEvaluator::Evaluate(size_t begin, size_t n) {
  any_failed_ = constants_failed_;
  for (const int expression : order_) Compute(expression, begin, n);
}

const uint64_t* BlockEvaluator::Failed(int expression) const {
  return At(expression).has_failed ? At(expression).failed.data() : nullptr;
}

void BlockEvaluator::Compute(int expression, size_t begin, size_t n) {
  const Expression& e = Of(expression);
  Computed& made = At(expression);
  made.has_failed = false;
  if (e.IsPredicate()) {
    ComputeSets(expression, n);
    if (e.wants_value) {
      for (size_t i = 0; i < n; ++i) {
        const uint64_t bit = uint64_t{1} << i % kWordBits;
        const bool is_true = (made.is_true[i / kWordBits] & bit) != 0;
        const bool is_false = (made.is_false[i / kWordBits] & bit) != 0;
        made.whole[i] = is_true ? 1 : (is_false ? 0 : kNoWhole);
      }
    }
  } else {
    if (!e.is_constant) ComputeValue(expression, begin, n);
    const ValuesView& flags = made.values;
    if (e.wants_true) FillBits(n, made.is_true.data(), [&](size_t i) { return flags.Whole(i) == 1; });
    if (e.wants_false) FillBits(n, made.is_false.data(), [&](size_t i) { return flags.Whole(i) == 0; });
  }
  if (any_failed_) CollectFailed(expression, n);
}

void BlockEvaluator::CollectFailed(int expression, size_t n) {
  Computed& made = At(expression);
  for (const int operand : Of(expression).operands) {
    const Computed& below = At(operand);
    if (!below.has_failed) continue;
    if (!made.has_failed) std::fill(made.failed.begin(), made.failed.end(), 0);
    made.has_failed = true;
    for (size_t i = 0; i < WordsOfBits(n); ++i) made.failed[i] |= below.failed[i];
  }
}

}  // namespace strata
