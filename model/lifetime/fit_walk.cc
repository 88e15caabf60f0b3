// FitScorer::Walk: outlooks of histories.
#include <algorithm>
#include <cmath>
#include <limits>

#include "model/lifetime/count_tails.h"
#include "model/lifetime/fit_scorer.h"
#include "model/lifetime/forecast.h"
#include "model/lifetime/likelihood.h"
#include "model/lifetime/predictive.h"
#include "model/lifetime/purchase_dates.h"

namespace strata {
namespace {

// ln of the sum of exp(jet) over parts, with derivatives.
LogJet LogSum(std::span<const LogJet> parts) {
  if (parts.size() == 1) return parts[0];
  double high = -HUGE_VAL;
  for (const LogJet& part : parts) high = std::fmax(high, part.value);
  LogJet mean;
  double sum = 0;
  for (const LogJet& part : parts) {
    const double share = std::exp(part.value - high);
    if (share == 0) continue;
    sum += share;
    for (size_t i = 0, at = 0; i < 4; ++i) {
      mean.gradient[i] += share * part.gradient[i];
      for (size_t j = i; j < 4; ++j, ++at) {
        mean.hessian[at] += share * (part.hessian[at] + part.gradient[i] * part.gradient[j]);
      }
    }
  }
  for (double& slope : mean.gradient) slope /= sum;
  for (size_t i = 0, at = 0; i < 4; ++i) {
    for (size_t j = i; j < 4; ++j, ++at)
      mean.hessian[at] = mean.hessian[at] / sum - mean.gradient[i] * mean.gradient[j];
  }
  mean.value = high + std::log(sum);
  return mean;
}

// ln of the k shares of hits since t_x, up to what they have in common with ln P(alive): see LogOpenGap.
std::vector<LogJet> LogHits(const LifetimeParameters& at, const PurchaseHistory& history) {
  std::vector<LogJet> shares(static_cast<size_t>(at.k));
  if (at.k == 1) return shares;
  const double r = at.value[0], alpha = at.value[1];
  const double shape = r + at.k * static_cast<double>(history.x);
  const double end = alpha + history.T;
  const double log_ratio = std::log((history.T - history.t_x) / end);
  LogJet term;
  for (int j = 0; j < at.k; ++j) {
    if (j > 0) {
      const double rate = shape + j - 1;
      term.value += std::log(rate / j) + log_ratio;
      term.gradient[0] += r / rate;
      term.hessian[LogJet::At(0, 0)] += r / rate - (r / rate) * (r / rate);
      term.gradient[1] -= alpha / end;
      term.hessian[LogJet::At(1, 1)] -= alpha * history.T / (end * end);
    }
    shares[static_cast<size_t>(j)] = term;
  }
  const LogJet all = LogSum(shares);
  for (LogJet& share : shares) share.Add(all, -1);
  return shares;
}

double Logistic(double logit) { return 1 / (1 + std::exp(-logit)); }

// The ends of a probability p, given the derivatives of its logarithm, and of 1 - p = q.
struct ProbabilityEnds {
  double low, high, rest_low, rest_high;
};
ProbabilityEnds EndsOfProbability(const ParameterDraws& draws, const LogJet& logarithm, double q, double level,
                                  std::span<double> values) {
  const double p = std::exp(logarithm.value);
  if (!(p > 0) || !(q > 0)) return {.low = p, .high = p, .rest_low = q, .rest_high = q};
  draws.Values(LogitOf(logarithm, q), values);
  const QuantityInterval ends = EndsOf(values, level);
  return {.low = Logistic(ends.low),
          .high = Logistic(ends.high),
          .rest_low = Logistic(-ends.high),
          .rest_high = Logistic(-ends.low)};
}

// From the logit of g to ln(1 - g).
LogJet LogOfRest(const LogJet& logit, double g) {
  LogJet rest;
  rest.value = std::log1p(-g);
  for (size_t i = 0, at = 0; i < 4; ++i) {
    rest.gradient[i] = -g * logit.gradient[i];
    for (size_t j = i; j < 4; ++j, ++at) {
      rest.hessian[at] = -g * (logit.hessian[at] + (1 - g) * logit.gradient[i] * logit.gradient[j]);
    }
  }
  return rest;
}

// A number lies in its own interval, where rounding would have it otherwise too.
void Hold(double value, double* low, double* high) {
  *low = std::fmin(*low, value);
  *high = std::fmax(*high, value);
}

}  // namespace

FitScorer::Walk::Walk(const FitScorer& scorer, const TotalsToCome* totals)
    : scorer_(scorer),
      totals_(totals),
      shared_(static_cast<size_t>(scorer.at_.k)),
      values_(scorer.draws_),
      more_values_(scorer.draws_) {}

void FitScorer::Walk::Share(int32_t x, int32_t T) {
  if (x == x_ && T == T_) return;
  x_ = x;
  T_ = T;
  above_is_made_ = false;
  const double time = T / scorer_.time_unit_days_;
  const bool taylor = scorer_.draws_ > 0 && !scorer_.every_draw_ && scorer_.horizon_ > 0;
  for (int j = 0; j < scorer_.at_.k; ++j) {
    Shared& shared = shared_[static_cast<size_t>(j)];
    shared.forecast = scorer_.tables_.WhileAlive(x, time, j);
    if (taylor) shared.jets = scorer_.tables_.JetsWhileAlive(x, time, j);
    if (scorer_.level_ > 0) {
      CountTails(scorer_.at_, x, time, j, scorer_.horizon_, TotalsToCome::kLeastTail, &shared.tails);
    }
  }
}

void FitScorer::Walk::Of(const HistoryDays& days, Day as_of, HistoryOutlook* out) {
  const LifetimeParameters& at = scorer_.at_;
  Share(days.x, days.T);
  history_ = HistoryOf(days, scorer_.time_unit_days_);
  odds_ = AliveOddsOf(at, history_);
  hits_ = HitWeights(at, history_);
  out->outlook = CustomerOutlook();
  out->log_discounted.clear();
  PairForecast& sum = out->forecast;
  sum = {.none = odds_.dropped, .never = odds_.dropped};
  double never = 0;
  for (size_t j = 0; j < shared_.size(); ++j) {
    const PairForecast& found = shared_[j].forecast;
    const double weight = odds_.alive * hits_[j];
    if (weight == 0) continue;
    never += hits_[j] * found.never;
    sum.expected += weight * found.expected;
    sum.discounted += weight * found.discounted;
    sum.stepped += weight * found.stepped;
    sum.residual += weight * found.residual;
    sum.none += weight * found.none;
    sum.never += weight * found.never;
  }
  if (odds_.alive == 0 && !(scorer_.tables_.rules().rate > 0)) sum.residual = std::nan("");
  std::array<std::optional<double>, std::size(kNextPurchaseLevels)> times;
  TimesToPurchase(at, history_, odds_, never, {hits_.data(), shared_.size()}, kNextPurchaseLevels, times);
  for (size_t i = 0; i < times.size(); ++i) {
    out->outlook.next_purchase[i] = NextPurchaseDay(as_of, times[i], scorer_.time_unit_days_);
  }
  out->outlook.overdue_ratio = OverdueRatio(at, history_);
  out->outlook.p_silence = ProbabilityOfSilence(at, history_);
  if (scorer_.level_ == 0) return;
  TakePredicted(out);
  if (scorer_.draws_ > 0) TakeIntervals(out);
}

void FitScorer::Walk::TakeIntervals(HistoryOutlook* out) {
  out->log_discounted.resize(scorer_.draws_);
  if (scorer_.every_draw_) {
    TakeEveryDraw(out);
  } else {
    TakeTaylor(out);
  }
  CustomerOutlook& outlook = out->outlook;
  Hold(odds_.alive, &outlook.p_alive_low, &outlook.p_alive_high);
  Hold(out->forecast.expected, &outlook.expected_purchases_low, &outlook.expected_purchases_high);
  Hold(std::fmin(1.0, out->forecast.none), &outlook.p_no_purchase_low, &outlook.p_no_purchase_high);
}

void FitScorer::Walk::TakeTaylor(HistoryOutlook* out) {
  const ParameterDraws& draws = *scorer_.taylor_;
  CustomerOutlook& outlook = out->outlook;
  const LogJet alive = LogProbabilityAlive(scorer_.at_, history_);
  const ProbabilityEnds ends_alive = EndsOfProbability(draws, alive, odds_.dropped, scorer_.level_, values_);
  outlook.p_alive_low = ends_alive.low;
  outlook.p_alive_high = ends_alive.high;
  if (scorer_.horizon_ == 0) {
    outlook.expected_purchases_low = outlook.expected_purchases_high = 0;
    outlook.p_no_purchase_low = outlook.p_no_purchase_high = 1;
    std::fill(out->log_discounted.begin(), out->log_discounted.end(), -HUGE_VAL);
    return;
  }
  const std::vector<LogJet> hits = LogHits(scorer_.at_, history_);
  std::vector<LogJet> expecteds(hits), discounteds(hits), somes(hits);
  for (size_t j = 0; j < shared_.size(); ++j) {
    expecteds[j].Add(shared_[j].jets.expected);
    discounteds[j].Add(shared_[j].jets.discounted);
    somes[j].Add(LogOfRest(shared_[j].jets.none, shared_[j].forecast.none));
  }
  LogJet expected = LogSum(expecteds), discounted = LogSum(discounteds), some = LogSum(somes);
  expected.Add(alive);
  discounted.Add(alive);
  some.Add(alive);
  draws.Values(expected, values_);
  const QuantityInterval ends = EndsOf(values_, scorer_.level_);
  outlook.expected_purchases_low = std::exp(ends.low);
  outlook.expected_purchases_high = std::exp(ends.high);
  const ProbabilityEnds ends_some = EndsOfProbability(draws, some, out->forecast.none, scorer_.level_, values_);
  outlook.p_no_purchase_low = ends_some.rest_low;
  outlook.p_no_purchase_high = ends_some.rest_high;
  draws.Values(discounted, out->log_discounted);
}

void FitScorer::Walk::TakeEveryDraw(HistoryOutlook* out) {
  CustomerOutlook& outlook = out->outlook;
  std::vector<double> alive(scorer_.draws_);
  for (size_t d = 0; d < scorer_.draws_; ++d) {
    const PairTables& tables = *scorer_.at_draws_[d];
    const AliveOdds odds = AliveOddsOf(tables.parameters(), history_);
    const PairForecast forecast = tables.Of(history_, odds);
    alive[d] = odds.alive;
    values_[d] = forecast.expected;
    more_values_[d] = std::fmin(1.0, forecast.none);
    out->log_discounted[d] = std::log(forecast.discounted);
  }
  const auto take = [&](std::span<const double> values, double* low, double* high) {
    const QuantityInterval ends = EndsOf(values, scorer_.level_);
    *low = ends.low;
    *high = ends.high;
  };
  take(alive, &outlook.p_alive_low, &outlook.p_alive_high);
  take(values_, &outlook.expected_purchases_low, &outlook.expected_purchases_high);
  take(more_values_, &outlook.p_no_purchase_low, &outlook.p_no_purchase_high);
}

void FitScorer::Walk::TakePredicted(HistoryOutlook* out) {
  if (shared_.size() == 1) {
    tails_ = shared_[0].tails;
  } else {
    tails_.clear();
    for (size_t j = 0; j < shared_.size(); ++j) {
      if (shared_[j].tails.size() > tails_.size()) tails_.resize(shared_[j].tails.size(), 0);
      for (size_t n = 0; n < shared_[j].tails.size(); ++n) tails_[n] += hits_[j] * shared_[j].tails[n];
    }
    above_is_made_ = false;
  }
  // The least n with P(Y > n) <= 1 - probability.
  const auto count = [this](double probability) {
    const auto found = std::lower_bound(tails_.begin(), tails_.end(), 1 - probability,
                                        [this](double tail, double left) { return odds_.alive * tail > left; });
    return static_cast<int32_t>(found - tails_.begin());
  };
  out->outlook.predicted_purchases_low = count((1 - scorer_.level_) / 2);
  out->outlook.predicted_purchases_high = count((1 + scorer_.level_) / 2);
  if (totals_ == nullptr) return;
  const AmountInterval totals = TotalsOf(history_.x);
  out->total_low = totals.low;
  out->total_high = totals.high;
}

AmountInterval FitScorer::Walk::PopulationTotals() {
  above_is_made_ = false;
  const AmountInterval totals = TotalsOf(0);
  above_is_made_ = false;
  return totals;
}

AmountInterval FitScorer::Walk::TotalsOf(int64_t spend_x) {
  if (spend_x > TotalsToCome::kTabledX) return totals_->Direct(spend_x, tails_, odds_.alive, scorer_.level_);
  if (!above_is_made_) totals_->AboveOf(spend_x, tails_, &above_);
  above_is_made_ = true;
  const auto total = [&](double probability) {
    const double left = (1 - probability) / odds_.alive;
    return odds_.alive > 0 ? totals_->TotalExceeded(spend_x, above_, tails_[0], left) : 0;
  };
  return {.low = total((1 - scorer_.level_) / 2), .high = total((1 + scorer_.level_) / 2)};
}

}  // namespace strata
