#include "model/clustering/space_warnings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace strata {

std::optional<std::string> WordsWarning(const CategoryFeature& category, const std::map<std::string, int64_t>& counts) {
  if (counts.size() < 2) {
    return fmt::format("{}: all customers have the same word; it tells nobody apart", category.name);
  }
  size_t merged = 0;
  int64_t customers = 0;
  for (const auto& [word, count] : counts) {
    bool is_kept = false;
    for (const std::string& kept : category.words) is_kept = is_kept || kept == word;
    if (is_kept) continue;
    ++merged;
    customers += count;
  }
  if (merged == 0) return std::nullopt;
  return fmt::format("{}: {} words that are less frequent than the first {} count as one, with {} customers",
                     category.name, merged, counts.size() - merged, customers);
}

std::optional<std::string> WeightWarning(const ClusterSpace& space, const WeightCounts& counts) {
  std::vector<std::string> parts;
  if (counts.none > 0)
    parts.push_back(fmt::format("{} customers have no value above 0 and weigh nothing", counts.none));
  if (counts.rounded_away > 0) {
    parts.push_back(
        fmt::format("{} have less than a {}th of the mean and weigh nothing", counts.rounded_away, 2 << kWeightBits));
  }
  if (counts.capped > 0) {
    parts.push_back(fmt::format("{} have more than {} times the mean and weigh that much", counts.capped,
                                kMaxCustomerWeight >> kWeightBits));
  }
  if (parts.empty()) return std::nullopt;
  return fmt::format("weight by {}: {}", space.weight_column, fmt::join(parts, "; "));
}

}  // namespace strata
