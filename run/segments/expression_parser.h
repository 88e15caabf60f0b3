// The recursive descent behind ParseCondition (run/segments/parser.h): a method for each level of binding. Brackets,
// NOT and signs count as levels of nesting, so that no condition exhausts the stack. Reads one condition once; not
// thread-safe. Every method begins at the next token and ends behind what it read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "run/segments/names.h"
#include "run/segments/token_stream.h"
#include "run/segments/typing.h"

namespace strata {

class ExpressionParser {
 public:
  // The catalogue must outlive the parser.
  ExpressionParser(std::vector<Token> tokens, const ColumnCatalogue& catalogue)
      : tokens_(std::move(tokens)), names_(catalogue) {}

  absl::StatusOr<NodePtr> Whole();

 private:
  // One level deeper for as long as it lives.
  class Nested {
   public:
    explicit Nested(int* depth) : depth_(depth) { ++*depth_; }
    ~Nested() { --*depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    int* depth_;
  };

  using Parsed = absl::StatusOr<NodePtr>;

  absl::Status CheckDepth() const;
  bool IsComparison() const;

  // Operators, from the loosest to the tightest: OR, AND, NOT, predicates, + and -, * and /, signs.
  Parsed Expression();
  // Terms with one word between them; a single one is itself.
  template <typename Term>
  Parsed Joined(NodeKind kind, std::string_view word, const Term& term) {
    const SourcePosition begin = tokens_.Peek().position;
    std::vector<NodePtr> terms;
    do {
      STRATA_ASSIGN_OR_RETURN(NodePtr next, term());
      terms.push_back(std::move(next));
    } while (tokens_.TakeKeyword(word));
    if (terms.size() == 1) return terms.front();
    return Logic(kind, begin, std::move(terms));
  }

  Parsed Not();
  Parsed Predicate();
  Parsed Between(SourcePosition position, const NodePtr& value);
  Parsed In(SourcePosition position, NodePtr value);
  Parsed Like(SourcePosition position, NodePtr value);
  Parsed Sum();
  Parsed Product();
  Parsed Signed();

  // What operators stand between.
  Parsed Primary();
  Parsed Word();
  Parsed Call();
  Parsed Named();
  Parsed Date();
  Parsed Percentile();
  Parsed SegmentOf();
  Parsed Coalesce();
  absl::StatusOr<std::string> QualifiedName();

  // Selects.
  Parsed Exists();
  Parsed SelectedValue();
  Parsed Selected(SourcePosition begin, bool exists);
  Parsed HeadOfSelect(bool exists, Aggregate* aggregate);
  absl::StatusOr<std::string> TableAhead() const;
  absl::Status CheckOutsideOfSelect(std::string_view what) const;

  TokenStream tokens_;
  NameScope names_;
  int depth_ = 0;
  std::string table_;  // of the select around what is read; empty: none
};

}  // namespace strata
