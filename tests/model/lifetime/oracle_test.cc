// All quantities of all models against brute-force integration, on random parameters and customers, extremes included.
#include "tests/model/lifetime/oracle.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "model/lifetime/forecast.h"
#include "model/lifetime/likelihood.h"

namespace strata {
namespace {

constexpr double kTolerance = 1e-10;

bool IsLong() { return std::getenv("STRATA_LONG") != nullptr; }

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}
  double Unit() { return unit_(random_); }
  double Between(double low, double high) { return low * std::pow(high / low, Unit()); }
  int64_t Count(double most) { return static_cast<int64_t>(Between(1, most + 1)) - 1; }

 private:
  std::mt19937_64 random_;
  std::uniform_real_distribution<double> unit_;
};

oracle::Question AnyCustomer(LifetimeKind kind, Draw* draw) {
  oracle::Question question{.at = {.kind = kind, .value = {}, .k = 1}, .history = {}, .counts = {1, 3, 10}};
  auto& value = question.at.value;
  PurchaseHistory& history = question.history;
  history.x = draw->Count(500);
  if (kind == LifetimeKind::kBgBb) {
    for (double& parameter : value) parameter = draw->Between(0.05, 30);
    history.T = static_cast<double>(history.x + draw->Count(500 - static_cast<double>(history.x)));
    const double quiet = std::floor((history.T - static_cast<double>(history.x)) * draw->Unit());
    history.t_x = history.x == 0 ? 0 : history.T - quiet;
    question.t = static_cast<double>(1 + draw->Count(40));
    question.discount = draw->Between(1e-3, 0.5);
    return question;
  }
  value = {draw->Between(0.05, 20), draw->Between(0.05, 200), draw->Between(0.05, 10), draw->Between(0.05, 30)};
  if (kind == LifetimeKind::kParetoNbd) value[3] = draw->Between(0.1, 500);
  if (kind == LifetimeKind::kNbd) value[2] = value[3] = 0;
  if (IsRegular(kind)) question.at.k = 2 + static_cast<int>(draw->Count(kRegularityMax - 2));
  history.T = draw->Unit() < 0.05 ? 0 : draw->Between(0.1, 5000);
  history.t_x = history.x == 0 ? 0 : draw->Unit() < 0.2 ? history.T : history.T * draw->Unit();
  question.t = draw->Between(0.1, 1000);
  // Counts of hits that can still be added one by one.
  const double scale = value[1] + history.T;
  const double shape = value[0] + static_cast<double>(question.at.k * history.x);
  question.t = std::min({question.t, 2000 * scale / shape, 100 * scale});
  question.discount = draw->Between(1e-4, 0.1);
  return question;
}

constexpr double kNothing = 1e-150;   // probabilities below this mean nothing
constexpr double kFarCount = 1e-25;   // counts so improbable lie where the oracle's grids end
constexpr double kNotListed = 1e-24;  // lists of counts end where so little is left

// Compares one customer, and keeps the largest relative difference seen.
class Comparison {
 public:
  explicit Comparison(double* worst) : worst_(worst) {}

  void Close(double found, double slow, const char* what, double nothing = kNothing) const {
    const double difference = std::fabs(found - slow);
    if (std::fabs(slow) > nothing / kTolerance) *worst_ = std::max(*worst_, difference / std::fabs(slow));
    EXPECT_LE(difference, kTolerance * std::fabs(slow) + nothing)
        << what << " " << found << ", by brute force " << slow << ", relative " << difference / std::fabs(slow);
  }

  void All(const oracle::Question& question, const oracle::Answers& slow) const {
    const auto& [at, history, t, discount, counts] = question;
    // Logarithms: absolute where they are small.
    const double size = std::max(1.0, std::fabs(slow.log_likelihood));
    Close(1 + (RowLogLikelihood(at, history).value - slow.log_likelihood) / size, 1, "log-likelihood");
    const AliveOdds odds = AliveOddsOf(at, history);
    Close(odds.alive, slow.alive, "P(alive)");
    Close(odds.dropped, slow.dropped, "P(dropped out)");
    Close(std::exp(LogProbabilityAlive(at, history).value), slow.alive, "P(alive) with derivatives");
    Close(ProbabilityNoPurchase(at, history, t), slow.none, "P(no purchase)");
    Close(ExpectedPurchases(at, history, t), slow.alive * slow.expected, "expected purchases");
    Close(ResidualTransactions(at, history, discount), slow.alive * slow.residual, "residual transactions");
    if (at.kind == LifetimeKind::kParetoNbd || at.kind == LifetimeKind::kBgBb) {
      Close(AliveForecast(at, history.x, history.T).NoneEver(), slow.never, "P(never again while alive)");
    }
    const std::vector<double> listed = CountProbabilities(at, history, t, 0);
    for (size_t i = 0; i < counts.size(); ++i) {
      const auto n = static_cast<size_t>(counts[i]);
      Close(std::exp(LogCountProbability(at, history, t, counts[i])), slow.counts[i], "P(n purchases)", kFarCount);
      Close(n < listed.size() ? listed[n] : 0, slow.counts[i], "P(n purchases) of a list", kNotListed);
    }
  }

 private:
  double* worst_;
};

class Oracle : public testing::TestWithParam<LifetimeKind> {};

// Two-dimensional integrals, and those with many hits, take longer.
int PointsOf(LifetimeKind kind) {
  if (IsLong()) return 1000;
  if (IsRegular(kind)) return 5;
  return kind == LifetimeKind::kParetoNbd ? 10 : 40;
}

TEST_P(Oracle, AgreesOnAnyCustomerOfAnyParameters) {
  constexpr int kQuadrupleEvery = 50;
  const uint64_t seed = 8000 + static_cast<uint64_t>(GetParam());
  Draw draw(seed);
  double worst = 0;
  for (int i = 0; i < PointsOf(GetParam()) && !HasFailure(); ++i) {
    const oracle::Question question = AnyCustomer(GetParam(), &draw);
    const auto& value = question.at.value;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " point " << i << ": " << value[0] << " " << value[1] << " "
                                    << value[2] << " " << value[3] << " k " << question.at.k << " x "
                                    << question.history.x << " t_x " << question.history.t_x << " T "
                                    << question.history.T << " t " << question.t << " rate " << question.discount);
    Comparison(&worst).All(question, oracle::Ask(question, i % kQuadrupleEvery == 0));
  }
  RecordProperty("worst_relative_difference", testing::PrintToString(worst));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Oracle,
                         testing::Values(LifetimeKind::kNbd, LifetimeKind::kBgNbd, LifetimeKind::kMbgNbd,
                                         LifetimeKind::kParetoNbd, LifetimeKind::kBgCnbd, LifetimeKind::kMbgCnbd,
                                         LifetimeKind::kBgBb),
                         [](const auto& kind) { return Name(kind.param); });

}  // namespace
}  // namespace strata
