// A condition as a tree of typed nodes, as the parser leaves it: names are resolved, types are checked, operands of a
// comparison have one representation. Immutable once made and shared (a tree may hold a node twice), so thread-safe.
//
// Representation of a value by type: integer, day (base/date.h) and flag (0, 1) as int64; money in micros and decimals
// (ColumnType::kShare: shares, quantities, literals with a point) in millionths as int64; number as double; text as
// text, or as XXH3-64 where `stored` says so. Every value but those of logic's constants may be null.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "run/segments/condition_error.h"

namespace strata {

// A condition deeper than this is written by a program that went wrong; it bounds every recursion over a tree.
inline constexpr int kMaxConditionDepth = 100;

enum class NodeKind : uint8_t {
  // Leaves.
  kLiteral,     // whole, number or text by type
  kColumn,      // text: its name; table: of the select around it, empty for a column of the customer
  kToday,       // CURRENT_DATE: the run's as_of
  kPercentile,  // text: the column; whole: the share in millionths
  kSegment,     // text: its name; true for members, never null
  // Values. Their operands have the representation of the result, except where said.
  kConvert,  // integer to money or decimal (times 10^6); any of the three to number
  kNegate,
  kAbsolute,
  kCoalesce,   // the first that is not null
  kAdd,        // numbers of one type; day and integer give a day
  kSubtract,   // as kAdd; day and day give an integer
  kMultiply,   // integers; numbers; an integer and one that is money or decimal, in either order
  kDivide,     // numbers; null where the divisor is 0
  kAggregate,  // `aggregate` of `argument` over the rows of `table` for which `where` is true
  // Predicates: flags, null where SQL's are.
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,      // the first operand against the literals that follow
  kLike,    // text: the pattern; % any characters, _ one character, nothing escapes them
  kIsNull,  // never null
  kAnd,     // two operands or more, as kOr
  kOr,
  kNot,
};

enum class Aggregate : uint8_t { kExists, kCountRows, kCount, kCountDistinct, kSum, kMin, kMax, kAverage };

// How a column is kept where that is not what its type says.
enum class Stored : uint8_t {
  kPlain,
  kKey,      // a text as the XXH3-64 of its bytes: only equality has a meaning
  kMinutes,  // a day as local minutes since 1970-01-01 00:00
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Node {
  NodeKind kind = NodeKind::kLiteral;
  ColumnType type = ColumnType::kFlag;
  SourcePosition position;
  int height = 1;  // 1 for a leaf; at most kMaxConditionDepth
  std::vector<NodePtr> operands;

  int64_t whole = 0;
  double number = 0;  // of a literal: its value, also where `whole` has it exactly
  std::string text;
  std::string table;
  Stored stored = Stored::kPlain;  // of a column, and of a literal that is compared with it
  std::vector<std::string> words;  // of a column: all that it can say; empty: any text

  Aggregate aggregate = Aggregate::kExists;
  NodePtr where;     // null: every row
  NodePtr argument;  // null: kExists, kCountRows
};

// "integer", "money", "decimal", "number", "day", "flag", "text": how errors and docs/segments.md call a type.
const char* TypeName(ColumnType type);

// "count", "sum", …; kCountRows and kCountDistinct are "count" too.
const char* Name(Aggregate aggregate);

// The node as one line of fully bracketed text without positions: two nodes mean the same computation on the same
// columns where their texts are equal.
std::string ToText(const Node& node);

}  // namespace strata
