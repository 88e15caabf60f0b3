#include "serving/serving_context.h"

#include <algorithm>

namespace strata {
namespace {

constexpr int64_t kMsPerSecond = 1000;

}  // namespace

AnswerFacts FactsOf(const ServingContext& serving, const ServedSnapshot& served) {
  const int64_t age_ms = std::max<int64_t>(0, serving.clock->WallMs() - served.record.published_ms);
  return {.job = served.job,
          .number = served.record.number,
          .as_of = served.record.as_of,
          .published_ms = served.record.published_ms,
          .age_seconds = age_ms / kMsPerSecond,
          .stale = age_ms > serving.max_age_ms,
          .digest = served.record.digest,
          .currency = served.snapshot->manifest().currency};
}

}  // namespace strata
