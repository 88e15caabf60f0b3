#include "model/lifetime/covariate_fitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/fixed_point.h"

namespace strata {

static_assert(Fitter<CovariateFitter>);

namespace {

std::vector<double> FromGrid(const std::vector<Int128>& sums) {
  std::vector<double> terms;
  terms.reserve(sums.size());
  for (const Int128 sum : sums) terms.push_back(strata::FromGrid(sum, kLikelihoodGridBits));
  return terms;
}

absl::Status Mismatch(const std::string& words) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH", "covariates: " + words);
}

// A coefficient of the fit in other units.
ParameterEstimate Scaled(ParameterEstimate estimate, double factor) {
  for (std::optional<double>* value : {&estimate.estimate, &estimate.standard_error, &estimate.low, &estimate.high}) {
    if (*value) **value *= factor;
  }
  return estimate;
}

}  // namespace

CovariateFitter::CovariateFitter(Settings settings) : settings_(std::move(settings)) {
  const LifetimeKind kind = settings_.without.parameters.kind;
  result_.asked = settings_.covariates;
  result_.fit.base = settings_.without.parameters;
  if (!settings_.without.fitted || !settings_.without.identified) {
    Stop("the model without covariates is not identified");
  } else if (kind == LifetimeKind::kBgBb || kind == LifetimeKind::kSbg) {
    Stop(fmt::format("{} has no covariates", strata::Name(kind)));
  } else if (CovariateColumns(settings_.covariates).empty()) {
    Stop("no column is named");
  }
}

std::optional<CovariateFitter::Parameters> CovariateFitter::Next() const {
  if (!stage_) return std::nullopt;
  Parameters next{.stage = *stage_, .columns = {}, .sources = result_.sources, .share = {}, .effects = {}, .point = {}};
  switch (*stage_) {
    case Stage::kCensus:
      next.columns = CovariateColumns(settings_.covariates);
      break;
    case Stage::kTable:
      next.rows_max = settings_.rows_max;
      break;
    case Stage::kShare:
      next.share = CustomerShare::Of(static_cast<int64_t>(settings_.without.customers));
      break;
    case Stage::kEvaluate:
      next.kind = settings_.without.parameters.kind;
      next.k = settings_.without.parameters.k;
      next.time_unit_days = settings_.time_unit_days;
      next.effects = kept_;
      next.point = search_->trial();
      break;
  }
  return next;
}

absl::Status CovariateFitter::Absorb(const Partial& merged) {
  if (!stage_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the covariates' fit has no further round");
  }
  switch (*stage_) {
    case Stage::kCensus:
      return TakeCensus(merged.census);
    case Stage::kTable:
      return TakeTable(merged.table);
    case Stage::kShare:
      return TakeShare(merged);
    case Stage::kEvaluate:
      return TakeSums(merged);
  }
  return Mismatch("a round of no stage");
}

absl::Status CovariateFitter::TakeCensus(const CovariateCensus& census) {
  STRATA_ASSIGN_OR_RETURN(result_.sources, census.Sources(settings_.covariates));
  result_.traits = TraitsOf(result_.sources);
  for (const CovariateSource& source : result_.sources) {
    if (!TraitsOf({source}).empty()) continue;
    result_.fit.warnings.push_back(
        fmt::format("{} is left out: all customers with a purchase have the same level", source.column));
  }
  result_.effects = EffectsOf(settings_.covariates, result_.sources, result_.traits, settings_.without.parameters.kind);
  if (result_.effects.common_factor) {
    result_.fit.warnings.push_back(
        "common_factor is for comparison: one factor on a and b cannot move the mean drop-out a / (a + b)");
  }
  if (result_.traits.empty()) {
    Stop("no column has two levels with customers enough");
  } else if (result_.traits.size() > kCovariateColumnsMax) {
    Stop(fmt::format("the columns have {} levels and numbers together, more than {}", result_.traits.size(),
                     kCovariateColumnsMax));
  } else {
    stage_ = Stage::kTable;
  }
  return absl::OkStatus();
}

absl::Status CovariateFitter::TakeTable(const CovariateTable& table) {
  STRATA_RETURN_IF_ERROR(table.Check(result_.sources.size()));
  if (table.overflow()) {
    stage_ = Stage::kShare;
    return absl::OkStatus();
  }
  const std::vector<std::string> warnings = result_.fit.warnings;
  result_.fit = FitCovariates(settings_.without, table.Base(result_.sources, settings_.time_unit_days), result_.effects,
                              TraitNames(), Prior());
  result_.fit.warnings.insert(result_.fit.warnings.begin(), warnings.begin(), warnings.end());
  Finish();
  return absl::OkStatus();
}

