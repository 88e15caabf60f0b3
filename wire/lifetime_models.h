// What the lifetime and the spend fit left, on the wire. Pure functions; thread-safe.
#pragma once

#include <string>

#include "base/status.h"
#include "model/fitted_models.h"

namespace strata {
namespace v1 {
class LifetimeModel;
class SpendModel;
}  // namespace v1

// All that tells a person what was fitted, how sure it is and how well it foretold its hold-out. Where a parameter is
// not determined it is absent: numbers that stand for infinity in scores are not sent, nor are covariances, draws, the
// base's history and what only reports need. `message` must be empty.
void FillLifetime(const LifetimeModel& model, v1::LifetimeModel* message);
// INTERNAL (ANSWER_INVALID) for a message that names what this program does not know. Parameters that are absent are 0.
absl::StatusOr<LifetimeModel> ReadLifetime(const v1::LifetimeModel& message);

void FillSpend(const SpendModel& model, v1::SpendModel* message);
SpendModel ReadSpend(const v1::SpendModel& message);

// "days", "weeks", "months", "quarters", "years", or "units of 30 days".
std::string TimeUnitWords(double time_unit_days);

}  // namespace strata
