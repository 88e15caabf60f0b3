// The models that a worker scores with, decoded once for all shards of a run, and the tables of lifetime values that
// fill as shards are scored (model/lifetime/value.h). Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/status.h"
#include "model/fitted_models.h"
#include "model/score.h"
#include "run/frames.h"
#include "store/object_store.h"

namespace strata {

struct ModelsInUse {
  FittedModels models;
  ReadyScorers ready;  // of `models`
};

class ScoringModels {
 public:
  // Those of a stage's plan; the last ones asked for are kept.
  absl::StatusOr<std::shared_ptr<const ModelsInUse>> Of(ObjectStore* objects, const ObjectRef& ref);
  void Clear();

 private:
  std::mutex mutex_;
  std::string key_;
  std::shared_ptr<const ModelsInUse> kept_;  // of key_
};

}  // namespace strata
