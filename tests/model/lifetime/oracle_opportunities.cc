// BG/BB.
#include "tests/model/lifetime/oracle.h"
#include "tests/model/lifetime/oracle_grids.h"

namespace strata::oracle {
namespace {

// E[p^up (1 - p)^down] over a grid.
template <class Real>
Real Moment(const Grid<Real>& grid, int up, int down) {
  using std::pow;
  Real sum = 0;
  for (const auto& node : grid.nodes) sum += node.weight * pow(node.value, up) * pow(node.complement, down);
  return sum;
}

template <class Real>
Real Choose(int n, int k) {
  Real ways = 1;
  for (int i = 1; i <= k; ++i) ways *= Real(n - k + i) / i;
  return ways;
}

}  // namespace

template <class Real>
Answers AskOpportunities(const Question& question) {
  using std::exp;
  const auto& value = question.at.value;
  const Real alpha(value[0]), beta(value[1]), gamma(value[2]), delta(value[3]);
  const auto x = static_cast<int>(question.history.x);
  const auto t_x = static_cast<int>(question.history.t_x);
  const auto n = static_cast<int>(question.history.T);
  const auto t = static_cast<int>(question.t);
  const auto buying = [&](int quiet) { return ShareGrid<Real>(alpha + x, beta + quiet); };
  const auto there = [&](int leaves, int stays) { return ShareGrid<Real>(gamma + leaves, delta + stays); };
  const Real prior = ShareGrid(alpha, beta).log_total + ShareGrid(gamma, delta).log_total;
  const Real alive = buying(n - x).log_total + there(0, n).log_total;
  std::vector<Real> left = {Real(-HUGE_VAL)};
  for (int i = 0; i < n - t_x; ++i) {
    left.push_back(buying(t_x - x + i).log_total + there(1, t_x + i).log_total);
  }
  const Real dropped = LogOfSum(left);
  const Real both = LogOfSum<Real>({alive, dropped});

  Answers answers;
  answers.log_likelihood = static_cast<double>(Real(both - prior));
  const Real is_alive = exp(alive - both);
  answers.alive = static_cast<double>(is_alive);
  answers.dropped = static_cast<double>(Real(exp(dropped - both)));
  const Grid<Real> buys = buying(n - x), leaves = there(0, n);
  Real expected = 0, residual = 0, never = 0;
  for (int i = 1; i <= t; ++i) expected += Moment(leaves, 0, i);
  for (const auto& node : leaves.nodes) {
    residual += node.weight * node.complement / (node.value + Real(question.discount));
    Real inner = 0;
    for (const auto& buy : buys.nodes) inner += buy.weight / (node.value + node.complement * buy.value);
    never += node.weight * node.value * inner;
  }
  answers.expected = static_cast<double>(Real(expected * Moment(buys, 1, 0)));
  answers.residual = static_cast<double>(Real(residual * Moment(buys, 1, 0)));
  answers.never = static_cast<double>(never);
  const auto count = [&](int y) {
    Real sum = 0;
    for (int i = y; i <= t; ++i) {
      const Real ends = i == t ? Moment(leaves, 0, t) : Moment(leaves, 1, i);
      sum += ends * Choose<Real>(i, y) * Moment(buys, y, i - y);
    }
    return sum;
  };
  answers.none = static_cast<double>(Real(exp(dropped - both) + is_alive * count(0)));
  for (const int y : question.counts) answers.counts.push_back(static_cast<double>(Real(is_alive * count(y))));
  return answers;
}
template Answers AskOpportunities<long double>(const Question&);
template Answers AskOpportunities<Quadruple>(const Question&);

}  // namespace strata::oracle
