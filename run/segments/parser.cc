#include "run/segments/parser.h"

#include <fmt/format.h>

#include <array>
#include <utility>
#include <vector>

#include "run/segments/expression_parser.h"

namespace strata {
namespace {

struct Operator {
  std::string_view symbol;
  NodeKind kind;
};
constexpr std::array<Operator, 6> kComparisons = {{{"=", NodeKind::kEqual},
                                                   {"<>", NodeKind::kNotEqual},
                                                   {"<", NodeKind::kLess},
                                                   {"<=", NodeKind::kLessEqual},
                                                   {">", NodeKind::kGreater},
                                                   {">=", NodeKind::kGreaterEqual}}};

}  // namespace

absl::StatusOr<NodePtr> ExpressionParser::Whole() {
  STRATA_ASSIGN_OR_RETURN(NodePtr condition, Expression());
  if (tokens_.Peek().kind != TokenKind::kEnd) {
    return tokens_.Unexpected(IsComparison() ? "AND or OR between two comparisons" : "AND, OR or the end");
  }
  STRATA_RETURN_IF_ERROR(CheckIsCondition(*condition));
  return condition;
}

absl::Status ExpressionParser::CheckDepth() const {
  if (depth_ <= kMaxConditionDepth) return absl::OkStatus();
  return ConditionError(tokens_.Peek().position, fmt::format("nested in more than {} levels; allowed: {} at most",
                                                             kMaxConditionDepth, kMaxConditionDepth));
}

bool ExpressionParser::IsComparison() const {
  for (const Operator& comparison : kComparisons) {
    if (tokens_.AtSymbol(comparison.symbol)) return true;
  }
  return false;
}

absl::StatusOr<NodePtr> ExpressionParser::Expression() {
  const Nested nested(&depth_);
  STRATA_RETURN_IF_ERROR(CheckDepth());
  return Joined(NodeKind::kOr, "OR", [this] { return Joined(NodeKind::kAnd, "AND", [this] { return Not(); }); });
}

absl::StatusOr<NodePtr> ExpressionParser::Not() {
  const SourcePosition begin = tokens_.Peek().position;
  if (!tokens_.TakeKeyword("NOT")) return Predicate();
  const Nested nested(&depth_);
  STRATA_RETURN_IF_ERROR(CheckDepth());
  STRATA_ASSIGN_OR_RETURN(NodePtr condition, Not());
  return Logic(NodeKind::kNot, begin, {std::move(condition)});
}

absl::StatusOr<NodePtr> ExpressionParser::Predicate() {
  STRATA_ASSIGN_OR_RETURN(NodePtr value, Sum());
  const SourcePosition position = tokens_.Peek().position;
  for (const Operator& comparison : kComparisons) {
    if (!tokens_.TakeSymbol(comparison.symbol)) continue;
    STRATA_ASSIGN_OR_RETURN(NodePtr right, Sum());
    return Compared(comparison.kind, position, std::move(value), std::move(right));
  }
  if (tokens_.TakeKeyword("IS")) {
    const bool negated = tokens_.TakeKeyword("NOT");
    STRATA_RETURN_IF_ERROR(tokens_.ExpectKeyword("NULL"));
    STRATA_ASSIGN_OR_RETURN(NodePtr test, IsNull(position, std::move(value)));
    if (!negated) return test;
    return Logic(NodeKind::kNot, position, {std::move(test)});
  }
  const bool negated = tokens_.TakeKeyword("NOT");
  Parsed test = value;
  if (tokens_.TakeKeyword("BETWEEN")) {
    test = Between(position, value);
  } else if (tokens_.TakeKeyword("IN")) {
    test = In(position, std::move(value));
  } else if (tokens_.TakeKeyword("LIKE")) {
    test = Like(position, std::move(value));
  } else {
    if (negated) return tokens_.Unexpected("BETWEEN, IN or LIKE");
    return test;
  }
  if (!test.ok() || !negated) return test;
  return Logic(NodeKind::kNot, position, {*std::move(test)});
}

absl::StatusOr<NodePtr> ExpressionParser::Between(SourcePosition position, const NodePtr& value) {
  STRATA_ASSIGN_OR_RETURN(NodePtr low, Sum());
  STRATA_RETURN_IF_ERROR(tokens_.ExpectKeyword("AND"));
  STRATA_ASSIGN_OR_RETURN(NodePtr high, Sum());
  STRATA_ASSIGN_OR_RETURN(NodePtr above, Compared(NodeKind::kGreaterEqual, position, value, std::move(low)));
  STRATA_ASSIGN_OR_RETURN(NodePtr below, Compared(NodeKind::kLessEqual, position, value, std::move(high)));
  return Logic(NodeKind::kAnd, position, {std::move(above), std::move(below)});
}

absl::StatusOr<NodePtr> ExpressionParser::In(SourcePosition position, NodePtr value) {
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol("("));
  if (tokens_.AtKeyword("SELECT")) {
    return tokens_.Unexpected("literals; for rows of a table EXISTS (SELECT * FROM ... WHERE ...)");
  }
  std::vector<NodePtr> literals;
  do {
    STRATA_ASSIGN_OR_RETURN(NodePtr literal, Signed());
    if (literal->kind != NodeKind::kLiteral) {
      return ConditionError(literal->position,
                            "found a value that is no literal; allowed in a list: numbers, 'texts', "
                            "DATE '...', TRUE, FALSE");
    }
    literals.push_back(std::move(literal));
  } while (tokens_.TakeSymbol(","));
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(")"));
  return Listed(position, std::move(value), literals);
}

