#include "model/churn/survival.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "model/statistics/wilson.h"

namespace strata {
namespace {

enum Count : size_t { kEntered, kLost, kCensored };

constexpr double kHalf = 0.5 + 1e-12;  // a product of quotients that is a half may come out above it

}  // namespace

std::optional<TenureSpan> TenureOfBuyer(std::span<const Day> purchase_days, Day as_of, int32_t horizon_days) {
  const Day last_resolved = as_of - horizon_days;
  if (purchase_days.empty() || purchase_days.front() > last_resolved) return std::nullopt;
  const Day birth = purchase_days.front();
  for (size_t i = 0; i < purchase_days.size() && purchase_days[i] <= last_resolved; ++i) {
    const bool is_last = i + 1 == purchase_days.size();
    if (is_last || purchase_days[i + 1] - purchase_days[i] > horizon_days) {
      return TenureSpan{.entry = 0, .exit = purchase_days[i] - birth, .is_event = true};
    }
  }
  return TenureSpan{.entry = 0, .exit = last_resolved - birth, .is_event = false};
}

std::optional<TenureSpan> TenureOfContract(Day start, std::optional<Day> end, Day first_known, Day as_of) {
  if (start > as_of || (end.has_value() && *end < start)) return std::nullopt;
  const bool is_event = end.has_value() && *end <= as_of;
  const TenureSpan span = {
      .entry = std::max(start, first_known) - start, .exit = (is_event ? *end : as_of) - start, .is_event = is_event};
  if (span.entry > 0 && span.exit <= span.entry) return std::nullopt;
  return span;
}

void SurvivalCounts::Add(const TenureSpan& span) {
  ++by_day[span.entry][kEntered];
  ++by_day[span.exit][span.is_event ? kLost : kCensored];
}

void SurvivalCounts::AddMany(int32_t day, int64_t lost, int64_t censored) {
  if (lost + censored == 0) return;
  by_day[0][kEntered] += lost + censored;
  by_day[day][kLost] += lost;
  by_day[day][kCensored] += censored;
}

void SurvivalCounts::Merge(const SurvivalCounts& other) {
  for (const auto& [day, counts] : other.by_day) {
    std::array<int64_t, 3>& own = by_day[day];
    for (size_t i = 0; i < own.size(); ++i) own[i] += counts[i];
  }
}

void SurvivalCounts::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(by_day.size()));
  for (const auto& [day, counts] : by_day) {
    writer->I32(day);
    for (const int64_t count : counts) writer->I64(count);
  }
}

SurvivalCounts SurvivalCounts::Decode(ByteReader* reader) {
  SurvivalCounts decoded;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    std::array<int64_t, 3>& counts = decoded.by_day[reader->I32()];
    for (int64_t& count : counts) count = reader->I64();
  }
  return decoded;
}

int64_t SurvivalCounts::customers() const {
  int64_t sum = 0;
  for (const auto& [day, counts] : by_day) sum += counts[kEntered];
  return sum;
}

std::vector<SurvivalPoint> KaplanMeier(const SurvivalCounts& counts) {
  std::vector<SurvivalPoint> points;
  int64_t here = 0;
  double survival = 1, log_survival = 0, greenwood = 0;
  for (const auto& [day, of_day] : counts.by_day) {
    if (day == 0) here += of_day[kEntered];
    if (of_day[kLost] > 0) {
      const auto n = static_cast<double>(here), d = static_cast<double>(of_day[kLost]);
      SurvivalPoint point = {
          .day = day, .at_risk = here, .events = of_day[kLost], .survival = 0, .low = {}, .high = {}};
      if (of_day[kLost] < here) {
        survival *= (n - d) / n;
        log_survival += std::log1p(-d / n);
        greenwood += d / n / (n - d);
        const double reach = kNormal975 * std::sqrt(greenwood) / -log_survival;
        point.survival = survival;
        point.low = std::exp(log_survival * std::exp(reach));
        point.high = std::exp(log_survival * std::exp(-reach));
      } else {
        survival = 0;
      }
      points.push_back(point);
      if (survival == 0) break;  // for good, whoever enters later
    }
    here -= of_day[kLost] + of_day[kCensored];
    if (day > 0) here += of_day[kEntered];
  }
  return points;
}

std::optional<int32_t> MedianTenure(std::span<const SurvivalPoint> points) {
  for (const SurvivalPoint& point : points) {
    if (point.survival <= kHalf) return point.day;
  }
  return std::nullopt;
}

}  // namespace strata
