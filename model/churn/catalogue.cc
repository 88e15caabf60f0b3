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

ChurnFeature LineFeature(const char* name, const char* group, const char* formula, const char* unit, const char* high,
                         const char* low, ColumnType type = ColumnType::kInteger, double scale = 1) {
  const bool is_bounded = type == ColumnType::kShare || type == ColumnType::kFlag;
  return {.name = name,
          .formula = formula,
          .unit = unit,
          .group = group,
          .high_words = high,
          .low_words = low,
          .source = ChurnSource::kLines,
          .type = type,
          .column = name,
          .scale = scale,
          .logarithm = !is_bounded};
}

std::vector<ChurnFeature> ReturnAndBasketFeatures() {
  return {
      LineFeature("returned_365", "returns", "amount of the returns of the last 365 days", kMoney,
                  "returned much in the last 365 days", "returned little in the last 365 days", ColumnType::kMoney,
                  kMicros),
      LineFeature("days_since_return", "returns", "days since the last return; missing without one", "days",
                  "returned something long ago", "returned something lately"),
      LineFeature("return_rows_90", "returns", "rows of the last 90 days that are returns", "rows",
                  "returned often in the last 90 days", "returned seldom in the last 90 days"),
      LineFeature("orders_365", "basket", "orders in the last 365 days", "orders", "ordered often in the last 365 days",
                  "ordered seldom in the last 365 days"),
      LineFeature("rows_per_order_365", "basket", "rows / orders of the last 365 days", "rows",
                  "buys many things at a time", "buys few things at a time", ColumnType::kInteger, kRatio),
      LineFeature("average_order_365", "basket", "gross / orders of the last 365 days", kMoney, "has large orders",
                  "has small orders", ColumnType::kMoney, kMicros),
      LineFeature("basket_trend", "basket", "average order of the last 90 days / that of the last 365 days", "",
                  "has larger orders than before", "has smaller orders than before", ColumnType::kInteger, kRatio),
      LineFeature("quantity_365", "basket", "quantity bought in the last 365 days", "pieces", "buys many pieces",
                  "buys few pieces", ColumnType::kInteger, kMicros),
  };
}

std::vector<ChurnFeature> OfferFeatures() {
  return {
      LineFeature("promotion_rows_share_365", "promotions",
                  "rows of the last 365 days that used a promotion / all rows", "", "buys mostly on promotion",
                  "buys seldom on promotion", ColumnType::kShare, kMillionths),
      LineFeature("days_since_promotion", "promotions",
                  "days since the last row that used a promotion; missing without", "days",
                  "has used no promotion for long", "used a promotion lately"),
      LineFeature("bought_only_on_promotion", "promotions",
                  "1 where every row of the last 365 days used a promotion, else 0", "", "buys only on promotion",
                  "buys without promotions too", ColumnType::kFlag),
      LineFeature("discount_share_365", "promotions", "discount / (gross + discount) of the last 365 days", "",
                  "gets large discounts", "gets small discounts", ColumnType::kShare, kMillionths),
      LineFeature("categories_365", "categories", "categories bought from in the last 365 days", "categories",
                  "buys from many categories", "buys from few categories"),
      LineFeature("top_category_share_365", "categories", "gross of the main category / gross, of the last 365 days",
                  "", "buys mostly from one category", "spreads over categories", ColumnType::kShare, kMillionths),
      LineFeature("category_changed", "categories",
                  "1 where the main category of the last 90 days is not that of the last 365, else 0; missing without "
                  "a purchase in the last 90 days",
                  "", "has turned to another category", "has kept to the same category", ColumnType::kFlag),
      LineFeature("main_category", "categories", "category of the greatest gross of the last 365 days", "",
                  "main category", "main category", ColumnType::kText),
      LineFeature("main_region", "place", "region of most rows of the last 365 days", "", "main region", "main region",
                  ColumnType::kText),
      LineFeature("main_channel", "place", "channel of most rows of the last 365 days", "", "main channel",
                  "main channel", ColumnType::kText),
  };
}

std::vector<ChurnFeature> MakeLineCatalogue() {
  std::vector<ChurnFeature> all = ReturnAndBasketFeatures();
  for (ChurnFeature& feature : OfferFeatures()) all.push_back(std::move(feature));
  return all;
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

std::span<const ChurnFeature> ChurnLineCatalogue() {
  static const std::vector<ChurnFeature> kAll = MakeLineCatalogue();
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

std::vector<ChurnFeature> FeaturesOf(const ChurnChoice& choice, std::span<const ChurnFeature> more) {
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
  for (const ChurnFeature& feature : more) take(feature);
  return chosen;
}

}  // namespace strata
