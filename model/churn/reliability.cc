#include "model/churn/reliability.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "model/statistics/radix_order.h"
#include "model/statistics/ranking_metrics.h"
#include "model/statistics/wilson.h"

namespace strata {

std::vector<CalibrationBin> ReliabilityOf(std::span<const double> probabilities, std::span<const uint8_t> churned) {
  const std::vector<uint32_t> order = RowsByValue(probabilities);
  const size_t n = order.size();
  std::vector<CalibrationBin> bins;
  for (size_t bin = 0; bin < kCalibrationBins; ++bin) {
    CalibrationBin line;
    for (size_t i = bin * n / kCalibrationBins; i < (bin + 1) * n / kCalibrationBins; ++i) {
      ++line.rows;
      line.churned += churned[order[i]] != 0 ? 1 : 0;
      line.predicted += probabilities[order[i]];
    }
    if (line.rows == 0) continue;
    line.predicted /= static_cast<double>(line.rows);
    const ShareInterval interval = WilsonInterval(line.churned, line.rows);
    line.low = interval.low;
    line.high = interval.high;
    bins.push_back(line);
  }
  return bins;
}

double CalibrationErrorIfPerfect(std::span<const double> probabilities) {
  if (probabilities.empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::vector<uint32_t> order = RowsByValue(probabilities);
  const size_t n = order.size();
  double sum = 0;
  for (size_t bin = 0; bin < kCalibrationBins; ++bin) {
    double variance = 0;
    for (size_t i = bin * n / kCalibrationBins; i < (bin + 1) * n / kCalibrationBins; ++i) {
      const double p = probabilities[order[i]];
      variance += p * (1 - p);
    }
    sum += std::sqrt(2 / std::numbers::pi * variance);
  }
  return sum / static_cast<double>(n);
}

std::vector<LiftDecile> LiftOf(std::span<const double> scores, std::span<const uint8_t> churned) {
  std::vector<double> falling(scores.size());
  std::transform(scores.begin(), scores.end(), falling.begin(), [](double score) { return -score; });
  const std::vector<uint32_t> order = RowsByValue(falling);
  const size_t n = order.size();
  const auto all = std::count_if(churned.begin(), churned.end(), [](uint8_t label) { return label != 0; });
  std::vector<LiftDecile> tenths;
  if (all == 0) return tenths;
  const double rate = static_cast<double>(all) / static_cast<double>(n);
  int64_t found = 0;
  for (size_t tenth = 0; tenth < kLiftTenths; ++tenth) {
    LiftDecile line;
    for (size_t i = tenth * n / kLiftTenths; i < (tenth + 1) * n / kLiftTenths; ++i) {
      ++line.rows;
      line.churned += churned[order[i]] != 0 ? 1 : 0;
    }
    if (line.rows == 0) continue;
    found += line.churned;
    line.lift = static_cast<double>(line.churned) / static_cast<double>(line.rows) / rate;
    line.gain = static_cast<double>(found) / static_cast<double>(all);
    tenths.push_back(line);
  }
  return tenths;
}

}  // namespace strata
