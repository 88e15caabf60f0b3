#include "data/segments/text_words.h"

#include <algorithm>
#include <cstddef>

#include "base/utf8.h"

namespace strata {

MergedTexts MergeTexts(const std::vector<const Words*>& sources) {
  MergedTexts merged;
  for (const Words* source : sources) merged.words.insert(merged.words.end(), source->begin(), source->end());
  std::sort(merged.words.begin(), merged.words.end());
  merged.words.erase(std::unique(merged.words.begin(), merged.words.end()), merged.words.end());
  for (const Words* source : sources) {
    std::vector<int64_t>& codes = merged.codes.emplace_back();
    auto at = merged.words.begin();
    for (const std::string_view word : *source) {
      at = std::lower_bound(at, merged.words.end(), word);
      codes.push_back(at - merged.words.begin());
    }
  }
  return merged;
}

CodeComparison ComparedWith(NodeKind kind, const Words& words, std::string_view literal) {
  const auto place = std::lower_bound(words.begin(), words.end(), literal);
  const int64_t code = place - words.begin();
  if (place != words.end() && *place == literal) return {kind, code};
  switch (kind) {
    case NodeKind::kLess:
    case NodeKind::kLessEqual:
      return {NodeKind::kLess, code};
    case NodeKind::kGreater:
    case NodeKind::kGreaterEqual:
      return {NodeKind::kGreaterEqual, code};
    default:
      return {kind, -1};
  }
}

bool MatchesLike(std::string_view text, std::string_view pattern) {
  size_t at = 0, wanted = 0;
  size_t behind_star = std::string_view::npos,
         star_took = 0;  // of the last %: what stands behind it, what it covers up to
  while (at < text.size()) {
    if (wanted < pattern.size() && pattern[wanted] == '%') {
      behind_star = ++wanted;
      star_took = at;
      continue;
    }
    if (wanted < pattern.size()) {
      const bool any = pattern[wanted] == '_';
      const size_t width = any ? Utf8SequenceBytes(text, at) : size_t{pattern[wanted] == text[at]};
      if (width > 0) {
        at += width;
        ++wanted;
        continue;
      }
    }
    if (behind_star == std::string_view::npos) return false;
    wanted = behind_star;
    at = ++star_took;
  }
  while (wanted < pattern.size() && pattern[wanted] == '%') ++wanted;
  return wanted == pattern.size();
}

}  // namespace strata
