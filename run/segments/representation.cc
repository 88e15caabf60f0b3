#include "run/segments/representation.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "base/hash.h"
#include "run/nearest_name.h"

namespace strata {
namespace {

constexpr int64_t kMicros = 1'000'000;

bool IsText(const Node& node) { return node.type == ColumnType::kText; }
bool IsTextLiteral(const Node& node) { return IsText(node) && node.kind == NodeKind::kLiteral; }

absl::StatusOr<NodePtr> ConvertedLiteral(Node node, ColumnType type) {
  const bool scales = node.type == ColumnType::kInteger && type != ColumnType::kNumber;
  if (scales && __builtin_mul_overflow(node.whole, kMicros, &node.whole)) {
    return ConditionError(node.position, "found an amount that is too large; allowed: up to 9223372036854.775807");
  }
  node.type = type;
  return NodePtr(std::make_shared<const Node>(std::move(node)));
}

absl::Status CheckIsWordOf(const Node& column, const Node& literal) {
  const std::vector<std::string>& words = column.words;
  if (words.empty() || std::find(words.begin(), words.end(), literal.text) != words.end()) return absl::OkStatus();
  return ConditionError(literal.position, fmt::format("'{}' is no word of {}{}; allowed: {}", literal.text, column.text,
                                                      DidYouMean(literal.text, words), fmt::join(words, ", ")));
}

NodePtr AsKey(const Node& literal) {
  Node key = literal;
  key.stored = Stored::kKey;
  key.whole = std::bit_cast<int64_t>(Hash64(key.text));
  return std::make_shared<const Node>(std::move(key));
}

// Texts on both sides. A literal may be a key already: it was compared with one before.
absl::Status MakeTextsComparable(SourcePosition position, NodePtr* a, NodePtr* b) {
  if (IsTextLiteral(**b)) STRATA_RETURN_IF_ERROR(CheckIsWordOf(**a, **b));
  if (IsTextLiteral(**a)) STRATA_RETURN_IF_ERROR(CheckIsWordOf(**b, **a));
  if ((*a)->stored == (*b)->stored) return absl::OkStatus();
  if (IsTextLiteral(**a)) {
    *a = AsKey(**a);
  } else if (IsTextLiteral(**b)) {
    *b = AsKey(**b);
  } else {
    return ConditionError(position,
                          "compares an id with a text of another column; allowed: an id with an id or with a "
                          "'text'");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsNumeric(ColumnType type) {
  return type == ColumnType::kInteger || type == ColumnType::kShare || type == ColumnType::kMoney ||
         type == ColumnType::kNumber;
}

int Rank(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
      return 0;
    case ColumnType::kShare:
      return 1;
    case ColumnType::kMoney:
      return 2;
    default:
      return 3;
  }
}

absl::StatusOr<NodePtr> Converted(const NodePtr& value, ColumnType type) {
  const bool same_micros = Rank(value->type) > 0 && Rank(type) < Rank(ColumnType::kNumber);
  if (value->type == type || !IsNumeric(type) || same_micros) return value;
  if (value->kind == NodeKind::kLiteral) return ConvertedLiteral(*value, type);
  Node node;
  node.kind = NodeKind::kConvert;
  node.type = type;
  node.position = value->position;
  node.height = value->height;  // no level that anybody wrote
  node.operands = {value};
  return NodePtr(std::make_shared<const Node>(std::move(node)));
}

absl::Status MakeComparable(SourcePosition position, NodePtr* a, NodePtr* b) {
  const ColumnType left = (*a)->type;
  const ColumnType right = (*b)->type;
  if (IsNumeric(left) && IsNumeric(right)) {
    const ColumnType type = Rank(left) < Rank(right) ? right : left;
    STRATA_ASSIGN_OR_RETURN(*a, Converted(*a, type));
    STRATA_ASSIGN_OR_RETURN(*b, Converted(*b, type));
    return absl::OkStatus();
  }
  if (left != right) {
    const bool date_as_text =
        (left == ColumnType::kDay && IsTextLiteral(**b)) || (right == ColumnType::kDay && IsTextLiteral(**a));
    return ConditionError(position, fmt::format("compares {} with {}; allowed: values of one type{}", TypeName(left),
                                                TypeName(right), date_as_text ? ", a day as DATE '2024-12-31'" : ""));
  }
  return left == ColumnType::kText ? MakeTextsComparable(position, a, b) : absl::OkStatus();
}

absl::Status CheckIsPlain(const Node& node, std::string_view what) {
  if (node.stored != Stored::kKey) return absl::OkStatus();
  return ConditionError(node.position, fmt::format("{} of the id {}; allowed with ids: = <> IN, IS NULL, "
                                                   "count(DISTINCT ...)",
                                                   what, node.text));
}

}  // namespace strata
