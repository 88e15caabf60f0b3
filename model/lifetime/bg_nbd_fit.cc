#include "model/lifetime/bg_nbd_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace strata {
namespace {

constexpr int kIterationsMax = 200;           // evaluations; 10 to 30 are usual
constexpr double kGradientTolerance = 1e-8;   // of the gradient norm, per customer
constexpr double kGradientAcceptable = 1e-4;  // per customer: worse than this is no maximum at all
constexpr double kFlatLogError = 5;           // a standard error of a factor e^5 either way: the data do not say
constexpr int kStarts = 2;                    // Newton runs, from the best points of the coarse grid

// Beyond so many rows the search begins on an even share of them: the neighbourhood of the optimum takes some 30
// evaluations to find, and only the last few need every row.
constexpr size_t kSearchRows = 65'536;

using Point = std::array<double, 4>;

BgNbdParameters ParametersAt(const Point& point) {
  return {.r = std::exp(point[0]), .alpha = std::exp(point[1]), .a = std::exp(point[2]), .b = std::exp(point[3])};
}

Derivatives<2> WithoutDropOut(const BgNbdLikelihood& likelihood, const std::array<double, 2>& point) {
  const Derivatives<4> all =
      likelihood.Evaluate({.r = std::exp(point[0]), .alpha = std::exp(point[1]), .a = 0, .b = 1});
  return {.value = all.value,
          .gradient = {all.gradient[0], all.gradient[1]},
          .hessian = {{{all.hessian[0][0], all.hessian[0][1]}, {all.hessian[1][0], all.hessian[1][1]}}}};
}

// Coarse starts: the shape of the NBD optimum or, because drop-out explains part of the spread between customers, one
// with quicker buyers; mean drop-out probabilities and their strength over the range seen in practice.
std::vector<Point> CoarseStarts(const NbdFit& nbd) {
  std::vector<Point> starts;
  for (const auto& [shape, scale] : {std::pair{1.0, 1.0}, std::pair{0.65, 0.4}}) {
    for (const double mean : {0.03, 0.2, 0.5}) {
      for (const double strength : {1.0, 4.0}) {
        starts.push_back({std::log(shape * nbd.r), std::log(scale * nbd.alpha), std::log(mean * strength),
                          std::log((1 - mean) * strength)});
      }
    }
  }
  return starts;
}

TrustRegionNewton<4> Climb(const BgNbdLikelihood& likelihood, const Point& start) {
  TrustRegionNewton<4> search(start, kGradientTolerance * static_cast<double>(likelihood.customers()), kIterationsMax);
  while (search.state() == MaximiserState::kRunning) search.Report(likelihood.Evaluate(ParametersAt(search.trial())));
  return search;
}

// The best of a few climbs; nullopt when not one start had a likelihood.
std::optional<TrustRegionNewton<4>> BestClimb(const BgNbdLikelihood& likelihood, const NbdFit& nbd) {
  std::vector<std::pair<double, Point>> starts;
  for (const Point& start : CoarseStarts(nbd)) {
    const double value = likelihood.Evaluate(ParametersAt(start)).value;
    if (std::isfinite(value)) starts.emplace_back(value, start);
  }
  std::stable_sort(starts.begin(), starts.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::optional<TrustRegionNewton<4>> best;
  for (size_t i = 0; i < std::min<size_t>(starts.size(), kStarts); ++i) {
    TrustRegionNewton<4> climb = Climb(likelihood, starts[i].second);
    // Rounding noise must not choose between two climbs to the same maximum.
    constexpr double kSameValue = 1e-10;
    if (climb.has_best() &&
        (!best || climb.at_best().value > best->at_best().value + kSameValue * std::fabs(best->at_best().value))) {
      best = climb;
    }
  }
  return best;
}

NbdFit ClimbNbd(const BgNbdLikelihood& likelihood, const NbdFit& start) {
  TrustRegionNewton<2> search({std::log(start.r), std::log(start.alpha)},
                              kGradientTolerance * static_cast<double>(likelihood.customers()), kIterationsMax);
  while (search.state() == MaximiserState::kRunning) search.Report(WithoutDropOut(likelihood, search.trial()));
  NbdFit fit;
  fit.r = start.r;
  fit.alpha = start.alpha;
  if (!search.has_best()) return fit;
  fit.converged = search.state() == MaximiserState::kConverged;
  fit.r = std::exp(search.best()[0]);
  fit.alpha = std::exp(search.best()[1]);
  fit.log_likelihood = search.at_best().value;
  fit.gradient_norm = search.gradient_norm();
  fit.iterations = search.iterations();
  const std::optional<std::array<double, 2>> errors = StandardErrors(search.at_best());
  if (fit.converged && errors) fit.standard_errors = {fit.r * (*errors)[0], fit.alpha * (*errors)[1]};
  return fit;
}

struct Optima {
  NbdFit nbd;
  std::optional<TrustRegionNewton<4>> climb;  // with drop-out
};

Optima FindOptima(const BgNbdLikelihood& likelihood) {
  Optima found{.nbd = FitNbd(likelihood), .climb = std::nullopt};
  found.climb = BestClimb(likelihood, found.nbd);
  return found;
}

// Every so many-th row in the table's order, which goes by x, t_x and T: a small base of the same shape. Empty where
// the table is small itself.
std::vector<PurchaseRow> EvenShare(const std::vector<PurchaseRow>& rows) {
  std::vector<PurchaseRow> share;
  const size_t step = (rows.size() + kSearchRows - 1) / kSearchRows;
  if (step <= 1) return share;
  for (size_t i = step / 2; i < rows.size(); i += step) share.push_back(rows[i]);
  return share;
}

// The optima of the likelihood, sought from those of the share's where these are proper ones.
Optima FindOptima(const BgNbdLikelihood& likelihood, const BgNbdLikelihood& share) {
  if (share.customers() == 0 || share.repeat_purchases() <= 0) return FindOptima(likelihood);
  const Optima near = FindOptima(share);
  if (!near.nbd.converged || !near.climb || near.climb->state() != MaximiserState::kConverged) {
    return FindOptima(likelihood);
  }
  const Optima found{.nbd = ClimbNbd(likelihood, near.nbd), .climb = Climb(likelihood, near.climb->best())};
  if (!found.nbd.converged || found.climb->state() != MaximiserState::kConverged) return FindOptima(likelihood);
  return found;
}

// Why the base cannot be fitted at all; empty where it can.
std::string ReasonAgainst(const BgNbdLikelihood& likelihood) {
  if (likelihood.customers() == 0) return "no customer has a purchase day";
  if (likelihood.customers() < kLifetimeCustomersMin) {
    return fmt::format("only {} customers have a purchase day; a fit needs at least {}", likelihood.customers(),
                       kLifetimeCustomersMin);
  }
  if (likelihood.time() <= 0) {
    return "every customer's first purchase is on the date itself: no time has passed in which to buy again";
  }
  if (likelihood.repeat_purchases() <= 0) return "no customer bought on a second day: there is no repeat rate to fit";
  return "";
}

void TakeNbd(const NbdFit& nbd, LifetimeModel* model) {
  model->r = nbd.r;
  model->alpha = nbd.alpha;
  model->a = 0;
  model->b = 1;
  model->log_likelihood = nbd.log_likelihood;
  model->iterations = nbd.iterations;
  model->gradient_norm = nbd.gradient_norm;
}

void TakeErrors(const Derivatives<4>& at_best, LifetimeModel* model) {
  constexpr std::array<const char*, 4> kNames = {"r", "alpha", "a", "b"};
  const std::array<double, 4> values = {model->r, model->alpha, model->a, model->b};
  const std::optional<std::array<double, 4>> errors = StandardErrors(at_best);
  if (!errors) {
    model->warnings.push_back(
        "the log-likelihood is flat at the optimum: some parameters are not determined by the data and there are no "
        "standard errors");
    return;
  }
  std::string flat;
  for (size_t i = 0; i < 4; ++i) {
    if ((*errors)[i] > kFlatLogError) flat += fmt::format("{}{}", flat.empty() ? "" : ", ", kNames[i]);
    model->standard_errors[i] = values[i] * (*errors)[i];  // delta method
  }
  model->has_standard_errors = flat.empty();
  if (flat.empty()) return;
  model->standard_errors = {};
  model->warnings.push_back(fmt::format(
      "the data do not determine {}: any value in a wide range fits as well, so there are no standard errors", flat));
}

void TakeClimb(const TrustRegionNewton<4>& climb, LifetimeModel* model) {
  const BgNbdParameters parameters = ParametersAt(climb.best());
  model->r = parameters.r;
  model->alpha = parameters.alpha;
  model->a = parameters.a;
  model->b = parameters.b;
  model->log_likelihood = climb.at_best().value;
  model->iterations = climb.iterations();
  model->gradient_norm = climb.gradient_norm();
  if (climb.state() == MaximiserState::kOutOfIterations || climb.state() == MaximiserState::kStalled) {
    model->warnings.push_back(
        fmt::format("the search ended before the optimum after {} evaluations, gradient norm {:.3g}",
                    climb.iterations(), climb.gradient_norm()));
  }
  TakeErrors(climb.at_best(), model);
}

}  // namespace

NbdFit FitNbd(const BgNbdLikelihood& likelihood) {
  // Exponentially distributed rates would have shape 1; real bases are more uneven.
  constexpr double kShape = 0.5;
  const double rate = likelihood.repeat_purchases() / likelihood.time();
  return ClimbNbd(likelihood, {.r = kShape, .alpha = kShape / rate});
}

LifetimeModel FitBgNbd(std::vector<PurchaseRow> rows, double time_unit_days) {
  LifetimeModel model;
  model.time_unit_days = time_unit_days;
  const BgNbdLikelihood share(EvenShare(rows), time_unit_days);
  const BgNbdLikelihood likelihood(std::move(rows), time_unit_days);
  model.customers = likelihood.customers();
  model.unique_rows = likelihood.unique_rows();
  model.reason = ReasonAgainst(likelihood);
  if (!model.reason.empty()) {
    model.identified = false;
    return model;
  }
  const auto [nbd, climb] = FindOptima(likelihood, share);
  const auto customers = static_cast<double>(model.customers);
  const bool usable = climb && climb->gradient_norm() <= kGradientAcceptable * customers;
  const double statistic = climb ? 2 * (climb->at_best().value - nbd.log_likelihood) : 0;
  model.identified = usable && statistic >= kDropOutCriticalValue;
  const bool interior = usable && climb->state() == MaximiserState::kConverged;
  if (model.identified || interior) {
    TakeClimb(*climb, &model);
  } else if (statistic < kDropOutCriticalValue && nbd.gradient_norm <= kGradientAcceptable * customers) {
    TakeNbd(nbd, &model);
    if (!nbd.converged) {
      model.warnings.push_back(
          "customers hardly differ in how often they buy: only the mean rate r / alpha is determined by the data");
    }
  } else {
    model.reason = fmt::format("the search for the maximum of the likelihood did not converge (gradient norm {:.3g})",
                               climb ? climb->gradient_norm() : nbd.gradient_norm);
    return model;
  }
  model.fitted = true;
  if (!model.identified) {
    model.warnings.push_back(fmt::format(
        "drop-out is not identified: the model with drop-out gains {:.3g} in twice the log-likelihood over the one "
        "without, less than {}; {}",
        std::max(statistic, 0.0), kDropOutCriticalValue,
        interior ? "the probabilities of being alive are uncertain" : "every customer counts as alive"));
  }
  return model;
}

}  // namespace strata
