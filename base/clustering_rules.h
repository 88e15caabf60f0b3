// What a job may ask of the features that customers are clustered on: transforms, scales, how a missing value counts,
// and the columns that clustering makes of a customer's features beside those that there are anyway. Shared by job
// files (run) and the mathematics (model/clustering/feature_space.h). Plain values and pure functions; thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"

namespace strata {

inline constexpr size_t kMaxClusterFeatures = 24;   // numeric ones; sums of squares of a point stay below 2^49
inline constexpr size_t kMaxClusterCategories = 8;  // columns of words
inline constexpr size_t kMaxLevels = 64;            // words of a category, the rest and "none" among them
inline constexpr double kMaxFeatureWeight = 10;     // a feature that counts more leaves nothing to the others

// kDefault: as the type of the column says (DefaultTransform). kCategory: words, compared for equality only.
enum class Transform : uint8_t { kDefault = 0, kNone = 1, kLog1p = 2, kYeoJohnson = 3, kCategory = 4 };
enum class Scale : uint8_t { kStandard = 0, kRobust = 1, kMinMax = 2, kNone = 3 };
// A missing value counts as the median of those that are there, or as 0; or its customer is in no cluster.
enum class MissingRule : uint8_t { kMedian = 0, kZero = 1, kExclude = 2 };

// As job files, models and reports write them, by value; kDefault is "default".
inline constexpr std::array<std::string_view, 5> kTransformNames = {"default", "none", "log1p", "yeo_johnson",
                                                                    "category"};
inline constexpr std::array<std::string_view, 4> kScaleNames = {"standard", "robust", "minmax", "none"};
inline constexpr std::array<std::string_view, 3> kMissingRuleNames = {"median", "zero", "exclude"};
constexpr std::string_view Name(Transform transform) { return kTransformNames[static_cast<size_t>(transform)]; }
constexpr std::string_view Name(Scale scale) { return kScaleNames[static_cast<size_t>(scale)]; }
constexpr std::string_view Name(MissingRule rule) { return kMissingRuleNames[static_cast<size_t>(rule)]; }

struct ClusterFeatureSettings {
  std::string column;  // "net", "customers.gender", or one of kClusteringColumns
  Transform transform = Transform::kDefault;
  Scale scale = Scale::kStandard;
  std::optional<std::array<int64_t, 2>> winsorise;  // shares in millionths, first < second
  MissingRule missing = MissingRule::kMedian;
  double weight = 1;  // of its scaled values; above 0, at most kMaxFeatureWeight
  std::string name;   // as models and reports show it; empty: the column's name

  bool operator==(const ClusterFeatureSettings&) const = default;
};

// Columns of a customer that clustering makes, or names as people do. Money is in units of the job's currency.
struct ClusteringColumn {
  std::string_view name;
  ColumnType type = ColumnType::kInteger;
};
inline constexpr std::array<ClusteringColumn, 4> kClusteringColumns = {{
    {"recency_days", ColumnType::kInteger},        // since the last purchase day
    {"tenure_days", ColumnType::kInteger},         // since the first purchase day
    {"net_per_purchase_day", ColumnType::kMoney},  // net of all days / purchase days
    {"return_share", ColumnType::kShare},          // rows that are returns / all rows
}};

// Whether every customer has the column without a profile: one of the features, or of kClusteringColumns.
bool IsFeatureColumn(std::string_view name);

// What a column of this type becomes when the job does not say: numbers of things and money are skewed, shares, days
// and flags are bounded.
Transform DefaultTransform(ColumnType type);

// What customers are clustered on when a job names no features: log1p_recency_days, log1p_purchase_days,
// signed_log1p_net_per_purchase_day, log1p_tenure_days and return_share, all standardised.
const std::vector<ClusterFeatureSettings>& DefaultClusterFeatures();

// A default feature by its name; null: there is none.
const ClusterFeatureSettings* DefaultClusterFeature(std::string_view name);

}  // namespace strata
