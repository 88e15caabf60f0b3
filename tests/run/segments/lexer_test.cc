#include "run/segments/lexer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "kind text line:column" of every token but the last.
std::vector<std::string> Read(std::string_view condition) {
  const auto tokens = Tokenize(condition);
  EXPECT_OK(tokens);
  std::vector<std::string> read;
  if (!tokens.ok()) return read;
  constexpr std::string_view kKinds[] = {"word", "name", "number", "text", "symbol", "end"};
  for (const Token& token : *tokens) {
    read.push_back(fmt::format("{} {} {}:{}", kKinds[static_cast<size_t>(token.kind)], token.text, token.position.line,
                               token.position.column));
  }
  return read;
}

TEST(Lexer, TellsWordsNumbersTextsAndSymbolsApart) {
  EXPECT_THAT(Read("net>=1.5 AND x<>'a b'"),
              ElementsAre("word net 1:1", "symbol >= 1:4", "number 1.5 1:6", "word AND 1:10", "word x 1:14",
                          "symbol <> 1:15", "text a b 1:17", "end  1:22"));
}

TEST(Lexer, WritesTheOtherSignOfInequalityAsTheStandardOne) {
  EXPECT_THAT(Read("a!=b"), ElementsAre("word a 1:1", "symbol <> 1:2", "word b 1:4", "end  1:5"));
}

TEST(Lexer, CountsLinesAndCharacters) {
  EXPECT_THAT(Read("'größe' -- a comment, 'open\n  \"b\"\"c\" \t.5"),
              ElementsAre("text größe 1:1", "name b\"c 2:3", "number .5 2:11", "end  2:13"));
}

TEST(Lexer, TakesADoubledQuoteForOne) { EXPECT_THAT(Read("'it''s'''"), ElementsAre("text it's' 1:1", "end  1:10")); }

TEST(Lexer, ReadsNumbersAsSqlWritesThem) {
  EXPECT_THAT(Read("1 1. .5 1.5e-3 2E6 1e"
                   "+6"),
              ElementsAre("number 1 1:1", "number 1. 1:3", "number .5 1:6", "number 1.5e-3 1:9", "number 2E6 1:16",
                          "number 1e+6 1:20", "end  1:24"));
}

struct Refused {
  std::string condition;
  int line, column;
  std::string part;
};

TEST(Lexer, SaysWhatNoConditionHas) {
  const std::vector<Refused> cases = {
      {"a == 1", 1, 3, "found ==; allowed: ="},
      {"a = 1 && b", 1, 7, "allowed: AND"},
      {"a || b", 1, 3, "allowed: OR"},
      {"!a", 1, 1, "allowed: NOT, or <>"},
      {"`a`", 1, 1, "double quotes"},
      {"a = 1;", 1, 6, "without a semicolon"},
      {"a = 3abc", 1, 5, "found 3a; allowed: digits"},
      {"a = 1.2.3", 1, 5, "digits with one decimal point"},
      {"a = 'open", 1, 5, "never closed by '"},
      {"a =\n \"open", 2, 2, "never closed by \""},
      {"a = “x”", 1, 5, "found “"},
      {"a = #", 1, 5, "found #"},
      {std::string("a \x01", 3), 1, 3, "a byte 0x01"},
      {"a = '\xff'", 1, 1, "no well-formed UTF-8"},
  };
  for (const Refused& refused : cases) {
    const auto tokens = Tokenize(refused.condition);
    ASSERT_THAT(tokens, FailsWith(absl::StatusCode::kInvalidArgument, "SEGMENT_INVALID")) << refused.condition;
    EXPECT_THAT(std::string(tokens.status().message()), HasSubstr(refused.part));
    const auto metadata = DetailOf(tokens.status())->metadata;
    EXPECT_EQ(metadata.at("line"), std::to_string(refused.line)) << refused.condition;
    EXPECT_EQ(metadata.at("column"), std::to_string(refused.column)) << refused.condition;
  }
}

}  // namespace
}  // namespace strata
