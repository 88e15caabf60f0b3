// What was fitted for the classes of customers, on the wire. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "model/classes/scheme_models.h"

namespace strata {
namespace v1 {
class SchemeModels;
}  // namespace v1

// Curves, groups of peers and cuts by category are not sent: there may be a million of them. `message` must be empty.
void FillSchemes(const SchemeModels& models, v1::SchemeModels* message);
// INTERNAL (ANSWER_INVALID) for a message that no SchemeModels stands behind.
absl::StatusOr<SchemeModels> ReadSchemes(const v1::SchemeModels& message);

}  // namespace strata
