// Conditions as a graph of expressions in which equal ones are one, whatever conditions they come from. Plain values;
// the function is pure and thread-safe.
//
// An expression is computed for rows: of customers, or of the events of one table. What is needed of it is asked for by
// those above it: its value, the rows where it is true, the rows where it is false. A condition wants the first set
// alone, NOT swaps the two, and IS NULL of a condition is neither; so no logic ever needs a third set for what is
// unknown.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "data/segments/percentile_values.h"
#include "run/segments/condition.h"
#include "run/table_schema.h"

namespace strata {

inline constexpr int kCustomerRows = 0;  // rows of expressions; those of events of tables[i] are 1 + i

struct Expression {
  NodeKind kind = NodeKind::kLiteral;  // percentiles are literals here, null ones too
  ColumnType type = ColumnType::kFlag;
  Stored stored = Stored::kPlain;
  int rows = kCustomerRows;
  std::vector<int> operands;  // of kSegment: the segment's root
  int64_t whole = 0;          // of a literal as of Node; kNoWhole: null
  double number = 0;          // of a literal; NaN: null
  std::string text;           // of a literal, a column, a pattern
  Aggregate aggregate = Aggregate::kExists;
  int event_rows = 0;  // of an aggregate: the rows it is taken over
  int where = -1;      // of those rows; -1: every one
  int argument = -1;   // of those rows; -1: none
  bool is_constant = false;

  bool wants_value = false, wants_true = false, wants_false = false;

  bool IsText() const { return type == ColumnType::kText && stored != Stored::kKey; }
  // A flag that is computed as two sets of rows and not as a value.
  bool IsPredicate() const;
};

struct ExpressionGraph {
  std::vector<Expression> expressions;  // operands stand before those that need them
  std::vector<TableId> tables;          // that have events some condition asks for
  struct Segment {
    std::string name;
    std::string definition;
    int root = 0;
  };
  std::vector<Segment> segments;  // whatever one uses stands before it
};

// Preconditions as of SegmentProgram::Compile. INTERNAL where a percentile is missing or a segment is not before its
// users.
absl::StatusOr<ExpressionGraph> BuildGraph(const std::vector<Condition>& conditions,
                                           const PercentileValues& percentiles);

}  // namespace strata
