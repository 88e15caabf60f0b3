#include "model/clustering/refit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/clustering/centres.h"
#include "model/clustering/cluster_model.h"
#include "model/clustering/feature_space.h"
#include "model/clustering/feature_values.h"

namespace strata {
namespace {

std::string OnDay(const ClusteringModel& last) { return fmt::format("fitted on {}", FormatDay(last.fitted_as_of)); }

// Why drift asks for a fit; empty: it does not.
std::string DriftReason(const RefitRules& rules, const ClusteringModel& last, const DriftPartial& tonight,
                        const std::vector<FeatureDrift>& drift) {
  const auto worst = std::max_element(drift.begin(), drift.end(), [&](const FeatureDrift& a, const FeatureDrift& b) {
    return std::pair(a.flagged, a.psi) < std::pair(b.flagged, b.psi);
  });
  if (worst != drift.end() && worst->flagged && worst->psi >= rules.psi) {
    return fmt::format("{} drifted: stability index {:.3f}, allowed is less than {}", worst->feature, worst->psi,
                       rules.psi);
  }
  const double ratio = InertiaRatio(last, tonight);
  if (ratio > 1 + rules.inertia) {
    return fmt::format("customers are {:.0f} % further from the centres than at the fit, allowed are {:.0f} %",
                       100 * (ratio - 1), 100 * rules.inertia);
  }
  return "";
}

}  // namespace

RefitDecision DecideRefit(const RefitRules& rules, const ClusteringModel* last, bool same_settings,
                          const DriftPartial& tonight, const std::vector<FeatureDrift>& drift, Day as_of) {
  if (last == nullptr) return {.refit = true, .why = "no earlier clusters to follow"};
  if (!same_settings) return {.refit = true, .why = "the job's settings of clustering changed"};
  if (last->k == 0) return {.refit = true, .why = "the followed snapshot has no clusters"};
  if (rules.frozen) return {.refit = false, .why = fmt::format("frozen, {}", OnDay(*last))};
  if (rules.nightly) return {.refit = true, .why = "nightly"};
  const int age_days = as_of - last->fitted_as_of;
  if (rules.days.has_value() && age_days >= *rules.days) {
    return {.refit = true, .why = fmt::format("{}, {} days ago: every {} days", OnDay(*last), age_days, *rules.days)};
  }
  if (rules.drift) {
    const std::string reason = DriftReason(rules, *last, tonight, drift);
    if (!reason.empty()) return {.refit = true, .why = reason};
  }
  return {.refit = false,
          .why = fmt::format("{}, {} days ago{}", OnDay(*last), age_days, rules.drift ? ", and no drift" : "")};
}

namespace {

const NumericFeature* FindNumeric(const ClusterSpace& space, const std::string& name, size_t* place) {
  for (*place = 0; *place < space.numeric.size(); ++*place) {
    if (space.numeric[*place].name == name) return &space.numeric[*place];
  }
  return nullptr;
}

const CategoryFeature* FindCategory(const ClusterSpace& space, const std::string& name, size_t* place) {
  for (*place = 0; *place < space.categories.size(); ++*place) {
    if (space.categories[*place].name == name) return &space.categories[*place];
  }
  return nullptr;
}

// Bins and counts of customers differ from night to night and say nothing of where a value lies.
bool SameScale(const NumericFeature& a, const NumericFeature& b) {
  NumericFeature place = b;
  place.bin_cuts = a.bin_cuts;
  place.bin_counts = a.bin_counts;
  place.present = a.present;
  place.absent = a.absent;
  return a == place;
}

int32_t OnNewGrid(const NumericFeature& from, int from_bits, int32_t q, const NumericFeature& to, int to_bits) {
  if (from_bits == to_bits && SameScale(from, to)) return q;
  // Kernels read whole registers.
  std::array<double, kLanesMax> raw = {};
  std::array<int32_t, kLanesMax> grid = {};
  raw[0] = Unscale(from, from_bits, q);
  int64_t beyond = 0;
  ScaleOnGrid(to, to_bits, std::span(raw).first(1), PlainKernels(), std::span(grid).first(1), &beyond);
  return grid[0];
}

uint8_t MostFrequent(const CategoryFeature& feature) {
  const auto most = std::max_element(feature.counts.begin(), feature.counts.end());
  return static_cast<uint8_t>(most - feature.counts.begin());
}

uint8_t CodeOf(const CategoryFeature& feature, const std::string& word) {
  for (const std::string_view wanted : {std::string_view(word), std::string_view("(other)")}) {
    const auto found = std::find(feature.words.begin(), feature.words.end(), wanted);
    if (found != feature.words.end()) return static_cast<uint8_t>(found - feature.words.begin());
  }
  return MostFrequent(feature);
}

}  // namespace

std::vector<Centre> CentresInSpace(const ClusteringModel& last, const ClusterSpace& space) {
  std::vector<Centre> centres;
  for (const FittedCluster& cluster : last.clusters) {
    Centre centre;
    size_t place = 0;
    for (const NumericFeature& feature : space.numeric) {
      const NumericFeature* before = FindNumeric(last.space, feature.name, &place);
      centre.q.push_back(before == nullptr ? 0
                                           : OnNewGrid(*before, last.space.grid_bits, cluster.centre.q[place], feature,
                                                       space.grid_bits));
    }
    for (const CategoryFeature& feature : space.categories) {
      const CategoryFeature* before = FindCategory(last.space, feature.name, &place);
      centre.modes.push_back(before == nullptr ? MostFrequent(feature)
                                               : CodeOf(feature, before->words[cluster.centre.modes[place]]));
    }
    centres.push_back(std::move(centre));
  }
  return centres;
}

}  // namespace strata
