#include "data/rows/merged_words.h"

#include <algorithm>

namespace strata {

MergedWords MergeWords(std::span<const RowSpans> sources, size_t column) {
  std::vector<std::vector<bool>> used;
  for (const RowSpans& source : sources) used.emplace_back(source.columns[column].words.size(), true);
  return MergeWords(sources, column, used);
}

MergedWords MergeWords(std::span<const RowSpans> sources, size_t column, const std::vector<std::vector<bool>>& used) {
  MergedWords merged;
  for (size_t source = 0; source < sources.size(); ++source) {
    const TextSpan& words = sources[source].columns[column].words;
    for (size_t i = 0; i < words.size(); ++i) {
      if (used[source][i]) merged.words.push_back(words[i]);
    }
  }
  std::sort(merged.words.begin(), merged.words.end());
  merged.words.erase(std::unique(merged.words.begin(), merged.words.end()), merged.words.end());
  for (size_t source = 0; source < sources.size(); ++source) {
    const TextSpan& words = sources[source].columns[column].words;
    std::vector<int32_t>& codes = merged.codes.emplace_back(words.size(), -1);
    for (size_t i = 0; i < words.size(); ++i) {
      if (!used[source][i]) continue;
      const auto place = std::lower_bound(merged.words.begin(), merged.words.end(), words[i]);
      codes[i] = static_cast<int32_t>(place - merged.words.begin());
    }
  }
  return merged;
}

}  // namespace strata
