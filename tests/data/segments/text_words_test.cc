// Texts as codes against the texts themselves, and LIKE against the slow way.
#include "data/segments/text_words.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/utf8.h"
#include "data/segments/block_loops.h"

namespace strata {
namespace {

TEST(TextWords, CodesCompareAsTheirTexts) {
  const Words words = {"", "B", "milk", "tea", "té"};
  const NodeKind kinds[] = {NodeKind::kEqual,     NodeKind::kNotEqual, NodeKind::kLess,
                            NodeKind::kLessEqual, NodeKind::kGreater,  NodeKind::kGreaterEqual};
  for (const std::string literal : {"", "A", "B", "miles", "milk", "milkshake", "tea", "té", "z"}) {
    for (const NodeKind kind : kinds) {
      const CodeComparison comparison = ComparedWith(kind, words, literal);
      for (size_t code = 0; code < words.size(); ++code) {
        bool of_texts = false, of_codes = false;
        WithComparison(kind, [&](auto compare) { of_texts = compare(words[code], std::string_view(literal)); });
        WithComparison(comparison.kind,
                       [&](auto compare) { of_codes = compare(static_cast<int64_t>(code), comparison.code); });
        EXPECT_EQ(of_codes, of_texts) << words[code] << " " << static_cast<int>(kind) << " " << literal;
      }
    }
  }
}

TEST(TextWords, MergedOnesKeepTheirOrder) {
  const Words a = {"B", "milk"}, b = {}, c = {"A", "B", "tea"};
  const MergedTexts merged = MergeTexts({&a, &b, &c});
  EXPECT_EQ(merged.words, (Words{"A", "B", "milk", "tea"}));
  EXPECT_EQ(merged.codes, (std::vector<std::vector<int64_t>>{{1, 2}, {}, {0, 1, 3}}));
}

// By trying every length that % may have.
bool IsLike(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    for (size_t skipped = 0; skipped <= text.size(); ++skipped) {
      if (IsLike(text.substr(skipped), pattern.substr(1))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  const size_t width = pattern[0] == '_' ? Utf8SequenceBytes(text, 0) : size_t{pattern[0] == text[0]};
  return width > 0 && IsLike(text.substr(width), pattern.substr(1));
}

TEST(TextWords, LikeIsWhatTryingEveryLengthSays) {
  constexpr uint64_t kSeed = 5;
  std::mt19937_64 random(kSeed);
  const auto drawn = [&random](size_t longest, std::initializer_list<const char*> parts) {
    std::string text;
    for (size_t left = random() % (longest + 1); left > 0; --left) text += *(parts.begin() + random() % parts.size());
    return text;
  };
  int matches = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string text = drawn(8, {"a", "b", "é"});
    const std::string pattern = drawn(6, {"a", "b", "é", "_", "%", "%"});
    ASSERT_EQ(MatchesLike(text, pattern), IsLike(text, pattern)) << "seed " << kSeed << ": " << text << " " << pattern;
    matches += MatchesLike(text, pattern) ? 1 : 0;
  }
  EXPECT_GT(matches, 5'000);
}

}  // namespace
}  // namespace strata
