#include "model/lifetime/fit_spend.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/fixed_point.h"
#include "model/lifetime/estimates.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/spend_distribution.h"

namespace strata {
namespace {

enum Parameter : size_t { kP, kQ, kV };
constexpr std::array<const char*, 3> kNames = {"p", "q", "v"};

using Classes = std::vector<std::pair<int32_t, SpendCensus::Class>>;

double OnGrid(Int128 sum) { return FromGrid(sum, kLikelihoodGridBits); }

// ln(x m) = ln(net micros) - kLogMicros.
const double kLogMicros = std::log(1e6);

// Of customers, by what is known by x.
struct Moments {
  double customers = 0;
  double plain_mean = 0;  // of m
  double log_mean = 0;    // of ln m
  double variance = 0;    // of ln m
  double inverse_x = 0;   // mean of 1 / x
};

Moments MomentsOf(const Classes& classes) {
  Moments found;
  double squares = 0;
  for (const auto& [x, of_x] : classes) {
    const auto count = static_cast<double>(of_x.customers);
    const double shift = kLogMicros + std::log(static_cast<double>(x));
    const double logs = OnGrid(of_x.log_net);
    found.customers += count;
    found.plain_mean += ToDouble(of_x.net_micros) / (1e6 * static_cast<double>(x));
    found.log_mean += logs - count * shift;
    squares += OnGrid(of_x.squared_log_net) - 2 * shift * logs + count * shift * shift;
    found.inverse_x += count / static_cast<double>(x);
  }
  if (found.customers == 0) return found;
  found.plain_mean /= found.customers;
  found.log_mean /= found.customers;
  found.variance = std::max(0.0, squares / found.customers - found.log_mean * found.log_mean);
  found.inverse_x /= found.customers;
  return found;
}

// The correlation of ln x and ln m; 0 where one of them is constant. With a model, of ln m less what the model expects
// of it at this x: means of few purchases have lower logarithms than means of many, which is no dependence.
double CorrelationOf(const Classes& classes, const std::optional<double>& p) {
  double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  for (const auto& [x, of_x] : classes) {
    const auto count = static_cast<double>(of_x.customers);
    const double log_x = std::log(static_cast<double>(x));
    double shift = kLogMicros + log_x;
    if (p) shift += LogGamma(*p * x).first - std::log(*p * x);
    const double logs = OnGrid(of_x.log_net);
    const double of_spend = logs - count * shift;
    n += count;
    a += count * log_x;
    aa += count * log_x * log_x;
    b += of_spend;
    bb += OnGrid(of_x.squared_log_net) - 2 * shift * logs + count * shift * shift;
    ab += log_x * of_spend;
  }
  const double spread = std::sqrt(std::max(0.0, aa / n - a / n * (a / n)) * std::max(0.0, bb / n - b / n * (b / n)));
  return spread > 1e-9 ? (ab / n - a / n * (b / n)) / spread : 0;
}

// Var(ln m) is about mean(1 / x) / p + 1 / (q - 1/2). Half of it goes to either; Newton's method does the rest.
LifetimeParameters StartByMoments(const Moments& moments) {
  const double variance = std::max(1e-4, moments.variance);
  const double p = std::clamp(2 * moments.inverse_x / variance, 0.1, 100.0);
  const double q = std::clamp(0.5 + 2 / variance, 1.5, 50.0);
  LifetimeParameters start;
  start.value = {p, q, std::exp(moments.log_mean) * q / p, 0};
  return start;
}

const std::vector<BoundaryRule>& Rules() {
  static const std::vector<BoundaryRule> rules = {
      {"equal_purchases", kP, kV, kInfiniteStrength, BoundaryRule::kProduct,
       "a customer spends about the same at every purchase: how purchases scatter is not known"},
      {"equal_customers", kQ, kV, kInfiniteStrength, BoundaryRule::kRatio,
       "customers hardly differ in what they spend per purchase: only the mean is known"}};
  return rules;
}

void TakeEstimates(const SearchProblem& problem, const JudgedMaximum& judged, bool profile, SpendModel* model) {
  Estimates estimates = EstimatesAt(problem, judged, kNames, profile);
  model->boundary = estimates.boundary;
  model->identified = judged.reached.empty();
  model->warnings.insert(model->warnings.end(), estimates.warnings.begin(), estimates.warnings.end());
  model->estimates = std::move(estimates.of_parameters);
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) model->covariance[i][j] = estimates.curvature.covariance[i][j];
  }
  model->has_standard_errors = judged.reached.empty() && estimates.curvature.is_maximum;
  for (size_t i = 0; model->has_standard_errors && i < 3; ++i) {
    model->standard_errors[i] = *model->estimates[i].standard_error;
  }
  if (judged.reached.size() == 2) {  // then neither of the two combinations, but their common one
    ParameterEstimate both = estimates.determined[0];
    both.name = "p v / q";
    for (std::optional<double>* number : {&both.estimate, &both.standard_error, &both.low, &both.high}) {
      if (number->has_value()) **number /= model->q;
    }
    estimates.determined = {both};
  }
  model->estimates.insert(model->estimates.end(), estimates.determined.begin(), estimates.determined.end());
}

