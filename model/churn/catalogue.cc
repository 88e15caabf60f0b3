#include "model/churn/catalogue.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

constexpr double kMicros = 1e-6, kMillionths = 1e-6;
constexpr double kGap = 1.0 / (1 << kGapGridBits), kRatio = 1.0 / (1 << kRatioGridBits);
constexpr double kLogit = 1.0 / (1 << kLogitGridBits), kExpected = 1.0 / (1 << kExpectedGridBits);
constexpr char kPurchaseDays[] = "purchase days", kMoney[] = "currency units";

std::vector<ChurnFeature> InactivityFeatures() {
  const char* group = "inactivity";
  return {
      {.name = "recency_days",
       .formula = "days since the last purchase day",
       .unit = "days",
       .group = group,
       .high_words = "has not bought for long",
       .low_words = "bought recently"},
      {.name = "overdue_ratio",
       .formula = "days since the last purchase day / mean days between the customer's own purchase days; missing with "
                  "one purchase day",
       .unit = "own gaps",
       .group = group,
       .high_words = "is overdue against the own rhythm",
       .low_words = "is within the own rhythm",
       .scale = kRatio},
      {.name = "p_no_purchase_logit",
       .formula = "log-odds that nothing is bought within the horizon, by a lifetime model fitted as of the cutoff",
       .unit = "log-odds",
       .group = group,
       .high_words = "is unlikely to buy again soon, by the history of purchases",
       .low_words = "is likely to buy again soon, by the history of purchases",
       .source = ChurnSource::kLifetime,
       .scale = kLogit,
       .logarithm = false},
      {.name = "p_alive_logit",
       .formula = "log-odds of still being a customer, by a lifetime model fitted as of the cutoff",
       .unit = "log-odds",
       .group = group,
       .high_words = "is probably still a customer",
       .low_words = "has probably left already",
       .source = ChurnSource::kLifetime,
       .scale = kLogit,
       .logarithm = false},
      {.name = "expected_purchases",
       .formula = "expected purchase days within the horizon, by a lifetime model fitted as of the cutoff",
       .unit = kPurchaseDays,
       .group = group,
       .high_words = "is expected to buy often",
       .low_words = "is expected to buy hardly ever",
       .source = ChurnSource::kLifetime,
       .scale = kExpected},
  };
}

std::vector<ChurnFeature> FrequencyFeatures() {
  const char* group = "frequency";
  std::vector<ChurnFeature> features = {{.name = "purchase_days",
                                         .formula = "purchase days since the first one, that one included",
                                         .unit = kPurchaseDays,
                                         .group = group,
                                         .high_words = "has bought often",
                                         .low_words = "has bought seldom"}};
  for (const char* days : {"30", "90", "180", "365"}) {
    const std::string window = std::string("in the last ") + days + " days";
    features.push_back({.name = std::string("purchase_days_") + days,
                        .formula = "purchase days " + window,
                        .unit = kPurchaseDays,
                        .group = group,
                        .high_words = "bought often " + window,
                        .low_words = "bought seldom " + window});
  }
  features.push_back({.name = "one_time_buyer",
                      .formula = "1 with exactly one purchase day, else 0",
                      .unit = "",
                      .group = group,
                      .high_words = "has bought only once",
                      .low_words = "has bought more than once",
                      .type = ColumnType::kFlag,
                      .logarithm = false});
  return features;
}

std::vector<ChurnFeature> SpendFeatures() {
  const char* group = "spend";
  return {
      {.name = "net",
       .formula = "net of all days, returns subtracted",
       .unit = kMoney,
       .group = group,
       .high_words = "has spent much",
       .low_words = "has spent little",
       .type = ColumnType::kMoney,
       .scale = kMicros},
      {.name = "net_90",
       .formula = "net of the last 90 days, returns subtracted",
       .unit = kMoney,
       .group = group,
       .high_words = "spent much in the last 90 days",
       .low_words = "spent little in the last 90 days",
       .type = ColumnType::kMoney,
       .scale = kMicros},
      {.name = "net_365",
       .formula = "net of the last 365 days, returns subtracted",
       .unit = kMoney,
       .group = group,
       .high_words = "spent much in the last 365 days",
       .low_words = "spent little in the last 365 days",
       .type = ColumnType::kMoney,
       .scale = kMicros},
      {.name = "net_per_purchase_day",
       .formula = "net of all days / purchase days",
       .unit = kMoney,
       .group = group,
       .high_words = "spends much at a time",
       .low_words = "spends little at a time",
       .type = ColumnType::kMoney,
       .scale = kMicros},
  };
}

