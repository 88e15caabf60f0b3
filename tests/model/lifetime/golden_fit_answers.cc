#include <cmath>
#include <map>

#include "base/hash.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/spend_fitter.h"
#include "tests/model/lifetime/customer_base.h"
#include "tests/model/lifetime/golden_answers.h"
#include "tests/model/lifetime/golden_base.h"

namespace strata {
namespace {

using Answer = std::optional<std::vector<double>>;

struct Fitted {
  std::vector<double> estimates, errors;
  double log_likelihood = 0;
};

Fitted Of(const LifetimeFit& fit) {
  Fitted fitted;
  EXPECT_TRUE(fit.fitted && fit.identified && fit.warnings.empty()) << fit.reason << fit.boundary;
  EXPECT_LE(fit.gradient_norm, kFitGradientTolerance * fit.customers);
  for (const ParameterEstimate& estimate : fit.estimates) {
    fitted.estimates.push_back(estimate.estimate.value_or(std::nan("")));
    fitted.errors.push_back(estimate.standard_error.value_or(std::nan("")));
  }
  fitted.log_likelihood = fit.log_likelihood;
  return fitted;
}

Fitted OfSpend(const GoldenBase& golden) {
  CustomerBase base(CdnowCalibrationEnd());
  uint64_t number = 0;
  for (const GoldenCustomer& customer : golden.customers) {
    const auto x = static_cast<int32_t>(customer.history.x);
    base.Add(Mix(++number), x + 1, 0, 0, std::llround(customer.spend * 1e6 * x));
  }
  SpendFitter fitter;
  RunFitter(&fitter, {base});
  const SpendModel& model = fitter.result();
  return {.estimates = {model.p, model.q, model.v},
          .errors = {model.standard_errors.begin(), model.standard_errors.end()},
          .log_likelihood = model.log_likelihood};
}

Fitted FittedFor(const GoldenEntry& entry) {
  if (entry.model == "sBG") {
    return Of(FitContracts(ContractTable::OfCohort(entry.Inputs("survivors_by_year")), {}));
  }
  const GoldenBase& base = GoldenBaseNamed(entry.inputs.at("dataset").get<std::string>());
  if (entry.model == "Gamma-Gamma") return OfSpend(base);
  const LifetimeKind kind = [&entry] {
    if (entry.model == "NBD") return LifetimeKind::kNbd;
    if (entry.model == "BG/NBD") return LifetimeKind::kBgNbd;
    if (entry.model == "MBG/NBD") return LifetimeKind::kMbgNbd;
    return entry.model == "BG/BB" ? LifetimeKind::kBgBb : LifetimeKind::kParetoNbd;
  }();
  return Of(FitLifetime(kind, std::nullopt, base.Table(), {}));
}

}  // namespace

Answer FitAnswer(const GoldenEntry& entry) {
  const bool asks = AsksFor(entry, "mle") || AsksFor(entry, "se") || AsksFor(entry, "loglik");
  if (!asks || entry.inputs.contains("params")) return std::nullopt;
  static std::map<std::string, Fitted> fits;  // by what stands before the last point
  const std::string key = entry.name.substr(0, entry.name.rfind('.'));
  if (fits.find(key) == fits.end()) fits[key] = FittedFor(entry);
  const Fitted& fitted = fits[key];
  if (AsksFor(entry, "mle")) return fitted.estimates;
  if (AsksFor(entry, "se")) return fitted.errors;
  return std::vector{fitted.log_likelihood};
}

}  // namespace strata
