#include "worker/scoring_models.h"

#include <utility>

#include "data/snapshot/models_file.h"
#include "data/snapshot/snapshot.h"
#include "worker/intermediate.h"

namespace strata {

absl::StatusOr<std::shared_ptr<const ModelsInUse>> ScoringModels::Of(ObjectStore* objects, const ObjectRef& ref) {
  const std::lock_guard lock(mutex_);
  if (kept_ != nullptr && key_ == ref.key) return kept_;
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(*objects, ref.key, ref.checksum));
  STRATA_ASSIGN_OR_RETURN(const ModelFiles files, DecodeModelFiles(view->bytes()));
  auto made = std::make_shared<ModelsInUse>();
  STRATA_ASSIGN_OR_RETURN(made->models, ModelsFromJson(files));
  made->ready = ReadyScorers::Of(made->models);
  key_ = ref.key;
  kept_ = std::move(made);
  return kept_;
}

void ScoringModels::Clear() {
  const std::lock_guard lock(mutex_);
  kept_.reset();
  key_.clear();
}

}  // namespace strata
