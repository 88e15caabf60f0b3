#include "model/lifetime/pair_tables.h"

#include <cmath>

#include "model/lifetime/forecast.h"

namespace strata {
namespace {

constexpr double kTolerance = 1e-13;  // of the last coefficients

}  // namespace

struct PairTables::Row {
  bool is_precise = false;
  ChebyshevSeries expected, discounted, residual;  // logarithms, in ln(alpha + T)
};

PairTables::PairTables(const LifetimeParameters& at, const PairRules& rules)
    : at_(at),
      rules_(rules),
      rows_(static_cast<size_t>((kTabledX + 1) * at.k)),
      made_(std::make_unique<std::once_flag[]>(rows_.size())) {}

PairTables::~PairTables() = default;

PairForecast PairTables::Direct(int64_t x, double T, int j) const {
  const AliveForecast future(at_, x, T, j);
  PairForecast found;
  future.Expected({&rules_.horizon, 1}, {&found.expected, 1});
  found.discounted = future.Discounted(rules_.horizon, rules_.rate);
  found.residual = rules_.rate > 0 ? future.Residual(rules_.rate) : std::nan("");
  return found;
}

const PairTables::Row& PairTables::RowOf(int64_t x, int j) const {
  const auto place = static_cast<size_t>(x * at_.k + j);
  std::call_once(made_[place], [&] {
    auto row = std::make_unique<Row>();
    const double alpha = at_.value[1];
    const double low = std::log(alpha);
    const double high = std::log(alpha + rules_.T_max);
    const auto future_at = [&](double log_scale) {
      return AliveForecast(at_, x, std::fmax(0.0, std::exp(log_scale) - alpha), j);
    };
    row->expected = ChebyshevSeries::Of(
        [&](double log_scale) {
          double expected = 0;
          future_at(log_scale).Expected({&rules_.horizon, 1}, {&expected, 1});
          return std::log(expected);
        },
        low, high, kTolerance);
    row->is_precise = row->expected.is_precise();
    if (row->is_precise && rules_.rate > 0) {
      row->discounted = ChebyshevSeries::Of(
          [&](double log_scale) { return std::log(future_at(log_scale).Discounted(rules_.horizon, rules_.rate)); }, low,
          high, kTolerance);
      row->residual =
          ChebyshevSeries::Of([&](double log_scale) { return std::log(future_at(log_scale).Residual(rules_.rate)); },
                              low, high, kTolerance);
      row->is_precise = row->discounted.is_precise() && row->residual.is_precise();
    }
    rows_[place] = std::move(row);
  });
  return *rows_[place];
}

PairForecast PairTables::WhileAlive(int64_t x, double T, int j) const {
  if (rules_.horizon == 0 || x > kTabledX) return Direct(x, T, j);
  const Row& row = RowOf(x, j);
  if (!row.is_precise) return Direct(x, T, j);
  const double log_scale = std::log(at_.value[1] + T);
  PairForecast found;
  found.expected = std::exp(row.expected(log_scale));
  if (rules_.rate > 0) {
    found.discounted = std::exp(row.discounted(log_scale));
    found.residual = std::exp(row.residual(log_scale));
  } else {
    found.discounted = found.expected;
    found.residual = std::nan("");
  }
  return found;
}

PairForecast PairTables::Of(const PurchaseHistory& history) const {
  const double alive = ProbabilityAlive(at_, history);
  const std::array<double, kRegularityMax> weights = HitWeights(at_, history);
  PairForecast sum;
  for (int j = 0; j < at_.k; ++j) {
    const double weight = alive * weights[static_cast<size_t>(j)];
    if (weight == 0) continue;
    const PairForecast found = WhileAlive(history.x, history.T, j);
    sum.expected += weight * found.expected;
    sum.discounted += weight * found.discounted;
    sum.residual += weight * found.residual;
  }
  return sum;
}

}  // namespace strata
