#include "data/profile/product_versions.h"

#include <algorithm>

#include "data/profile/word_union.h"

namespace strata {

ProductVersions::ProductVersions(const TableShard* products, const TableShard& lines) {
  const int line_product = lines.Column("product_id");
  if (products == nullptr || line_product < 0) return;
  const int product = products->Column("product_id");
  const std::span<const int32_t> code_of_row = products->code(product);
  std::vector<std::vector<Version>> by_code(products->words(product));
  for (size_t row = 0; row < code_of_row.size(); ++row) {
    if (code_of_row[row] < 0) continue;
    by_code[static_cast<size_t>(code_of_row[row])].push_back({products->day()[row], static_cast<int64_t>(row)});
  }
  for (std::vector<Version>& versions : by_code) {
    // Rows of a shard ascend by day, and of one day there is one version.
    std::stable_sort(versions.begin(), versions.end(),
                     [](const Version& a, const Version& b) { return a.day < b.day; });
  }
  const std::vector<std::string_view> words = WordsOf(products, product);
  begin_.push_back(0);
  for (const std::string_view word : WordsOf(&lines, line_product)) {
    const auto found = std::lower_bound(words.begin(), words.end(), word);
    if (found != words.end() && *found == word) {
      const std::vector<Version>& own = by_code[static_cast<size_t>(found - words.begin())];
      versions_.insert(versions_.end(), own.begin(), own.end());
    }
    begin_.push_back(versions_.size());
  }
  if (const int column = products->Column("unit_cost"); column >= 0) unit_cost_ = products->whole(column);
  if (const int column = products->Column("category"); column >= 0) category_ = products->code(column);
}

int64_t ProductVersions::RowAt(int32_t code, Day day) const {
  if (code < 0 || begin_.empty()) return -1;
  const auto at = static_cast<size_t>(code);
  for (size_t i = begin_[at + 1]; i > begin_[at]; --i) {
    if (versions_[i - 1].day <= day) return versions_[i - 1].row;
  }
  return -1;
}

}  // namespace strata
