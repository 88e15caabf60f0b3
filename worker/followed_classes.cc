#include "worker/followed_classes.h"

#include <utility>

#include "data/snapshot/models_file.h"
#include "data/snapshot/snapshot.h"

namespace strata {

absl::StatusOr<std::unique_ptr<const OpenFollowed>> OpenFollowedClasses(
    ObjectStore& objects, const StagePlan& plan, uint32_t shard, const FittedModels& models,
    const CustomerColumns& today, const std::function<std::string_view(size_t)>& id, const ColumnSet& profile) {
  if (shard >= plan.previous_lookups.size() || plan.previous_models.empty()) return nullptr;
  STRATA_ASSIGN_OR_RETURN(const auto files_view,
                          MapVerified(objects, plan.previous_models.key, plan.previous_models.checksum));
  STRATA_ASSIGN_OR_RETURN(const ModelFiles files, DecodeModelFiles(files_view->bytes()));
  auto open = std::make_unique<OpenFollowed>();
  STRATA_ASSIGN_OR_RETURN(open->models, ModelsFromJson(files));
  open->as_of = plan.previous_as_of;
  const ObjectRef& ref = plan.previous_lookups[shard];
  STRATA_ASSIGN_OR_RETURN(open->part, MapVerified(objects, ref.key, ref.checksum));
  STRATA_ASSIGN_OR_RETURN(open->lookup, LookupPart::Open(open->part->bytes()));
  open->classes = CompareClasses({.part = &open->lookup, .models = &open->models, .as_of = open->as_of}, models, today,
                                 id, profile);
  return std::unique_ptr<const OpenFollowed>(std::move(open));
}

}  // namespace strata
