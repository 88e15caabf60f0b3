#include "worker/percentile_columns.h"

#include <utility>
#include <vector>

#include "data/reports/shard_columns.h"
#include "data/snapshot/models_file.h"
#include "data/snapshot/snapshot.h"
#include "model/score.h"

namespace strata {
namespace {

absl::StatusOr<std::shared_ptr<const ColumnSet>> ColumnsOf(const FittedModels& models, const ShardFeatures& shard,
                                                           const Kernels& kernels, const ReadyScorers& ready) {
  std::vector<CustomerScore> scores;
  STRATA_ASSIGN_OR_RETURN(const ClassCodes classes, ScoreCustomers(models, shard.today, shard.profile, &scores, kernels,
                                                                   /*clusters=*/nullptr, &ready));
  STRATA_ASSIGN_OR_RETURN(ShardColumns made, ShardColumns::Make(models, shard.today, scores, classes, shard.profile));
  const auto columns = std::make_shared<const ShardColumns>(std::move(made));
  return std::shared_ptr<const ColumnSet>(columns, &columns->set());
}

}  // namespace

ColumnsByModels ScoredColumns(const Kernels& kernels) {
  return [&kernels](std::string_view encoded) -> absl::StatusOr<ColumnsOfShard> {
    auto models = std::make_shared<FittedModels>();
    if (!encoded.empty()) {
      STRATA_ASSIGN_OR_RETURN(const ModelFiles files, DecodeModelFiles(encoded));
      STRATA_ASSIGN_OR_RETURN(*models, ModelsFromJson(files));
    }
    const auto ready = std::make_shared<const ReadyScorers>(ReadyScorers::Of(*models));
    return ColumnsOfShard(
        [models, ready, &kernels](const ShardFeatures& shard) { return ColumnsOf(*models, shard, kernels, *ready); });
  };
}

}  // namespace strata
