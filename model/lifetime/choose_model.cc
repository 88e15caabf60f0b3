#include "model/lifetime/choose_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "model/lifetime/forecast.h"

namespace strata {
namespace {

struct Rows {
  std::vector<HoldoutRow> rows;  // sorted
  double time_unit_days = 7;
  double horizon = 0;  // time units

  PurchaseHistory HistoryOf(const HoldoutRow& row) const {
    return {.x = row.x, .t_x = row.t_x_days / time_unit_days, .T = row.T_days / time_unit_days};
  }
};

// Customers with equal x and T share their future while alive.
std::vector<std::pair<size_t, size_t>> GroupsOf(std::span<const HoldoutRow> rows) {
  std::vector<std::pair<size_t, size_t>> groups;
  for (size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
    while (end < rows.size() && rows[end].x == rows[begin].x && rows[end].T_days == rows[begin].T_days) ++end;
    groups.emplace_back(begin, end);
  }
  return groups;
}

// One history's probabilities of counts; far ones alone.
double LogProbability(const std::vector<double>& while_alive, const AliveOdds& odds, const LifetimeParameters& at,
                      const PurchaseHistory& history, double horizon, int32_t y) {
  const auto place = static_cast<size_t>(y);
  const double listed = place < while_alive.size() ? odds.alive * while_alive[place] : 0;
  const double probability = y == 0 ? odds.dropped + listed : listed;
  constexpr double kWellListed = 1e-12;  // lists lose precision where they end
  const double log_probability =
      probability > kWellListed ? std::log(probability) : LogCountProbability(at, history, horizon, y);
  return std::max(log_probability, std::log(kCountProbabilityMin));
}

double BiasOf(const Rows& rows, const LifetimeParameters& at) {
  std::vector<double> expected(rows.rows.size());
  tbb::parallel_for(size_t{0}, rows.rows.size(), [&](size_t i) {
    expected[i] =
        static_cast<double>(rows.rows[i].customers) * ExpectedPurchases(at, rows.HistoryOf(rows.rows[i]), rows.horizon);
  });
  double actual = 0;
  for (const HoldoutRow& row : rows.rows) actual += static_cast<double>(row.customers) * row.y;
  if (actual == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::accumulate(expected.begin(), expected.end(), 0.0) / actual - 1;
}

// Sum and standard error of the differences of two models over all customers.
std::pair<double, double> Gain(const std::vector<HoldoutRow>& rows, const std::vector<double>& now,
                               const std::vector<double>& before) {
  double customers = 0, sum = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    customers += static_cast<double>(rows[i].customers);
    sum += static_cast<double>(rows[i].customers) * (now[i] - before[i]);
  }
  const double mean = sum / customers;
  double squares = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const double apart = now[i] - before[i] - mean;
    squares += static_cast<double>(rows[i].customers) * apart * apart;
  }
  return {sum, std::sqrt(squares)};
}

using OptionsByKind = std::function<FitOptions(LifetimeKind)>;

LifetimeFit FitCandidate(LifetimeKind kind, const HistoryTable& table, const OptionsByKind& options) {
  const auto fit = [&](LifetimeKind one) {
    return FitLifetime(one, std::nullopt, table, options ? options(one) : FitOptions{});
  };
  if (kind != LifetimeKind::kMbgCnbd) return fit(kind);
  LifetimeFit bg = fit(LifetimeKind::kBgCnbd);
  LifetimeFit mbg = fit(LifetimeKind::kMbgCnbd);
  const bool better = mbg.fitted && (!bg.fitted || mbg.log_likelihood > bg.log_likelihood);
  return better ? mbg : bg;
}

// Why a candidate cannot be chosen; empty: it can. One whose parameters lie at a limit foretells as well as any other.
std::string WordsAgainst(const LifetimeFit& fit) {
  if (!fit.fitted) return fmt::format("not fitted: {}", fit.reason);
  if (fit.parameters.kind != fit.asked) {  // a candidate of its own
    return fmt::format("takes no part: {}", fmt::join(fit.warnings, "; "));
  }
  if (IsRegular(fit.asked) && fit.parameters.k == 1) return "takes no part: purchases are not regular, k = 1";
  return "";
}

std::string WordsOfWarning(const Candidate& chosen) {
  if (std::isnan(chosen.bias)) {
    return fmt::format(
        "nobody bought anything in the hold-out: {} foretold that best, and by how much totals are off is not known",
        Name(chosen.fit.asked));
  }
  if (std::fabs(chosen.bias) <= kBiasMax) return "";
  return fmt::format("{} is off by {:+.1f} % in the purchases of the hold-out", Name(chosen.fit.asked),
                     100 * chosen.bias);
}

}  // namespace

