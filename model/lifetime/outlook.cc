#include "model/lifetime/outlook.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "model/lifetime/lifetime_parts.h"
#include "model/lifetime/value.h"

namespace strata {
namespace {

constexpr double kMicros = 1e6;

struct RowOfHistory {
  HistoryDays days;
  uint32_t row = 0;

  // Neighbours share what depends on x and T alone.
  bool operator<(const RowOfHistory& other) const {
    if (days.x != other.days.x) return days.x < other.days.x;
    if (days.T != other.days.T) return days.T < other.days.T;
    return days.t_x < other.days.t_x;
  }
};

double FiniteOr(double value) { return std::isfinite(value) ? value : kAbsent; }

// Ends after a factor, which may be negative: costs above the revenue.
void TakeOrdered(double one, double other, double* low, double* high) {
  *low = FiniteOr(std::fmin(one, other));
  *high = FiniteOr(std::fmax(one, other));
}

// The intervals of money. `spend_logs` has room for every draw.
void TakeMoneyIntervals(const SpendScorer& spend, const SpendScorer::Spend& found, int64_t x, double net,
                        const HistoryOutlook& history, double level, double margin, std::vector<double>* logs,
                        CustomerOutlook* out) {
  spend.LogsAtDraws(x, net, *logs);
  const QuantityInterval ends = EndsOf(*logs, level);
  out->expected_spend_low = std::fmin(found.expected, std::exp(ends.low));
  out->expected_spend_high = FiniteOr(std::fmax(found.expected, std::exp(ends.high)));
  if (history.log_discounted.size() != logs->size()) return;
  for (size_t d = 0; d < logs->size(); ++d) {
    const double purchases = history.log_discounted[d];
    (*logs)[d] = purchases == -HUGE_VAL ? purchases : (*logs)[d] + purchases;
  }
  const QuantityInterval values = EndsOf(*logs, level);
  const double value = found.expected * history.forecast.discounted;
  TakeOrdered(margin * std::fmin(value, std::exp(values.low)), margin * std::fmax(value, std::exp(values.high)),
              &out->lifetime_value_low, &out->lifetime_value_high);
}

}  // namespace

Day NextPurchaseDay(Day as_of, std::optional<double> time, double time_unit_days) {
  if (!time.has_value()) return kNeverDay;
  // A time that is a whole number of days but for rounding is that number.
  constexpr double kRounding = 1e-9;
  const double days = std::fmax(1.0, std::ceil(*time * time_unit_days * (1 - kRounding)));
  if (!(days <= kNextPurchaseDaysMax)) return kBeyondDay;
  return as_of + static_cast<Day>(days);
}

void LifetimeScorer::Parts::TakeMoney(const CustomerColumns& at, size_t row, const HistoryOutlook& history,
                                      FitScorer::Walk* walk, std::vector<double>* logs, CustomerOutlook* out) const {
  if (std::isnan(history.forecast.expected)) return;  // contracts
  const int32_t x = at.purchase_days[row] - 1;
  const SpendScorer::Spend found = spend.Of(x, at.repeat_net_micros[row]);
  const int64_t own_x = found.from_population ? 0 : x;
  const double own_net = found.from_population ? 0 : static_cast<double>(at.repeat_net_micros[row]) / kMicros;
  if (found.has_mean) {
    out->lifetime_value_by_period = found.expected * history.forecast.stepped * margin;
    out->residual_value = found.expected * history.forecast.residual * margin;
    if (spend.has_draws() && settings.interval_level > 0) {
      TakeMoneyIntervals(spend, found, own_x, own_net, history, settings.interval_level, margin, logs, out);
    }
  }
  if (settings.interval_level == 0 || spend.totals() == nullptr || walk == nullptr) return;
  AmountInterval totals{.low = history.total_low, .high = history.total_high};
  if (own_x != x) totals = walk->PopulationTotals();
  const double unit = spend.UnitOf(own_net);
  out->predicted_spend_low = totals.low * unit;
  out->predicted_spend_high = totals.high * unit;
  const double expected = history.forecast.expected;
  const double factor = expected > 0 ? history.forecast.discounted / expected * margin : 0;
  TakeOrdered(out->predicted_spend_low * factor, out->predicted_spend_high * factor, &out->predicted_value_low,
              &out->predicted_value_high);
}

absl::Status LifetimeScorer::Outlook(const CustomerColumns& at, const ColumnSet* profile,
                                     std::vector<CustomerOutlook>* out) const {
  out->assign(at.size(), CustomerOutlook());
  if (!parts_->fitted) return absl::OkStatus();
  std::vector<double> logs(Parts::DrawsOf(parts_->settings));
  if (parts_->discrete != nullptr) {
    return parts_->discrete->Outlook(at, profile, [&](size_t row, const HistoryOutlook& history) {
      (*out)[row] = history.outlook;
      parts_->TakeMoney(at, row, history, nullptr, &logs, &(*out)[row]);
    });
  }
  return parts_->ForEachFit(at, profile, false, [&](const FitScorer& scorer, std::span<const uint32_t> rows) {
    std::vector<RowOfHistory> ordered;
    for (const uint32_t row : rows) ordered.push_back({.days = DaysOf(at, row), .row = row});
    std::sort(ordered.begin(), ordered.end());
    FitScorer::Walk walk(scorer, parts_->spend.totals());
    HistoryOutlook history;
    for (size_t i = 0; i < ordered.size(); ++i) {
      if (i == 0 || ordered[i].days != ordered[i - 1].days) walk.Of(ordered[i].days, at.as_of, &history);
      CustomerOutlook& outlook = (*out)[ordered[i].row];
      outlook = history.outlook;
      parts_->TakeMoney(at, ordered[i].row, history, &walk, &logs, &outlook);
    }
  });
}

}  // namespace strata
