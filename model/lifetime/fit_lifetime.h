// Maximum likelihood for every model of repeat buying, with standard errors, intervals, and a judgement of what the
// data determine at all. Pure functions of the table, thread-safe, deterministic on any number of threads.
//
// Errors: observed information of the sum over customers in the logarithms of the parameters, delta method; intervals
// are exp(ln estimate +- 1.96 errors), and the profile likelihood's where an error of a logarithm exceeds 1 or the
// information is not positive definite.
//
// Identification. Where the optimum lies at infinity or on a boundary, no huge or tiny number is printed as if it were
// an estimate: the parameter is absent, `boundary` and `warnings` say why, `determined` gives the combination that the
// data do determine, and `parameters`, which scores use, are those of the nested model (or of a fit with the strength
// held at 1e6, whose forecasts are within 1e-5 of the limit's):
//   no_drop_out     drop-out gains less than 5.138 in twice the log-likelihood: the 5 % point of an even mixture of
//                   chi-squared with 1 and 2 degrees of freedom (Self and Liang 1987, JASA 82(398) 605-610)
//   equal_rates     r (BG/BB: alpha + beta) to infinity loses less than 2.706 (5 % point of the boundary test)
//   equal_drop_out  a + b, s or gamma + delta to infinity loses less than 2.706
//   polarised       a + b (Pareto/NBD: beta) to zero loses less than 2.706: a share leaves at the first occasion, the
//                   others never
#pragma once

#include <optional>

#include "model/lifetime/history_table.h"
#include "model/lifetime/lifetime_fit.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/likelihood_search.h"
#include "model/lifetime/sbg.h"

namespace strata {

// Fewer customers than this are no base to estimate up to four parameters from.
inline constexpr double kFitCustomersMin = 10;
inline constexpr double kNoDropOutCritical = 5.138;
inline constexpr double kBoundaryCritical = 2.706;
// A strength that stands for infinity.
inline constexpr double kInfiniteStrength = 1e6;
// A beta of Pareto/NBD that stands for zero, in time units: who leaves has left before anybody could buy.
inline constexpr double kVanishedScale = 1e-30;

struct FitOptions {
  LogPrior prior;
  bool intervals = true;                    // profile intervals cost some dozens of evaluations
  std::optional<LifetimeParameters> start;  // near the optimum; else starts of the kind's own
};

// Never fails: where nothing can be fitted, `fitted` is false and `reason` says why; a search that ends nowhere falls
// back on the next simpler model, with a warning. `k` is for the CNBD models: 1..kRegularityMax, or absent, and then
// chosen by the log-likelihood with its gap term, which needs the table's log_gaps. Not for kSbg.
LifetimeFit FitLifetime(LifetimeKind kind, std::optional<int> k, const HistoryTable& table, const FitOptions& options);

// Contracts: kSbg.
LifetimeFit FitContracts(const ContractTable& table, const FitOptions& options);

}  // namespace strata
