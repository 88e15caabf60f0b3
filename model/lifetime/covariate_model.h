// Static covariates of a fitted lifetime model (model/lifetime/covariates.h): how columns of the customers become
// numbers, what acts on what, and the coefficients. Plain values, complete enough to score any customer; stored with a
// snapshot.
//
// Coding. A number becomes z = (value - centre) / deviation, rounded to a multiple of 2^-20 so that equal customers
// merge; where it is missing, z = 0 and an indicator of its own says so. A category has a trait, 0 or 1, for every
// level but the reference (treatment coding); rare levels are one, `other`, and so are missing values. A trait that the
// fit has not seen does nothing: a new level counts as `other`, and as the reference where there is no `other`; a value
// missing in a column that had none missing counts as the mean, or the reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/lifetime/lifetime_fit.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

inline constexpr size_t kCovariateColumnsMax = 32;  // traits: a fit's Hessian grows with their square

// What the job asks for. Columns are of the profile.
struct CovariateSettings {
  std::vector<std::string> rate, dropout;
  bool strength = false;  // what acts on the drop-out's a acts on b too, with coefficients of its own
  bool common_factor = false;
  std::map<std::string, std::string> reference;  // by column; the most frequent level where absent
  std::map<std::string, double> told_per;        // by column; 1 where absent
  std::optional<double> prior_deviation;         // of coefficients, as they are told; absent: nothing is known

  bool operator==(const CovariateSettings&) const = default;
};

// How one column becomes traits.
struct CovariateSource {
  std::string column;  // of the profile: "customers.age"
  bool is_category = false;
  bool has_missing = false;  // customers of the fit had no value: the last trait says who
  // Of a number, in the unit in which people read it (currency, days, shares of 1).
  double unit = 1;       // the profile's whole numbers that make one
  double centre = 0;     // the mean of the customers in the fit
  double deviation = 1;  // their standard deviation; 1 where all are equal
  double told_per = 1;   // coefficients are told per so many
  // Of a category. Levels ascend by bytes; traits are those of the levels, then other, then missing.
  std::string reference;            // the level of which no trait is 1
  std::vector<std::string> levels;  // the others with customers enough
  bool has_other = false;           // customers of the fit had rare levels

  bool operator==(const CovariateSource&) const = default;
};

// A number of the fit: one column of z.
struct CovariateTrait {
  enum class Coding : uint8_t { kNumber = 1, kLevel = 2, kOther = 3, kMissing = 4 };  // stored

  size_t source = 0;
  Coding coding = Coding::kNumber;
  std::string level;  // of kLevel

  bool operator==(const CovariateTrait&) const = default;
};

// Which traits act on what, by number.
struct CovariateEffects {
  std::vector<size_t> rate;
  std::vector<size_t> dropout;
  std::vector<size_t> strength;  // of b: the models with coins only
  bool common_factor = false;    // dropout acts on a and b alike; strength is then empty
};

struct CovariateFit {
  bool fitted = false;
  std::string reason;
  LifetimeParameters base;                      // of a customer whose traits are all 0
  std::vector<double> rate, dropout, strength;  // coefficients, as in the effects; 0 for traits left out
  std::vector<ParameterEstimate> estimates;     // of the kind's parameters, then of rate, dropout and strength kept
  std::vector<double> covariance;     // of the logarithms of the parameters and of the coefficients kept, row by row
  CovariateEffects kept;              // the effects without traits left out: whose coefficients the covariance is of
  std::vector<std::string> warnings;  // traits that others determine are left out and named
  double log_likelihood = 0;          // without the prior, and without a gap term
  MaximiserState state = MaximiserState::kStalled;
  int evaluations = 0;
  double gradient_norm = 0;
};

// One coefficient as people read it: purchases come exp(coefficient) times as often, customers leave exp(coefficient)
// times as readily, with so many more of the number, or with this level instead of the reference.
struct CovariateCoefficient {
  enum class On : uint8_t { kRate = 1, kDropOut = 2, kStrength = 3 };

  CovariateTrait trait;
  On on = On::kRate;
  double told_per = 1;     // 1 for a category
  ParameterEstimate told;  // without an estimate where the trait is left out; words say why
};

struct CovariateModel {
  CovariateSettings asked;
  std::vector<CovariateSource> sources;  // in the order in which the job first names them
  std::vector<CovariateTrait> traits;    // source by source
  CovariateEffects effects;
  CovariateFit fit;  // of the traits; where it is not fitted, scores are those of the model without covariates
  std::vector<CovariateCoefficient> coefficients;  // of every effect: rate, then drop-out, then strength
};

// Whether a trait that the fit kept reads the source: by place among the sources.
std::vector<bool> SourcesInUse(const CovariateModel& model);

// "customers.region = north", "customers.age (missing)", "customers.age per 10"; "rate", "drop-out", "strength".
std::string TraitName(const CovariateModel& model, const CovariateTrait& trait);
const char* Name(CovariateCoefficient::On on);

}  // namespace strata
