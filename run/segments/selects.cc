#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

#include "run/segments/expression_parser.h"

namespace strata {
namespace {

struct Function {
  std::string_view name;
  Aggregate aggregate;
};
constexpr std::array<Function, 5> kFunctions = {{{"count", Aggregate::kCount},
                                                 {"sum", Aggregate::kSum},
                                                 {"min", Aggregate::kMin},
                                                 {"max", Aggregate::kMax},
                                                 {"avg", Aggregate::kAverage}}};

}  // namespace

absl::Status ExpressionParser::CheckOutsideOfSelect(std::string_view what) const {
  if (table_.empty()) return absl::OkStatus();
  return ConditionError(
      tokens_.Peek().position,
      fmt::format("{} inside of a select; allowed there: columns of {}, literals, CURRENT_DATE", what, table_));
}

absl::StatusOr<NodePtr> ExpressionParser::Exists() {
  STRATA_RETURN_IF_ERROR(CheckOutsideOfSelect("EXISTS"));
  const SourcePosition begin = tokens_.Take().position;
  if (!tokens_.AtKeyword("SELECT", 1)) return tokens_.Unexpected("EXISTS (SELECT * FROM ... WHERE ...)");
  return Selected(begin, true);
}

absl::StatusOr<NodePtr> ExpressionParser::SelectedValue() {
  STRATA_RETURN_IF_ERROR(CheckOutsideOfSelect("a select"));
  return Selected(tokens_.Peek().position, false);
}

// The table is named behind the columns that it has.
absl::StatusOr<std::string> ExpressionParser::TableAhead() const {
  int open = 0;
  for (size_t i = 0; tokens_.Peek(i).kind != TokenKind::kEnd && open >= 0; ++i) {
    if (tokens_.AtSymbol("(", i)) ++open;
    if (tokens_.AtSymbol(")", i)) --open;
    if (open > 0 || !tokens_.AtKeyword("FROM", i)) continue;
    const Token& table = tokens_.Peek(i + 1);
    if (table.kind != TokenKind::kWord && table.kind != TokenKind::kQuoted) break;
    STRATA_RETURN_IF_ERROR(names_.CheckTable(table.text, table.position));
    return table.text;
  }
  return ConditionError(tokens_.Peek().position,
                        "a select without a table; allowed: SELECT ... FROM table [WHERE ...]");
}

// What is selected, with its argument; null where it has none.
absl::StatusOr<NodePtr> ExpressionParser::HeadOfSelect(bool exists, Aggregate* aggregate) {
  if (exists) {
    if (tokens_.Peek().kind != TokenKind::kNumber && !tokens_.AtSymbol("*")) {
      return tokens_.Unexpected("* or a number after EXISTS (SELECT");
    }
    tokens_.Take();
    return NodePtr();
  }
  const Function* called = nullptr;
  for (const Function& function : kFunctions) {
    if (tokens_.AtKeyword(function.name) && tokens_.AtSymbol("(", 1)) called = &function;
  }
  if (called == nullptr) return tokens_.Unexpected("count(...), sum(...), min(...), max(...) or avg(...), one of them");
  tokens_.Take();
  tokens_.Take();
  *aggregate = called->aggregate;
  NodePtr argument;
  if (*aggregate == Aggregate::kCount && tokens_.TakeSymbol("*")) {
    *aggregate = Aggregate::kCountRows;
  } else if (*aggregate == Aggregate::kCount) {
    if (tokens_.TakeKeyword("DISTINCT")) *aggregate = Aggregate::kCountDistinct;
    STRATA_ASSIGN_OR_RETURN(argument, Named());
  } else {
    STRATA_ASSIGN_OR_RETURN(argument, Expression());
  }
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol(")"));
  return argument;
}

// From the bracket before SELECT to the one at its end.
absl::StatusOr<NodePtr> ExpressionParser::Selected(SourcePosition begin, bool exists) {
  STRATA_RETURN_IF_ERROR(tokens_.ExpectSymbol("("));
  STRATA_RETURN_IF_ERROR(tokens_.ExpectKeyword("SELECT"));
  STRATA_ASSIGN_OR_RETURN(table_, TableAhead());
  Aggregate aggregate = Aggregate::kExists;
  STRATA_ASSIGN_OR_RETURN(NodePtr argument, HeadOfSelect(exists, &aggregate));
  STRATA_RETURN_IF_ERROR(tokens_.ExpectKeyword("FROM"));
  tokens_.Take();
  NodePtr where;
  if (tokens_.TakeKeyword("WHERE")) {
    STRATA_ASSIGN_OR_RETURN(where, Expression());
  }
  if (!tokens_.AtSymbol(")")) return tokens_.Unexpected(where == nullptr ? "WHERE or )" : "AND, OR or )");
  tokens_.Take();
  const std::string table = std::exchange(table_, "");
  return Aggregated(aggregate, begin, table, std::move(argument), std::move(where));
}

}  // namespace strata