void TakeMeans(const Classes& classes, SpendModel* model) {
  const GammaGammaParameters at{.p = model->p, .q = model->q, .v = model->v};
  model->population_median = PopulationMedianSpend(at);
  if (model->q > 1) {
    model->population_mean = PopulationSpend(at);
    const std::optional<double>& low = model->estimates[kQ].low;
    if (low && *low <= 1) {
      model->warnings.push_back(
          fmt::format("q = {:.3g} may be as low as {:.3g}: whether spend has a finite mean is not sure", at.q, *low));
    }
  } else {
    model->identified = false;
    model->boundary += model->boundary.empty() ? "infinite_mean" : ", infinite_mean";
    model->warnings.push_back(fmt::format(
        "q = {:.3g} is not above 1: spend is so uneven that its mean over customers is infinite; customers without a "
        "repeat purchase are told the median instead",
        at.q));
  }
  model->correlation = CorrelationOf(classes, at.p);
}

void WarnOfCorrelation(SpendModel* model) {
  if (!model->correlation || std::fabs(*model->correlation) <= kSpendCorrelationMax) return;
  model->warnings.push_back(fmt::format(
      "spend and frequency are correlated ({:.2f} between their logarithms), but the model takes them as independent",
      *model->correlation));
}

constexpr size_t kRowsPerBlock = 64 * kKernelBlock;

// Sums of parts, side by side and then in their order.
template <class Sum, class Add>
Sum SumInBlocks(std::span<const SpendRow> rows, Add add) {
  const size_t blocks = (rows.size() + kRowsPerBlock - 1) / kRowsPerBlock;
  std::vector<Sum> sums(blocks);
  tbb::parallel_for(size_t{0}, blocks, [&](size_t block) {
    const size_t end = std::min(rows.size(), (block + 1) * kRowsPerBlock);
    for (size_t at = block * kRowsPerBlock; at < end; at += kKernelBlock) {
      add(rows.subspan(at, std::min(kKernelBlock, end - at)), &sums[block]);
    }
  });
  Sum total;
  for (const Sum& sum : sums) total.Merge(sum);
  return total;
}

}  // namespace

SpendLikelihood::SpendLikelihood(const SpendCensus& totals, SumsAt sums_at)
    : classes_(totals.Classes()), sums_at_(std::move(sums_at)) {
  for (const auto& [x, of_x] : classes_) {
    const auto count = static_cast<double>(of_x.customers);
    const double logs = OnGrid(of_x.log_net) - count * kLogMicros;  // of x m
    customers_ += count;
    purchases_ += count * x;
    log_means_ += logs - count * std::log(static_cast<double>(x));
    weighted_logs_ += x * logs;
  }
}

Derivatives<4> SpendLikelihood::Evaluate(const LifetimeParameters& at) const {
  const std::array<double, 3> point = {at.value[kP], at.value[kQ], at.value[kV]};
  if (const auto known = known_.find(point); known != known_.end()) return known->second;
  Derivatives<4> found;
  found.value = std::numeric_limits<double>::quiet_NaN();
  const std::optional<SpendSums> sums = sums_at_(at.value[kV]);
  if (!sums) return found;  // may be known another time
  if (sums->misfits == 0) {
    const auto [p, q, v] = point;
    const double in_x = sums->Of(SpendSums::kXLog) - weighted_logs_ + purchases_ * std::log(v);  // x ln(1 + 1 / u)
    const double shares = sums->Of(SpendSums::kShare);
    const double in_x_shares = sums->Of(SpendSums::kXShare);
    double value = 0, in_p = 0, in_q = 0, p_p = 0, p_q = 0, q_q = 0;
    const double prior = LogGamma(q).value;
    for (const auto& [x, of_x] : classes_) {
      const auto count = static_cast<double>(of_x.customers);
      const double own = p * x;
      const LogGammaJet over_own = LogGammaRise(own, q);
      const LogGammaJet over_prior = LogGammaRise(q, own);
      value += count * (q > own ? over_prior.value - LogGamma(own).value : over_own.value - prior);
      in_p += count * x * over_own.first;
      in_q += count * over_prior.first;
      p_p += count * x * x * over_own.second;
      p_q += count * x * LogGamma(own + q).second;
      q_q += count * over_prior.second;
    }
    in_p = p * (in_p - in_x);
    in_q = q * (in_q - sums->Of(SpendSums::kLog));
    found.value = value - log_means_ - q * sums->Of(SpendSums::kLog) - p * in_x;
    found.gradient = {in_p, in_q, q * (customers_ - shares) - p * in_x_shares, 0};
    const double q_v = q * (customers_ - shares);
    const double p_v = -p * in_x_shares;
    const double v_v = -q * (shares - sums->Of(SpendSums::kSquare)) - p * (in_x_shares - sums->Of(SpendSums::kXSquare));
    found.hessian[0] = {p * p * p_p + in_p, p * q * p_q, p_v, 0};
    found.hessian[1] = {p * q * p_q, q * q * q_q + in_q, q_v, 0};
    found.hessian[2] = {p_v, q_v, v_v, 0};
  }
  known_.emplace(point, found);
  return found;
}

