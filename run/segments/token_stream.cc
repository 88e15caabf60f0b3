#include "run/segments/token_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace strata {
namespace {

// Long texts of a condition are cut in messages about it.
constexpr size_t kMaxShownBytes = 40;

constexpr std::array<std::string_view, 18> kReserved = {
    "and",  "or",     "not",  "between", "in",    "like",     "is",           "null",  "exists",
    "true", "select", "from", "where",   "false", "distinct", "current_date", "group", "order"};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualWithoutCase(std::string_view a, std::string_view b) {
  const auto same = [](char x, char y) { return Lower(x) == Lower(y); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

std::string Shown(const Token& token) {
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end of the condition";
    case TokenKind::kText:
      return token.text.size() > kMaxShownBytes ? "a text" : fmt::format("'{}'", token.text);
    case TokenKind::kQuoted:
      return token.text.size() > kMaxShownBytes ? "a name" : fmt::format("\"{}\"", token.text);
    default:
      return token.text;
  }
}

}  // namespace

const Token& TokenStream::Peek(size_t ahead) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }

Token TokenStream::Take() {
  Token token = Peek();
  ++at_;  // Peek never looks behind the end
  return token;
}

bool TokenStream::AtKeyword(std::string_view keyword, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && EqualWithoutCase(token.text, keyword);
}

bool TokenStream::AtSymbol(std::string_view symbol, size_t ahead) const {
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kSymbol && token.text == symbol;
}

bool TokenStream::TakeKeyword(std::string_view keyword) {
  if (!AtKeyword(keyword)) return false;
  Take();
  return true;
}

bool TokenStream::TakeSymbol(std::string_view symbol) {
  if (!AtSymbol(symbol)) return false;
  Take();
  return true;
}

absl::Status TokenStream::ExpectKeyword(std::string_view keyword) {
  return TakeKeyword(keyword) ? absl::OkStatus() : Unexpected(keyword);
}

absl::Status TokenStream::ExpectSymbol(std::string_view symbol) {
  return TakeSymbol(symbol) ? absl::OkStatus() : Unexpected(symbol);
}

absl::Status TokenStream::Unexpected(std::string_view allowed) const {
  return ConditionError(Peek().position, fmt::format("found {}; allowed: {}", Shown(Peek()), allowed));
}

bool IsReserved(const Token& token) {
  const auto is_token = [&](std::string_view word) { return EqualWithoutCase(token.text, word); };
  return token.kind == TokenKind::kWord && std::any_of(kReserved.begin(), kReserved.end(), is_token);
}

}  // namespace strata
