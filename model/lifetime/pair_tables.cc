#include "model/lifetime/pair_tables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "model/lifetime/forecast.h"
#include "model/lifetime/hit_course.h"
#include "model/lifetime/special/chebyshev_table.h"

namespace strata {
namespace {

constexpr double kTolerance = 1e-13;  // of the last coefficients
constexpr int kNodes = 24;
constexpr double kRoughTolerance = 1e-7;
constexpr int kRoughNodes = 12;
// Of derivatives, which are needed to a thousandth.
constexpr int kJetNodes = 16;
constexpr double kAnyTolerance = 1;

// ln expected, ln discounted and the logit of P(none) by a rule that is good enough for derivatives: where the model
// has none of its own, discounting by parts, exp(-rate h) E(h) + rate times the integral of exp(-rate u) E(u), at three
// nodes of Gauss and Legendre.
std::array<double, 3> RoughLogs(const LifetimeParameters& at, const PairRules& rules, int64_t x, double T, int j) {
  constexpr std::array<double, 3> kNode = {0.1127016653792583, 0.5, 0.8872983346207417};
  constexpr std::array<double, 3> kWeight = {5 / 18.0, 8 / 18.0, 5 / 18.0};
  const AliveForecast future(at, x, T, j);
  const double h = rules.horizon;
  const double none = future.NonePurchased(h);
  const double logit = std::log(none) - std::log1p(-none);
  if (const auto rough = future.Roughly(h, rules.rate)) {
    return {std::log(rough->expected), std::log(rough->discounted), logit};
  }
  const std::array<double, 4> times = {kNode[0] * h, kNode[1] * h, kNode[2] * h, h};
  std::array<double, 4> expected{};
  if (rules.rate > 0) {
    future.Expected(times, expected);
  } else {
    future.Expected(std::span(times).last(1), std::span(expected).last(1));
  }
  double discounted = std::exp(-rules.rate * h) * expected[3];
  for (size_t i = 0; i < 3; ++i) {
    discounted += rules.rate * h * kWeight[i] * std::exp(-rules.rate * times[i]) * expected[i];
  }
  return {std::log(expected[3]), std::log(discounted), logit};
}

PairForecast Direct(const LifetimeParameters& at, const PairRules& rules, int64_t x, double T, int j) {
  PairForecast found;
  if (rules.is_rough) {
    if (rules.horizon == 0) return found;
    const std::array<double, 3> logs = RoughLogs(at, rules, x, T, j);
    return {.expected = std::exp(logs[0]), .discounted = std::exp(logs[1]), .none = 1 / (1 + std::exp(-logs[2]))};
  }
  const AliveForecast future(at, x, T, j);
  found.none = future.NonePurchased(rules.horizon);
  found.residual = std::nan("");
  if (!rules.for_scores) {
    if (rules.rate > 0) found.residual = future.Residual(rules.rate);
    found.never = future.NoneEver();
  }
  if (rules.horizon == 0) return found;
  std::vector<double> ends = rules.step_ends;
  if (ends.empty() || ends.back() < rules.horizon) ends.push_back(rules.horizon);
  HitCourse course;
  if (auto quick = at.k > 1 ? CourseOfHits(at, x, T, j, ends, rules.rate) : std::nullopt) {
    course = *std::move(quick);
    found.discounted = course.discounted.back();
  } else {
    course.expected.resize(ends.size());
    future.Expected(ends, course.expected);
    found.discounted = rules.rate > 0 ? future.Discounted(rules.horizon, rules.rate) : course.expected.back();
  }
  found.expected = course.expected.back();
  for (size_t i = 0; i < rules.step_ends.size(); ++i) {
    found.stepped += rules.step_factors[i] * (course.expected[i] - (i == 0 ? 0 : course.expected[i - 1]));
  }
  return found;
}

// The logarithms that are tabled: 0 stands for those that are the same everywhere.
std::array<double, 6> LogsOf(const PairForecast& forecast, const PairRules& rules) {
  const bool ahead = rules.horizon > 0;
  const bool discounts = rules.rate > 0;
  const bool residual = discounts && !rules.is_rough;
  return {ahead ? std::log(forecast.expected) : 0,
          ahead && discounts ? std::log(forecast.discounted) : 0,
          ahead && !rules.step_ends.empty() ? std::log(forecast.stepped) : 0,
          residual ? std::log(forecast.residual) : 0,
          ahead ? std::log(forecast.none) : 0,
          forecast.never > 0 ? std::log(forecast.never) : 0};
}

PairForecast ForecastOf(const double* logs, const PairRules& rules, bool leaves_silently) {
  const bool ahead = rules.horizon > 0;
  const bool discounts = rules.rate > 0;
  PairForecast found;
  found.expected = ahead ? std::exp(logs[0]) : 0;
  found.discounted = ahead && discounts ? std::exp(logs[1]) : found.expected;
  found.stepped = ahead && !rules.step_ends.empty() ? std::exp(logs[2]) : 0;
  found.residual = discounts && !rules.is_rough ? std::exp(logs[3]) : std::nan("");
  found.none = ahead ? std::exp(logs[4]) : 1;
  found.never = leaves_silently ? std::exp(logs[5]) : 0;
  return found;
}

LifetimeParameters Moved(LifetimeParameters at, size_t i, double first, size_t j, double second) {
  at.value[i] *= std::exp(first);
  at.value[j] *= std::exp(second);
  return at;
}

// Gradients and Hessians of RoughLogs from differences at 15 points.
std::array<LogJet, 3> RoughJets(const LifetimeParameters& at, const PairRules& rules, int64_t x, double T, int j) {
  constexpr double kStep = 1e-3;
  const auto logs = [&](size_t a, double first, size_t b, double second) {
    return RoughLogs(Moved(at, a, first, b, second), rules, x, T, j);
  };
  std::array<LogJet, 3> jets;
  const std::array<double, 3> middle = RoughLogs(at, rules, x, T, j);
  std::array<std::array<double, 3>, 4> above{};
  for (size_t a = 0; a < 4; ++a) {
    if (at.value[a] == 0) continue;
    above[a] = logs(a, kStep, a, 0);
    const std::array<double, 3> below = logs(a, -kStep, a, 0);
    for (size_t f = 0; f < 3; ++f) {
      jets[f].value = middle[f];
      jets[f].gradient[a] = (above[a][f] - below[f]) / (2 * kStep);
      jets[f].hessian[LogJet::At(a, a)] = (above[a][f] - 2 * middle[f] + below[f]) / (kStep * kStep);
    }
  }
  for (size_t a = 0; a < 4; ++a) {
    for (size_t b = a + 1; b < 4; ++b) {
      if (at.value[a] == 0 || at.value[b] == 0) continue;
      const std::array<double, 3> both = logs(a, kStep, b, kStep);
      for (size_t f = 0; f < 3; ++f) {
        jets[f].hessian[LogJet::At(a, b)] = (both[f] - above[a][f] - above[b][f] + middle[f]) / (kStep * kStep);
      }
    }
  }
  return jets;
}

constexpr size_t kJetNumbers = 15;

}  // namespace

struct PairTables::Row {
  ChebyshevTable logs;  // in ln(alpha + T)
};

struct PairTables::Jets {
  ChebyshevTable numbers;  // of each of PairJets: value, gradient, Hessian
};

PairTables::PairTables(const LifetimeParameters& at, PairRules rules)
    : PairTables(at, std::make_shared<const PairRules>(std::move(rules))) {}

PairTables::PairTables(const LifetimeParameters& at, std::shared_ptr<const PairRules> rules)
    : at_(at),
      rules_(std::move(rules)),
      rows_(rules_->T_max > 0 ? static_cast<size_t>((kTabledX + 1) * at.k) : 0),
      jets_(rows_.size()),
      row_made_(rows_.empty() ? nullptr : std::make_unique<std::once_flag[]>(rows_.size())),
      jets_made_(rows_.empty() ? nullptr : std::make_unique<std::once_flag[]>(rows_.size())) {}

PairTables::~PairTables() = default;

bool PairTables::IsTabled(int64_t x, double T) const {
  const double T_min = static_cast<double>(x) * rules_->gap_min;
  return x <= kTabledX && T_min < rules_->T_max && T >= T_min && T <= rules_->T_max;
}

const PairTables::Row& PairTables::RowOf(int64_t x, int j) const {
  const auto place = static_cast<size_t>(x * at_.k + j);
  std::call_once(row_made_[place], [&] {
    const double alpha = at_.value[1];
    const double T_min = static_cast<double>(x) * rules_->gap_min;
    const auto logs_at = [&](double log_scale, std::span<double> logs) {
      const double T = std::fmax(0.0, std::exp(log_scale) - alpha);
      const std::array<double, 6> found = LogsOf(Direct(at_, *rules_, x, T, j), *rules_);
      std::copy(found.begin(), found.end(), logs.begin());
    };
    rows_[place] = std::make_unique<Row>(
        Row{.logs = ChebyshevTable(logs_at, 6, std::log(alpha + T_min), std::log(alpha + rules_->T_max),
                                   rules_->is_rough ? kRoughNodes : kNodes,
                                   rules_->is_rough ? kRoughTolerance : kTolerance)});
  });
  return *rows_[place];
}

const PairTables::Jets& PairTables::JetsOf(int64_t x, int j) const {
  const auto place = static_cast<size_t>(x * at_.k + j);
  std::call_once(jets_made_[place], [&] {
    const double alpha = at_.value[1];
    const double T_min = static_cast<double>(x) * rules_->gap_min;
    const auto numbers_at = [&](double log_scale, std::span<double> numbers) {
      size_t at = 0;
      for (const LogJet& jet : RoughJets(at_, *rules_, x, std::fmax(0.0, std::exp(log_scale) - alpha), j)) {
        numbers[at++] = jet.value;
        for (const double slope : jet.gradient) numbers[at++] = slope;
        for (const double bend : jet.hessian) numbers[at++] = bend;
      }
    };
    jets_[place] = std::make_unique<Jets>(
        Jets{.numbers = ChebyshevTable(numbers_at, 3 * kJetNumbers, std::log(alpha + T_min),
                                       std::log(alpha + rules_->T_max), kJetNodes, kAnyTolerance)});
  });
  return *jets_[place];
}

PairForecast PairTables::WhileAlive(int64_t x, double T, int j) const {
  if (!IsTabled(x, T)) return Direct(at_, *rules_, x, T, j);
  const Row& row = RowOf(x, j);
  if (!row.logs.is_precise()) return Direct(at_, *rules_, x, T, j);
  std::array<double, ChebyshevTable::kRoom> logs;
  row.logs(std::log(at_.value[1] + T), logs.data());
  return ForecastOf(logs.data(), *rules_, at_.kind == LifetimeKind::kParetoNbd && !rules_->is_rough);
}

PairJets PairTables::JetsWhileAlive(int64_t x, double T, int j) const {
  std::array<LogJet, 3> jets;
  if (!IsTabled(x, T)) {
    jets = RoughJets(at_, *rules_, x, T, j);
  } else {
    std::array<double, ChebyshevTable::kRoom> numbers;
    JetsOf(x, j).numbers(std::log(at_.value[1] + T), numbers.data());
    size_t at = 0;
    for (LogJet& jet : jets) {
      jet.value = numbers[at++];
      for (double& slope : jet.gradient) slope = numbers[at++];
      for (double& bend : jet.hessian) bend = numbers[at++];
    }
  }
  return {.expected = jets[0], .discounted = jets[1], .none = jets[2]};
}

PairForecast PairTables::Of(const PurchaseHistory& history, const AliveOdds& odds) const {
  const std::array<double, kRegularityMax> weights = HitWeights(at_, history);
  PairForecast sum{.none = odds.dropped, .never = odds.dropped};
  for (int j = 0; j < at_.k; ++j) {
    const double weight = odds.alive * weights[static_cast<size_t>(j)];
    if (weight == 0) continue;
    const PairForecast found = WhileAlive(history.x, history.T, j);
    sum.expected += weight * found.expected;
    sum.discounted += weight * found.discounted;
    sum.stepped += weight * found.stepped;
    sum.residual += weight * found.residual;
    sum.none += weight * found.none;
    sum.never += weight * found.never;
  }
  return sum;
}

}  // namespace strata
