// What all services of a server share. Plain pointers to what the server's owner holds; read-only after the start.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "serving/background_lane.h"
#include "serving/serving_metrics.h"
#include "serving/snapshot_catalogue.h"
#include "store/metadata.h"
#include "store/object_store.h"
#include "wire/scores.h"
#include "wire/snapshot_actions.h"

namespace strata {

struct ServingContext {
  SnapshotCatalogue* catalogue = nullptr;
  ObjectStore* objects = nullptr;
  Metadata* metadata = nullptr;  // null: a read replica
  const Clock* clock = nullptr;
  BackgroundLane* lane = nullptr;
  ServingMetrics* metrics = nullptr;
  SnapshotActions* actions = nullptr;  // null: this server only reads
  int64_t max_age_ms = 0;              // older answers are stale
};

// What an answer from `served` says of itself now. The wall clock may jump: where it stands before the publication the
// age is 0, which AnswerInfo documents.
AnswerFacts FactsOf(const ServingContext& serving, const ServedSnapshot& served);

}  // namespace strata
