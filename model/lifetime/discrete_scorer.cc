#include "model/lifetime/discrete_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "model/lifetime/bg_bb.h"
#include "model/lifetime/customer_value.h"
#include "model/lifetime/discrete_table.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/futures.h"
#include "model/lifetime/predictive.h"
#include "model/lifetime/sbg.h"

namespace strata {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

absl::StatusOr<std::span<const int64_t>> ColumnOf(const ColumnSet* profile, std::string_view name) {
  const Column* column = profile == nullptr ? nullptr : profile->Find(name);
  if (column != nullptr && !column->whole.empty()) return column->whole;
  return MakeError(absl::StatusCode::kInternal, "PROFILE_COLUMN", "the profile lacks a column of the lifetime model",
                   {{"column", std::string(name)}});
}

}  // namespace

DiscreteScorer::DiscreteScorer(const LifetimeFit& fit, const FitScorerSettings& settings)
    : at_(fit.parameters),
      time_unit_days_(settings.time_unit_days),
      horizon_(settings.horizon_periods.has_value()
                   ? *settings.horizon_periods
                   : std::floor(settings.rules.horizon_days / settings.time_unit_days)),
      rate_(std::expm1(ContinuousRate(settings.rules.discount_rate_annual, settings.time_unit_days))),
      level_(settings.interval_level) {
  if (level_ == 0) return;
  draws_ = settings.replicates;
  double trace = 0;
  for (size_t i = 0; i < 4; ++i) trace += fit.covariance[i][i];
  if (draws_.empty() && trace > 0) draws_ = ParameterDraws(fit, settings.seed).parameters();
}

absl::Status DiscreteScorer::ForEachHistory(
    const CustomerColumns& at, const ColumnSet* profile,
    const std::function<void(const History&, std::span<const uint32_t>)>& visit) const {
  const bool contracts = at_.kind == LifetimeKind::kSbg;
  STRATA_ASSIGN_OR_RETURN(const auto n, ColumnOf(profile, contracts ? kContractPeriods : kOpportunitiesN));
  STRATA_ASSIGN_OR_RETURN(const auto last, ColumnOf(profile, contracts ? kContractLost : kOpportunitiesLast));
  std::span<const int64_t> x;
  if (!contracts) {
    STRATA_ASSIGN_OR_RETURN(x, ColumnOf(profile, kOpportunitiesX));
  }
  std::vector<std::pair<History, uint32_t>> rows;
  for (size_t row = 0; row < at.size(); ++row) {
    if (n[row] == kNoWhole || last[row] == kNoWhole || (!contracts && at.purchase_days[row] <= 0)) continue;
    const History history{.x = contracts ? 0 : static_cast<int32_t>(x[row]),
                          .t_x = static_cast<int32_t>(last[row]),
                          .T = static_cast<int32_t>(n[row])};
    rows.emplace_back(history, static_cast<uint32_t>(row));
  }
  std::sort(rows.begin(), rows.end());
  std::vector<uint32_t> same;
  for (size_t i = 0; i < rows.size(); ++i) {
    same.push_back(rows[i].second);
    if (i + 1 < rows.size() && rows[i + 1].first == rows[i].first) continue;
    visit(rows[i].first, same);
    same.clear();
  }
  return absl::OkStatus();
}

HistoryScore DiscreteScorer::ScoreOf(const LifetimeParameters& at, const History& history) const {
  if (at.kind == LifetimeKind::kSbg) {
    const bool ended = history.t_x != 0;
    const Sbg model{.alpha = at.value[0], .beta = at.value[1]};
    const int until = std::min(history.T + static_cast<int>(horizon_), kContractPeriodsMax);
    return {.p_alive = ended ? 0.0 : 1.0,
            .expected = kNaN,
            .discounted = kNaN,
            .none = ended ? 1 : 1 - SbgSurvivor(model, until) / SbgSurvivor(model, history.T)};
  }
  const PurchaseHistory seen = HistoryOf(history, 1);
  // The forecasts of forecast.h, which share the odds of being alive.
  const BgBb model = BgBb::Of(at);
  const AliveOdds odds = BgBbOdds(model, seen);
  const OpportunityFuture future(model, seen.x, seen.T);
  double expected = 0;
  future.Expected({&horizon_, 1}, {&expected, 1});
  return {.p_alive = odds.alive * future.Next(),
          .expected = odds.alive * expected,
          .discounted = odds.alive * future.Discounted(horizon_, rate_),
          .none = std::fmin(1.0, odds.dropped + odds.alive * future.NonePurchased(horizon_))};
}

