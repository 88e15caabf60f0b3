#include "model/lifetime/covariates.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

// Beyond twice so many rows the search begins on an even share of so many: only its last steps need every row.
constexpr size_t kSearchRows = 65'536;

double Dot(const std::vector<double>& coefficients, const std::vector<size_t>& columns,
           std::span<const double> traits) {
  double sum = 0;
  for (size_t i = 0; i < columns.size(); ++i) sum += coefficients[i] * traits[columns[i]];
  return sum;
}

// Every so many-th row with its pattern: a small base of the same shape.
CovariateBase EvenShare(const CovariateBase& base, size_t rows_max) {
  const size_t step = (base.rows.size() + rows_max - 1) / rows_max;
  CovariateBase share{.width = base.width, .traits = {}, .begin = {0}, .times = base.times, .rows = {}};
  size_t next = step / 2;
  for (size_t pattern = 0; pattern < base.patterns(); ++pattern) {
    const size_t before = share.rows.size();
    for (; next < base.begin[pattern + 1]; next += step) share.rows.push_back(base.rows[next]);
    if (share.rows.size() == before) continue;
    const std::span<const double> traits = base.pattern(pattern);
    share.traits.insert(share.traits.end(), traits.begin(), traits.end());
    share.begin.push_back(share.rows.size());
  }
  return share;
}

std::vector<size_t> Independent(const std::vector<size_t>& traits, const std::vector<double>& products,
                                const std::vector<std::string>& names, std::vector<std::string>* warnings) {
  constexpr double kNothing = 1e-9;
  const size_t width = names.size() + 1;
  std::vector<size_t> chosen = {0};  // of (1, traits)
  for (const size_t trait : traits) chosen.push_back(trait + 1);
  std::vector<std::vector<double>> factor;  // rows of those kept
  std::vector<size_t> kept_places, kept;
  for (const size_t place : chosen) {
    const double before = products[place * width + place];
    std::vector<double> row;
    double left = before;
    for (size_t j = 0; j < factor.size(); ++j) {
      double product = products[place * width + kept_places[j]];
      for (size_t i = 0; i < j; ++i) product -= row[i] * factor[j][i];
      row.push_back(product / factor[j][j]);
      left -= row[j] * row[j];
    }
    if (left > kNothing * before) {
      row.push_back(std::sqrt(left));
      factor.push_back(row);
      kept_places.push_back(place);
      if (place > 0) kept.push_back(place - 1);
      continue;
    }
    if (place == 0) continue;  // no customers
    const std::string words = names[place - 1] + " is left out: it is constant, or what comes before it determines it";
    if (std::find(warnings->begin(), warnings->end(), words) == warnings->end()) warnings->push_back(words);
  }
  return kept;
}

}  // namespace

CovariateBase CovariateBase::Of(const std::vector<CovariatePattern>& patterns) {
  CovariateBase base;
  base.begin.push_back(0);
  for (const CovariatePattern& pattern : patterns) {
    base.times.insert(base.times.end(), pattern.customers.times.begin(), pattern.customers.times.end());
  }
  std::sort(base.times.begin(), base.times.end());
  base.times.erase(std::unique(base.times.begin(), base.times.end()), base.times.end());
  for (const CovariatePattern& pattern : patterns) {
    base.width = pattern.traits.size();
    base.traits.insert(base.traits.end(), pattern.traits.begin(), pattern.traits.end());
    const auto place = [&](uint32_t time) {
      const auto found = std::lower_bound(base.times.begin(), base.times.end(), pattern.customers.times[time]);
      return static_cast<uint32_t>(found - base.times.begin());
    };
    for (const HistoryRow& row : pattern.customers.rows) {
      base.rows.push_back({.x = row.x, .t_x = place(row.t_x), .T = place(row.T), .customers = row.customers});
    }
    base.begin.push_back(base.rows.size());
  }
  return base;
}

