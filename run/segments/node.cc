#include "run/segments/node.h"

#include <fmt/format.h>

#include <bit>
#include <string_view>

namespace strata {
namespace {

std::string_view Head(NodeKind kind) {
  switch (kind) {
    case NodeKind::kLiteral:
      return "literal";
    case NodeKind::kColumn:
      return "column";
    case NodeKind::kToday:
      return "today";
    case NodeKind::kPercentile:
      return "percentile_disc";
    case NodeKind::kSegment:
      return "segment";
    case NodeKind::kConvert:
      return "to";
    case NodeKind::kNegate:
      return "negate";
    case NodeKind::kAbsolute:
      return "abs";
    case NodeKind::kCoalesce:
      return "coalesce";
    case NodeKind::kAdd:
      return "+";
    case NodeKind::kSubtract:
      return "-";
    case NodeKind::kMultiply:
      return "*";
    case NodeKind::kDivide:
      return "/";
    case NodeKind::kAggregate:
      return "select";
    case NodeKind::kEqual:
      return "=";
    case NodeKind::kNotEqual:
      return "<>";
    case NodeKind::kLess:
      return "<";
    case NodeKind::kLessEqual:
      return "<=";
    case NodeKind::kGreater:
      return ">";
    case NodeKind::kGreaterEqual:
      return ">=";
    case NodeKind::kIn:
      return "in";
    case NodeKind::kLike:
      return "like";
    case NodeKind::kIsNull:
      return "is_null";
    case NodeKind::kAnd:
      return "and";
    case NodeKind::kOr:
      return "or";
    case NodeKind::kNot:
      return "not";
  }
  return "";
}

// Doubled quotes keep different texts different.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

std::string LiteralText(const Node& node) {
  if (node.stored == Stored::kKey) return fmt::format("key {}", Quoted(node.text));
  if (node.type == ColumnType::kText) return Quoted(node.text);
  if (node.type == ColumnType::kNumber) return fmt::format("number {:016x}", std::bit_cast<uint64_t>(node.number));
  return fmt::format("{} {}", TypeName(node.type), node.whole);
}

std::string AggregateText(const Node& node) {
  const bool distinct = node.aggregate == Aggregate::kCountDistinct;
  const std::string what = node.argument == nullptr ? "*" : ToText(*node.argument);
  const std::string where = node.where == nullptr ? "" : " where " + ToText(*node.where);
  return fmt::format("(select {}{} {} from {}{})", Name(node.aggregate), distinct ? " distinct" : "", what, node.table,
                     where);
}

}  // namespace

const char* TypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return "integer";
    case ColumnType::kMoney:
      return "money";
    case ColumnType::kShare:
      return "decimal";
    case ColumnType::kNumber:
      return "number";
    case ColumnType::kDay:
      return "day";
    case ColumnType::kFlag:
      return "flag";
    case ColumnType::kText:
      return "text";
  }
  return "";
}

const char* Name(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::kExists:
      return "exists";
    case Aggregate::kCountRows:
      return "count";
    case Aggregate::kCount:
      return "count";
    case Aggregate::kCountDistinct:
      return "count";
    case Aggregate::kSum:
      return "sum";
    case Aggregate::kMin:
      return "min";
    case Aggregate::kMax:
      return "max";
    case Aggregate::kAverage:
      return "avg";
  }
  return "";
}

std::string ToText(const Node& node) {
  switch (node.kind) {
    case NodeKind::kLiteral:
      return LiteralText(node);
    case NodeKind::kColumn:
      return fmt::format("\"{}\"", node.text);
    case NodeKind::kToday:
      return "today";
    case NodeKind::kPercentile:
      return fmt::format("(percentile_disc {} {})", Quoted(node.text), node.whole);
    case NodeKind::kSegment:
      return fmt::format("(segment {})", Quoted(node.text));
    case NodeKind::kAggregate:
      return AggregateText(node);
    default:
      break;
  }
  std::string text = fmt::format("({}", Head(node.kind));
  if (node.kind == NodeKind::kConvert) text += fmt::format(" {}", TypeName(node.type));
  for (const NodePtr& operand : node.operands) text += " " + ToText(*operand);
  if (node.kind == NodeKind::kLike) text += " " + Quoted(node.text);
  return text + ")";
}

}  // namespace strata
