#include "model/lifetime/parameter_draws.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/hash.h"

namespace strata {
namespace {

double NormalDraw(uint64_t seed, uint64_t draw, uint64_t place) {
  // Box and Muller; 1 - u lies in (0, 1].
  const double radius = std::sqrt(-2 * std::log(1 - UnitInterval(KeyedDraw(seed, draw, 2 * place))));
  const double turn = UnitInterval(KeyedDraw(seed, draw, 2 * place + 1));
  return radius * std::cos(2 * std::numbers::pi * turn);
}

constexpr size_t kLanes = 8;     // columns that are sorted side by side
constexpr size_t kKeepMax = 16;  // more at an end than this are left to the library

using FourLanes = double __attribute__((vector_size(32)));
static_assert(kLanes * sizeof(double) == 2 * sizeof(FourLanes));

// Every lane of `kept` holds its least numbers in ascending order; `now` takes its place among them.
inline void Insert(FourLanes now, FourLanes* kept, size_t keep) {
  for (size_t rank = 0; rank < keep; ++rank) {
    FourLanes& place = kept[2 * rank];
    const FourLanes least = place < now ? place : now;
    now = place < now ? now : place;
    place = least;
  }
}

// The value of rank `keep` (from 1) counted from the least, or, with a sign of -1, from the greatest: the least of
// every lane by minimum and maximum alone, then those merged. Precondition: the number of values is a multiple of
// kLanes.
double Ranked(std::span<const double> values, double sign, size_t keep) {
  std::array<FourLanes, 2 * kKeepMax> kept;
  for (size_t i = 0; i < 2 * keep; ++i) kept[i] = FourLanes{} + HUGE_VAL;
  for (size_t at = 0; at < values.size(); at += kLanes) {
    for (size_t half = 0; half < 2; ++half) {
      FourLanes now;
      std::memcpy(&now, values.data() + at + 4 * half, sizeof(now));
      Insert(sign * now, kept.data() + half, keep);
    }
  }
  std::array<double, kKeepMax * kLanes> numbers;
  std::memcpy(numbers.data(), kept.data(), keep * kLanes * sizeof(double));
  std::array<size_t, kLanes> next{};
  double found = 0;
  for (size_t rank = 0; rank < keep; ++rank) {
    size_t least = 0;
    for (size_t lane = 1; lane < kLanes; ++lane) {
      if (numbers[next[lane] * kLanes + lane] < numbers[next[least] * kLanes + least]) least = lane;
    }
    found = numbers[next[least]++ * kLanes + least];
  }
  return sign * found;
}

LifetimeParameters Moved(LifetimeParameters at, const std::array<double, 4>& step) {
  for (size_t i = 0; i < 4; ++i) at.value[i] *= std::exp(step[i]);
  return at;
}

}  // namespace

QuantityInterval EndsOf(std::span<const double> values, double level) {
  const auto outside = static_cast<size_t>((1 - level) / 2 * static_cast<double>(values.size()));
  if (outside < kKeepMax && values.size() % kLanes == 0) {
    return {.low = Ranked(values, 1, outside + 1), .high = Ranked(values, -1, outside + 1)};
  }
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return {.low = sorted[outside], .high = sorted[sorted.size() - 1 - outside]};
}

LogJet LogitOf(const LogJet& logarithm, double q) {
  // logit = L - ln(1 - e^L): its slopes in L are 1 / q and p / q^2.
  const double p = std::exp(logarithm.value);
  LogJet logit;
  logit.value = logarithm.value - std::log(q);
  for (size_t i = 0, at = 0; i < 4; ++i) {
    logit.gradient[i] = logarithm.gradient[i] / q;
    for (size_t j = i; j < 4; ++j, ++at) {
      logit.hessian[at] = logarithm.hessian[at] / q + p / (q * q) * logarithm.gradient[i] * logarithm.gradient[j];
    }
  }
  return logit;
}

ParameterDraws::Normals ParameterDraws::NormalsOf(Of purpose, uint64_t seed, int draws) {
  const uint64_t key = seed ^ static_cast<uint64_t>(purpose);
  Normals normals(static_cast<size_t>(draws));
  for (size_t draw = 0; draw < normals.size(); ++draw) {
    for (size_t i = 0; i < 4; ++i) normals[draw][i] = NormalDraw(key, draw, i);
  }
  return normals;
}

ParameterDraws::ParameterDraws(const LifetimeFit& fit, uint64_t seed, int draws)
    : ParameterDraws(fit, NormalsOf(Of::kPurchases, seed, draws)) {}

ParameterDraws::ParameterDraws(const LifetimeFit& fit, const Normals& normals)
    : draws_(normals.size()), at_(fit.parameters) {
  TakeDraws(fit.covariance, normals);
}

ParameterDraws::ParameterDraws(const std::array<std::array<double, 4>, 4>& covariance, Of purpose, uint64_t seed,
                               int draws)
    : draws_(static_cast<size_t>(draws)) {
  TakeDraws(covariance, NormalsOf(purpose, seed, draws));
}

void ParameterDraws::TakeDraws(const std::array<std::array<double, 4>, 4>& covariance, const Normals& normals) {
  Eigen::Matrix4d matrix;
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = 0; j < 4; ++j) {
      matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = covariance[i][j];
    }
    taylor_suffices_ = taylor_suffices_ && covariance[i][i] <= kTaylorErrorMax * kTaylorErrorMax;
  }
  // The symmetric root: defined where parameters are held fixed, and independent of their order.
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix4d> solver(matrix);
  const Eigen::Vector4d roots = solver.eigenvalues().cwiseMax(0).cwiseSqrt();
  const Eigen::Matrix4d root = solver.eigenvectors() * roots.asDiagonal() * solver.eigenvectors().transpose();
  monomials_.resize((4 + 10) * draws_);
  steps_.reserve(draws_);
  for (size_t draw = 0; draw < draws_; ++draw) {
    const Eigen::Vector4d moved = root * Eigen::Map<const Eigen::Vector4d>(normals[draw].data());
    const std::array<double, 4> step = {moved(0), moved(1), moved(2), moved(3)};
    steps_.push_back(step);
    size_t at = draw;
    for (size_t i = 0; i < 4; ++i, at += draws_) monomials_[at] = step[i];
    for (size_t i = 0; i < 4; ++i) {
      for (size_t j = i; j < 4; ++j, at += draws_) monomials_[at] = (i == j ? 0.5 : 1) * step[i] * step[j];
    }
  }
}

