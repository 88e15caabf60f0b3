#include "run/nearest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace strata {
namespace {

// Longer names are not typed by hand; the distance is quadratic in the length.
constexpr size_t kMaxNameBytes = 128;
// A shorter beginning fits too many names.
constexpr size_t kMinPrefixBytes = 4;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein (1966), two rows.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> previous(b.size() + 1);
  std::vector<size_t> current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = previous[j - 1] + (Lower(a[i - 1]) == Lower(b[j - 1]) ? 0 : 1);
      current[j] = std::min({replaced, previous[j] + 1, current[j - 1] + 1});
    }
    std::swap(previous, current);
  }
  return previous[b.size()];
}

}  // namespace

std::string NearestName(std::string_view name, std::span<const std::string> candidates) {
  if (name.size() > kMaxNameBytes) return "";
  size_t best_distance = std::max<size_t>(2, name.size() / 3) + 1;
  std::string best;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kMaxNameBytes) continue;
    const size_t distance = EditDistance(name, candidate);
    // A guess that shares no letter is none.
    if (distance < best_distance && distance < candidate.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  if (!best.empty() || name.size() < kMinPrefixBytes) return best;
  const auto begins = [name](const std::string& candidate) { return candidate.starts_with(name); };
  const auto longer = std::find_if(candidates.begin(), candidates.end(), begins);
  return longer == candidates.end() ? "" : *longer;
}

std::string DidYouMean(std::string_view name, std::span<const std::string> candidates) {
  const std::string nearest = NearestName(name, candidates);
  return nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
}

}  // namespace strata
