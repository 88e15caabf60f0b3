// Scores customers with what a night fitted: the one place where models become a CustomerScore. Every number follows
// from the models and the customer's own columns, so a customer's score does not depend on who else is scored. Pure;
// thread-safe.
#pragma once

#include <vector>

#include "model/customer_columns.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"
#include "model/kernels/kernels.h"

namespace strata {

// One score per row, in the order of the rows; `out` is replaced. `today` is as of the date of the models. Scores of
// models that are absent or not fitted stay absent (0, -1 or NaN, see CustomerScore).
void ScoreCustomers(const FittedModels& models, const CustomerColumns& today, std::vector<CustomerScore>* out,
                    const Kernels& kernels);

}  // namespace strata