absl::Status CovariateFitter::TakeShare(const Partial& merged) {
  STRATA_RETURN_IF_ERROR(merged.table.Check(result_.sources.size()));
  const size_t width = result_.traits.size() + 1;
  if (merged.sums.size() != width * width) return Mismatch("products of other traits");
  if (merged.misfits > 0) {
    Stop("a column has numbers more than a thousand deviations from its mean");
    return absl::OkStatus();
  }
  const std::vector<double> products = FromGrid(merged.sums);
  kept_ = IndependentEffects(result_.effects, products, TraitNames(), &result_.fit.warnings);
  customers_ = merged.customers;
  const CovariatePoint point(settings_.without.parameters.kind, settings_.without.parameters.k, kept_);
  const CovariateSearch share =
      ClimbOn(merged.table.Base(result_.sources, settings_.time_unit_days), settings_.without, kept_, Prior());
  began_near_ = share.converged();
  search_.emplace(point, kept_, began_near_ ? share.best() : PointWithout(settings_.without, point),
                  static_cast<double>(customers_), Prior());
  stage_ = Stage::kEvaluate;
  return absl::OkStatus();
}

absl::Status CovariateFitter::TakeSums(const Partial& merged) {
  const CovariatePoint point(settings_.without.parameters.kind, settings_.without.parameters.k, kept_);
  if (merged.sums.size() != point.terms()) return Mismatch("terms of another point");
  if (merged.customers != customers_) {
    return Mismatch(fmt::format("one round saw {} customers, another one {}", customers_, merged.customers));
  }
  search_->Report(merged.misfits > 0 ? std::nullopt : std::optional(point.FromTerms(FromGrid(merged.sums))));
  if (search_->running()) return absl::OkStatus();
  if (!search_->converged() && began_near_) {
    began_near_ = false;
    search_.emplace(point, kept_, PointWithout(settings_.without, point), static_cast<double>(customers_), Prior());
    return absl::OkStatus();
  }
  search_->TakeInto(result_.effects, TraitNames(), &result_.fit);
  Finish();
  return absl::OkStatus();
}

void CovariateFitter::Stop(std::string reason) {
  result_.fit.reason = std::move(reason);
  stage_.reset();
}

void CovariateFitter::Finish() {
  stage_.reset();
  search_.reset();
  if (result_.fit.fitted) TellCoefficients();
}

void CovariateFitter::TellCoefficients() {
  using On = CovariateCoefficient::On;
  const CovariateFit& fit = result_.fit;
  size_t place = ParameterNames(fit.base.kind).size();
  const auto tell = [&](On on, const std::vector<size_t>& asked, const std::vector<size_t>& kept) {
    for (const size_t trait : asked) {
      CovariateCoefficient coefficient{.trait = result_.traits[trait], .on = on, .told_per = 1, .told = {}};
      const CovariateSource& source = result_.sources[coefficient.trait.source];
      const bool is_number = coefficient.trait.coding == CovariateTrait::Coding::kNumber;
      if (is_number) coefficient.told_per = source.told_per;
      if (std::find(kept.begin(), kept.end(), trait) == kept.end()) {
        coefficient.told.words = "left out: it is constant, or what comes before it determines it";
      } else {
        coefficient.told = Scaled(fit.estimates[place++], is_number ? source.told_per / source.deviation : 1);
      }
      coefficient.told.name = fmt::format("{} on {}", TraitName(result_, coefficient.trait), strata::Name(on));
      result_.coefficients.push_back(std::move(coefficient));
    }
  };
  tell(On::kRate, result_.effects.rate, fit.kept.rate);
  tell(On::kDropOut, result_.effects.dropout, fit.kept.dropout);
  tell(On::kStrength, result_.effects.strength, fit.kept.strength);
}

std::vector<std::string> CovariateFitter::TraitNames() const {
  std::vector<std::string> names;
  for (const CovariateTrait& trait : result_.traits) names.push_back(TraitName(result_, trait));
  return names;
}

CovariatePrior CovariateFitter::Prior() const {
  CovariatePrior prior{.parameters = settings_.prior, .deviations = {}};
  if (!settings_.covariates.prior_deviation) return prior;
  for (const CovariateTrait& trait : result_.traits) {
    const CovariateSource& source = result_.sources[trait.source];
    const bool is_number = trait.coding == CovariateTrait::Coding::kNumber;
    prior.deviations.push_back(*settings_.covariates.prior_deviation *
                               (is_number ? source.deviation / source.told_per : 1));
  }
  return prior;
}

}  // namespace strata
