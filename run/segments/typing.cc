#include "run/segments/typing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "run/segments/representation.h"

namespace strata {
namespace {

bool IsNumeric(const Node& node) { return IsNumeric(node.type); }
bool IsDay(const Node& node) { return node.type == ColumnType::kDay; }
bool IsInteger(const Node& node) { return node.type == ColumnType::kInteger; }

// The node with its height, unless the tree became too deep.
absl::StatusOr<NodePtr> Finish(Node node) {
  int below = 0;
  for (const NodePtr& operand : node.operands) below = std::max(below, operand->height);
  if (node.where != nullptr) below = std::max(below, node.where->height);
  if (node.argument != nullptr) below = std::max(below, node.argument->height);
  node.height = below + 1;
  if (node.height > kMaxConditionDepth) {
    return ConditionError(node.position,
                          fmt::format("operations are nested in more than {} levels; allowed: {} at most",
                                      kMaxConditionDepth, kMaxConditionDepth));
  }
  return NodePtr(std::make_shared<const Node>(std::move(node)));
}

absl::StatusOr<NodePtr> Finish(NodeKind kind, ColumnType type, SourcePosition position, std::vector<NodePtr> operands) {
  Node node;
  node.kind = kind;
  node.type = type;
  node.position = position;
  node.operands = std::move(operands);
  return Finish(std::move(node));
}

std::string_view Sign(NodeKind kind) {
  switch (kind) {
    case NodeKind::kAdd:
      return "+";
    case NodeKind::kSubtract:
      return "-";
    case NodeKind::kMultiply:
      return "*";
    default:
      return "/";
  }
}

absl::Status NoNumber(const Node& node, std::string_view what) {
  return ConditionError(node.position,
                        fmt::format("{} a {}; allowed: integer, money, decimal or number", what, TypeName(node.type)));
}

// Days move by integers, and their distance is one; nullptr where neither operand is a day.
absl::StatusOr<NodePtr> DayArithmetic(NodeKind kind, SourcePosition position, const NodePtr& a, const NodePtr& b) {
  if (!IsDay(*a) && !IsDay(*b)) return NodePtr();
  const bool adds = kind == NodeKind::kAdd;
  const bool subtracts = kind == NodeKind::kSubtract;
  const bool moves = (adds && IsDay(*a) && IsInteger(*b)) || (adds && IsInteger(*a) && IsDay(*b)) ||
                     (subtracts && IsDay(*a) && IsInteger(*b));
  if (moves) return Finish(kind, ColumnType::kDay, position, {a, b});
  if (subtracts && IsDay(*a) && IsDay(*b)) return Finish(kind, ColumnType::kInteger, position, {a, b});
  return ConditionError(position, fmt::format("{} {} {}; allowed with days: day + integer, day - integer, day - day",
                                              TypeName(a->type), Sign(kind), TypeName(b->type)));
}

ColumnType ProductType(ColumnType a, ColumnType b) {
  if (a == ColumnType::kInteger) return b;
  return b == ColumnType::kInteger ? a : ColumnType::kNumber;
}

}  // namespace

absl::StatusOr<NodePtr> Arithmetic(NodeKind kind, SourcePosition position, NodePtr a, NodePtr b) {
  STRATA_ASSIGN_OR_RETURN(NodePtr of_days, DayArithmetic(kind, position, a, b));
  if (of_days != nullptr) return of_days;
  for (const NodePtr& operand : {a, b}) {
    if (!IsNumeric(*operand)) return NoNumber(*operand, fmt::format("{} calculates with", Sign(kind)));
  }
  ColumnType type = std::max(a->type, b->type, [](ColumnType x, ColumnType y) { return Rank(x) < Rank(y); });
  if (kind == NodeKind::kDivide) type = ColumnType::kNumber;
  if (kind == NodeKind::kMultiply) type = ProductType(a->type, b->type);
  // An integer times micros are micros: nothing is converted then.
  if (kind != NodeKind::kMultiply || type == ColumnType::kNumber) {
    STRATA_ASSIGN_OR_RETURN(a, Converted(a, type));
    STRATA_ASSIGN_OR_RETURN(b, Converted(b, type));
  }
  return Finish(kind, type, position, {std::move(a), std::move(b)});
}

absl::StatusOr<NodePtr> Negated(SourcePosition position, NodePtr value) {
  if (!IsNumeric(*value)) return NoNumber(*value, "- stands before");
  if (value->kind == NodeKind::kLiteral) {
    Node node = *value;
    node.position = position;
    node.whole = -node.whole;
    node.number = -node.number;
    return Finish(std::move(node));
  }
  const ColumnType type = value->type;
  return Finish(NodeKind::kNegate, type, position, {std::move(value)});
}

absl::StatusOr<NodePtr> Absolute(SourcePosition position, NodePtr value) {
  if (!IsNumeric(*value)) return NoNumber(*value, "abs of");
  const ColumnType type = value->type;
  return Finish(NodeKind::kAbsolute, type, position, {std::move(value)});
}

absl::StatusOr<NodePtr> Coalesced(SourcePosition position, std::vector<NodePtr> values) {
  ColumnType type = values.front()->type;
  for (const NodePtr& value : values) {
    STRATA_RETURN_IF_ERROR(CheckIsPlain(*value, "coalesce"));
    const bool both_numeric = IsNumeric(type) && IsNumeric(*value);
    if (!both_numeric && type != value->type) {
      return ConditionError(value->position, fmt::format("coalesce of {} and {}; allowed: values of one type",
                                                         TypeName(type), TypeName(value->type)));
    }
    if (both_numeric && Rank(value->type) > Rank(type)) type = value->type;
  }
  for (NodePtr& value : values) {
    STRATA_ASSIGN_OR_RETURN(value, Converted(value, type));
  }
  return Finish(NodeKind::kCoalesce, type, position, std::move(values));
}

absl::StatusOr<NodePtr> Aggregated(Aggregate aggregate, SourcePosition position, std::string_view table,
                                   NodePtr argument, NodePtr where) {
  Node node;
  node.kind = NodeKind::kAggregate;
  node.position = position;
  node.aggregate = aggregate;
  node.table = std::string(table);
  node.type = aggregate == Aggregate::kExists ? ColumnType::kFlag : ColumnType::kInteger;
  if (aggregate == Aggregate::kSum || aggregate == Aggregate::kAverage) {
    if (!IsNumeric(*argument)) return NoNumber(*argument, fmt::format("{} of", Name(aggregate)));
    node.type = aggregate == Aggregate::kSum ? argument->type : ColumnType::kNumber;
  } else if (aggregate == Aggregate::kMin || aggregate == Aggregate::kMax) {
    STRATA_RETURN_IF_ERROR(CheckIsPlain(*argument, Name(aggregate)));
    if (argument->type == ColumnType::kFlag) {
      return ConditionError(argument->position,
                            fmt::format("{} of a flag; allowed: values that have an order", Name(aggregate)));
    }
    node.type = argument->type;
  }
  if (where != nullptr) STRATA_RETURN_IF_ERROR(CheckIsCondition(*where));
  node.argument = std::move(argument);
  node.where = std::move(where);
  return Finish(std::move(node));
}

absl::StatusOr<NodePtr> Compared(NodeKind kind, SourcePosition position, NodePtr a, NodePtr b) {
  STRATA_RETURN_IF_ERROR(MakeComparable(position, &a, &b));
  const bool equality = kind == NodeKind::kEqual || kind == NodeKind::kNotEqual;
  const bool has_order = a->type != ColumnType::kFlag && a->stored != Stored::kKey;
  if (!equality && !has_order) {
    const std::string_view what = a->type == ColumnType::kFlag ? "flags have" : "ids have";
    return ConditionError(position, fmt::format("{} no order; allowed: = and <>", what));
  }
  return Finish(kind, ColumnType::kFlag, position, {std::move(a), std::move(b)});
}

absl::StatusOr<NodePtr> Listed(SourcePosition position, NodePtr value, const std::vector<NodePtr>& literals) {
  ColumnType type = value->type;
  for (const NodePtr& literal : literals) {
    if (IsNumeric(type) && IsNumeric(*literal) && Rank(literal->type) > Rank(type)) type = literal->type;
  }
  if (IsNumeric(type)) {
    STRATA_ASSIGN_OR_RETURN(value, Converted(value, type));
  }
  std::vector<NodePtr> operands = {value};
  for (NodePtr literal : literals) {
    STRATA_RETURN_IF_ERROR(MakeComparable(literal->position, &value, &literal));
    operands.push_back(std::move(literal));
  }
  return Finish(NodeKind::kIn, ColumnType::kFlag, position, std::move(operands));
}

absl::StatusOr<NodePtr> Matched(SourcePosition position, NodePtr value, std::string_view pattern) {
  STRATA_RETURN_IF_ERROR(CheckIsPlain(*value, "LIKE"));
  if (value->type != ColumnType::kText) {
    return ConditionError(position, fmt::format("LIKE on a value of type {}; allowed: text", TypeName(value->type)));
  }
  Node node;
  node.kind = NodeKind::kLike;
  node.position = position;
  node.operands = {std::move(value)};
  node.text = std::string(pattern);
  return Finish(std::move(node));
}

absl::StatusOr<NodePtr> IsNull(SourcePosition position, NodePtr value) {
  return Finish(NodeKind::kIsNull, ColumnType::kFlag, position, {std::move(value)});
}

absl::StatusOr<NodePtr> Logic(NodeKind kind, SourcePosition position, std::vector<NodePtr> flags) {
  for (const NodePtr& flag : flags) STRATA_RETURN_IF_ERROR(CheckIsCondition(*flag));
  return Finish(kind, ColumnType::kFlag, position, std::move(flags));
}

absl::Status CheckIsCondition(const Node& node) {
  if (node.type == ColumnType::kFlag) return absl::OkStatus();
  return ConditionError(node.position, fmt::format("found a value of type {} where a condition is needed; allowed: a "
                                                   "comparison, IN, LIKE, IS NULL, EXISTS, segment('...') or a flag",
                                                   TypeName(node.type)));
}

absl::Status CheckIsMeasure(const Node& node, std::string_view what) {
  if (IsNumeric(node) || IsDay(node)) return absl::OkStatus();
  return ConditionError(node.position, fmt::format("{} of a {}; allowed: integer, money, decimal, number or day", what,
                                                   TypeName(node.type)));
}

}  // namespace strata
