// How covariates' points become parameters and back, and the likelihood of a base: the inner part of covariates.h.
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "model/lifetime/covariates.h"

namespace strata {
namespace {

enum Parameter : size_t { kAlpha = 1, kDropOut = 2, kStrength = 3 };

// Patterns are added block by block; few patterns with many rows each are a block of their own.
constexpr size_t kPatternsOfBlock = 1024, kBlocksMin = 64;
// With fewer rows a likelihood's tables cost more than they save.
constexpr size_t kTableRowsMin = 8;

}  // namespace

CovariatePoint::CovariatePoint(LifetimeKind kind, int k, const CovariateEffects& effects)
    : kind_(kind), k_(k), parameters_(ParameterNames(kind).size()) {
  for (const size_t trait : effects.rate) effects_.push_back({.trait = trait, .sign = -1, .on = {kAlpha}});
  for (const size_t trait : effects.dropout) {
    if (kind == LifetimeKind::kParetoNbd) {
      effects_.push_back({.trait = trait, .sign = -1, .on = {kStrength}});
    } else if (effects.common_factor) {
      effects_.push_back({.trait = trait, .sign = 1, .on = {kDropOut, kStrength}});
    } else {
      effects_.push_back({.trait = trait, .sign = 1, .on = {kDropOut}});
    }
  }
  for (const size_t trait : effects.strength) effects_.push_back({.trait = trait, .sign = 1, .on = {kStrength}});
}

LifetimeParameters CovariatePoint::ParametersOf(std::span<const double> point, std::span<const double> traits) const {
  std::array<double, 4> logs{};
  for (size_t m = 0; m < parameters_; ++m) logs[m] = point[m];
  for (size_t c = 0; c < effects_.size(); ++c) {
    for (const size_t parameter : effects_[c].on) {
      logs[parameter] += effects_[c].sign * point[parameters_ + c] * traits[effects_[c].trait];
    }
  }
  LifetimeParameters at{.kind = kind_, .value = {}, .k = k_};
  for (size_t m = 0; m < parameters_; ++m) at.value[m] = std::exp(logs[m]);
  return at;
}

LifetimeParameters CovariatePoint::BaseOf(std::span<const double> point) const {
  LifetimeParameters base{.kind = kind_, .value = {}, .k = k_};
  for (size_t m = 0; m < parameters_; ++m) base.value[m] = std::exp(point[m]);
  return base;
}

void CovariatePoint::AddTerms(const Derivatives<4>& found, std::span<const double> traits,
                              std::span<double> terms) const {
  // Slopes of the four logarithms in variable i: 1 in its own parameter, or the trait in those that it acts on.
  const auto along = [&](size_t i, const std::array<double, 4>& of) {
    if (i < parameters_) return of[i];
    const Effect& effect = effects_[i - parameters_];
    double sum = 0;
    for (const size_t parameter : effect.on) sum += of[parameter];
    return effect.sign * traits[effect.trait] * sum;
  };
  terms[0] += found.value;
  for (size_t i = 0; i < size(); ++i) terms[1 + i] += along(i, found.gradient);
  size_t place = 1 + size();
  for (size_t i = 0; i < size(); ++i) {
    std::array<double, 4> curve{};  // second derivatives, once along i
    for (size_t m = 0; m < 4; ++m) curve[m] = along(i, found.hessian[m]);
    for (size_t j = i; j < size(); ++j) terms[place++] += along(j, curve);
  }
}

DynamicDerivatives CovariatePoint::FromTerms(std::span<const double> terms) const {
  const size_t n = size();
  DynamicDerivatives found{.value = terms[0],
                           .gradient = {terms.begin() + 1, terms.begin() + 1 + static_cast<std::ptrdiff_t>(n)},
                           .hessian = std::vector<double>(n * n)};
  size_t place = 1 + n;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i; j < n; ++j) found.hessian[i * n + j] = found.hessian[j * n + i] = terms[place++];
  }
  return found;
}

