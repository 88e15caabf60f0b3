#include "run/segments/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace strata {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWord(char c) { return IsWordStart(c) || IsDigit(c); }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// What other languages write, and what SQL writes.
struct Foreign {
  std::string_view found, allowed;
};
constexpr std::array<Foreign, 6> kForeign = {{{"==", "="},
                                              {"&&", "AND"},
                                              {"||", "OR"},
                                              {"!", "NOT, or <>"},
                                              {"`", "double quotes around a name"},
                                              {";", "one condition without a semicolon"}}};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    std::vector<Token> tokens;
    for (SkipBlanks(); at_ < text_.size(); SkipBlanks()) {
      STRATA_ASSIGN_OR_RETURN(Token token, Next());
      tokens.push_back(std::move(token));
    }
    tokens.push_back({TokenKind::kEnd, "", position_});
    return tokens;
  }

 private:
  char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool StartsWith(std::string_view prefix) const { return text_.substr(at_).starts_with(prefix); }

  void Skip() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++position_.line;
      position_.column = 1;
    } else if (at_ == text_.size() || (static_cast<uint8_t>(text_[at_]) & 0xC0U) != 0x80U) {
      ++position_.column;  // the last byte of a character
    }
  }

  std::string Take(size_t bytes) {
    std::string taken(text_.substr(at_, bytes));
    for (size_t i = 0; i < taken.size(); ++i) Skip();
    return taken;
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      if (IsBlank(Peek())) {
        Skip();
      } else if (StartsWith("--")) {
        while (at_ < text_.size() && Peek() != '\n') Skip();
      } else {
        return;
      }
    }
  }

  absl::StatusOr<Token> Next() {
    const SourcePosition begin = position_;
    const char c = Peek();
    if (IsWordStart(c)) {
      size_t bytes = 1;
      while (IsWord(Peek(bytes))) ++bytes;
      return Token{TokenKind::kWord, Take(bytes), begin};
    }
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number();
    if (c == '\'' || c == '"') return Quote(c);
    for (const Foreign& foreign : kForeign) {
      if (StartsWith(foreign.found) && !StartsWith("!=")) {
        return ConditionError(begin, fmt::format("found {}; allowed: {}", foreign.found, foreign.allowed));
      }
    }
    for (const std::string_view two : {"<>", "!=", "<=", ">="}) {
      if (!StartsWith(two)) continue;
      const std::string taken = Take(two.size());
      return Token{TokenKind::kSymbol, taken == "!=" ? "<>" : taken, begin};
    }
    if (std::string_view("(),.=<>+-*/").find(c) != std::string_view::npos) {
      return Token{TokenKind::kSymbol, Take(1), begin};
    }
    const bool printable = static_cast<uint8_t>(c) > 0x20 && c != 0x7F;
    const std::string found = printable ? std::string(text_.substr(at_, Utf8SequenceBytes(text_, at_)))
                                        : fmt::format("a byte {:#04x}", static_cast<uint8_t>(c));
    return ConditionError(begin, fmt::format("found {}, which no condition has outside of quotes; allowed: names, "
                                             "numbers, 'texts' and ( ) , . = <> < <= > >= + - * /",
                                             found));
  }

  absl::StatusOr<Token> Number() {
    const SourcePosition begin = position_;
    size_t bytes = 0;
    const auto digits = [&] {
      while (IsDigit(Peek(bytes))) ++bytes;
    };
    digits();
    if (Peek(bytes) == '.') {
      ++bytes;
      digits();
    }
    if (Peek(bytes) == 'e' || Peek(bytes) == 'E') {
      const size_t sign = Peek(bytes + 1) == '+' || Peek(bytes + 1) == '-' ? 1 : 0;
      if (IsDigit(Peek(bytes + 1 + sign))) {
        bytes += 1 + sign;
        digits();
      }
    }
    const bool runs_on = IsWord(Peek(bytes)) || Peek(bytes) == '.';
    Token token{TokenKind::kNumber, Take(bytes), begin};
    if (!runs_on) return token;
    return ConditionError(begin, fmt::format("found {}{}; allowed: digits with one decimal point, as 12, 0.5 or 1e6",
                                             token.text, Peek()));
  }

  absl::StatusOr<Token> Quote(char quote) {
    Token token{quote == '"' ? TokenKind::kQuoted : TokenKind::kText, "", position_};
    Skip();
    while (at_ < text_.size()) {
      if (Peek() != quote) {
        token.text += text_[at_];
      } else if (Peek(1) == quote) {
        token.text += quote;
        Skip();
      } else {
        Skip();
        return token;
      }
      Skip();
    }
    return ConditionError(token.position, fmt::format("the {} that begins here is never closed by {}",
                                                      quote == '"' ? "name" : "text", quote));
  }

  std::string_view text_;
  size_t at_ = 0;
  SourcePosition position_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(std::string_view condition) {
  if (!IsUtf8(condition)) return ConditionError({}, "the condition is no well-formed UTF-8");
  return Lexer(condition).Run();
}

}  // namespace strata
