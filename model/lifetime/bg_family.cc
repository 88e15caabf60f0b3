#include "model/lifetime/bg_family.h"

#include <array>
#include <cmath>

#include "model/lifetime/special/rising.h"

namespace strata {
namespace {

enum Parameter : size_t { kR, kAlpha, kA, kB };

}  // namespace

BgFamily BgFamily::Of(const LifetimeParameters& parameters) {
  const bool modified = parameters.kind == LifetimeKind::kMbgNbd || parameters.kind == LifetimeKind::kMbgCnbd;
  BgFamily family{.r = parameters.value[kR],
                  .alpha = parameters.value[kAlpha],
                  .a = parameters.value[kA],
                  .b = parameters.value[kB],
                  .k = parameters.k,
                  .coin_at_zero = modified};
  if (parameters.kind == LifetimeKind::kNbd) {
    family.a = 0;
    family.b = 1;
  }
  return family;
}

BgFamilyRows::Time BgFamilyRows::TimeOf(double t) const {
  return {.t = t, .inverse = 1 / (family_.alpha + t), .growth = std::log1p(t / family_.alpha)};
}

BgFamilyRows::Count BgFamilyRows::CountOf(int64_t x) const {
  Count count{.shape = family_.r + static_cast<double>(family_.k) * static_cast<double>(x),
              .log_odds = -HUGE_VAL,
              .stay_share = 0};
  const int64_t coins = family_.Coins(x);
  if (coins == 0 || family_.a == 0) return count;
  const double stayed = family_.b + static_cast<double>(coins - 1);
  count.log_odds = std::log(family_.a) - std::log(stayed);
  count.stay_share = family_.b / stayed;
  return count;
}

Branches BgFamilyRows::BranchesOf(const Count& count, const Time& last, const Time& end) const {
  LogJet alive;
  alive.AddPower(kR, kAlpha, family_.r, count.shape, end.growth, end.t * end.inverse);
  if (family_.k > 1) AddOpenGap(count, last, end, &alive);
  LogJet dropped;
  dropped.value = count.log_odds;
  if (count.stay_share > 0) {
    dropped.AddPower(kR, kAlpha, family_.r, count.shape, last.growth, last.t * last.inverse);
    dropped.gradient[kA] = 1;
    dropped.gradient[kB] = -count.stay_share;
    dropped.hessian[LogJet::At(kB, kB)] = -count.stay_share * (1 - count.stay_share);
  }
  return Join(alive, dropped);
}

// ln sum_j e_j: derivatives of ln e_j under the shares of the e_j, and the covariances of their slopes.
void BgFamilyRows::AddOpenGap(const Count& count, const Time& last, const Time& end, LogJet* alive) const {
  const double r = family_.r;
  const double w = (end.t - last.t) * end.inverse;
  const double start = family_.alpha * end.inverse;  // alpha / (alpha + T); d ln w / d ln alpha = -start
  double term = 1, rises = 0, squares = 0;           // sums of 1 / (r' + i), and of their squares, over i < j
  double total = 1, in_r = 0, in_r_r = 0, slope_r_r = 0, hits = 0, hits_hits = 0, r_hits = 0;
  for (int j = 1; j < family_.k; ++j) {
    const double factor = count.shape + (j - 1);
    term *= factor * w / j;
    rises += 1 / factor;
    squares += 1 / (factor * factor);
    const double slope = r * rises;
    total += term;
    in_r += term * slope;
    in_r_r += term * (slope - r * r * squares);
    slope_r_r += term * slope * slope;
    hits += term * j;
    hits_hits += term * (j * j);
    r_hits += term * slope * j;
  }
  const double mean_r = in_r / total;
  const double mean_hits = hits / total;
  alive->value += std::log(total);
  alive->gradient[kR] += mean_r;
  alive->gradient[kAlpha] -= mean_hits * start;
  alive->hessian[LogJet::At(kR, kR)] += in_r_r / total + slope_r_r / total - mean_r * mean_r;
  alive->hessian[LogJet::At(kR, kAlpha)] -= (r_hits / total - mean_r * mean_hits) * start;
  alive->hessian[LogJet::At(kAlpha, kAlpha)] +=
      (hits_hits / total - mean_hits * mean_hits) * start * start - mean_hits * start * (1 - start);
}

void BgFamilyRows::AddHit(double j, double customers, LogJet* sum) const {
  const double rate = family_.r + j;
  sum->AddOf(kR, family_.r, std::log(rate / family_.alpha), 1 / rate, -1 / (rate * rate), customers);
  sum->gradient[kAlpha] -= customers;
}

void BgFamilyRows::AddCoin(double j, double customers, LogJet* sum) const {
  const double a = family_.a;
  const double stays = family_.b + j;
  const double all = a + stays;
  sum->value -= customers * std::log1p(a / stays);
  sum->gradient[kA] -= customers * a / all;
  sum->hessian[LogJet::At(kA, kA)] -= customers * a * stays / (all * all);
  sum->hessian[LogJet::At(kA, kB)] += customers * a * family_.b / (all * all);
  const double slope = family_.b * a / (stays * all);
  sum->gradient[kB] += customers * slope;
  sum->hessian[LogJet::At(kB, kB)] += customers * slope * (1 - family_.b * (all + stays) / (stays * all));
}

Branches BgFamilyBranches(const BgFamily& family, const PurchaseHistory& history) {
  const BgFamilyRows rows(family);
  Branches found = rows.BranchesOf(rows.CountOf(history.x), rows.TimeOf(history.t_x), rows.TimeOf(history.T));
  const int64_t hits = family.k * history.x;
  const LogRise rise = RiseOf(family.r, hits);
  found.joined.AddOf(kR, family.r, rise.value, rise.first, rise.second);
  found.joined.value -= static_cast<double>(hits) * std::log(family.alpha);
  found.joined.gradient[kAlpha] -= static_cast<double>(hits);
  if (family.a > 0) {
    for (int64_t j = 0; j < family.Coins(history.x); ++j) rows.AddCoin(static_cast<double>(j), 1, &found.joined);
  }
  return found;
}

double LogOpenGap(const BgFamily& family, const PurchaseHistory& history, double* terms) {
  const double shape = family.r + static_cast<double>(family.k) * static_cast<double>(history.x);
  const double w = (history.T - history.t_x) / (family.alpha + history.T);
  std::array<double, kRegularityMax> values{};
  double term = 1, total = 0;
  for (int j = 0; j < family.k; ++j) {
    if (j > 0) term *= (shape + (j - 1)) * w / j;
    values[static_cast<size_t>(j)] = term;
    total += term;
  }
  for (int j = 0; terms != nullptr && j < family.k; ++j) terms[j] = values[static_cast<size_t>(j)] / total;
  return std::log(total);
}

AliveOdds BgFamilyOdds(const BgFamily& family, const PurchaseHistory& history) {
  const BgFamilyRows::Count count = BgFamilyRows(family).CountOf(history.x);
  const double log_odds = count.log_odds +
                          count.shape * std::log1p((history.T - history.t_x) / (family.alpha + history.t_x)) -
                          LogOpenGap(family, history);
  return {.alive = 1 / (1 + std::exp(log_odds)), .dropped = 1 / (1 + std::exp(-log_odds))};
}

}  // namespace strata
