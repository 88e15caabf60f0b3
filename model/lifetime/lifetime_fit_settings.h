// What a night asks of its lifetime models: the job's settings as the mathematics needs them, with what the run knows
// before the first round. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/date.h"
#include "model/fitted_models.h"
#include "model/lifetime/base_history.h"
#include "model/lifetime/covariate_coding.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/likelihood_search.h"

namespace strata {

// More merged days than this bias the parameters by more than their errors on a large base (docs/models.md).
inline constexpr double kMergedShareMax = 0.02;

// When parameters are fitted anew instead of kept from the snapshot that a run follows: every night, when they are
// `days` old, or never.
struct LifetimeRefit {
  bool frozen = false;
  int days = 1;  // 1: every night
};

struct LifetimeFitSettings {
  std::optional<LifetimeKind> kind = LifetimeKind::kBgNbd;  // absent: chosen by the hold-out
  std::optional<int> k;                                     // of regular timing; absent: chosen
  double time_unit_days = 7;  // of the discrete kinds: of an opportunity, or of a contract's period
  // Of the discrete kinds: whole periods that end in the horizon of scores after as_of.
  std::optional<int32_t> horizon_periods;
  Day as_of = 0;
  int holdout_days = 0;  // 0: there is no hold-out; the features' view `holdout` is then empty
  int choose_days = 90;  // a chosen kind is chosen anew when it is so old
  LifetimeRefit refit;
  std::map<std::string, std::pair<double, double>> prior;  // parameter → median, factor
  std::optional<double> interval = 0.9;                    // level of customers' intervals
  int bootstrap = 0;                                       // replicates; 0: none
  uint64_t seed = 1;
  std::optional<CovariateSettings> covariates;
  std::string margin_basis;  // what the margin is made of, for people; empty: values are of net revenue
  // Of all shards, from the feature stage; null: not known. Regular timing and merged days need it.
  std::shared_ptr<const BaseHistory> history;
  std::shared_ptr<const LifetimeModel> last;  // of the followed snapshot; null: none
};

// Of the kind's parameters; names that the kind does not have are passed over.
LogPrior PriorOf(const LifetimeFitSettings& settings, LifetimeKind kind);

// Whether a kind is fitted on counts of opportunities or contracts instead of purchase histories (LifetimeFitter).
bool IsDiscrete(LifetimeKind kind);

struct LifetimeRefitDecision {
  bool keep = false;        // the parameters of settings.last are taken over
  std::string words;        // why, for people
  bool surprising = false;  // the job freezes parameters that are not to be had as it wants them: worth a warning
};
// What becomes of the parameters when tonight's model is of this kind (and k, where the kind has one and it is given).
// Only parameters of the same kind, unit, prior, covariates and replicates can be kept; replicates that the job no
// longer asks for are dropped.
LifetimeRefitDecision DecideLifetimeRefit(const LifetimeFitSettings& settings, LifetimeKind kind, std::optional<int> k);

// Everything that the kept model says, with what tonight knows better left to the caller: date, history, judgement.
LifetimeModel Kept(const LifetimeFitSettings& settings);

// What a night says of a base whatever is fitted to it: history, level of the intervals, and for models of purchase
// histories merged days, with a warning. That parameters were not kept as the job wants them is among the warnings.
void DescribeNight(const LifetimeFitSettings& settings, const LifetimeRefitDecision& decision, LifetimeModel* model);

// The model of a fit of tonight.
LifetimeModel ModelOf(const LifetimeFitSettings& settings, LifetimeFit fit);

}  // namespace strata
