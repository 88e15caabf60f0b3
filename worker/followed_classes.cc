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
  STRATA_ASSIGN_OR_RETURN(const FittedModels before, ModelsFromJson(files));
  auto open = std::make_unique<OpenFollowed>();
  const ObjectRef& ref = plan.previous_lookups[shard];
  STRATA_ASSIGN_OR_RETURN(open->part, MapVerified(objects, ref.key, ref.checksum));
  STRATA_ASSIGN_OR_RETURN(const LookupPart part, LookupPart::Open(open->part->bytes()));
  open->classes =
      CompareClasses({.part = &part, .models = &before, .as_of = plan.previous_as_of}, models, today, id, profile);
  return std::unique_ptr<const OpenFollowed>(std::move(open));
}

}  // namespace strata
