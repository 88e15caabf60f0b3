#include "tests/data/synthetic/read_base.h"

#include <fstream>
#include <sstream>

#include "data/ledger/shard.h"
#include "data/source/ingest.h"
#include "model/churn/catalogue.h"
#include "model/fit/night_fit.h"
#include "run/job_file.h"
#include "store/file_system.h"

namespace strata {
namespace {

absl::Status BuildShard(const std::vector<RowBatch>& batches, ReadBase* base) {
  STRATA_ASSIGN_OR_RETURN(const ShardUpdate update, UpdateShard({}, batches, true));
  int64_t mapped = 0;
  for (const RowBatch& batch : batches) mapped += static_cast<int64_t>(batch.size());
  const int64_t duplicates = mapped - update.totals.rows;
  base->counts.duplicates += duplicates;
  base->counts.accepted -= duplicates;
  base->conflicts += update.totals.conflicts;
  base->segment_digests.push_back(Hex(update.totals.digest));
  LedgerShard shard;
  if (!update.segment.empty()) {
    STRATA_ASSIGN_OR_RETURN(LedgerSegment segment, LedgerSegment::Open(update.segment));
    shard.segments.push_back(std::move(segment));
  }
  const FeatureDates dates{.as_of = *base->job.as_of,
                           .has_churn = base->job.churn.has_value(),
                           .churn_horizon_days = base->job.churn.has_value() ? base->job.churn->horizon_days : 0};
  STRATA_ASSIGN_OR_RETURN(FeatureResult features, BuildFeatures(shard, dates));
  base->feature_bytes.push_back(std::move(features.bytes));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReadBase> ReadGeneratedBase(const std::string& folder) {
  std::stringstream yaml;
  yaml << std::ifstream(folder + "/job.yaml").rdbuf();
  ReadBase base;
  STRATA_ASSIGN_OR_RETURN(base.job, ParseJob(yaml.str(), "job.yaml"));
  const auto files = NewPosixFileSystem();
  STRATA_ASSIGN_OR_RETURN(const auto listed, ListSource(*files, base.job.transactions.uri, folder));
  std::vector<std::vector<RowBatch>> shards(base.job.shards);
  int32_t number = 0;
  for (const FileInfo& file : listed) {
    STRATA_ASSIGN_OR_RETURN(const FileScan scan, ScanFile(*files, file, base.job.transactions));
    for (const Split& split : scan.splits) {
      STRATA_ASSIGN_OR_RETURN(MappedRows mapped, MapSplit(*files, file.path, scan, split, base.job, number));
      base.counts.Add(mapped.counts);
      for (const auto& [reason, rows] : mapped.rejected_by_reason) base.rejected_by_reason[reason] += rows;
      for (size_t shard = 0; shard < shards.size(); ++shard) {
        shards[shard].push_back(std::move(mapped.shards[shard]));
      }
    }
    ++number;
  }
  for (std::vector<RowBatch>& batches : shards) {
    STRATA_RETURN_IF_ERROR(BuildShard(batches, &base));
    batches.clear();
  }
  for (const std::string& bytes : base.feature_bytes) {
    STRATA_ASSIGN_OR_RETURN(base.features.emplace_back(), FeatureFile::Open(bytes));
  }
  return base;
}

absl::StatusOr<FittedModels> FitBase(const ReadBase& base) {
  const Job& job = base.job;
  NightFitSettings settings{.seed = job.seed};
  if (job.lifetime.has_value()) settings.lifetime.emplace();
  settings.spend = job.lifetime.has_value();
  if (job.clustering.has_value()) {
    settings.clustering.emplace().k = job.clustering->k;
    settings.clustering->seed = job.seed;
  }
  if (job.churn.has_value()) {
    settings.churn.emplace().features = FeaturesOf({}, {});
    settings.churn->horizon_days = job.churn->horizon_days;
    settings.churn->eligible_days = job.churn->eligible_days;
    settings.churn->seed = job.seed;
    settings.churn->as_of = base.features.front().features().today.as_of;
  }
  std::vector<ShardFeatures> features;
  for (const FeatureFile& file : base.features) {
    ShardFeatures& shard = features.emplace_back(file.features());
    shard.number = static_cast<uint32_t>(features.size() - 1);
    shard.shards = static_cast<uint32_t>(base.features.size());
  }
  std::vector<const ShardFeatures*> shards;
  for (const ShardFeatures& shard : features) shards.push_back(&shard);
  NightFit fit(settings);
  while (const auto request = fit.Next()) {
    STRATA_ASSIGN_OR_RETURN(const std::string partial, AccumulateRound(*request, shards, WidestKernels()));
    STRATA_RETURN_IF_ERROR(fit.Absorb({partial}));
  }
  return fit.Result();
}

}  // namespace strata
