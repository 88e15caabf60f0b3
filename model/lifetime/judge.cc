#include "model/lifetime/judge.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "model/lifetime/forecast.h"
#include "model/lifetime/history_table.h"
#include "model/lifetime/predictive.h"

namespace strata {
namespace {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

// Customers by history: rows [begin, end) have the same one.
struct History {
  size_t begin = 0, end = 0;
  int64_t customers = 0;
};

std::vector<HoldoutRow> Sorted(std::span<const HoldoutRow> rows) {
  std::vector<HoldoutRow> sorted(rows.begin(), rows.end());
  const auto key = [](const HoldoutRow& row) {
    return std::tuple(row.x, row.T_days, row.t_x_days, row.y, row.y_before);
  };
  std::sort(sorted.begin(), sorted.end(), [&key](const auto& a, const auto& b) { return key(a) < key(b); });
  std::vector<HoldoutRow> merged;
  for (const HoldoutRow& row : sorted) {
    if (!merged.empty() && key(merged.back()) == key(row)) {
      merged.back().customers += row.customers;
    } else {
      merged.push_back(row);
    }
  }
  return merged;
}

std::vector<History> HistoriesOf(const std::vector<HoldoutRow>& rows) {
  std::vector<History> histories;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool same = i > 0 && rows[i].x == rows[i - 1].x && rows[i].T_days == rows[i - 1].T_days &&
                      rows[i].t_x_days == rows[i - 1].t_x_days;
    if (!same) histories.push_back({.begin = i, .end = i, .customers = 0});
    histories.back().end = i + 1;
    histories.back().customers += rows[i].customers;
  }
  return histories;
}

// What the model says of one history.
struct Prediction {
  double expected = 0;
  double any = 0;  // P(at least one purchase)
  CountInterval interval;
  std::vector<double> log_probability;  // by row of the history
};

class Judge {
 public:
  Judge(std::vector<HoldoutRow> rows, const LifetimeParameters& at, const JudgeRules& rules)
      : rows_(std::move(rows)), histories_(HistoriesOf(rows_)), at_(at), rules_(rules) {}

  const std::vector<HoldoutRow>& rows() const { return rows_; }
  const std::vector<History>& histories() const { return histories_; }

  PurchaseHistory HistoryOf(const History& history) const {
    const HoldoutRow& row = rows_[history.begin];
    return {.x = row.x, .t_x = row.t_x_days / rules_.time_unit_days, .T = row.T_days / rules_.time_unit_days};
  }
  double horizon() const { return rules_.days / rules_.time_unit_days; }

  // By history. Those of the same x and T share what they do while alive.
  std::vector<Prediction> Predict() const {
    std::vector<size_t> shared = {0};
    for (size_t i = 1; i < histories_.size(); ++i) {
      const HoldoutRow& before = rows_[histories_[i - 1].begin];
      const HoldoutRow& now = rows_[histories_[i].begin];
      if (before.x != now.x || before.T_days != now.T_days) shared.push_back(i);
    }
    shared.push_back(histories_.size());
    std::vector<Prediction> predictions(histories_.size());
    tbb::parallel_for(size_t{0}, shared.size() - 1, [&](size_t group) {
      std::vector<double> while_alive;
      if (at_.k == 1) {
        const PurchaseHistory first = HistoryOf(histories_[shared[group]]);
        while_alive = AliveForecast(at_, first.x, first.T).Counts(horizon());
      }
      for (size_t i = shared[group]; i < shared[group + 1]; ++i) predictions[i] = Of(histories_[i], while_alive);
    });
    return predictions;
  }

  std::vector<double> Expected(const LifetimeParameters& at) const {
    std::vector<double> expected(histories_.size());
    tbb::parallel_for(size_t{0}, histories_.size(),
                      [&](size_t i) { expected[i] = ExpectedPurchases(at, HistoryOf(histories_[i]), horizon()); });
    return expected;
  }

 private:
  Prediction Of(const History& range, const std::vector<double>& while_alive) const {
    const PurchaseHistory history = HistoryOf(range);
    Prediction prediction;
    prediction.expected = ExpectedPurchases(at_, history, horizon());
    std::vector<double> counts;
    if (while_alive.empty()) {  // hits since the last purchase enter as well
      counts = CountProbabilities(at_, history, horizon());
    } else {
      const AliveOdds odds = AliveOddsOf(at_, history);
      counts.reserve(while_alive.size());
      for (const double probability : while_alive) counts.push_back(odds.alive * probability);
      counts[0] += odds.dropped;
    }
    prediction.any = 1 - counts[0];
    prediction.interval = CountIntervalOf(counts, rules_.interval_level);
    for (size_t i = range.begin; i < range.end; ++i) {
      const auto y = static_cast<size_t>(rows_[i].y);
      constexpr double kWellListed = 1e-12;  // lists lose precision where they end
      const double listed = y < counts.size() ? counts[y] : 0;
      const double log_probability =
          listed > kWellListed ? std::log(listed) : LogCountProbability(at_, history, horizon(), rows_[i].y);
      prediction.log_probability.push_back(std::max(log_probability, std::log(kCountProbabilityMin)));
    }
    return prediction;
  }