absl::StatusOr<NodePtr> ExpressionParser::Like(SourcePosition position, NodePtr value) {
  if (tokens_.Peek().kind != TokenKind::kText) return tokens_.Unexpected("a 'pattern' with % and _");
  return Matched(position, std::move(value), tokens_.Take().text);
}

absl::StatusOr<NodePtr> ExpressionParser::Sum() {
  STRATA_ASSIGN_OR_RETURN(NodePtr value, Product());
  while (tokens_.AtSymbol("+") || tokens_.AtSymbol("-")) {
    const Token sign = tokens_.Take();
    STRATA_ASSIGN_OR_RETURN(NodePtr right, Product());
    const NodeKind kind = sign.text == "+" ? NodeKind::kAdd : NodeKind::kSubtract;
    STRATA_ASSIGN_OR_RETURN(value, Arithmetic(kind, sign.position, std::move(value), std::move(right)));
  }
  return value;
}

absl::StatusOr<NodePtr> ExpressionParser::Product() {
  STRATA_ASSIGN_OR_RETURN(NodePtr value, Signed());
  while (tokens_.AtSymbol("*") || tokens_.AtSymbol("/")) {
    const Token sign = tokens_.Take();
    STRATA_ASSIGN_OR_RETURN(NodePtr right, Signed());
    const NodeKind kind = sign.text == "*" ? NodeKind::kMultiply : NodeKind::kDivide;
    STRATA_ASSIGN_OR_RETURN(value, Arithmetic(kind, sign.position, std::move(value), std::move(right)));
  }
  return value;
}

absl::StatusOr<NodePtr> ExpressionParser::Signed() {
  const SourcePosition begin = tokens_.Peek().position;
  if (!tokens_.TakeSymbol("-")) return Primary();
  const Nested nested(&depth_);
  STRATA_RETURN_IF_ERROR(CheckDepth());
  STRATA_ASSIGN_OR_RETURN(NodePtr value, Signed());
  return Negated(begin, std::move(value));
}

absl::StatusOr<NodePtr> ParseCondition(std::string_view condition, const ColumnCatalogue& catalogue) {
  STRATA_ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(condition));
  return ExpressionParser(std::move(tokens), catalogue).Whole();
}

}  // namespace strata
