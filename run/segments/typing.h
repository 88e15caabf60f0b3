// Makes nodes and checks them: types of operands, words of choices, the depth of the tree; and gives operands one
// representation, by converted literals where there are some. Every error is SEGMENT_INVALID at the position of what is
// wrong (ConditionError). Pure; thread-safe. `position` is that of the operator or of the first word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "run/segments/node.h"

namespace strata {

// Digits as the lexer gives them. Without point and exponent an integer; with at most six decimals that count and
// without an exponent a decimal; else a number. What fits neither is an error.
absl::StatusOr<NodePtr> NumberLiteral(std::string_view digits, SourcePosition position);
NodePtr TextLiteral(std::string_view text, SourcePosition position);
NodePtr DayLiteral(Day day, SourcePosition position);
NodePtr FlagLiteral(bool value, SourcePosition position);

// Arithmetic. `kind` is kAdd, kSubtract, kMultiply or kDivide.
absl::StatusOr<NodePtr> Arithmetic(NodeKind kind, SourcePosition position, NodePtr a, NodePtr b);
absl::StatusOr<NodePtr> Negated(SourcePosition position, NodePtr value);  // of a literal: a literal
absl::StatusOr<NodePtr> Absolute(SourcePosition position, NodePtr value);
absl::StatusOr<NodePtr> Coalesced(SourcePosition position, std::vector<NodePtr> values);
// `argument` null: kExists, kCountRows. `where` null: every row.
absl::StatusOr<NodePtr> Aggregated(Aggregate aggregate, SourcePosition position, std::string_view table,
                                   NodePtr argument, NodePtr where);

// Predicates. `kind` of a comparison is kEqual … kGreaterEqual.
absl::StatusOr<NodePtr> Compared(NodeKind kind, SourcePosition position, NodePtr a, NodePtr b);
absl::StatusOr<NodePtr> Listed(SourcePosition position, NodePtr value, const std::vector<NodePtr>& literals);
absl::StatusOr<NodePtr> Matched(SourcePosition position, NodePtr value, std::string_view pattern);
absl::StatusOr<NodePtr> IsNull(SourcePosition position, NodePtr value);
// kAnd or kOr of two flags or more; kNot of one.
absl::StatusOr<NodePtr> Logic(NodeKind kind, SourcePosition position, std::vector<NodePtr> flags);

// OK for a flag; else says that a condition is needed.
absl::Status CheckIsCondition(const Node& node);
// OK for integer, money, decimal, number and day: what has an order and a distance, so that percentiles exist.
absl::Status CheckIsMeasure(const Node& node, std::string_view what);

}  // namespace strata
