// Computes the expressions of one kind of rows (customers, or the events of a table), some rows at a time, so that what
// a block needs stays near. Every value is checked: a row where one does not fit its type is `failed`, and so is
// everything that needs it. Not thread-safe; the graph must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/date.h"
#include "data/segments/block_loops.h"
#include "data/segments/column_reader.h"
#include "data/segments/expression_graph.h"
#include "data/segments/text_words.h"

namespace strata {

inline constexpr size_t kSegmentBlock = 2048;  // 16 KiB a value: some dozens fit the second cache

class BlockEvaluator {
 public:
  // `readers` by expression: those of columns and aggregates of these rows are read.
  BlockEvaluator(const ExpressionGraph& graph, int rows, Day as_of, std::vector<ColumnReader> readers);

  // Computes rows begin .. begin + n of the columns. Precondition: n <= kSegmentBlock.
  void Evaluate(size_t begin, size_t n);

  // Of the rows computed last, for whatever was asked of the expression.
  const uint64_t* True(int expression) const { return At(expression).is_true.data(); }
  const ValuesView& Values(int expression) const { return At(expression).values; }
  bool any_failed() const { return any_failed_; }
  // Null: no row.
  const uint64_t* Failed(int expression) const;

  // Of a text: what its codes mean.
  const Words& words(int expression) const { return At(expression).words; }

 private:
  struct Computed {
    ValuesView values;
    std::vector<int64_t> whole;
    std::vector<double> number;
    std::vector<uint64_t> is_true, is_false, failed;
    bool has_failed = false;
    Words words;
    std::vector<std::vector<int64_t>> codes;  // by operand: its code → one that all operands share; empty: the same
    std::vector<uint8_t> matches;             // kLike and kIn of texts: by code
    std::vector<int64_t> listed;              // kIn: ascending
    std::vector<double> listed_numbers;
    std::optional<CodeComparison> comparison;  // of the first operand with a literal
  };

  Computed& At(int expression) { return computed_[static_cast<size_t>(expression)]; }
  const Computed& At(int expression) const { return computed_[static_cast<size_t>(expression)]; }
  const Expression& Of(int expression) const { return graph_.expressions[static_cast<size_t>(expression)]; }

  void Prepare(int expression);
  void PrepareTexts(int expression);
  void PrepareList(int expression);

  void Compute(int expression, size_t begin, size_t n);
  void ComputeValue(int expression, size_t begin, size_t n);
  bool ComputeWhole(const Expression& e, size_t n, Computed* made) const;
  bool ComputeNumber(const Expression& e, size_t n, Computed* made) const;
  void Coalesce(const Expression& e, size_t n, Computed* made) const;
  void ReadColumn(int expression, size_t begin, size_t n);
  void ComputeSets(int expression, size_t n);
  void ComputeSet(int expression, bool positive, size_t n, uint64_t* bits);
  void Compare(int expression, bool positive, size_t n, uint64_t* bits) const;
  void FindListed(int expression, bool positive, size_t n, uint64_t* bits) const;
  void FindNulls(int expression, bool positive, size_t n, uint64_t* bits) const;
  void Join(int expression, bool positive, size_t n, uint64_t* bits) const;
  void CollectFailed(int expression, size_t n);

  const ExpressionGraph& graph_;
  Day as_of_;
  std::vector<ColumnReader> readers_;
  std::vector<int> order_;  // expressions of these rows that change from row to row
  std::vector<Computed> computed_;
  bool constants_failed_ = false;  // some constant does, so any block has to look
  bool any_failed_ = false;
};

}  // namespace strata