std::vector<double> LogCountProbabilities(std::span<const HoldoutRow> rows, const LifetimeParameters& at,
                                          double time_unit_days, int holdout_days) {
  const Rows all{.rows = {}, .time_unit_days = time_unit_days, .horizon = holdout_days / time_unit_days};
  const auto groups = GroupsOf(rows);
  std::vector<double> logs(rows.size());
  tbb::parallel_for(size_t{0}, groups.size(), [&](size_t group) {
    std::vector<double> while_alive;
    for (size_t i = groups[group].first; i < groups[group].second; ++i) {
      const PurchaseHistory history = all.HistoryOf(rows[i]);
      if (at.k > 1) {  // hits since t_x enter as well
        logs[i] = std::max(LogCountProbability(at, history, all.horizon, rows[i].y), std::log(kCountProbabilityMin));
        continue;
      }
      if (while_alive.empty()) while_alive = AliveForecast(at, history.x, history.T).Counts(all.horizon);
      logs[i] = LogProbability(while_alive, AliveOddsOf(at, history), at, history, all.horizon, rows[i].y);
    }
  });
  return logs;
}

Choice ChooseModel(std::span<const HoldoutRow> given, std::optional<double> log_gaps, double time_unit_days,
                   int holdout_days, const std::function<FitOptions(LifetimeKind)>& options) {
  Rows rows{
      .rows = {given.begin(), given.end()}, .time_unit_days = time_unit_days, .horizon = holdout_days / time_unit_days};
  const auto key = [](const HoldoutRow& row) { return std::tuple(row.x, row.T_days, row.t_x_days, row.y); };
  std::stable_sort(rows.rows.begin(), rows.rows.end(),
                   [&key](const HoldoutRow& a, const HoldoutRow& b) { return key(a) < key(b); });
  HistoryTable table = HistoryTable::Of(BeforeHoldout(rows.rows), time_unit_days);
  table.log_gaps = log_gaps;
  Choice choice;
  std::vector<double> best;
  for (const LifetimeKind kind : {LifetimeKind::kNbd, LifetimeKind::kBgNbd, LifetimeKind::kMbgNbd,
                                  LifetimeKind::kParetoNbd, LifetimeKind::kMbgCnbd}) {
    Candidate candidate;
    candidate.fit = FitCandidate(kind, table, options);
    candidate.words = WordsAgainst(candidate.fit);
    candidate.takes_part = candidate.words.empty();
    if (candidate.takes_part) {
      const LifetimeParameters& at = candidate.fit.parameters;
      const std::vector<double> logs = LogCountProbabilities(rows.rows, at, time_unit_days, holdout_days);
      for (size_t i = 0; i < logs.size(); ++i) {
        candidate.log_probability += static_cast<double>(rows.rows[i].customers) * logs[i];
      }
      candidate.bias = BiasOf(rows, at);
      if (!candidate.fit.identified) candidate.words = fmt::format("{}", fmt::join(candidate.fit.warnings, "; "));
      if (choice.chosen) std::tie(candidate.gain, candidate.gain_error) = Gain(rows.rows, logs, best);
      if (!choice.chosen || candidate.gain > kGainErrors * candidate.gain_error) {
        choice.chosen = choice.candidates.size();
        best = logs;
      }
    }
    choice.candidates.push_back(std::move(candidate));
  }
  if (!choice.chosen) return choice;
  Candidate& winner = choice.candidates[*choice.chosen];
  winner.chosen = true;
  if (std::string words = WordsOfWarning(winner); !words.empty()) choice.warnings.push_back(std::move(words));
  return choice;
}

}  // namespace strata
