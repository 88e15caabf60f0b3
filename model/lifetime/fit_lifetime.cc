#include "model/lifetime/fit_lifetime.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>
#include <utility>

#include "model/lifetime/estimates.h"
#include "model/lifetime/identification.h"
#include "model/lifetime/starts.h"

namespace strata {
namespace {

// Beyond twice so many rows the search begins on an even share of so many: the neighbourhood of the optimum takes some
// 30 evaluations to find, and only the last few need every row.
constexpr size_t kSearchRows[] = {65'536, 4'096};
constexpr std::array<bool, 4> kAllFree = {true, true, true, true};
constexpr std::array<bool, 4> kFirstTwoFree = {true, true, false, false};

struct Optima {
  Climb nested;  // without drop-out
  Climb full;
};

SearchProblem ProblemOf(const LifetimeLikelihood& likelihood, const HistoryTable& table, const FitOptions& options) {
  return {.likelihood = &likelihood, .customers = table.customers(), .free = kAllFree, .prior = options.prior};
}

// Where some customers leave at once and the others never, the likelihood of Pareto/NBD rises without end as beta
// falls: then beta is held where no step of it matters any more.
void TakeVanishingScale(const SearchProblem& with_drop_out, Climb* full) {
  constexpr size_t kS = 2, kBeta = 3;
  constexpr double kVanishing = 1e-3;  // time units: less than any gap
  LifetimeParameters start = full->at;
  if (!full->found || start.value[kBeta] > kVanishing) return;
  SearchProblem held = with_drop_out;
  held.free[kBeta] = false;
  start.value[kS] *= std::log1p(1 / start.value[kBeta]) / std::log1p(1 / kVanishedScale);
  start.value[kBeta] = kVanishedScale;
  const Climb climb = ClimbFrom(held, start);
  if (climb.converged() && climb.derivatives.value > full->derivatives.value) *full = climb;
}

// From near the optimum where a share of the rows or the caller found it, else from the kind's starts.
Optima ClimbedFrom(const SearchProblem& with_drop_out, LifetimeKind kind, int k, const HistoryTable& table,
                   const FitOptions& options, const std::optional<Optima>& near) {
  const bool deaths = kind == LifetimeKind::kParetoNbd;
  const auto without = deaths ? MakeLikelihood(LifetimeKind::kNbd, table) : nullptr;
  SearchProblem problem = with_drop_out;
  problem.free = kFirstTwoFree;
  if (deaths) problem.likelihood = without.get();
  LifetimeParameters start = near ? near->nested.at : StartWithoutDropOut(kind, k, table);
  if (deaths) start.kind = LifetimeKind::kNbd;
  Optima found;
  found.nested = ClimbFrom(problem, start);
  if (kind == LifetimeKind::kNbd) {
    found.full = found.nested;
    return found;
  }
  found.nested.at.kind = kind;
  if (near) {
    found.full = ClimbFrom(with_drop_out, near->full.at);
  } else if (options.start) {
    found.full = ClimbFrom(with_drop_out, *options.start);
  }
  if (!found.full.converged()) found.full = BestClimb(with_drop_out, StartsWithDropOut(found.nested.at, table));
  if (deaths && !found.full.converged()) TakeVanishingScale(with_drop_out, &found.full);
  return found;
}

Optima Climbed(const SearchProblem& problem, LifetimeKind kind, int k, const HistoryTable& table,
               const FitOptions& options) {
  std::optional<Optima> near;
  for (const size_t rows : kSearchRows) {
    if (table.rows.size() <= 2 * rows || options.start) continue;
    const HistoryTable share = EvenShare(table, rows);
    if (share.repeat_purchases() > 0 && share.time() > 0) {
      const auto likelihood = MakeLikelihood(kind, share);
      near = Climbed(ProblemOf(*likelihood, share, options), kind, k, share, options);
    }
    break;
  }
  if (near && !(near->nested.converged() && near->full.converged())) near.reset();
  return ClimbedFrom(problem, kind, k, table, options, near);
}

std::string ReasonAgainst(const HistoryTable& table, LifetimeKind kind) {
  const double customers = table.customers();
  if (customers < kFitCustomersMin) return TooFew(customers, "a purchase day", kFitCustomersMin);
  if (table.time() <= 0 && kind == LifetimeKind::kBgBb) {
    return "no customer has had a whole opportunity since that of the first purchase: opportunities are too long for "
           "the history";
  }
  if (table.time() <= 0) {
    return "every customer's first purchase is on the date itself: no time has passed in which to buy again";
  }
  if (table.repeat_purchases() <= 0 && kind == LifetimeKind::kBgBb) {
    return "no customer bought at a later opportunity: there is no repeat rate to fit";
  }
  if (table.repeat_purchases() <= 0) return "no customer bought on a second day: there is no repeat rate to fit";
  if (table.rows.size() == 1) return "all customers have the same history: nothing tells one from another";
  return "";
}

void TakeMaximum(const SearchProblem& problem, const JudgedMaximum& judged, bool intervals, LifetimeFit* fit) {
  const Climb& climb = judged.climb;
  Estimates estimates = EstimatesAt(problem, judged, ParameterNames(fit->asked), intervals);
  const Curvature& curvature = estimates.curvature;
  fit->fitted = true;
  fit->parameters = climb.at;
  fit->log_posterior = climb.derivatives.value;
  Derivatives<4> prior;
  problem.prior.AddTo(climb.at, &prior);
  fit->log_likelihood = climb.derivatives.value - prior.value;
  fit->state = climb.state;
  fit->evaluations = climb.evaluations;
  fit->gradient_norm = climb.gradient_norm;
  fit->condition = curvature.condition;
  fit->smallest_eigenvalue = curvature.smallest;
  fit->covariance = curvature.covariance;
  fit->estimates = std::move(estimates.of_parameters);
  fit->determined = std::move(estimates.determined);
  fit->boundary = std::move(estimates.boundary);
  fit->warnings.insert(fit->warnings.end(), estimates.warnings.begin(), estimates.warnings.end());
  fit->identified = fit->identified && judged.reached.empty();
  if (climb.state == MaximiserState::kConverged) return;
  fit->warnings.push_back(fmt::format("the search ended before the optimum after {} evaluations, gradient norm {:.3g}",
                                      climb.evaluations, climb.gradient_norm));
}

// `statistic` absent: the search with drop-out found no maximum.
void TakeNoDropOut(std::optional<double> statistic, LifetimeFit* fit) {
  constexpr const char* kWords = "attrition is not identified";
  fit->identified = false;
  fit->boundary = fit->boundary.empty() ? "no_drop_out" : "no_drop_out, " + fit->boundary;
  const std::string why = statistic ? fmt::format("drop-out gains {:.3g} in twice the log-likelihood, less than {}",
                                                  std::max(*statistic, 0.0), kNoDropOutCritical)
                                    : "the search with drop-out found no maximum";
  fit->warnings.push_back(fmt::format("{}: {}; every customer counts as alive", kWords, why));
  for (size_t i = 2; i < fit->estimates.size(); ++i) fit->estimates[i].words = kWords;
}

LifetimeFit Begin(LifetimeKind kind, double customers, size_t rows) {
  LifetimeFit fit;
  fit.asked = kind;
  fit.parameters.kind = kind;
  fit.customers = customers;
  fit.unique_rows = rows;
  for (const char* name : ParameterNames(kind)) fit.estimates.push_back({.name = name});
  return fit;
}

// One kind with its k.
LifetimeFit FitOne(LifetimeKind kind, int k, const HistoryTable& table, const FitOptions& options) {
  LifetimeFit fit = Begin(kind, table.customers(), table.rows.size());
  const auto likelihood = MakeLikelihood(kind, table);
  SearchProblem problem = ProblemOf(*likelihood, table, options);
  const Optima optima = Climbed(problem, kind, k, table, options);
  const bool believes = options.prior.by_parameter[2].has_value() || options.prior.by_parameter[3].has_value();
  const bool has_full = kind != LifetimeKind::kNbd && IsUsable(optima.full, fit.customers);
  const double statistic = has_full ? 2 * (optima.full.derivatives.value - optima.nested.derivatives.value) : -HUGE_VAL;
  const bool drops_out = has_full && (believes || statistic >= kNoDropOutCritical);
  if (!drops_out && !optima.nested.found) {
    fit.reason = "the search for the maximum of the likelihood found no usable point";
    return fit;
  }
  if (!drops_out) problem.free = kFirstTwoFree;
  JudgedMaximum judged = JudgeBoundaries(problem, drops_out ? optima.full : optima.nested, BoundaryRulesOf(kind));
  if (!IsUsable(judged.climb, fit.customers)) {
    fit.reason = fmt::format("the search for the maximum of the likelihood did not converge (gradient norm {:.3g})",
                             judged.climb.gradient_norm);
    return fit;
  }
  TakeMaximum(problem, judged, options.intervals, &fit);
  if (!drops_out && kind != LifetimeKind::kNbd) TakeNoDropOut(has_full ? std::optional(statistic) : std::nullopt, &fit);
  if (!drops_out && k == 1 && kind != LifetimeKind::kBgBb) {
    fit.parameters.kind = LifetimeKind::kNbd;
    fit.parameters.value[2] = fit.parameters.value[3] = 0;
  }
  if (table.log_gaps) {
    fit.log_likelihood += table.GapTerm(k);
    fit.log_posterior += table.GapTerm(k);
  }
  return fit;
}

// From k to k + 1 the hits come quicker: alpha falls so that purchases come as often as before.
std::optional<LifetimeParameters> StartFor(int k, const LifetimeFit& before) {
  if (!before.fitted || !before.boundary.empty()) return std::nullopt;
  LifetimeParameters start = before.parameters;
  start.kind = before.asked;
  start.value[1] *= static_cast<double>(start.k) / k;
  start.k = k;
  return start;
}

LifetimeFit FitRegular(LifetimeKind kind, std::optional<int> k, const HistoryTable& table, const FitOptions& options) {
  FitOptions next = options;
  std::optional<LifetimeFit> best;
  int worse = 0;
  constexpr int kWorseMax = 2;  // the likelihood has one hill in k
  for (int now = 1; now <= k.value_or(kRegularityMax) && worse < kWorseMax; ++now) {
    next.intervals = options.intervals && now == k.value_or(now);
    LifetimeFit fit = FitOne(kind, now, table, next);
    next.start = StartFor(now + 1, fit);
    const bool better = !best || !best->fitted || (fit.fitted && fit.log_likelihood > best->log_likelihood);
    worse = better || k ? 0 : worse + 1;
    if (better || k) best = std::move(fit);
  }
  if (!k && best->fitted && best->parameters.k == kRegularityMax) {
    best->warnings.push_back(fmt::format("purchases are more regular than k = {} can say", kRegularityMax));
  }
  return *best;
}

std::optional<LifetimeKind> Simpler(LifetimeKind kind) {
  switch (kind) {
    case LifetimeKind::kBgCnbd:
      return LifetimeKind::kBgNbd;
    case LifetimeKind::kMbgCnbd:
      return LifetimeKind::kMbgNbd;
    case LifetimeKind::kBgNbd:
    case LifetimeKind::kMbgNbd:
    case LifetimeKind::kParetoNbd:
      return LifetimeKind::kNbd;
    default:
      return std::nullopt;
  }
}

}  // namespace

LifetimeFit FitLifetime(LifetimeKind kind, std::optional<int> k, const HistoryTable& table, const FitOptions& options) {
  LifetimeFit fit = Begin(kind, table.customers(), table.rows.size());
  fit.reason = ReasonAgainst(table, kind);
  if (IsRegular(kind) && !k && !table.log_gaps && fit.reason.empty()) {
    fit.reason = "the gaps between purchases are not known: k cannot be chosen";
  }
  if (!fit.reason.empty()) {
    fit.identified = false;
    return fit;
  }
  fit = IsRegular(kind) ? FitRegular(kind, k, table, options) : FitOne(kind, 1, table, options);
  const std::optional<LifetimeKind> simpler = Simpler(kind);
  if (fit.fitted || !simpler) return fit;
  LifetimeFit nested =
      FitLifetime(*simpler, std::nullopt, table, {.prior = options.prior, .intervals = options.intervals, .start = {}});
  nested.asked = kind;
  nested.identified = false;
  nested.warnings.insert(nested.warnings.begin(),
                         fmt::format("{}: {}; fitted as {} instead", Name(kind), fit.reason, Name(*simpler)));
  return nested;
}

namespace {

class ContractLikelihood : public LifetimeLikelihood {
 public:
  explicit ContractLikelihood(const ContractTable& table) : table_(table) {}

