// The tokens of a condition one after the other, with what may stand next in words. Plain value; not thread-safe.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "run/segments/lexer.h"

namespace strata {

class TokenStream {
 public:
  // Precondition: the last token is kEnd, as Tokenize leaves it.
  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& Peek(size_t ahead = 0) const;
  Token Take();  // the end stays

  // Keywords are words in any case; words between double quotes are none.
  bool AtKeyword(std::string_view keyword, size_t ahead = 0) const;
  bool AtSymbol(std::string_view symbol, size_t ahead = 0) const;
  // Takes it where it is next.
  bool TakeKeyword(std::string_view keyword);
  bool TakeSymbol(std::string_view symbol);

  absl::Status ExpectKeyword(std::string_view keyword);
  absl::Status ExpectSymbol(std::string_view symbol);
  // "found …; allowed: …" at the next token.
  absl::Status Unexpected(std::string_view allowed) const;

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
};

// True for a word that has a meaning of its own wherever it stands (AND, BETWEEN, …). Names that are one stand between
// double quotes; names of functions are none, they are known by the bracket behind them.
bool IsReserved(const Token& token);

}  // namespace strata