  std::vector<HoldoutRow> rows_;
  std::vector<History> histories_;
  LifetimeParameters at_;
  JudgeRules rules_;
};

// Sums over customers, divided at the end.
struct ErrorSums {
  double absolute = 0, squared = 0, predicted = 0, log_probability = 0;

  void Add(double prediction, double log_probability_of_count, const HoldoutRow& row) {
    const auto customers = static_cast<double>(row.customers);
    const double apart = prediction - row.y;
    absolute += customers * std::fabs(apart);
    squared += customers * apart * apart;
    predicted += customers * prediction;
    log_probability += customers * log_probability_of_count;
  }
  PredictionErrors Of(std::string name, const HoldoutJudgement& judgement) const {
    const auto customers = static_cast<double>(judgement.customers);
    return {.name = std::move(name),
            .mae = absolute / customers,
            .rmse = std::sqrt(squared / customers),
            .bias = judgement.actual == 0 ? kNotKnown : predicted / static_cast<double>(judgement.actual) - 1,
            .log_probability = log_probability / customers};
  }
};

// ln P(y in `days`) after n purchases in `exposure` days, Jeffreys's prior for the rate.
double LogNaiveProbability(int32_t n, double exposure, double days, int32_t y) {
  const double shape = n + 0.5;
  return std::lgamma(shape + y) - std::lgamma(shape) - std::lgamma(y + 1.0) - shape * std::log1p(days / exposure) -
         y * std::log1p(exposure / days);
}

void TakeErrors(const Judge& judge, const std::vector<Prediction>& predictions, HoldoutJudgement* judgement) {
  ErrorSums model, average, repeats;
  const double days = judgement->days;
  for (size_t i = 0; i < predictions.size(); ++i) {
    const History& history = judge.histories()[i];
    for (size_t place = history.begin; place < history.end; ++place) {
      const HoldoutRow& row = judge.rows()[place];
      model.Add(predictions[i].expected, predictions[i].log_probability[place - history.begin], row);
      const double exposure = std::max(row.T_days, 1);
      average.Add(row.x * days / exposure, LogNaiveProbability(row.x, exposure, days, row.y), row);
      repeats.Add(row.y_before, LogNaiveProbability(row.y_before, days, days, row.y), row);
      const bool is_covered = row.y >= predictions[i].interval.low && row.y <= predictions[i].interval.high;
      if (is_covered) judgement->covered += row.customers;
    }
    judgement->interval_mass += static_cast<double>(history.customers) * predictions[i].interval.mass;
  }
  judgement->interval_mass /= static_cast<double>(judgement->customers);
  judgement->expected = model.predicted;
  judgement->errors = {model.Of("model", *judgement), average.Of("historic_average", *judgement),
                       repeats.Of("last_period_repeats", *judgement)};
}

void TakeBins(const Judge& judge, const std::vector<Prediction>& predictions, const std::vector<double>& by_nbd,
              HoldoutJudgement* judgement) {
  judgement->bins.resize(kFrequencyBins);
  judgement->reliability.resize(kReliabilityBins);
  for (int32_t x = 0; x < kFrequencyBins; ++x) judgement->bins[static_cast<size_t>(x)].repeat_purchases = x;
  for (size_t i = 0; i < predictions.size(); ++i) {
    const History& history = judge.histories()[i];
    const auto customers = static_cast<double>(history.customers);
    const int32_t x = std::min(judge.rows()[history.begin].x, kFrequencyBins - 1);
    const int step = std::min(static_cast<int>(predictions[i].any * kReliabilityBins), kReliabilityBins - 1);
    FrequencyBin& bin = judgement->bins[static_cast<size_t>(x)];
    ReliabilityBin& sure = judgement->reliability[static_cast<size_t>(step)];
    bin.customers += history.customers;
    bin.expected += customers * predictions[i].expected;
    bin.expected_nbd += by_nbd.empty() ? kNotKnown : customers * by_nbd[i];
    sure.customers += history.customers;
    sure.predicted += customers * predictions[i].any;
    for (size_t place = history.begin; place < history.end; ++place) {
      const HoldoutRow& row = judge.rows()[place];
      bin.actual += row.customers * row.y;
      if (row.y > 0) sure.actual += row.customers;
    }
  }
}

// NBD on the same customers: what one would expect if nobody ever left.
std::optional<LifetimeParameters> NeverLeaving(const Judge& judge, double time_unit_days) {
  std::vector<PurchaseRow> rows;
  for (const History& history : judge.histories()) {
    const HoldoutRow& row = judge.rows()[history.begin];
    rows.push_back({.x = row.x, .t_x_days = row.t_x_days, .T_days = row.T_days, .customers = history.customers});
  }
  const auto key = [](const PurchaseRow& row) { return std::tuple(row.x, row.t_x_days, row.T_days); };
  std::sort(rows.begin(), rows.end(), [&key](const auto& a, const auto& b) { return key(a) < key(b); });
  FitOptions options;
  options.intervals = false;
  const LifetimeFit fit =
      FitLifetime(LifetimeKind::kNbd, std::nullopt, HistoryTable::Of(rows, time_unit_days), options);
  if (!fit.fitted) return std::nullopt;
  return fit.parameters;
}

std::string WhyNotJudged(const LifetimeFit& before, int64_t customers) {
  if (customers == 0) return "nobody had bought anything before the hold-out";
  if (!before.fitted) return fmt::format("no model could be fitted before the hold-out: {}", before.reason);
  const LifetimeKind kind = before.parameters.kind;
  if (kind == LifetimeKind::kBgBb || kind == LifetimeKind::kSbg) {
    return fmt::format("{} does not predict purchase days", Name(kind));
  }
  return "";
}

}  // namespace