  Derivatives<4> Evaluate(const LifetimeParameters& at) const override {
    const Derivatives<2> found = SbgLogLikelihood({.alpha = at.value[0], .beta = at.value[1]}, table_);
    Derivatives<4> full;
    full.value = found.value;
    for (size_t i = 0; i < 2; ++i) {
      full.gradient[i] = found.gradient[i];
      for (size_t j = 0; j < 2; ++j) full.hessian[i][j] = found.hessian[i][j];
    }
    return full;
  }

 private:
  const ContractTable& table_;
};

}  // namespace

LifetimeFit FitContracts(const ContractTable& table, const FitOptions& options) {
  LifetimeFit fit = Begin(LifetimeKind::kSbg, table.customers(), table.lost.size() + table.still.size());
  double lost = 0;
  for (const double count : table.lost) lost += count;
  double renewed = 0;
  for (size_t n = 1; n < table.still.size(); ++n) renewed += table.still[n];
  for (size_t t = 1; t < table.lost.size(); ++t) renewed += table.lost[t];
  if (fit.customers < kFitCustomersMin) {
    fit.reason = TooFew(fit.customers, "a contract", kFitCustomersMin);
  } else if (lost == 0) {
    fit.reason = "no contract has ended: there is no drop-out to fit";
  } else if (renewed == 0) {
    fit.reason = "no contract was renewed: there is no retention to fit";
  }
  if (!fit.reason.empty()) {
    fit.identified = false;
    return fit;
  }
  const ContractLikelihood likelihood(table);
  const SearchProblem problem{
      .likelihood = &likelihood, .customers = fit.customers, .free = kFirstTwoFree, .prior = options.prior};
  const double mean = lost / (lost + renewed);
  std::vector<LifetimeParameters> starts;
  for (const double strength : {1.0, 4.0}) {
    starts.push_back({.kind = LifetimeKind::kSbg, .value = {mean * strength, (1 - mean) * strength, 0, 0}, .k = 1});
  }
  const JudgedMaximum judged =
      JudgeBoundaries(problem, BestClimb(problem, starts), BoundaryRulesOf(LifetimeKind::kSbg));
  if (!IsUsable(judged.climb, fit.customers)) {
    fit.reason = "the search for the maximum of the likelihood did not converge";
    return fit;
  }
  TakeMaximum(problem, judged, options.intervals, &fit);
  return fit;
}

}  // namespace strata