std::vector<LifetimeParameters> ParameterDraws::parameters() const {
  std::vector<LifetimeParameters> drawn;
  drawn.reserve(draws_);
  for (const std::array<double, 4>& step : steps_) drawn.push_back(Moved(at_, step));
  return drawn;
}

void ParameterDraws::Values(const LogJet& jet, std::span<double> values) const {
  std::array<double, 14> numbers;
  std::copy(jet.gradient.begin(), jet.gradient.end(), numbers.begin());
  std::copy(jet.hessian.begin(), jet.hessian.end(), numbers.begin() + 4);
  size_t draw = 0;
  for (; draw + kLanes <= draws_; draw += kLanes) {
    std::array<double, kLanes> sums;
    sums.fill(jet.value);
    const double* monomial = monomials_.data() + draw;
    for (size_t i = 0; i < numbers.size(); ++i, monomial += draws_) {
      for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] = std::fma(numbers[i], monomial[lane], sums[lane]);
    }
    std::copy(sums.begin(), sums.end(), values.begin() + static_cast<std::ptrdiff_t>(draw));
  }
  for (; draw < draws_; ++draw) {
    double sum = jet.value;
    for (size_t i = 0; i < numbers.size(); ++i) sum = std::fma(numbers[i], monomials_[i * draws_ + draw], sum);
    values[draw] = sum;
  }
}

QuantityInterval ParameterDraws::OfPositive(const LogJet& logarithm, double level) const {
  std::vector<double> values(draws_);
  Values(logarithm, values);
  const QuantityInterval ends = EndsOf(values, level);
  return {.low = std::exp(ends.low), .high = std::exp(ends.high)};
}

QuantityInterval ParameterDraws::OfProbability(const LogJet& logarithm, double level) const {
  const double p = std::exp(logarithm.value);
  if (!(p > 0) || !(p < 1)) return {.low = p, .high = p};
  std::vector<double> values(draws_);
  Values(LogitOf(logarithm, -std::expm1(logarithm.value)), values);
  const QuantityInterval ends = EndsOf(values, level);
  return {.low = 1 / (1 + std::exp(-ends.low)), .high = 1 / (1 + std::exp(-ends.high))};
}

QuantityInterval ParameterDraws::OfAnything(const std::function<double(const LifetimeParameters&)>& quantity,
                                            double level) const {
  std::vector<double> values;
  for (const LifetimeParameters& at : parameters()) values.push_back(quantity(at));
  return EndsOf(values, level);
}

LogJet JetByDifferences(const LifetimeParameters& at,
                        const std::function<double(const LifetimeParameters&)>& function) {
  constexpr double kStep = 1e-3;
  const auto near = [&](size_t i, double first, size_t j, double second) {
    std::array<double, 4> step{};
    step[i] += first;
    step[j] += second;
    return function(Moved(at, step));
  };
  LogJet jet;
  jet.value = function(at);
  std::array<double, 4> above{};
  for (size_t i = 0; i < 4; ++i) {
    if (at.value[i] == 0) continue;
    above[i] = near(i, kStep, i, 0);
    const double below = near(i, -kStep, i, 0);
    jet.gradient[i] = (above[i] - below) / (2 * kStep);
    jet.hessian[LogJet::At(i, i)] = (above[i] - 2 * jet.value + below) / (kStep * kStep);
  }
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = i + 1; j < 4; ++j) {
      if (at.value[i] == 0 || at.value[j] == 0) continue;
      const double both = near(i, kStep, j, kStep);
      jet.hessian[LogJet::At(i, j)] = (both - above[i] - above[j] + jet.value) / (kStep * kStep);
    }
  }
  return jet;
}

}  // namespace strata
