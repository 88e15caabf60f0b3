#include "worker/report_task.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/reports/cluster_shard.h"
#include "data/reports/report.h"
#include "data/reports/shard_columns.h"
#include "data/snapshot/models_file.h"
#include "data/snapshot/snapshot.h"
#include "model/classes/schemes.h"
#include "worker/followed_classes.h"
#include "worker/segment_members.h"
#include "worker/shard_tables.h"

namespace strata {
namespace {

absl::StatusOr<std::vector<const RegisteredReport*>> ReportsOf(const StagePlan& plan) {
  std::vector<const RegisteredReport*> reports;
  for (const std::string& name : plan.reports) {
    const RegisteredReport* report = FindReport(name);
    if (report == nullptr) {
      return MakeError(absl::StatusCode::kInternal, "TASK_UNKNOWN", fmt::format("there is no report '{}'", name));
    }
    reports.push_back(report);
  }
  return reports;
}

absl::StatusOr<FittedModels> ReadModels(ObjectStore& objects, const ObjectRef& ref) {
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, ref.key, ref.checksum));
  STRATA_ASSIGN_OR_RETURN(const ModelFiles files, DecodeModelFiles(view->bytes()));
  return ModelsFromJson(files);
}

// Of the customers of a shard, in their order.
absl::StatusOr<std::vector<CustomerScore>> ReadScores(ObjectStore& objects, const ObjectRef& ref,
                                                      const CustomerColumns& today) {
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, ref.key, ref.checksum));
  STRATA_ASSIGN_OR_RETURN(const LookupPart part, LookupPart::Open(view->bytes()));
  std::vector<CustomerScore> scores;
  scores.reserve(today.size());
  for (uint64_t row = 0; row < part.size() && row < today.size(); ++row) {
    const ScoredCustomer customer = part.Row(row);
    if (customer.hash != today.hash[row]) break;
    scores.push_back(customer.score);
  }
  return scores;
}

// Null where no report looks at clusters, or there are none.
absl::StatusOr<std::unique_ptr<const ClusterShard>> ClustersOf(const std::vector<const RegisteredReport*>& reports,
                                                               const FittedModels& models, const OpenFollowed* followed,
                                                               const ShardFeatures& features,
                                                               const std::function<std::string_view(size_t)>& id,
                                                               const Kernels& kernels) {
  const bool is_wanted = std::any_of(reports.begin(), reports.end(),
                                     [](const RegisteredReport* report) { return report->info.needs.clustering; });
  if (!is_wanted || !models.clustering.has_value() || models.clustering->k == 0) return nullptr;
  FollowedClustering before;
  if (followed != nullptr && followed->models.clustering.has_value() && followed->models.clustering->k > 0) {
    before = {.part = &followed->lookup, .model = &*followed->models.clustering, .as_of = followed->as_of};
  }
  STRATA_ASSIGN_OR_RETURN(
      ClusterShard clusters,
      MakeClusterShard(*models.clustering, before.part == nullptr ? nullptr : &before, features, id, kernels));
  return std::make_unique<const ClusterShard>(std::move(clusters));
}

}  // namespace

uint32_t ReportTasks(const StagePlan& plan) {
  return static_cast<uint32_t>(plan.features.size()) + (plan.tables.empty() ? 0 : 1);
}

absl::StatusOr<ReportResult> RunReportTask(ObjectStore& objects, const StagePlan& plan, const Job& job, uint32_t index,
                                           const FeatureFile* features, const ColumnSet* profile,
                                           const Kernels& kernels) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<const RegisteredReport*> reports, ReportsOf(plan));
  STRATA_ASSIGN_OR_RETURN(const FittedModels models, ReadModels(objects, plan.models));
  STRATA_ASSIGN_OR_RETURN(OpenShardTables tables, OpenShardTables::Open(objects, plan, job, index));
  ReportShard shard;
  shard.as_of = plan.as_of;
  shard.job = &job;
  shard.models = &models;
  shard.tables = &tables.tables();
  ReportResult result;
  if (features == nullptr) {
    STRATA_ASSIGN_OR_RETURN(result.partials, AccumulateReports(reports, shard));
    return result;
  }
  const CustomerColumns& today = features->features().today;
  shard.today = &today;
  if (features->features().holdout.size() > 0) shard.holdout = &features->features().holdout;
  shard.churn_views = features->features().churn_views;
  shard.id = [features](size_t row) { return features->id(row); };
  tables.Align(today, shard.id);
  STRATA_ASSIGN_OR_RETURN(const std::vector<CustomerScore> scores, ReadScores(objects, plan.lookups[index], today));
  shard.scores = scores;
  const ColumnSet none;
  const ColumnSet& columns_of_profile = profile != nullptr ? *profile : none;
  const ClassCodes classes = ClassifyCustomers(models, today, columns_of_profile);
  STRATA_ASSIGN_OR_RETURN(const ShardColumns columns,
                          ShardColumns::Make(models, today, scores, classes, &columns_of_profile));
  shard.columns = &columns.set();
  shard.classes = &classes;
  STRATA_ASSIGN_OR_RETURN(const auto followed,
                          OpenFollowedClasses(objects, plan, index, models, today, shard.id, columns_of_profile));
  if (followed != nullptr) {
    shard.history = &followed->classes.history;
    shard.gone = &followed->classes.gone;
  }
  ShardFeatures shard_features = features->features();
  shard_features.profile = profile;
  STRATA_ASSIGN_OR_RETURN(const auto clusters,
                          ClustersOf(reports, models, followed.get(), shard_features, shard.id, kernels));
  shard.clusters = clusters.get();
  STRATA_ASSIGN_OR_RETURN(const StoredMembers stored,
                          StoreMembers(objects, plan, job, index, columns.set(), tables.tables(), today, shard.id));
  if (!job.segments.empty()) {
    shard.members = &stored.of_shard.members;
    shard.members_before = &stored.of_shard.before;
    shard.left_by_segment = stored.of_shard.left;
    result.members = stored.members;
    result.moves = stored.moves;
  }
  STRATA_ASSIGN_OR_RETURN(result.partials, AccumulateReports(reports, shard));
  result.customers = static_cast<int64_t>(today.size());
  return result;
}

}  // namespace strata
