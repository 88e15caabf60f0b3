#include "run/segments/score_names.h"

#include <algorithm>
#include <array>

namespace strata {
namespace {

using enum ColumnType;
using enum ScorePart;

constexpr std::string_view kEleven =
    "champions|loyal|potential_loyalist|new|promising|need_attention|about_to_sleep|at_risk|cant_lose|hibernating|lost";
constexpr std::string_view kTen =
    "champions|loyal|potential_loyalist|new|promising|need_attention|about_to_sleep|at_risk|cant_lose|hibernating";
constexpr std::string_view kEight =
    "important_value|important_develop|important_keep|important_retain|general_value|general_develop|general_keep|lost";
constexpr std::string_view kGrades = "A|B|C|D";
constexpr std::string_view kLevelWords = "zero|low|medium|high";

constexpr std::array kNames = {
    ScoreName{"first_purchase_date", kDay, kAlways},
    ScoreName{"last_purchase_date", kDay, kAlways},
    ScoreName{"first_day", kDay, kAlways},
    ScoreName{"last_day", kDay, kAlways},
    ScoreName{"purchase_days", kInteger, kAlways},
    ScoreName{"rows", kInteger, kAlways},
    ScoreName{"return_rows", kInteger, kAlways},
    ScoreName{"net", kMoney, kAlways},
    ScoreName{"no_purchase", kFlag, kAlways},
    ScoreName{"net_micros", kInteger, kAlways},
    ScoreName{"repeat_net_micros", kInteger, kAlways},
    ScoreName{"purchase_days_30", kInteger, kAlways},
    ScoreName{"purchase_days_90", kInteger, kAlways},
    ScoreName{"purchase_days_180", kInteger, kAlways},
    ScoreName{"purchase_days_365", kInteger, kAlways},
    ScoreName{"net_micros_90", kInteger, kAlways},
    ScoreName{"net_micros_365", kInteger, kAlways},
    ScoreName{"squared_gap_days", kInteger, kAlways},
    ScoreName{"recency_score", kInteger, kRfm},
    ScoreName{"frequency_score", kInteger, kRfm},
    ScoreName{"monetary_score", kInteger, kRfm},
    ScoreName{"rfm_segment", kText, kRfm},  // its words are those of the job's grid
    ScoreName{"rfm_ten", kText, kRfm, kTen},
    ScoreName{"rfm_eight", kText, kRfm, kEight},
    ScoreName{"cluster", kInteger, kClustering},
    ScoreName{"cluster_distance", kNumber, kClustering},
    ScoreName{"second_cluster", kInteger, kClustering},
    ScoreName{"outlier", kFlag, kClustering},
    ScoreName{"cluster_missing", kFlag, kClustering},
    ScoreName{"p_alive", kNumber, kLifetime},
    ScoreName{"expected_purchases", kNumber, kLifetime},
    ScoreName{"p_no_purchase", kNumber, kLifetime},
    ScoreName{"expected_spend", kNumber, kLifetime},
    ScoreName{"lifetime_value", kNumber, kLifetime},
    ScoreName{"p_alive_low", kNumber, kLifetime},
    ScoreName{"p_alive_high", kNumber, kLifetime},
    ScoreName{"expected_purchases_low", kNumber, kLifetime},
    ScoreName{"expected_purchases_high", kNumber, kLifetime},
    ScoreName{"p_no_purchase_low", kNumber, kLifetime},
    ScoreName{"p_no_purchase_high", kNumber, kLifetime},
    ScoreName{"expected_spend_low", kNumber, kLifetime},
    ScoreName{"expected_spend_high", kNumber, kLifetime},
    ScoreName{"lifetime_value_low", kNumber, kLifetime},
    ScoreName{"lifetime_value_high", kNumber, kLifetime},
    ScoreName{"lifetime_value_by_period", kNumber, kLifetime},
    ScoreName{"residual_value", kNumber, kLifetime},
    ScoreName{"overdue_ratio", kNumber, kLifetime},
    ScoreName{"p_silence", kNumber, kLifetime},
    ScoreName{"next_purchase_10", kDay, kLifetime},
    ScoreName{"next_purchase_50", kDay, kLifetime},
    ScoreName{"next_purchase_90", kDay, kLifetime},
    ScoreName{"predicted_purchases_low", kInteger, kLifetime},
    ScoreName{"predicted_purchases_high", kInteger, kLifetime},
    ScoreName{"predicted_spend_low", kNumber, kLifetime},
    ScoreName{"predicted_spend_high", kNumber, kLifetime},
    ScoreName{"predicted_value_low", kNumber, kLifetime},
    ScoreName{"predicted_value_high", kNumber, kLifetime},
    ScoreName{"spend_from_population", kFlag, kLifetime},
    ScoreName{"spend_not_positive", kFlag, kLifetime},
    ScoreName{"churn_probability", kNumber, kChurn},
    ScoreName{"churn_margin", kNumber, kChurn},
    ScoreName{"churn_band", kText, kChurn, "low|medium|high"},
    ScoreName{"value_at_risk", kNumber, kChurn},
    ScoreName{"churn_reason", kText, kChurn},
    ScoreName{"churn_inactive", kFlag, kChurn},
    ScoreName{"churn_from_lifetime", kFlag, kChurn},
    ScoreName{"value_class", kText, kValue, kGrades},
    ScoreName{"grade", kText, kValue, kGrades},
    ScoreName{"customer_kind", kText, kValueAndLifeCycle, "quality|potential|ordinary"},
    ScoreName{"core", kText, kValue, "core|potential|general"},
    ScoreName{"need_class", kText, kValue, "potential|important|ordinary"},
    ScoreName{"growth_potential", kMoney, kValue},
    ScoreName{"value_level", kText, kLevels, kLevelWords},
    ScoreName{"frequency_level", kText, kLevels, kLevelWords},
    ScoreName{"amount_level", kText, kLevels, kLevelWords},
    ScoreName{"order_level", kText, kLevels, kLevelWords},
    ScoreName{"spending_level", kText, kLevels, kLevelWords},
    ScoreName{"life_cycle", kText, kLifeCycle, "potential|new|active|returning|at_risk|dormant|lost"},
    ScoreName{"stage", kText, kValueAndLifeCycle, "acquisition|nurture|retention|uplift"},
    ScoreName{"orders", kInteger, kProfile},
    ScoreName{"gross", kMoney, kProfile},
    ScoreName{"returns", kMoney, kProfile},
    ScoreName{"discount", kMoney, kProfile},
    ScoreName{"goods_cost", kMoney, kProfile},
    ScoreName{"service_cost", kMoney, kProfile},
    ScoreName{"contact_cost", kMoney, kProfile},
    ScoreName{"retention_cost", kMoney, kProfile},
    ScoreName{"discount_cost", kMoney, kProfile},
    ScoreName{"other_cost", kMoney, kProfile},
    ScoreName{"margin", kMoney, kProfile},
    ScoreName{"average_order", kMoney, kProfile},
    ScoreName{"main_category", kText, kProfile},
    ScoreName{"unit_price", kMoney, kProfile},
    ScoreName{"main_region", kText, kProfile},
    ScoreName{"main_channel", kText, kProfile},
    ScoreName{"tenure_band", kText, kProfile},
    ScoreName{"last_gap_days", kInteger, kProfile},
    ScoreName{"last_row_day", kDay, kProfile},
    ScoreName{"active_quarters", kInteger, kProfile},
    ScoreName{"completeness", kShare, kProfile},
    ScoreName{"rfm_recency", kInteger, kWindowedRfm},
    ScoreName{"rfm_frequency", kInteger, kWindowedRfm},
    ScoreName{"rfm_monetary", kMoney, kWindowedRfm},
};

}  // namespace

std::span<const ScoreName> ScoreNames() { return kNames; }

std::vector<std::string> BuiltInGridClasses(std::string_view grid) {
  std::string_view words = grid == "eleven" ? kEleven : (grid == "ten" ? kTen : (grid == "eight" ? kEight : ""));
  std::vector<std::string> classes;
  while (!words.empty()) {
    const size_t end = std::min(words.find('|'), words.size());
    classes.emplace_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return classes;
}

std::string_view KeyOf(ScorePart part) {
  switch (part) {
    case ScorePart::kAlways:
      return "";
    case ScorePart::kRfm:
      return "models.rfm";
    case ScorePart::kClustering:
      return "models.clustering";
    case ScorePart::kLifetime:
      return "models.lifetime";
    case ScorePart::kChurn:
      return "models.churn";
    case ScorePart::kValue:
      return "models.value";
    case ScorePart::kLevels:
      return "models.levels";
    case ScorePart::kLifeCycle:
      return "models.life_cycle";
    case ScorePart::kValueAndLifeCycle:
      return "models.value and models.life_cycle";
    case ScorePart::kWindowedRfm:
      return "models.rfm.window";
    case ScorePart::kProfile:
      return "models.value, models.levels, models.life_cycle or a table beside transactions";
  }
  return "";
}

}  // namespace strata
