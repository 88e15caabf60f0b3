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

// In the order of the catalogue (model/churn/catalogue.h says what they are).
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

// Names of the reason groups of these features.
inline constexpr std::array<std::string_view, 7> kChurnGroupNames = {
    "inactivity", "frequency", "spend", "rhythm", "trend", "tenure", "returns",
};

}  // namespace strata
