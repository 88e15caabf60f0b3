#include <fmt/format.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/date.h"
#include "run/segments/expression_parser.h"

namespace strata {
namespace {

constexpr int64_t kWholeShare = 1'000'000;
constexpr std::string_view kOperand =
    "a column, a number, a 'text', DATE '...', CURRENT_DATE, a function, EXISTS, segment('...') or a bracket";
constexpr std::array<std::string_view, 5> kAggregates = {"count", "sum", "min", "max", "avg"};

}  // namespace

absl::StatusOr<NodePtr> ExpressionParser::Primary() {
  const Token& next = tokens_.Peek();
  const SourcePosition begin = next.position;
  if (next.kind == TokenKind::kNumber) return NumberLiteral(tokens_.Take().text, begin);
  if (next.kind == TokenKind::kText) return TextLiteral(tokens_.Take().text, begin);
  if (next.kind == TokenKind::kQuoted) return Named();
  if (next.kind == TokenKind::kWord) return Word();
  if (!tokens_.AtSymbol("(")) return tokens_.Unexpected(kOperand);
  if (tokens_.AtKeyword("SELECT", 1)) return SelectedValue();
  tokens_.Take();
  STRATA_ASSIGN_OR_RETURN(NodePtr inner, Expression());
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(")"));
  return inner;
}

absl::StatusOr<NodePtr> ExpressionParser::Word() {
  const SourcePosition begin = tokens_.Peek().position;
  if (tokens_.TakeKeyword("TRUE")) return FlagLiteral(true, begin);
  if (tokens_.TakeKeyword("FALSE")) return FlagLiteral(false, begin);
  if (tokens_.AtKeyword("NULL"))
    return tokens_.Unexpected("NULL after IS or IS NOT only; nothing else is ever true of it");
  if (tokens_.AtKeyword("DATE") && tokens_.Peek(1).kind == TokenKind::kText) return Date();
  if (tokens_.AtKeyword("EXISTS")) return Exists();
  if (tokens_.TakeKeyword("CURRENT_DATE")) {
    Node today;
    today.kind = NodeKind::kToday;
    today.type = ColumnType::kDay;
    today.position = begin;
    return NodePtr(std::make_shared<const Node>(std::move(today)));
  }
  if (IsReserved(tokens_.Peek())) return tokens_.Unexpected(kOperand);
  return tokens_.AtSymbol("(", 1) ? Call() : Named();
}

absl::StatusOr<NodePtr> ExpressionParser::Call() {
  const SourcePosition begin = tokens_.Peek().position;
  if (tokens_.AtKeyword("SEGMENT")) return SegmentOf();
  if (tokens_.AtKeyword("PERCENTILE_DISC")) return Percentile();
  if (tokens_.AtKeyword("COALESCE")) return Coalesce();
  if (tokens_.TakeKeyword("ABS")) {
    STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol("("));
    STRATA_ASSIGN_OR_RETURN(NodePtr value, Expression());
    STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(")"));
    return Absolute(begin, std::move(value));
  }
  for (const std::string_view name : kAggregates) {
    if (!tokens_.AtKeyword(name)) continue;
    return ConditionError(
        begin,
        fmt::format("{} stands at the head of a select; allowed: (SELECT {}(...) FROM ... WHERE ...)", name, name));
  }
  return tokens_.Unexpected(
      "the functions abs, coalesce, percentile_disc, segment, and in a select count, sum, min, "
      "max, avg");
}

absl::StatusOr<std::string> ExpressionParser::QualifiedName() {
  std::string name;
  do {
    const Token& next = tokens_.Peek();
    // Behind a point every word is a name.
    const bool is_word = next.kind == TokenKind::kWord && (!name.empty() || !IsReserved(next));
    if (!is_word && next.kind != TokenKind::kQuoted) return tokens_.Unexpected("a name");
    name += name.empty() ? next.text : "." + next.text;
    tokens_.Take();
  } while (tokens_.TakeSymbol("."));
  return name;
}

absl::StatusOr<NodePtr> ExpressionParser::Named() {
  const SourcePosition begin = tokens_.Peek().position;
  STRATA_ASSIGN_OR_RETURN(const std::string name, QualifiedName());
  return names_.Column(name, table_, begin);
}

absl::StatusOr<NodePtr> ExpressionParser::Date() {
  tokens_.Take();
  const Token text = tokens_.Take();
  const absl::StatusOr<Day> day = ParseDay(text.text);
  if (day.ok()) return DayLiteral(*day, text.position);
  return ConditionError(text.position, fmt::format("found '{}'; allowed: a day of the calendar as YYYY-MM-DD, {} to {}",
                                                   text.text, kFirstYear, kLastYear));
}

absl::StatusOr<NodePtr> ExpressionParser::Percentile() {
  const SourcePosition begin = tokens_.Peek().position;
  STRATA_RETURN_IF_ERROR(CheckOutsideOfSelect("percentile_disc"));
  tokens_.Take();
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol("("));
  STRATA_ASSIGN_OR_RETURN(const NodePtr column, Named());
  STRATA_RETURN_IF_ERROR(CheckIsMeasure(*column, "percentile_disc"));
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(","));
  constexpr std::string_view kShares = "a share from 0 to 1 with at most six decimals";
  if (tokens_.Peek().kind != TokenKind::kNumber) return tokens_.Unexpected(kShares);
  const Token token = tokens_.Take();
  STRATA_ASSIGN_OR_RETURN(const NodePtr share, NumberLiteral(token.text, token.position));
  const bool is_zero_or_one = share->type == ColumnType::kInteger && share->whole <= 1;
  if (!is_zero_or_one && (share->type != ColumnType::kShare || share->whole > kWholeShare)) {
    return ConditionError(token.position, fmt::format("found {}; allowed: {}", token.text, kShares));
  }
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(")"));
  Node node;
  node.kind = NodeKind::kPercentile;
  node.type = column->type;
  node.position = begin;
  node.text = column->text;
  node.whole = is_zero_or_one ? share->whole * kWholeShare : share->whole;
  return NodePtr(std::make_shared<const Node>(std::move(node)));
}

absl::StatusOr<NodePtr> ExpressionParser::SegmentOf() {
  Node node;
  node.kind = NodeKind::kSegment;
  node.position = tokens_.Peek().position;
  STRATA_RETURN_IF_ERROR(CheckOutsideOfSelect("segment"));
  tokens_.Take();
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol("("));
  if (tokens_.Peek().kind != TokenKind::kText) return tokens_.Unexpected("the name of a segment as a 'text'");
  node.text = tokens_.Take().text;
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(")"));
  return NodePtr(std::make_shared<const Node>(std::move(node)));
}

absl::StatusOr<NodePtr> ExpressionParser::Coalesce() {
  const SourcePosition begin = tokens_.Take().position;
  std::vector<NodePtr> values;
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol("("));
  do {
    STRATA_ASSIGN_OR_RETURN(NodePtr value, Expression());
    values.push_back(std::move(value));
  } while (tokens_.TakeSymbol(","));
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(")"));
  return Coalesced(begin, std::move(values));
}

}  // namespace strata