double CovariateBase::customers() const {
  double sum = 0;
  for (const HistoryRow& row : rows) sum += row.customers;
  return sum;
}

LifetimeParameters ParametersFor(const CovariateFit& fit, const CovariateEffects& effects,
                                 std::span<const double> traits) {
  enum Parameter : size_t { kAlpha = 1, kDropOut = 2, kStrength = 3 };
  LifetimeParameters at = fit.base;
  at.value[kAlpha] *= std::exp(-Dot(fit.rate, effects.rate, traits));
  const double dropout = Dot(fit.dropout, effects.dropout, traits);
  if (at.kind == LifetimeKind::kParetoNbd) {
    at.value[kStrength] *= std::exp(-dropout);
    return at;
  }
  at.value[kDropOut] *= std::exp(dropout);
  at.value[kStrength] *= std::exp(effects.common_factor ? dropout : Dot(fit.strength, effects.strength, traits));
  return at;
}

std::vector<double> TraitProducts(const CovariateBase& base) {
  const size_t width = base.width + 1;
  std::vector<double> products(width * width, 0);
  for (size_t pattern = 0; pattern < base.patterns(); ++pattern) {
    double customers = 0;
    for (size_t row = base.begin[pattern]; row < base.begin[pattern + 1]; ++row) customers += base.rows[row].customers;
    std::vector<double> one = {1};
    one.insert(one.end(), base.pattern(pattern).begin(), base.pattern(pattern).end());
    for (size_t i = 0; i < width; ++i) {
      for (size_t j = 0; j < width; ++j) products[i * width + j] += customers * one[i] * one[j];
    }
  }
  return products;
}

CovariateEffects IndependentEffects(const CovariateEffects& effects, const std::vector<double>& products,
                                    const std::vector<std::string>& names, std::vector<std::string>* warnings) {
  CovariateEffects kept = effects;
  kept.rate = Independent(effects.rate, products, names, warnings);
  kept.dropout = Independent(effects.dropout, products, names, warnings);
  kept.strength = Independent(effects.strength, products, names, warnings);
  return kept;
}

std::vector<double> PointWithout(const LifetimeFit& without, const CovariatePoint& point) {
  std::vector<double> start;
  for (size_t m = 0; m < point.parameters(); ++m) start.push_back(std::log(without.parameters.value[m]));
  start.resize(point.size(), 0);
  return start;
}

CovariateSearch ClimbOn(const CovariateBase& base, const LifetimeFit& without, const CovariateEffects& kept,
                        const CovariatePrior& prior) {
  const auto climb = [&](const CovariateBase& on, const std::optional<std::vector<double>>& near) {
    const CovariateLikelihood likelihood(without.parameters.kind, without.parameters.k, on, kept);
    std::vector<double> start = near ? *near : PointWithout(without, likelihood.point());
    CovariateSearch search(likelihood.point(), kept, std::move(start), on.customers(), prior);
    while (search.running()) search.Report(likelihood.Evaluate(search.trial()));
    return search;
  };
  if (base.rows.size() > 2 * kSearchRows) {
    const CovariateSearch share = climb(EvenShare(base, kSearchRows), std::nullopt);
    if (share.converged()) {
      CovariateSearch search = climb(base, share.best());
      if (search.converged()) return search;
    }
  }
  return climb(base, std::nullopt);
}

CovariateFit FitCovariates(const LifetimeFit& without, const CovariateBase& base, const CovariateEffects& effects,
                           const std::vector<std::string>& names, const CovariatePrior& prior) {
  CovariateFit fit;
  fit.base = without.parameters;
  if (!without.fitted || !without.identified) {
    fit.reason = "the model without covariates is not identified";
    return fit;
  }
  const CovariateEffects kept = IndependentEffects(effects, TraitProducts(base), names, &fit.warnings);
  ClimbOn(base, without, kept, prior).TakeInto(effects, names, &fit);
  return fit;
}

}  // namespace strata
