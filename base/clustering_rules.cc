#include "base/clustering_rules.h"

#include <algorithm>

namespace strata {
namespace {

// Columns of CustomerColumns by the names that conditions and files have for them; `net` is net_micros as money.
constexpr std::array<std::string_view, 17> kFeatureColumns = {
    "first_day",           "last_day",
    "first_purchase_date", "last_purchase_date",
    "purchase_days",       "rows",
    "return_rows",         "net",
    "net_micros",          "repeat_net_micros",
    "purchase_days_30",    "purchase_days_90",
    "purchase_days_180",   "purchase_days_365",
    "net_micros_90",       "net_micros_365",
    "squared_gap_days",
};

ClusterFeatureSettings Logarithm(std::string_view name, std::string_view column) {
  ClusterFeatureSettings settings;
  settings.column = column;
  settings.transform = Transform::kLog1p;
  settings.name = name;
  return settings;
}

std::vector<ClusterFeatureSettings> MakeDefaults() {
  std::vector<ClusterFeatureSettings> defaults = {
      Logarithm("log1p_recency_days", "recency_days"),
      Logarithm("log1p_purchase_days", "purchase_days"),
      Logarithm("signed_log1p_net_per_purchase_day", "net_per_purchase_day"),
      Logarithm("log1p_tenure_days", "tenure_days"),
  };
  ClusterFeatureSettings returns;
  returns.column = "return_share";
  returns.transform = Transform::kNone;
  returns.name = "return_share";
  defaults.push_back(std::move(returns));
  return defaults;
}

}  // namespace

bool IsFeatureColumn(std::string_view name) {
  const auto is_made = [name](const ClusteringColumn& made) { return made.name == name; };
  return std::find(kFeatureColumns.begin(), kFeatureColumns.end(), name) != kFeatureColumns.end() ||
         std::any_of(kClusteringColumns.begin(), kClusteringColumns.end(), is_made);
}

Transform DefaultTransform(ColumnType type) {
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kMoney:
    case ColumnType::kNumber:
      return Transform::kYeoJohnson;
    case ColumnType::kShare:
    case ColumnType::kDay:
    case ColumnType::kFlag:
      return Transform::kNone;
    case ColumnType::kText:
      return Transform::kCategory;
  }
  return Transform::kNone;
}

const std::vector<ClusterFeatureSettings>& DefaultClusterFeatures() {
  static const std::vector<ClusterFeatureSettings> defaults = MakeDefaults();
  return defaults;
}

const ClusterFeatureSettings* DefaultClusterFeature(std::string_view name) {
  const auto& defaults = DefaultClusterFeatures();
  const auto found = std::find_if(defaults.begin(), defaults.end(),
                                  [name](const ClusterFeatureSettings& settings) { return settings.name == name; });
  return found == defaults.end() ? nullptr : &*found;
}

}  // namespace strata