absl::Status DiscreteScorer::Score(const CustomerColumns& at, const ColumnSet* profile,
                                   const std::function<void(size_t, const HistoryScore&)>& take) const {
  return ForEachHistory(at, profile, [&](const History& history, std::span<const uint32_t> rows) {
    const HistoryScore score = ScoreOf(at_, history);
    for (const uint32_t row : rows) take(row, score);
  });
}

absl::Status DiscreteScorer::Outlook(const CustomerColumns& at, const ColumnSet* profile,
                                     const std::function<void(size_t, const HistoryOutlook&)>& take) const {
  return ForEachHistory(at, profile, [&](const History& history, std::span<const uint32_t> rows) {
    const std::shared_ptr<const HistoryOutlook> outlook = KeptOutlook(history, at.as_of);
    for (const uint32_t row : rows) take(row, *outlook);
  });
}

std::shared_ptr<const HistoryOutlook> DiscreteScorer::KeptOutlook(const History& history, Day as_of) const {
  constexpr size_t kKeptMax = 16'384;  // of a kilobyte or two each; the others are made whenever they are met
  const std::pair<Day, History> key(as_of, history);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = kept_.find(key); found != kept_.end()) return found->second;
  }
  // Two threads may make the same one: it is the same to the bit.
  auto made = std::make_shared<HistoryOutlook>();
  OutlookOf(history, as_of, made.get());
  const std::scoped_lock lock(mutex_);
  if (kept_.size() < kKeptMax) kept_.emplace(key, made);
  return made;
}

void DiscreteScorer::OutlookOf(const History& history, Day as_of, HistoryOutlook* out) const {
  const HistoryScore score = ScoreOf(at_, history);
  const bool contracts = at_.kind == LifetimeKind::kSbg;
  out->forecast = {.expected = score.expected,
                   .discounted = score.discounted,
                   .stepped = score.discounted,  // payment falls on opportunities already
                   .residual = kNaN,
                   .none = score.none,
                   .never = 0};
  if (!contracts) TakeOpportunities(history, as_of, out);
  if (draws_.empty()) return;
  std::vector<double> alive, expected, none;
  for (const LifetimeParameters& draw : draws_) {
    const HistoryScore drawn = ScoreOf(draw, history);
    alive.push_back(drawn.p_alive);
    none.push_back(drawn.none);
    if (contracts) continue;
    expected.push_back(drawn.expected);
    out->log_discounted.push_back(std::log(drawn.discounted));
  }
  const auto take = [this](const std::vector<double>& values, double value, double* low, double* high) {
    const QuantityInterval ends = EndsOf(values, level_);
    *low = std::fmin(ends.low, value);
    *high = std::fmax(ends.high, value);
  };
  CustomerOutlook& outlook = out->outlook;
  take(alive, score.p_alive, &outlook.p_alive_low, &outlook.p_alive_high);
  take(none, score.none, &outlook.p_no_purchase_low, &outlook.p_no_purchase_high);
  if (contracts) return;
  take(expected, score.expected, &outlook.expected_purchases_low, &outlook.expected_purchases_high);
}

void DiscreteScorer::TakeOpportunities(const History& history, Day as_of, HistoryOutlook* out) const {
  const PurchaseHistory seen = HistoryOf(history, 1);
  CustomerOutlook& outlook = out->outlook;
  if (rate_ > 0) out->forecast.residual = ResidualTransactions(at_, seen, rate_);
  for (size_t i = 0; i < std::size(kNextPurchaseLevels); ++i) {
    outlook.next_purchase[i] =
        NextPurchaseDay(as_of, TimeToPurchase(at_, seen, kNextPurchaseLevels[i]), time_unit_days_);
  }
  outlook.overdue_ratio = OverdueRatio(at_, seen);
  outlook.p_silence = ProbabilityOfSilence(at_, seen);
  if (level_ == 0) return;
  const CountInterval counts = CountIntervalOf(CountProbabilities(at_, seen, horizon_), level_);
  outlook.predicted_purchases_low = static_cast<int32_t>(counts.low);
  outlook.predicted_purchases_high = static_cast<int32_t>(counts.high);
}

}  // namespace strata
