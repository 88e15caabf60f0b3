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
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/likelihood_search.h"

namespace strata {

// Columns of the profile by name, and how they act (model/lifetime/covariates.h).
struct CovariateSettings {
  std::vector<std::string> rate, dropout;
  bool dropout_strength = false, common_factor = false;
  std::map<std::string, std::string> reference;  // column of words → level
  std::map<std::string, double> scale;           // numeric column → unit of the printed coefficient
  std::optional<double> prior_sd;                // per printed unit

  bool operator==(const CovariateSettings&) const = default;
};

// When parameters are fitted anew instead of kept from the snapshot that a run follows: every night, when they are
// `days` old, or never.
struct LifetimeRefit {
  bool frozen = false;
  int days = 1;  // 1: every night
};

// Periods of the discrete models. The columns with their counts are of the profile.
struct OpportunitySettings {
  std::string unit;  // "month", "quarter", "year"; empty: `days`
  int days = 0;
};

struct LifetimeFitSettings {
  std::optional<LifetimeKind> kind = LifetimeKind::kBgNbd;  // absent: chosen by the hold-out
  std::optional<int> k;                                     // of regular timing; absent: chosen
  double time_unit_days = 7;
  Day as_of = 0;
  int horizon_days = 365;
  int holdout_days = 0;  // 0: there is no hold-out; the features' view `holdout` is then empty
  int choose_days = 90;  // a chosen kind is chosen anew when it is so old
  LifetimeRefit refit;
  std::map<std::string, std::pair<double, double>> prior;  // parameter → median, factor
  std::optional<double> interval = 0.9;                    // level of customers' intervals
  int bootstrap = 0;                                       // replicates; 0: none
  uint64_t seed = 1;
  std::optional<CovariateSettings> covariates;
  std::optional<OpportunitySettings> opportunity;  // kBgBb
  std::optional<OpportunitySettings> contract;     // kSbg: its period
  bool contract_value = false;                     // the profile says what a period is worth
  bool margin = false, margin_by_category = false;
  // Of all shards, from the feature stage; null: not known. Regular timing and merged days need it.
  std::shared_ptr<const BaseHistory> history;
  std::shared_ptr<const LifetimeModel> last;  // of the followed snapshot; null: none
};

// Priors of the kind's parameters; names that the kind does not have are passed over.
LogPrior PriorOf(const LifetimeFitSettings& settings, LifetimeKind kind);

// Whether a kind is fitted on tables of the profile (DiscreteFitter) instead of purchase histories (LifetimeFitter).
bool IsDiscrete(LifetimeKind kind);

}  // namespace strata