HoldoutJudgement JudgeHoldout(std::span<const HoldoutRow> rows, const LifetimeFit& before, const JudgeRules& rules) {
  HoldoutJudgement judgement;
  judgement.as_of = rules.as_of;
  judgement.days = rules.days;
  judgement.parameters = before.parameters;
  judgement.interval_level = rules.interval_level;
  for (const HoldoutRow& row : rows) {
    judgement.customers += row.customers;
    judgement.actual += row.customers * row.y;
  }
  judgement.reason = WhyNotJudged(before, judgement.customers);
  if (!judgement.reason.empty()) return judgement;
  const Judge judge(Sorted(rows), before.parameters, rules);
  const std::vector<Prediction> predictions = judge.Predict();
  TakeErrors(judge, predictions, &judgement);
  const std::optional<LifetimeParameters> nbd = NeverLeaving(judge, rules.time_unit_days);
  TakeBins(judge, predictions, nbd.has_value() ? judge.Expected(*nbd) : std::vector<double>(), &judgement);
  GradeGiven given = GradeOf(judgement);
  judgement.grade = given.grade;
  judgement.grade_reason = std::move(given.reason);
  return judgement;
}

HoldoutSpend HoldoutSpendOf(const SpendModel& spend) {
  return {.fitted = spend.fitted, .p = spend.p, .q = spend.q, .v = spend.v, .population_mean = spend.population_mean};
}

std::vector<CandidateLine> CandidateLinesOf(const Choice& choice) {
  std::vector<CandidateLine> lines;
  for (const Candidate& candidate : choice.candidates) {
    lines.push_back({.kind = candidate.fit.asked,
                     .k = candidate.fit.parameters.k,
                     .takes_part = candidate.takes_part,
                     .log_likelihood = candidate.fit.fitted ? candidate.fit.log_likelihood : 0,
                     .log_probability = candidate.log_probability,
                     .gain = candidate.gain,
                     .gain_error = candidate.gain_error,
                     .bias = candidate.bias,
                     .chosen = candidate.chosen,
                     .words = candidate.words});
  }
  return lines;
}

namespace {

std::string NaivePredictions(int some, int all) {
  if (some == 0) return "no naive prediction";
  if (some < all) return fmt::format("{} of the {} naive predictions", some, all);
  return all == 2 ? "both naive predictions" : fmt::format("all {} naive predictions", all);
}

}  // namespace

GradeGiven GradeOf(const HoldoutJudgement& judgement) {
  if (judgement.errors.empty()) return {.grade = Grade::kNone, .reason = judgement.reason};
  if (judgement.actual == 0) return {.grade = Grade::kNone, .reason = "nobody bought anything in the hold-out"};
  const PredictionErrors& model = judgement.errors.front();
  int beaten = 0, less_probable = 0;
  for (size_t i = 1; i < judgement.errors.size(); ++i) {
    beaten += model.rmse < judgement.errors[i].rmse ? 1 : 0;
    less_probable += model.log_probability > judgement.errors[i].log_probability ? 1 : 0;
  }
  const int naive = static_cast<int>(judgement.errors.size()) - 1;
  const double covered = static_cast<double>(judgement.covered) / static_cast<double>(judgement.customers);
  const double miscovered = std::fabs(covered - judgement.interval_mass);
  const std::string facts = fmt::format(
      "the total is off by {:+.1f} %; the error is smaller than that of {}; what customers did is more probable than "
      "by "
      "{}; intervals that claim {:.1f} % hold {:.1f} %",
      100 * model.bias, NaivePredictions(beaten, naive), NaivePredictions(less_probable, naive),
      100 * judgement.interval_mass, 100 * covered);
  const double bias = std::fabs(model.bias);
  if (bias <= kGradeABias && beaten == naive && less_probable == naive && miscovered <= kGradeACoverage) {
    return {.grade = Grade::kA, .reason = facts};
  }
  if (bias <= kBiasMax && beaten == naive) return {.grade = Grade::kB, .reason = facts};
  return {.grade = beaten > 0 ? Grade::kC : Grade::kD, .reason = facts};
}

}  // namespace strata
