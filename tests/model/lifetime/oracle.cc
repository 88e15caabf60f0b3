#include "tests/model/lifetime/oracle.h"

#include <cmath>

#include "tests/model/lifetime/oracle_grids.h"

namespace strata::oracle {
namespace {

template <class Real>
Answers AskIn(const Question& question) {
  if (question.at.kind == LifetimeKind::kParetoNbd) return AskDeaths<Real>(question);
  if (question.at.kind == LifetimeKind::kBgBb) return AskOpportunities<Real>(question);
  return AskCoins<Real>(question);
}

}  // namespace

Answers Ask(const Question& question, bool quadruple) {
  return quadruple ? AskIn<Quadruple>(question) : AskIn<long double>(question);
}

double IndividualBgLogLikelihood(double rate, double p, const PurchaseHistory& history) {
  const auto x = static_cast<double>(history.x);
  const double alive = std::pow(1 - p, x) * std::exp(-rate * history.T);
  const double dropped = history.x == 0 ? 0 : p * std::pow(1 - p, x - 1) * std::exp(-rate * history.t_x);
  return x * std::log(rate) + std::log(alive + dropped);
}

}  // namespace strata::oracle
