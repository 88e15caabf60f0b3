// What known traits of customers do to the distributions of their rate and drop-out (covariates.h): how the job's
// columns become numbers, and what was fitted to them. Plain values, stored with a snapshot.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/lifetime/lifetime_fit.h"

namespace strata {

// One number of a customer, of a column of the profile ("customers.region"): a numeric column's value as (value -
// centre) / scale, or 1 for one level of a categorical one and 0 for others.
struct CovariateColumn {
  std::string column;
  std::string level;        // of a categorical column; "" for a numeric one
  bool is_missing = false;  // 1 where the value of a numeric column is missing, 0 where it is there
  double centre = 0;        // of the values as they are, a missing one counts as the centre
  double scale = 1;         // in the value's unit: coefficients are said per unit, and stored per scale
};

// Which columns act on what, by number.
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
  std::vector<double> rate, dropout, strength;  // coefficients, as in the effects; 0 for columns left out
  std::vector<ParameterEstimate> estimates;     // of the kind's parameters, then of rate, dropout and strength
  std::vector<double> covariance;     // of the logarithms of the parameters and of the coefficients, row by row
  std::vector<std::string> warnings;  // columns that others determine are left out and named
  double log_likelihood = 0;
  MaximiserState state = MaximiserState::kStalled;
  int evaluations = 0;
  double gradient_norm = 0;
};

struct CovariateModel {
  std::vector<CovariateColumn> columns;  // by place in a customer's traits
  CovariateEffects effects;
  CovariateFit fit;
};

}  // namespace strata
