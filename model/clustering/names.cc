#include "model/clustering/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

#include "model/clustering/cluster_model.h"
#include "model/clustering/feature_space.h"

namespace strata {
namespace {

constexpr size_t kPhrases = 2;  // of a name

struct Vocabulary {
  std::string_view column, high, low;
};
constexpr Vocabulary kVocabulary[] = {
    {"recency_days", "lapsed", "recent"},
    {"purchase_days", "frequent", "rare"},
    {"net_per_purchase_day", "big baskets", "small baskets"},
    {"tenure_days", "long-standing", "new"},
    {"return_share", "many returns", "few returns"},
};

std::string InWords(std::string text) {
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

// "table.column" without its table: people know the column.
std::string_view BareColumn(std::string_view column) { return column.substr(column.rfind('.') + 1); }

std::string NumericPhrase(const NumericFeature& feature, double effect) {
  for (const Vocabulary& words : kVocabulary) {
    if (words.column == feature.column) return std::string(effect > 0 ? words.high : words.low);
  }
  return fmt::format("{} {}", effect > 0 ? "high" : "low", InWords(std::string(BareColumn(feature.column))));
}

std::string CategoryPhrase(const CategoryFeature& feature, const Centre& centre, size_t category) {
  return fmt::format("{} = {}", InWords(std::string(BareColumn(feature.column))),
                     feature.words.at(centre.modes.at(category)));
}

std::string Joined(const std::vector<SetsApart>& apart, size_t phrases) {
  std::string name;
  for (size_t i = 0; i < std::min(phrases, apart.size()); ++i) {
    name += fmt::format("{}{}", i == 0 ? "" : ", ", apart[i].phrase);
  }
  return name.empty() ? "typical" : name;
}

// Which of `names` at the places `open` somebody else has too, `taken` included.
std::vector<size_t> Shared(const std::vector<std::string>& names, const std::vector<size_t>& open,
                           const std::set<std::string>& taken) {
  std::vector<size_t> shared;
  for (const size_t place : open) {
    const auto others =
        std::count_if(open.begin(), open.end(), [&](size_t other) { return names[other] == names[place]; });
    if (others > 1 || taken.contains(names[place])) shared.push_back(place);
  }
  return shared;
}

// Names of the clusters at the places `open`; none of them is one of `taken`.
std::vector<std::string> NamesOf(const ClusteringModel& model, const std::vector<size_t>& open,
                                 const std::set<std::string>& taken) {
  std::vector<std::string> names(model.clusters.size());
  for (const size_t place : open) names[place] = Joined(WhatSetsApart(model, place), kPhrases);
  for (const size_t place : Shared(names, open, taken)) names[place] = Joined(WhatSetsApart(model, place), kApartMax);
  for (const size_t place : Shared(names, open, taken)) {
    names[place] = fmt::format("{} {}", names[place], model.clusters[place].id);
  }
  return names;
}

}  // namespace

std::vector<SetsApart> WhatSetsApart(const ClusteringModel& model, size_t cluster) {
  const FittedCluster& fitted = model.clusters[cluster];
  const size_t numeric = model.space.numeric.size();
  std::vector<SetsApart> apart;
  for (size_t feature = 0; feature < fitted.effects.size(); ++feature) {
    const double effect = fitted.effects[feature];
    if (feature < numeric && std::abs(effect) >= kApartMin) {
      apart.push_back({feature, effect, NumericPhrase(model.space.numeric[feature], effect)});
    } else if (feature >= numeric && effect >= kApartMin) {
      const size_t category = feature - numeric;
      apart.push_back({feature, effect, CategoryPhrase(model.space.categories[category], fitted.centre, category)});
    }
  }
  std::stable_sort(apart.begin(), apart.end(),
                   [](const SetsApart& a, const SetsApart& b) { return std::abs(a.effect) > std::abs(b.effect); });
  if (apart.size() > kApartMax) apart.resize(kApartMax);
  return apart;
}

std::vector<std::string> NamesNow(const ClusteringModel& model) {
  std::vector<size_t> all(model.clusters.size());
  for (size_t place = 0; place < all.size(); ++place) all[place] = place;
  return NamesOf(model, all, {});
}

void NameClusters(ClusteringModel* model) {
  std::vector<size_t> open;
  std::set<std::string> taken;
  for (size_t place = 0; place < model->clusters.size(); ++place) {
    const std::string& name = model->clusters[place].name;
    if (name.empty()) {
      open.push_back(place);
    } else {
      taken.insert(name);
    }
  }
  std::vector<std::string> names = NamesOf(*model, open, taken);
  for (const size_t place : open) model->clusters[place].name = std::move(names[place]);
}

}  // namespace strata
