// Fitted models on the wire, field by field and back, doubles to the bit. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "model/fitted_models.h"

namespace strata {
namespace v1 {
class Models;
}

void FillModels(const FittedModels& models, v1::Models* message);
// INTERNAL (ANSWER_INVALID) for messages whose lists do not fit one another, dates or grades this program does not
// know.
absl::StatusOr<FittedModels> ReadModels(const v1::Models& message);

}  // namespace strata
