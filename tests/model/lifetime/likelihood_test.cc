// Gradients and Hessians of every model against differences of values, and tables against their customers one by one.
#include "model/lifetime/likelihood.h"

#include <gtest/gtest.h>
#include <tbb/global_control.h>

#include <cmath>
#include <random>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/sbg.h"

namespace strata {
namespace {

constexpr LifetimeKind kKinds[] = {LifetimeKind::kNbd,       LifetimeKind::kBgNbd,  LifetimeKind::kMbgNbd,
                                   LifetimeKind::kParetoNbd, LifetimeKind::kBgCnbd, LifetimeKind::kMbgCnbd,
                                   LifetimeKind::kBgBb};

const PurchaseHistory kHistories[] = {{0, 0, 39}, {1, 1, 39}, {3, 30, 30}, {7, 12, 30}, {150, 180, 200}, {0, 0, 0}};

std::vector<LifetimeParameters> PointsOf(LifetimeKind kind) {
  std::vector<LifetimeParameters> points;
  for (const int k : IsRegular(kind) ? std::vector{2, 3, 12} : std::vector{1}) {
    points.push_back({.kind = kind, .value = {0.25, 4.4, 0.8, 2.4}, .k = k});
    points.push_back({.kind = kind, .value = {1.6, 20, 0.14, 0.5}, .k = k});
    points.push_back({.kind = kind, .value = {0.05, 0.4, 4.5, 7.4}, .k = k});
    points.push_back({.kind = kind, .value = {12, 300, 3, 90}, .k = k});
  }
  return points;
}

size_t ParametersOf(LifetimeKind kind) { return ParameterNames(kind).size(); }

LifetimeParameters Moved(LifetimeParameters at, size_t i, double by) {
  at.value[i] *= std::exp(by);
  return at;
}

// The derivative along ln(parameter i), by six points: the error is of the order of step^6.
template <class Of>
double Slope(const LifetimeParameters& at, size_t i, Of of) {
  constexpr double kStep = 0.01;
  const auto apart = [&](int n) { return of(Moved(at, i, n * kStep)) - of(Moved(at, i, -n * kStep)); };
  return (45 * apart(1) - 9 * apart(2) + apart(3)) / (60 * kStep);
}

// `of` gives Derivatives<4> at parameters.
template <class Of>
void ExpectDerivatives(const LifetimeParameters& at, Of of, const char* what) {
  constexpr double kTolerance = 1e-8;
  const Derivatives<4> found = of(at);
  for (size_t i = 0; i < ParametersOf(at.kind); ++i) {
    const double slope = Slope(at, i, [&](const LifetimeParameters& near) { return of(near).value; });
    EXPECT_NEAR(found.gradient[i], slope, kTolerance * (1 + std::fabs(found.value))) << what << " " << i;
    for (size_t j = 0; j < ParametersOf(at.kind); ++j) {
      const double curve = Slope(at, i, [&](const LifetimeParameters& near) { return of(near).gradient[j]; });
      EXPECT_NEAR(found.hessian[i][j], curve, kTolerance * (1 + std::fabs(found.gradient[j])))
          << what << " " << i << ", " << j;
    }
  }
}

TEST(Likelihood, DerivativesAreThoseOfDifferences) {
  for (const LifetimeKind kind : kKinds) {
    for (const LifetimeParameters& at : PointsOf(kind)) {
      for (const PurchaseHistory& history : kHistories) {
        SCOPED_TRACE(testing::Message() << Name(kind) << " k " << at.k << " at " << at.value[0] << ", x " << history.x);
        ExpectDerivatives(
            at, [&](const LifetimeParameters& near) { return RowLogLikelihood(near, history); }, "likelihood");
        ExpectDerivatives(
            at, [&](const LifetimeParameters& near) { return LogProbabilityAlive(near, history).InFull(); },
            "P(alive)");
        ExpectDerivatives(
            at, [&](const LifetimeParameters& near) { return LogProbabilityNone(near, history, 13).InFull(); },
            "P(none)");
      }
    }
  }
}

HistoryTable AnyTable(uint64_t seed, size_t customers) {
  std::mt19937_64 random(seed);
  std::vector<PurchaseHistory> histories;
  for (size_t i = 0; i < customers; ++i) {
    const auto T = static_cast<double>(random() % 60);
    const auto t_x = std::floor(T * static_cast<double>(random() % 100) / 100);
    // At most one purchase an opportunity.
    const auto x = t_x == 0 ? 0 : static_cast<int64_t>(1 + random() % static_cast<uint64_t>(t_x));
    histories.push_back({.x = x, .t_x = t_x, .T = T});
  }
  return HistoryTable::Of(histories, {});
}

TEST(Likelihood, OfATableIsTheSumOverItsCustomers) {
  for (const LifetimeKind kind : kKinds) {
    const HistoryTable table = AnyTable(5, 400);
    EXPECT_EQ(table.customers(), 400);
    EXPECT_LT(table.rows.size(), 400u);
    for (const LifetimeParameters& at : PointsOf(kind)) {
      Derivatives<4> sum;
      for (const HistoryRow& row : table.rows) {
        const Derivatives<4> one =
            RowLogLikelihood(at, {.x = row.x, .t_x = table.times[row.t_x], .T = table.times[row.T]});
        sum.value += row.customers * one.value;
        for (size_t i = 0; i < 4; ++i) {
          sum.gradient[i] += row.customers * one.gradient[i];
          for (size_t j = 0; j < 4; ++j) sum.hessian[i][j] += row.customers * one.hessian[i][j];
        }
      }
      const Derivatives<4> found = MakeLikelihood(kind, table)->Evaluate(at);
      EXPECT_NEAR(found.value, sum.value, 1e-12 * std::fabs(sum.value)) << Name(kind);
      for (size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(found.gradient[i], sum.gradient[i], 1e-11 * std::fabs(sum.value)) << Name(kind);
        for (size_t j = 0; j < 4; ++j) {
          EXPECT_NEAR(found.hessian[i][j], sum.hessian[i][j], 1e-11 * std::fabs(sum.value)) << Name(kind);
        }
      }
    }
  }
}

TEST(Likelihood, HasTheSameBitsOnAnyNumberOfThreads) {
  for (const LifetimeKind kind : kKinds) {
    const HistoryTable table = AnyTable(6, 20'000);
    EXPECT_GT(table.rows.size(), 3000u);  // several blocks
    std::vector<Derivatives<4>> found;
    for (const size_t threads : {1u, 2u, 7u}) {
      const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
      found.push_back(MakeLikelihood(kind, table)->Evaluate(PointsOf(kind)[0]));
    }
    for (const Derivatives<4>& other : found) {
      EXPECT_EQ(other.value, found[0].value);
      EXPECT_EQ(other.gradient, found[0].gradient);
      EXPECT_EQ(other.hessian, found[0].hessian);
    }
  }
}

TEST(Likelihood, StaysFiniteAtTheEdges) {
  const PurchaseHistory hard[] = {{10'000, 1499, 1500}, {10'000, 0.001, 5000}, {500, 1e-6, 5000}, {1, 5000, 5000}};
  for (const LifetimeKind kind : kKinds) {
    if (kind == LifetimeKind::kBgBb) continue;
    for (const double r : {1e-3, 1e6}) {
      for (const double drop_out : {1e-6, 1.0, 1e6}) {
        const LifetimeParameters at{.kind = kind, .value = {r, 10 * r, drop_out, 3}, .k = IsRegular(kind) ? 12 : 1};
        for (const PurchaseHistory& history : hard) {
          const Derivatives<4> found = RowLogLikelihood(at, history);
          EXPECT_TRUE(std::isfinite(found.value)) << Name(kind) << " " << history.x;
          for (size_t i = 0; i < 4; ++i) EXPECT_TRUE(std::isfinite(found.gradient[i])) << Name(kind) << " " << i;
        }
      }
    }
  }
}

TEST(Contracts, DerivativesAreThoseOfDifferencesAndTheLikelihoodIsThePapers) {
  const ContractTable table = ContractTable::OfCohort({1000, 631, 468, 382, 326, 289, 262, 241});
  EXPECT_EQ(table.customers(), 1000);
  const auto value = [&](double log_alpha, double log_beta) {
    return SbgLogLikelihood({.alpha = std::exp(log_alpha), .beta = std::exp(log_beta)}, table);
  };
  constexpr double kStep = 1e-5;
  const double a = -0.3, b = 0.2;
  const Derivatives<2> found = value(a, b);
  EXPECT_NEAR(found.gradient[0], (value(a + kStep, b).value - value(a - kStep, b).value) / (2 * kStep), 1e-4);
  EXPECT_NEAR(found.gradient[1], (value(a, b + kStep).value - value(a, b - kStep).value) / (2 * kStep), 1e-4);
  for (size_t j = 0; j < 2; ++j) {
    EXPECT_NEAR(found.hessian[0][j], (value(a + kStep, b).gradient[j] - value(a - kStep, b).gradient[j]) / (2 * kStep),
                1e-5);
    EXPECT_NEAR(found.hessian[1][j], (value(a, b + kStep).gradient[j] - value(a, b - kStep).gradient[j]) / (2 * kStep),
                1e-5);
  }
  // sum of lost_t ln P(t) + still ln S(7), P by its recurrence (eq. 5 of the paper).
  const double alpha = std::exp(a), beta = std::exp(b);
  double p = alpha / (alpha + beta), survivor = 1, sum = 0;
  for (size_t t = 1; t <= table.lost.size(); ++t) {
    if (t > 1) p *= (beta + static_cast<double>(t) - 2) / (alpha + beta + static_cast<double>(t) - 1);
    survivor -= p;
    sum += table.lost[t - 1] * std::log(p);
  }
  EXPECT_NEAR(found.value, sum + table.still.back() * std::log(survivor), 1e-9);
}

}  // namespace
}  // namespace strata