std::vector<ChurnFeature> RhythmFeatures() {
  const char* group = "rhythm";
  return {
      {.name = "mean_gap",
       .formula = "mean days between consecutive purchase days; missing with one purchase day",
       .unit = "days",
       .group = group,
       .high_words = "buys at long intervals",
       .low_words = "buys at short intervals",
       .scale = kGap},
      {.name = "gap_deviation",
       .formula = "standard deviation of the days between consecutive purchase days; missing with one purchase day",
       .unit = "days",
       .group = group,
       .high_words = "buys irregularly",
       .low_words = "buys regularly",
       .scale = kGap},
  };
}

std::vector<ChurnFeature> OtherFeatures() {
  return {
      {.name = "purchase_days_trend",
       .formula = "purchase days in the last 90 days less those in the 90 days before",
       .unit = kPurchaseDays,
       .group = "trend",
       .high_words = "buys more often than before",
       .low_words = "buys less often than before"},
      {.name = "net_trend",
       .formula = "net of the last 90 days less a third of the net of the 275 days before",
       .unit = kMoney,
       .group = "trend",
       .high_words = "spends more than before",
       .low_words = "spends less than before",
       .type = ColumnType::kMoney,
       .scale = kMicros},
      {.name = "tenure_days",
       .formula = "days since the first purchase day",
       .unit = "days",
       .group = "tenure",
       .high_words = "has been a customer for long",
       .low_words = "is a new customer"},
      {.name = "return_rows_share",
       .formula = "rows that are returns / all rows",
       .unit = "",
       .group = "returns",
       .high_words = "returns much",
       .low_words = "returns little",
       .type = ColumnType::kShare,
       .scale = kMillionths,
       .logarithm = false},
  };
}

std::vector<ChurnFeature> MakeCatalogue() {
  std::vector<ChurnFeature> all;
  for (auto* make : {&InactivityFeatures, &FrequencyFeatures, &SpendFeatures, &RhythmFeatures, &OtherFeatures}) {
    for (ChurnFeature& feature : make()) all.push_back(std::move(feature));
  }
  return all;
}

}  // namespace

std::span<const ChurnFeature> ChurnCatalogue() {
  static const std::vector<ChurnFeature> kAll = MakeCatalogue();
  return kAll;
}

ChurnFeature AttributeFeature(std::string name, ColumnType type) {
  ChurnFeature feature;
  const std::string words = name.substr(name.find('.') + 1);
  feature.name = name;
  feature.group = name;
  feature.column = std::move(name);
  feature.source = ChurnSource::kTables;
  feature.type = type;
  feature.formula = type == ColumnType::kDay ? words + ": days since" : words;
  feature.high_words = type == ColumnType::kText ? words : words + " is high";
  feature.low_words = type == ColumnType::kText ? words : words + " is low";
  switch (type) {
    case ColumnType::kMoney:
      feature.unit = kMoney;
      feature.scale = kMicros;
      break;
    case ColumnType::kShare:
      feature.scale = kMillionths;
      feature.logarithm = false;
      break;
    case ColumnType::kDay:
      feature.unit = "days";
      feature.high_words = words + " is long ago";
      feature.low_words = words + " is recent, or still to come";
      break;
    case ColumnType::kFlag:
      feature.logarithm = false;
      feature.high_words = words;
      feature.low_words = "not " + words;
      break;
    default:
      break;
  }
  return feature;
}

std::vector<ChurnFeature> FeaturesOf(const ChurnChoice& choice, std::span<const ChurnFeature> attributes) {
  std::vector<ChurnFeature> chosen;
  const auto take = [&](const ChurnFeature& feature) {
    const auto& names = choice.features;
    if (!names.empty() && std::find(names.begin(), names.end(), feature.name) == names.end()) return;
    ChurnFeature& taken = chosen.emplace_back(feature);
    for (const auto& [group, members] : choice.groups) {
      if (std::find(members.begin(), members.end(), feature.name) != members.end()) taken.group = group;
    }
    const auto direction = choice.monotone.find(feature.name);
    if (direction != choice.monotone.end()) taken.monotone = static_cast<int8_t>(direction->second);
  };
  for (const ChurnFeature& feature : ChurnCatalogue()) take(feature);
  for (const ChurnFeature& feature : attributes) take(feature);
  return chosen;
}

}  // namespace strata
