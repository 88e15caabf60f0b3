#include "model/churn/value_at_risk.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace strata {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kMicros = 1e6;
constexpr double kYearDays = 365;

}  // namespace

const char* Name(ChurnBand band) {
  switch (band) {
    case ChurnBand::kNone:
      return "";
    case ChurnBand::kLow:
      return "low";
    case ChurnBand::kMedium:
      return "medium";
    case ChurnBand::kHigh:
      return "high";
  }
  return "";
}

ChurnBand BandOf(const ChurnModel& model, double probability) {
  if (std::isnan(probability)) return ChurnBand::kNone;
  if (probability < model.band_low) return ChurnBand::kLow;
  return probability < model.band_high ? ChurnBand::kMedium : ChurnBand::kHigh;
}

double ValueOfStaying(double lifetime_value, double p_no_purchase) {
  if (std::isnan(lifetime_value) || !(p_no_purchase < 1)) return kUnknown;
  return std::max(lifetime_value / (1 - p_no_purchase), 0.0);
}

double ValueFromHistory(int64_t net_micros_365, int horizon_days, double margin_factor) {
  const double net = static_cast<double>(net_micros_365) / kMicros;
  return std::max(net * (horizon_days / kYearDays) * margin_factor, 0.0);
}

double ValueAtRisk(double probability, double value) {
  return std::isnan(probability) || std::isnan(value) ? kUnknown : probability * value;
}

}  // namespace strata
