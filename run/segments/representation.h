// What values of the segment language look like side by side: which types convert into which, and operands that may be
// compared. Errors as run/segments/typing.h. Pure; thread-safe.
#pragma once

#include <string_view>

#include "base/status.h"
#include "run/segments/node.h"

namespace strata {

bool IsNumeric(ColumnType type);

// Of two numeric types the result has the one with the higher rank: integer 0, decimal 1, money 2, number 3.
// Precondition: IsNumeric(type).
int Rank(ColumnType type);

// `value` in the representation of `type`. Decimal and money share one and come back as they are. A literal becomes a
// literal; an integer that has no micros in 64 bits is an error. Precondition: the types are equal, or both numeric
// with Rank(value->type) <= Rank(type).
absl::StatusOr<NodePtr> Converted(const NodePtr& value, ColumnType type);

// Gives both operands one representation; an error names the two types where there is none. A text that is compared
// with a choice must be one of its words; one that is compared with an id becomes the id's hash.
absl::Status MakeComparable(SourcePosition position, NodePtr* a, NodePtr* b);

// OK unless the node is an id, of which only equality is known.
absl::Status CheckIsPlain(const Node& node, std::string_view what);

}  // namespace strata
