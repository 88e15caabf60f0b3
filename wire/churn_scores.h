// Churn of customers on the wire, beyond its probability. Pure functions; thread-safe.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"

namespace strata {
namespace v1 {
class ChurnColumns;
class Score;
class ScoreColumns;
}  // namespace v1

// A reason as answers have it: by name, as the numbers of groups and features are the models'.
struct NamedReason {
  std::string group, feature;
  float contribution = 0;                                 // log-odds; above 0 it raises the risk
  float value = std::numeric_limits<float>::quiet_NaN();  // in the feature's unit; NaN: missing, or of a category
  std::string words;                                      // for people; empty in exports
};

// What is not known is left out. `message` has none of it yet.
void FillChurn(const CustomerChurn& churn, const FittedModels& models, v1::Score* message);
// From an export, whose reasons have names and no words.
void FillExportedChurn(const CustomerChurn& churn, const std::vector<NamedReason>& reasons, v1::Score* message);
// Without the reasons. INTERNAL (ANSWER_INVALID) for a band that this program does not know.
absl::StatusOr<CustomerChurn> ReadChurn(const v1::Score& message);
// INTERNAL (ANSWER_INVALID) for one without a group or a feature, and for more than kChurnReasons.
absl::StatusOr<std::vector<NamedReason>> ReadReasons(const v1::Score& message);

void AppendChurn(const CustomerChurn& churn, v1::ChurnColumns* columns);
// Once all customers of a chunk are there: adds names, leaves out columns that say nothing, and all of it where all do.
void FinishChurnColumns(const FittedModels& models, v1::ScoreColumns* columns);
// INTERNAL (ANSWER_INVALID) unless every column that is there fits `rows` customers, and names and bands are known.
absl::Status CheckChurnColumns(const v1::ChurnColumns& columns, int rows);
// Precondition: they were checked, and row is one of theirs. Reasons by name, without words.
CustomerChurn ChurnInColumns(const v1::ChurnColumns& columns, int row);
std::vector<NamedReason> ReasonsInColumns(const v1::ChurnColumns& columns, int row);

}  // namespace strata
