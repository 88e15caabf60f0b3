// NBD, BG/NBD, MBG/NBD and the two CNBD-k.
#include <array>

#include "tests/model/lifetime/oracle.h"
#include "tests/model/lifetime/oracle_grids.h"

namespace strata::oracle {
namespace {

template <class Real>
class Coins {
 public:
  explicit Coins(const Question& question)
      : question_(question),
        r_(question.at.value[0]),
        alpha_(question.at.value[1]),
        k_(question.at.k),
        x_(question.history.x),
        T_(question.history.T),
        t_x_(question.history.t_x) {
    if (question.at.kind != LifetimeKind::kNbd) {
      a_ = question.at.value[2];
      b_ = question.at.value[3];
    }
    const bool modified = question.at.kind == LifetimeKind::kMbgNbd || question.at.kind == LifetimeKind::kMbgCnbd;
    coins_ = Real(static_cast<double>(x_ + (modified ? 1 : 0)));
  }

  Answers Ask() {
    using std::exp;
    Answers answers;
    const std::vector<Real> open = OpenLogs(T_);
    const Real alive = LogOfSum(open);
    const Real dropped = DroppedLog();
    const Real both = LogOfSum<Real>({alive, dropped});
    const Real prior = RateGrid(r_, alpha_).log_total + ShareGrid(a_, b_).log_total;
    answers.log_likelihood = static_cast<double>(Real(both - prior));
    answers.alive = static_cast<double>(Real(exp(alive - both)));
    answers.dropped = static_cast<double>(Real(exp(dropped - both)));
    const Real none = LogOfSum<Real>({LogOfSum(OpenLogs(T_ + Real(question_.t))), dropped});
    answers.none = static_cast<double>(Real(exp(none - both)));
    const Grid<Real> shares = ShareGrid<Real>(a_, b_ + coins_);
    Real expected = 0, residual = 0;
    std::vector<Real> counts(question_.counts.size(), Real(0));
    for (int j = 0; j < k_; ++j) {
      const Real weight = exp(open[static_cast<size_t>(j)] - alive);
      const Grid<Real> rates = RateGrid<Real>(Shape(j), alpha_ + T_, k_ == 1 ? kGridStep : kGridStep / 2);
      expected += weight * Expected(rates, shares, j);
      residual += weight * Residual(rates, shares, j);
      for (size_t i = 0; i < counts.size(); ++i) counts[i] += weight * Count(rates, shares, j, question_.counts[i]);
    }
    answers.expected = static_cast<double>(expected);
    answers.residual = static_cast<double>(residual);
    for (size_t i = 0; i < counts.size(); ++i) {
      const Real gone = question_.counts[i] == 0 ? Real(exp(dropped - both)) : Real(0);
      answers.counts.push_back(static_cast<double>(Real(gone + exp(alive - both) * counts[i])));
    }
    return answers;
  }

 private:
  Real Shape(int j) const { return r_ + Real(static_cast<double>(k_ * x_ + j)); }

  // Alive at `end` with j = 0, ..., k - 1 hits since t_x.
  std::vector<Real> OpenLogs(const Real& end) const {
    using std::log;
    const Real stayed = ShareGrid<Real>(a_, b_ + coins_).log_total;
    const Real gap = end - t_x_;
    std::vector<Real> logs;
    Real factor = 0;  // ln(gap^j / j!)
    for (int j = 0; j < k_; ++j) {
      if (j > 0) factor = gap > 0 ? Real(factor + log(gap / j)) : Real(-HUGE_VAL);
      logs.push_back(RateGrid<Real>(Shape(j), alpha_ + end).log_total + factor + stayed);
    }
    return logs;
  }

  Real DroppedLog() const {
    if (coins_ == 0 || a_ == 0) return Real(-HUGE_VAL);
    return RateGrid<Real>(Shape(0), alpha_ + t_x_).log_total + ShareGrid<Real>(a_ + 1, b_ + coins_ - 1).log_total;
  }

