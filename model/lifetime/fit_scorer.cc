#include "model/lifetime/fit_scorer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/lifetime/customer_value.h"
#include "model/lifetime/forecast.h"

namespace strata {
namespace {

// Tables by day: of the counts that most customers have, and of histories of up to 22 years. 32 bytes a day.
constexpr int32_t kDayRows = 128;
constexpr int32_t kDaysMax = 8192;

// Of smaller bases tables cost more than they save: customers are forecast directly, those of draws sooner. What the
// model says of its base decides, not who is scored; a model that does not say has tables.
constexpr double kTabledCustomers = 3000;
constexpr double kTabledDrawCustomers = 50'000;

bool IsSmaller(const LifetimeFit& fit, double customers) { return fit.customers > 0 && fit.customers < customers; }

PairRules RulesFor(const FitScorerSettings& settings, int32_t T_max_days) {
  const ScoringRules& rules = settings.rules;
  PairRules pairs;
  pairs.for_scores = settings.scores_alone && T_max_days == 0;
  pairs.horizon = rules.horizon_days / settings.time_unit_days;
  pairs.rate = ContinuousRate(rules.discount_rate_annual, settings.time_unit_days);
  pairs.T_max = T_max_days / settings.time_unit_days;
  pairs.gap_min = 1 / settings.time_unit_days;
  for (int start = 0; start < rules.horizon_days; start += kValueStepDays) {
    const int end = std::min(start + kValueStepDays, rules.horizon_days);
    pairs.step_ends.push_back(end / settings.time_unit_days);
    pairs.step_factors.push_back(std::pow(1 + rules.discount_rate_annual, -end / kValueDaysPerYear));
  }
  return pairs;
}

bool HasErrors(const LifetimeFit& fit) {
  double trace = 0;
  for (size_t i = 0; i < 4; ++i) trace += fit.covariance[i][i];
  return trace > 0;
}

}  // namespace

HistoryDays DaysOf(const CustomerColumns& at, size_t row) {
  return {
      .x = at.purchase_days[row] - 1, .t_x = at.last_day[row] - at.first_day[row], .T = at.as_of - at.first_day[row]};
}

PurchaseHistory HistoryOf(const HistoryDays& days, double time_unit_days) {
  return {.x = days.x, .t_x = days.t_x / time_unit_days, .T = days.T / time_unit_days};
}

struct FitScorer::DayRow {
  struct OfDay {
    double expected, discounted, none, unused;
  };

  double log_odds = 0;         // ln a - ln(b' - 1); -infinity: nobody has left
  double shape = 0;            // r'
  std::vector<OfDay> of_days;  // by T - x
};

FitScorer::FitScorer(const LifetimeFit& fit, const FitScorerSettings& asked)
    : FitScorer(fit, asked, IsSmaller(fit, kTabledCustomers) ? 0 : asked.T_max_days) {}

FitScorer::FitScorer(const LifetimeFit& fit, const FitScorerSettings& settings, int32_t T_max_days)
    : at_(fit.parameters),
      time_unit_days_(settings.time_unit_days),
      horizon_(settings.rules.horizon_days / settings.time_unit_days),
      level_(settings.interval_level),
      T_max_days_(T_max_days),
      tables_(fit.parameters, RulesFor(settings, T_max_days)) {
  coins_alone_ = at_.kind != LifetimeKind::kParetoNbd && at_.k == 1;
  is_tabled_by_day_ = coins_alone_ && T_max_days_ > 0 && T_max_days_ <= kDaysMax;
  if (is_tabled_by_day_) {
    for (int32_t day = 0; day <= T_max_days_; ++day) {
      growth_.push_back(std::log1p(day / time_unit_days_ / at_.value[1]));
    }
    day_rows_.resize(kDayRows);
    day_row_made_ = std::make_unique<std::once_flag[]>(kDayRows);
  }
  if (level_ == 0 || settings.scores_alone) return;
  std::vector<LifetimeParameters> every = settings.replicates;
  if (every.empty() && HasErrors(fit)) {
    if (settings.normals != nullptr) {
      taylor_.emplace(fit, *settings.normals);
    } else {
      taylor_.emplace(fit, settings.seed);
    }
    draws_ = taylor_->draws();
    if (!taylor_->taylor_suffices()) every = taylor_->parameters();
  }
  if (every.empty()) return;
  every_draw_ = true;
  draws_ = every.size();
  PairRules rough = tables_.rules();
  rough.is_rough = true;
  if (IsSmaller(fit, kTabledDrawCustomers)) rough.T_max = 0;
  const auto shared = std::make_shared<const PairRules>(std::move(rough));
  at_draws_.reserve(every.size());
  for (const LifetimeParameters& at : every) at_draws_.push_back(std::make_unique<const PairTables>(at, shared));
}

FitScorer::~FitScorer() = default;

const FitScorer::DayRow* FitScorer::DayRowOf(int32_t x) const {
  if (!is_tabled_by_day_ || x >= kDayRows) return nullptr;
  const auto place = static_cast<size_t>(x);
  std::call_once(day_row_made_[place], [&] {
    auto row = std::make_unique<DayRow>();
    const BgFamily family = BgFamily::Of(at_);
    row->log_odds = BgFamilyRows(family).CountOf(x).log_odds;
    row->shape = family.r + static_cast<double>(x);
    for (int32_t day = x; day <= T_max_days_; ++day) {
      const PairForecast forecast = tables_.WhileAlive(x, day / time_unit_days_);
      row->of_days.push_back(
          {.expected = forecast.expected, .discounted = forecast.discounted, .none = forecast.none, .unused = 0});
    }
    day_rows_[place] = std::move(row);
  });
  return day_rows_[place].get();
}

HistoryScore FitScorer::Score(const HistoryDays& days) const {
  const DayRow* row = DayRowOf(days.x);
  if (row != nullptr && days.T >= days.x && days.T <= T_max_days_) {
    const DayRow::OfDay& day = row->of_days[static_cast<size_t>(days.T - days.x)];
    const double odds = std::exp(
        row->log_odds + row->shape * (growth_[static_cast<size_t>(days.T)] - growth_[static_cast<size_t>(days.t_x)]));
    const double alive = 1 / (1 + odds);
    const double dropped = std::isinf(odds) ? 1 : odds * alive;
    return {.p_alive = alive,
            .expected = alive * day.expected,
            .discounted = alive * day.discounted,
            .none = std::fmin(1.0, dropped + alive * day.none)};
  }
  const PurchaseHistory history = HistoryOf(days, time_unit_days_);
  const AliveOdds odds = AliveOddsOf(at_, history);
  const PairForecast forecast = tables_.Of(history, odds);
  return {.p_alive = odds.alive,
          .expected = forecast.expected,
          .discounted = forecast.discounted,
          .none = std::fmin(1.0, forecast.none)};
}

}  // namespace strata
