#include "model/churn/feature_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/int128.h"
#include "model/churn/codes.h"
#include "model/trees/feature_bins.h"

namespace strata {
namespace {

using Counts = std::array<int64_t, 2>;  // kept, churned

// AUC of values in their order, the better way round.
double AucOf(const std::vector<Counts>& ordered) {
  Int128 twice_wins = 0;
  int64_t kept = 0;
  int64_t churned = 0;
  for (const Counts& counts : ordered) {
    twice_wins += static_cast<Int128>(counts[1]) * (2 * kept + counts[0]);
    kept += counts[0];
    churned += counts[1];
  }
  if (kept == 0 || churned == 0) return 0.5;
  const double auc = ToDouble(twice_wins) / 2 / (static_cast<double>(kept) * static_cast<double>(churned));
  return std::max(auc, 1 - auc);
}

// The lower median of codes, in the feature's unit.
double MedianOf(const std::vector<Counts>& by_code, int64_t there, double scale) {
  int64_t below = 0;
  for (size_t code = kLeastCode; code <= kGreatestCode; ++code) {
    below += by_code[code][0] + by_code[code][1];
    if (2 * below < there) continue;
    const auto [low, high] = WholesOf(static_cast<uint16_t>(code));
    return static_cast<double>(low + (high - low) / 2) * scale;
  }
  return 0;
}

FeatureFacts FactsOfFeature(const ChurnFeature& feature, size_t levels, std::span<const uint16_t> codes,
                            std::span<const uint8_t> churned) {
  std::vector<Counts> by_code(kCodes, Counts{});
  for (size_t i = 0; i < codes.size(); ++i) ++by_code[codes[i]][churned[i]];
  FeatureFacts facts;
  facts.rows = static_cast<int64_t>(codes.size());
  facts.missing = by_code[kMissingCode][0] + by_code[kMissingCode][1];
  for (size_t code = 0; code < kMissingCode; ++code) facts.distinct += by_code[code][0] + by_code[code][1] > 0 ? 1 : 0;
  if (feature.type != ColumnType::kText) {
    facts.median = MedianOf(by_code, facts.rows - facts.missing, feature.scale);
    by_code.pop_back();
    facts.single_auc = AucOf(by_code);
    return facts;
  }
  int64_t most = -1;
  for (size_t level = 0; level < levels; ++level) {
    const int64_t rows = by_code[level][0] + by_code[level][1];
    if (rows > most) facts.frequent_level = static_cast<uint16_t>(level);
    most = std::max(most, rows);
  }
  std::erase_if(by_code, [](const Counts& counts) { return counts[0] + counts[1] == 0; });
  std::stable_sort(by_code.begin(), by_code.end(), [](const Counts& a, const Counts& b) {
    return static_cast<Int128>(a[1]) * (b[0] + b[1]) < static_cast<Int128>(b[1]) * (a[0] + a[1]);
  });
  facts.single_auc = AucOf(by_code);
  return facts;
}

}  // namespace

absl::StatusOr<std::vector<size_t>> PlacesOfFeatures(const ChurnPlan& gathered, const ChurnPlan& plan) {
  std::vector<size_t> places;
  for (const ChurnFeature& feature : plan.features) {
    const auto at = std::find_if(gathered.features.begin(), gathered.features.end(),
                                 [&feature](const ChurnFeature& other) { return other.name == feature.name; });
    if (at == gathered.features.end()) {
      return MakeError(absl::StatusCode::kInternal, "CHURN_SAMPLE",
                       fmt::format("the feature {} of a fit was not gathered", feature.name));
    }
    places.push_back(static_cast<size_t>(at - gathered.features.begin()));
  }
  return places;
}

void Recode(const std::vector<std::string>& from, const std::vector<std::string>& to, std::vector<uint16_t>* codes) {
  std::vector<uint16_t> recoded;
  for (const std::string& word : from) {
    const auto at = std::find(to.begin(), to.end(), word);
    recoded.push_back(at == to.end() ? kOtherLevelCode : static_cast<uint16_t>(at - to.begin()));
  }
  for (uint16_t& code : *codes) code = code < recoded.size() ? recoded[code] : code;
}

absl::StatusOr<std::vector<FeatureFacts>> FactsOf(const ChurnPlan& gathered, const ChurnPlan& plan,
                                                  const KeyedRows& sample, int first_view, int views) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<size_t> places, PlacesOfFeatures(gathered, plan));
  STRATA_ASSIGN_OR_RETURN(GatheredRows rows,
                          GatheredRows::Of(sample, gathered.features.size(), first_view, first_view + views));
  std::vector<FeatureFacts> facts;
  for (size_t j = 0; j < places.size(); ++j) {
    std::vector<uint16_t>& codes = rows.codes[places[j]];
    if (plan.features[j].type == ColumnType::kText) Recode(gathered.levels[places[j]], plan.levels[j], &codes);
    facts.push_back(FactsOfFeature(plan.features[j], plan.levels[j].size(), codes, rows.churned));
  }
  return facts;
}

}  // namespace strata
