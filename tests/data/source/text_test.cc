#include "data/source/text.h"

#include <gtest/gtest.h>

#include "data/source/glob.h"

namespace strata {
namespace {

using std::string_literals::operator""s;

TEST(IsUtf8, KnowsWellFormedText) {
  for (const std::string& text : {""s, "abc"s, "Zoë"s, "日本"s, "😀"s, "\xF4\x8F\xBF\xBF"s, "\xEF\xBF\xBF"s,
                                  "eight or more ASCII bytes, then ü"s}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
  const std::string broken[] = {"\xFF",
                                "a\x80",
                                "\xC3",
                                "\xC0\xAF",
                                "\xE0\x80\xAF",
                                "\xED\xA0\x80",
                                "\xF4\x90\x80\x80",
                                "\xF0\x80\x80\x80",
                                "Zo\xEB",
                                "\xE6\x97",
                                "12345678\xE9",
                                "\xF8\x88\x80\x80\x80"};
  for (const std::string& text : broken) EXPECT_FALSE(IsUtf8(text));
}

TEST(Printable, EscapesAndCutsBetweenCharacters) {
  EXPECT_EQ(Printable("Zoë", 100), "Zoë");
  EXPECT_EQ(Printable("Zo\xEB!", 100), "Zo\\xeb!");
  EXPECT_EQ(Printable("a\0b\x1B"s, 100), "a\\x00b\\x1b");
  EXPECT_EQ(Printable("a\tb\nc", 100), "a\tb\nc");
  EXPECT_EQ(Printable("ää", 3), "ä");
  EXPECT_EQ(Printable("a\xFF\xFF", 6), "a\\xff");
}

TEST(GlobMatches, KnowsStarsMarksAndClasses) {
  struct Case {
    const char* pattern;
    const char* name;
    bool matches;
  };
  const Case cases[] = {
      {"*.csv", "a.csv", true},
      {"*.csv", "a.csv.gz", false},
      {"*.csv", ".a.csv", false},
      {".*.csv", ".a.csv", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"[a-c]x", "bx", true},
      {"[a-c]x", "dx", false},
      {"[!a-c]x", "dx", true},
      {"[!a-c]x", "ax", false},
      {"[]]", "]", true},
      {"[ab", "[ab", true},
      {"*a*b*c*", "xxaxxbxxc", true},
      {"*a*b*c*", "xxaxxcxxb", false},
      {"", "", true},
      {"*", "", true},
      {"2024-[01][0-9]", "2024-11", true},
      {"a**b", "ab", true},
      {"*ab", "aab", true},
      {"[a-]", "-", true},
  };
  for (const Case& c : cases) EXPECT_EQ(GlobMatches(c.pattern, c.name), c.matches) << c.pattern << " " << c.name;
}

}  // namespace
}  // namespace strata