namespace {

Climb Climbed(const SearchProblem& problem, const Moments& moments, const std::optional<GammaGammaParameters>& near) {
  Climb climb;
  if (near) {
    LifetimeParameters start;
    start.value = {near->p, near->q, near->v, 0};
    climb = ClimbFrom(problem, start);
  }
  if (climb.converged()) return climb;
  const Climb from_moments = ClimbFrom(problem, StartByMoments(moments));
  return from_moments.found ? from_moments : climb;
}

// All means are equal: the likelihood grows without end towards both boundaries.
JudgedMaximum WithoutSpread(const SearchProblem& problem, const Moments& moments) {
  JudgedMaximum judged;
  judged.free = {false, false, true, false};
  SearchProblem on_both = problem;
  on_both.free = judged.free;
  LifetimeParameters start;
  start.value = {kInfiniteStrength, kInfiniteStrength, std::exp(moments.log_mean), 0};
  judged.climb = ClimbFrom(on_both, start);
  judged.reached = Rules();
  return judged;
}

}  // namespace

SpendModel FitSpend(const SpendCensus& totals, const SpendLikelihood& likelihood,
                    const std::optional<GammaGammaParameters>& near, bool profile) {
  constexpr double kSpreadMin = 1e-9;  // variance of ln m: a spend of 1,000 that is the same to a few cents
  const Classes classes = totals.Classes();
  const Moments moments = MomentsOf(classes);
  SpendModel model;
  model.customers = totals.customers();
  model.left_out_not_positive = totals.left_out();
  model.population_mean = moments.plain_mean;
  if (model.customers < kSpendCustomersMin) {
    model.reason = TooFew(static_cast<double>(model.customers), "a repeat purchase and a positive mean repeat spend",
                          kSpendCustomersMin);
    return model;
  }
  const SearchProblem problem{
      .likelihood = &likelihood, .customers = moments.customers, .free = {true, true, true, false}, .prior = {}};
  model.correlation = CorrelationOf(classes, std::nullopt);
  JudgedMaximum judged;
  if (moments.variance < kSpreadMin) {
    judged = WithoutSpread(problem, moments);
  } else {
    judged.climb = Climbed(problem, moments, near);
    if (judged.climb.found) judged = JudgeBoundaries(problem, judged.climb, Rules());
  }
  model.iterations = judged.climb.evaluations;
  if (!IsUsable(judged.climb, moments.customers)) {
    model.reason = fmt::format("the search for the maximum of the likelihood did not converge in {} evaluations",
                               model.iterations);
    WarnOfCorrelation(&model);
    return model;
  }
  model.fitted = true;
  model.p = judged.climb.at.value[kP];
  model.q = judged.climb.at.value[kQ];
  model.v = judged.climb.at.value[kV];
  model.log_likelihood = judged.climb.derivatives.value;
  TakeEstimates(problem, judged, profile, &model);
  TakeMeans(classes, &model);
  WarnOfCorrelation(&model);
  return model;
}

SpendCensus CensusOf(std::span<const SpendRow> rows, const Kernels& kernels) {
  return SumInBlocks<SpendCensus>(
      rows, [&kernels](std::span<const SpendRow> block, SpendCensus* sum) { sum->Add(block, kernels); });
}

SpendSums SumsOf(std::span<const SpendRow> rows, double v, const Kernels& kernels) {
  return SumInBlocks<SpendSums>(
      rows, [&kernels, v](std::span<const SpendRow> block, SpendSums* sum) { sum->Add(block, v, kernels); });
}

SpendModel FitSpend(std::span<const SpendRow> rows, const Kernels& kernels) {
  const SpendCensus totals = CensusOf(rows, kernels);
  const SpendLikelihood likelihood(totals,
                                   [rows, &kernels](double v) { return std::optional(SumsOf(rows, v, kernels)); });
  return FitSpend(totals, likelihood, std::nullopt, true);
}

}  // namespace strata
