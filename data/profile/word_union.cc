#include "data/profile/word_union.h"

namespace strata {

std::vector<std::string_view> WordsOf(const TableShard* table, int column) {
  std::vector<std::string_view> words;
  if (table == nullptr || column < 0) return words;
  for (size_t code = 0; code < table->words(column); ++code) {
    words.push_back(table->word(column, static_cast<int32_t>(code)));
  }
  return words;
}

WordUnion::WordUnion(const std::vector<std::string_view>& first, const std::vector<std::string_view>& second) {
  auto a = first.begin();
  auto b = second.begin();
  while (a != first.end() || b != second.end()) {
    const auto code = static_cast<int32_t>(words.size());
    const bool in_first = a != first.end() && (b == second.end() || *a <= *b);
    const bool in_second = b != second.end() && (a == first.end() || *b <= *a);
    words.push_back(in_first ? *a : *b);
    if (in_first) {
      code_of_first.push_back(code);
      ++a;
    }
    if (in_second) {
      code_of_second.push_back(code);
      ++b;
    }
  }
}

}  // namespace strata