  // E[q^n], n = 0, 1, ...
  static std::vector<Real> Stays(const Grid<Real>& shares, size_t count) {
    std::vector<Real> powers(shares.nodes.size(), Real(1));
    std::vector<Real> means;
    for (size_t n = 0; n < count; ++n) {
      Real mean = 0;
      for (size_t i = 0; i < powers.size(); ++i) {
        mean += shares.nodes[i].weight * powers[i];
        powers[i] *= shares.nodes[i].complement;
      }
      means.push_back(mean);
    }
    return means;
  }

  // P(m hits), m = 0, 1, ..., of a customer with a known rate.
  std::vector<Real> Hits(const Real& rate) const {
    using std::exp, std::sqrt;
    const Real mean = rate * Real(question_.t);
    const auto last = static_cast<size_t>(static_cast<double>(Real(mean + 14 * sqrt(mean) + 60)));
    std::vector<Real> hits;
    Real term = exp(-mean);
    for (size_t m = 0; m <= last; ++m) {
      hits.push_back(term);
      term *= mean / Real(static_cast<double>(m + 1));
    }
    return hits;
  }

  Real Expected(const Grid<Real>& rates, const Grid<Real>& shares, int j) const {
    Real sum = 0;
    if (k_ == 1) {
      const Real t(question_.t);
      for (const auto& rate : rates.nodes) {
        Real inner = 0;
        for (const auto& share : shares.nodes) {
          const Real leaving = rate.value * share.value;
          inner += share.weight *
                   (leaving * t < Real(1e-30) ? Real(rate.value * t) : Real(-ExpLessOne(-leaving * t) / share.value));
        }
        sum += rate.weight * inner;
      }
      return sum;
    }
    std::vector<Real> stays;
    for (const auto& rate : rates.nodes) {
      const std::vector<Real> hits = Hits(rate.value);
      if (stays.size() < hits.size()) stays = Stays(shares, 2 * hits.size());
      Real made = 0, inner = 0;
      int n = 0;
      for (size_t m = 0; m < hits.size(); ++m) {
        for (; n < (static_cast<int>(m) + j) / k_; ++n) made += stays[static_cast<size_t>(n)];
        inner += hits[m] * made;
      }
      sum += rate.weight * inner;
    }
    return sum;
  }

  Real Residual(const Grid<Real>& rates, const Grid<Real>& shares, int j) const {
    using std::pow;
    const Real discount(question_.discount);
    Real sum = 0;
    for (const auto& rate : rates.nodes) {
      // Discounted, a hit is worth y of the one before it.
      const Real y = rate.value / (rate.value + discount);
      const Real cycle = pow(y, k_);
      const Real first = pow(y, k_ - j);
      const Real missing = k_ == 1 ? Real(discount / (rate.value + discount)) : Real(1 - cycle);
      Real inner = 0;
      for (const auto& share : shares.nodes) inner += share.weight / (missing + share.value * cycle);
      sum += rate.weight * first * inner;
    }
    return sum;
  }

  Real Count(const Grid<Real>& rates, const Grid<Real>& shares, int j, int n) const {
    Real exactly = 0, more = 0;
    for (const auto& rate : rates.nodes) {
      const std::vector<Real> hits = Hits(rate.value);
      for (size_t m = hits.size(); m-- > 0;) {
        const int purchases = (static_cast<int>(m) + j) / k_;
        if (purchases == n) exactly += rate.weight * hits[m];
        if (purchases > n) more += rate.weight * hits[m];
      }
    }
    if (n == 0) return exactly;
    Real stayed = 0, left = 0;
    for (const auto& share : shares.nodes) {
      Real power = share.weight;
      for (int i = 1; i < n; ++i) power *= share.complement;
      stayed += power;
      left += power * share.value;
    }
    return stayed * exactly + left * more;
  }

  const Question& question_;
  Real r_, alpha_, a_ = 0, b_ = 1;
  int k_;
  int64_t x_;
  Real T_, t_x_, coins_;
};

}  // namespace

template <class Real>
Answers AskCoins(const Question& question) {
  return Coins<Real>(question).Ask();
}
template Answers AskCoins<long double>(const Question&);
template Answers AskCoins<Quadruple>(const Question&);

}  // namespace strata::oracle
