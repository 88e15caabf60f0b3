// Scores on the wire: questions about customers are checked, answers filled and read back. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/customer_score.h"
#include "wire/names.h"

namespace strata {
namespace v1 {
class AnswerInfo;
class GetScoreRequest;
class LookupScoresRequest;
class Score;
}  // namespace v1

inline constexpr int kMaxLookupIds = 1000;  // AIP-231's bound; 1000 ids of 256 bytes stay below the receive limit
inline constexpr size_t kMaxQuestionIdBytes = 256;  // as data/source/ingest.h accepts them

// What an answer is (promise 7), as plain values.
struct AnswerFacts {
  std::string job;
  int64_t number = 0;  // of the snapshot
  Day as_of = 0;
  int64_t published_ms = 0;  // wall clock
  int64_t age_seconds = 0;   // since publication, when the answer was given
  bool stale = false;
  std::string digest;
  std::string currency;
  bool operator==(const AnswerFacts&) const = default;
};

void FillAnswerInfo(const AnswerFacts& facts, v1::AnswerInfo* message);
absl::StatusOr<AnswerFacts> ReadAnswerInfo(const v1::AnswerInfo& message);

// Absent numbers (NaN, 0 as RFM score, -1 as cluster) become absent fields; clusters count from 1 outside, as in the
// names of their segments. `message` must be empty. An outlook goes by FillOutlook (wire/outlooks.h), since the level
// of its intervals is the models', and so does churn beyond its probability, by FillChurn (wire/churn_scores.h): its
// reasons have the models' names.
void FillScore(const CustomerScore& score, v1::Score* message);
// The names of the customer's classes, which the snapshot's models know. `message` has none yet.
void FillClasses(const CustomerScore& score, const FittedModels& models, v1::Score* message);
void FillClusterName(const CustomerScore& score, const FittedModels& models, v1::Score* message);

// INTERNAL (ANSWER_INVALID) for a message that no CustomerScore stands behind, e.g. a flag this program does not know.
// Without classes and reasons: their numbers are not sent.
absl::StatusOr<CustomerScore> ReadScore(const v1::Score& message);

struct NamedClass {
  std::string scheme, name;
  bool operator==(const NamedClass&) const = default;
};
// INTERNAL (ANSWER_INVALID) for one without a name.
absl::StatusOr<std::vector<NamedClass>> ReadClasses(const v1::Score& message);

// True for 1 to kMaxQuestionIdBytes bytes of UTF-8.
bool IsCustomerId(std::string_view id);

// Check a request and say which snapshot it asks. INVALID_ARGUMENT: NAME_INVALID, CUSTOMER_ID_INVALID, NO_IDS,
// TOO_MANY_IDS. Ids of a lookup are not checked here: each has a status of its own.
absl::StatusOr<SnapshotName> ReadGetScore(const v1::GetScoreRequest& request);
absl::StatusOr<SnapshotName> ReadLookup(const v1::LookupScoresRequest& request);

}  // namespace strata
