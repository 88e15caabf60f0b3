// What a job asks of its lifetime value (docs/models.md). Plain values; thread-safe. run/job_lifetime.h reads and
// checks them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/status.h"

namespace strata {

inline constexpr char kAutoLifetimeModel[] = "auto";
// Of a hold-out: fewer days are no judge of anything, more are no forecast.
inline constexpr int kHoldoutDaysMin = 28;
inline constexpr int kHoldoutDaysMax = 3650;
// `holdout_days: auto` leaves two thirds of the history to the fit.
inline constexpr int kHoldoutShareOfSpan = 3;

// How long an opportunity to buy (bg_bb) or a contract's period (sbg) is: a calendar unit, or so many days.
struct LifetimePeriod {
  std::string unit;  // "month", "quarter", "year"; empty: days
  int days = 0;      // 1..3650 where unit is empty

  bool operator==(const LifetimePeriod&) const = default;
};

// Columns of the customers table, as "customers.left_at".
struct LifetimeContract {
  std::string start, end;  // days; no end: still under contract
  LifetimePeriod period;

  bool operator==(const LifetimeContract&) const = default;
};

struct LifetimeCovariates {
  std::vector<std::string> rate, dropout;        // columns, "customers.region"; each once in a list
  bool dropout_strength = false;                 // b has coefficients of its own
  bool common_factor = false;                    // a and b have the same ones: for comparison
  std::map<std::string, std::string> reference;  // column of words → the level that others are compared with
  std::map<std::string, double> scale;           // numeric column → how much of it a printed coefficient is for
  std::optional<double> prior_sd;                // coefficients are normal about 0 with it, per printed unit

  bool operator==(const LifetimeCovariates&) const = default;
};

struct LifetimePrior {  // a parameter is lognormal about `median`; two thirds lie within a factor `factor` of it
  double median = 1, factor = 2;

  bool operator==(const LifetimePrior&) const = default;
};

struct LifetimeSettings {
  double time_unit_days = 7;  // day 1, week 7, month 30.4375
  std::string time_unit = "week";
  int horizon_days = 365;
  double discount_rate_annual = 0.10;
  bool spend = true;  // gamma_gamma; false: none

  std::string model = "bg_nbd";  // a name of model/lifetime/lifetime_kind.h, or kAutoLifetimeModel
  std::optional<int> k;          // 1..12, of bg_cnbd and mbg_cnbd; absent: chosen
  bool margin = false;           // values are margin instead of net; default where the job knows costs
  enum class Holdout : uint8_t { kNone, kAuto, kDays };
  Holdout holdout = Holdout::kNone;  // kAuto by default where model is auto
  int holdout_days = 0;              // kDays
  int choose_days = 90;              // model: auto chooses anew when its choice is so old
  enum class Refit : uint8_t { kNightly, kEvery, kFrozen };
  Refit refit = Refit::kNightly;
  int refit_days = 1;                    // kEvery
  std::optional<double> interval = 0.9;  // level of all intervals of customers; absent: none
  int bootstrap = 0;                     // replicates; 0: intervals by draws from the fit's covariance
  std::optional<LifetimeCovariates> covariates;
  std::map<std::string, LifetimePrior> prior;  // by name of a parameter
  std::optional<LifetimePeriod> opportunity;   // bg_bb, and there always
  std::optional<LifetimeContract> contract;    // sbg, and there always

  bool is_auto() const { return model == kAutoLifetimeModel; }
  // Of purchases in continuous time, not of opportunities or contracts.
  bool has_histories() const { return model != "bg_bb" && model != "sbg"; }
  // Columns of customers' profiles that the fit or the scores read, ascending, each once: covariates and contracts.
  std::vector<std::string> ProfileColumns() const;
};

// The days of the hold-out of a run as of `as_of`; 0: none. `first_day` is that of the first accepted row of any run,
// which is known before features are made; absent: there is none. `auto` is the horizon (or kHoldoutDaysMin, if that is
// more) or a third of the history, whichever is less, and none below kHoldoutDaysMin. FAILED_PRECONDITION
// (HOLDOUT_TOO_LONG) where the job gives as many days as the history has, or more.
absl::StatusOr<int> HoldoutDays(const LifetimeSettings& settings, Day as_of, std::optional<Day> first_day);

// For people: that a model which the job names is not judged though the job wants it to be; empty where it is, or where
// `model: auto` says it all the same.
std::string WhyNoHoldout(const LifetimeSettings& settings, int holdout_days);

}  // namespace strata
