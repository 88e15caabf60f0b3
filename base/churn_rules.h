// What a job may ask of its churn model's features, shared by job files (run) and the mathematics (model/churn): names
// of the features that every job has, and limits. Plain values; thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace strata {

inline constexpr size_t kMaxChurnFeatures = 96;    // of numbers and words; a gathered row is two bytes each
inline constexpr size_t kMaxChurnCategories = 16;  // columns of words among them
inline constexpr size_t kMaxChurnLevels = 63;      // of a category: the bits of a word, and one for all other words
inline constexpr size_t kMaxChurnWords = 65'000;   // of a category before levels are chosen: places are 16 bits

// Those that every job has, in the order of the catalogue (model/churn/catalogue.h says what they are).
inline constexpr std::array<std::string_view, 21> kChurnFeatureNames = {
    "recency_days",
    "overdue_ratio",
    "p_no_purchase_logit",
    "p_alive_logit",
    "expected_purchases",
    "purchase_days",
    "purchase_days_30",
    "purchase_days_90",
    "purchase_days_180",
    "purchase_days_365",
    "one_time_buyer",
    "net",
    "net_90",
    "net_365",
    "net_per_purchase_day",
    "mean_gap",
    "gap_deviation",
    "purchase_days_trend",
    "net_trend",
    "tenure_days",
    "return_rows_share",
};

inline constexpr int kChurnRatioBits = 10;  // of ratios as whole numbers, behind the point

// Features that jobs have which keep details of transactions, in the order of their catalogue, and the detail that each
// of them needs ("category": of the row, or of its product; "": any).
struct ChurnLineFeature {
  std::string_view name, needs;
  bool is_category = false;  // words; else numbers
};
inline constexpr std::array<ChurnLineFeature, 18> kChurnLineFeatures = {{{"returned_365", ""},
                                                                         {"days_since_return", ""},
                                                                         {"return_rows_90", ""},
                                                                         {"orders_365", "order_id"},
                                                                         {"rows_per_order_365", "order_id"},
                                                                         {"average_order_365", "order_id"},
                                                                         {"basket_trend", "order_id"},
                                                                         {"quantity_365", "quantity"},
                                                                         {"promotion_rows_share_365", "promotion_id"},
                                                                         {"days_since_promotion", "promotion_id"},
                                                                         {"bought_only_on_promotion", "promotion_id"},
                                                                         {"discount_share_365", "discount"},
                                                                         {"categories_365", "category"},
                                                                         {"top_category_share_365", "category"},
                                                                         {"category_changed", "category"},
                                                                         {"main_category", "category", true},
                                                                         {"main_region", "region", true},
                                                                         {"main_channel", "channel", true}}};

// Names of the reason groups of these features.
inline constexpr std::array<std::string_view, 11> kChurnGroupNames = {
    "inactivity", "frequency", "spend",      "rhythm",     "trend", "tenure",
    "returns",    "basket",    "promotions", "categories", "place",
};

}  // namespace strata