std::array<std::array<double, 4>, 4> CovariatePoint::CovarianceOf(const std::vector<double>& covariance,
                                                                  std::span<const double> traits) const {
  const size_t n = size();
  std::vector<std::array<double, 4>> slopes(n, std::array<double, 4>{});
  for (size_t m = 0; m < parameters_; ++m) slopes[m][m] = 1;
  for (size_t c = 0; c < effects_.size(); ++c) {
    for (const size_t parameter : effects_[c].on) {
      slopes[parameters_ + c][parameter] = effects_[c].sign * traits[effects_[c].trait];
    }
  }
  std::array<std::array<double, 4>, 4> found{};
  for (size_t m = 0; m < 4; ++m) {
    for (size_t l = 0; l <= m; ++l) {
      double sum = 0;
      for (size_t i = 0; i < n; ++i) {
        for (size_t j = 0; j < n; ++j) sum += slopes[i][m] * covariance[i * n + j] * slopes[j][l];
      }
      found[m][l] = found[l][m] = sum;
    }
  }
  return found;
}

CovariateLikelihood::CovariateLikelihood(LifetimeKind kind, int k, const CovariateBase& base,
                                         const CovariateEffects& effects)
    : point_(kind, k, effects), base_(base), likelihoods_(base.patterns()) {
  for (size_t pattern = 0; pattern < base.patterns(); ++pattern) {
    const std::span<const HistoryRow> rows(base.rows.data() + base.begin[pattern],
                                           base.begin[pattern + 1] - base.begin[pattern]);
    if (rows.size() < kTableRowsMin) continue;
    std::vector<PurchaseHistory> histories;
    std::vector<double> weights;
    for (const HistoryRow& row : rows) {
      histories.push_back({.x = row.x, .t_x = base.times[row.t_x], .T = base.times[row.T]});
      weights.push_back(row.customers);
    }
    tables_.push_back(HistoryTable::Of(histories, weights));
    likelihoods_[pattern] = MakeLikelihood(kind, tables_.back());
  }
}

Derivatives<4> CovariateLikelihood::OfPattern(size_t pattern, const LifetimeParameters& at) const {
  if (likelihoods_[pattern]) return likelihoods_[pattern]->Evaluate(at);
  Derivatives<4> sum;
  for (size_t i = base_.begin[pattern]; i < base_.begin[pattern + 1]; ++i) {
    const HistoryRow& row = base_.rows[i];
    const Derivatives<4> one = RowLogLikelihood(at, {.x = row.x, .t_x = base_.times[row.t_x], .T = base_.times[row.T]});
    sum.value += row.customers * one.value;
    for (size_t m = 0; m < 4; ++m) {
      sum.gradient[m] += row.customers * one.gradient[m];
      for (size_t l = 0; l < 4; ++l) sum.hessian[m][l] += row.customers * one.hessian[m][l];
    }
  }
  return sum;
}

DynamicDerivatives CovariateLikelihood::Evaluate(std::span<const double> point) const {
  const size_t patterns = base_.patterns();
  const size_t of_block = std::clamp<size_t>(patterns / kBlocksMin, 1, kPatternsOfBlock);
  std::vector<std::vector<double>> sums((patterns + of_block - 1) / of_block);
  tbb::parallel_for(size_t{0}, sums.size(), [&](size_t block) {
    sums[block].assign(point_.terms(), 0);
    for (size_t i = block * of_block; i < std::min(patterns, (block + 1) * of_block); ++i) {
      const std::span<const double> traits = base_.pattern(i);
      point_.AddTerms(OfPattern(i, point_.ParametersOf(point, traits)), traits, sums[block]);
    }
  });
  std::vector<double> terms(point_.terms(), 0);
  for (const std::vector<double>& sum : sums) {  // in their order
    for (size_t i = 0; i < terms.size(); ++i) terms[i] += sum[i];
  }
  return point_.FromTerms(terms);
}

}  // namespace strata
