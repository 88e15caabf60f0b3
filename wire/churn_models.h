// What the churn fit left, on the wire. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "model/fitted_models.h"

namespace strata {
namespace v1 {
class ChurnModel;
}

// All that tells a person what was fitted and how good it is. Of the trees only their number is sent; not sent are the
// levels of categories, the columns behind the plan's features and the lifetime parameters that features are made with.
// `message` must be empty.
void FillChurnModel(const ChurnModel& model, v1::ChurnModel* message);
// INTERNAL (ANSWER_INVALID) for dates, grades and names that this program does not know.
absl::StatusOr<ChurnModel> ReadChurnModel(const v1::ChurnModel& message);

}  // namespace strata
