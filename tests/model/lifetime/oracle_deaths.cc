// Pareto/NBD.
#include "tests/model/lifetime/oracle.h"
#include "tests/model/lifetime/oracle_grids.h"

namespace strata::oracle {
namespace {

template <class Real>
struct Pair {  // of a rate of buying and one of dying
  Real buying, dying, weight;
};

// The mean over both grids of `of`.
template <class Real, class Of>
Real Mean(const Grid<Real>& buying, const Grid<Real>& dying, Of of) {
  Real sum = 0;
  for (const auto& rate : buying.nodes) {
    Real inner = 0;
    for (const auto& death : dying.nodes) inner += death.weight * of(rate.value, death.value);
    sum += rate.weight * inner;
  }
  return sum;
}

// P(a Poisson number of this mean exceeds n).
template <class Real>
Real PoissonTail(const Real& mean, int n) {
  using std::exp;
  Real term = exp(-mean);
  if (mean > n + 1) {
    Real below = 0;
    for (int i = 0; i <= n; ++i) {
      below += term;
      term *= mean / (i + 1);
    }
    return 1 - below;
  }
  for (int i = 0; i <= n; ++i) term *= mean / (i + 1);
  Real sum = 0;
  for (int i = n + 1; term > sum * Real(1e-25); ++i) {
    sum += term;
    term *= mean / (i + 1);
  }
  return sum;
}

// n purchases by t of a customer who is alive now.
template <class Real>
Real CountOf(const Real& rate, const Real& death, const Real& t, int n) {
  using std::exp;
  Real poisson = exp(-(rate + death) * t);
  Real all_buy = 1;  // the first n events are purchases
  for (int i = 1; i <= n; ++i) {
    poisson *= rate * t / i;
    all_buy *= rate / (rate + death);
  }
  return poisson + death / (rate + death) * all_buy * PoissonTail<Real>((rate + death) * t, n);
}

}  // namespace

template <class Real>
Answers AskDeaths(const Question& question) {
  using std::exp, std::log;
  const auto& value = question.at.value;
  const Real r(value[0]), alpha(value[1]), s(value[2]), beta(value[3]);
  const Real x(static_cast<double>(question.history.x)), t_x(question.history.t_x), T(question.history.T);
  const Real t(question.t), discount(question.discount);
  const Real prior = RateGrid(r, alpha).log_total + RateGrid(s, beta).log_total;

  // Alive at T, and alive at t_x but dead before T without a further purchase.
  const Grid<Real> rates = RateGrid<Real>(r + x, alpha + T), deaths = RateGrid<Real>(s, beta + T);
  const Real alive = rates.log_total + deaths.log_total;
  const Grid<Real> earlier = RateGrid<Real>(r + x, alpha + t_x), lives = RateGrid<Real>(s, beta + t_x);
  const Real gap = T - t_x;
  const Real share = Mean<Real>(earlier, lives, [&gap](const Real& rate, const Real& death) {
    return Real(death / (rate + death) * -ExpLessOne(-(rate + death) * gap));
  });
  const Real dropped = share > 0 ? Real(earlier.log_total + lives.log_total + log(share)) : Real(-HUGE_VAL);
  const Real both = LogOfSum<Real>({alive, dropped});

  Answers answers;
  answers.log_likelihood = static_cast<double>(Real(both - prior));
  const Real is_alive = exp(alive - both);
  answers.alive = static_cast<double>(is_alive);
  answers.dropped = static_cast<double>(Real(exp(dropped - both)));
  Real buys = 0, lasts = 0, worth = 0;
  for (const auto& rate : rates.nodes) buys += rate.weight * rate.value;
  for (const auto& death : deaths.nodes) {
    const bool is_tiny = death.value * t < Real(1e-30);
    lasts += death.weight * (is_tiny ? t : Real(-ExpLessOne(-death.value * t) / death.value));
    worth += death.weight / (death.value + discount);
  }
  answers.expected = static_cast<double>(Real(buys * lasts));
  answers.residual = static_cast<double>(Real(buys * worth));
  answers.never = static_cast<double>(
      Mean<Real>(rates, deaths, [](const Real& rate, const Real& death) { return Real(death / (rate + death)); }));
  const auto count = [&](int n) {
    return Mean<Real>(rates, deaths,
                      [&](const Real& rate, const Real& death) { return CountOf<Real>(rate, death, t, n); });
  };
  answers.none = static_cast<double>(Real(exp(dropped - both) + is_alive * count(0)));
  for (const int n : question.counts) answers.counts.push_back(static_cast<double>(Real(is_alive * count(n))));
  return answers;
}
template Answers AskDeaths<long double>(const Question&);
template Answers AskDeaths<Quadruple>(const Question&);

}  // namespace strata::oracle
