// Reports of the night: which can be made, the stage that looks at every shard once more for them, and their files.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "coordinator/night/night.h"
#include "data/ledger/ledger_state.h"
#include "data/reports/job_offer.h"
#include "data/snapshot/models_file.h"
#include "model/lifetime/unseen_traits.h"
#include "run/keys.h"

namespace strata {
namespace {

constexpr std::string_view kParts = "parts/", kModels = "models/", kJson = ".json";  // of logical names

}  // namespace

// What the snapshot that is followed has for reports, for tasks to compare with. Says why nothing can be compared.
absl::StatusOr<std::string> Night::PlanPrevious(StagePlan* plan) {
  if (request_.follows == 0) return "this run was told to follow none";
  if (!followed_.has_value()) return "the job has none of an earlier date";
  const std::string& job = request_.job.name;
  STRATA_ASSIGN_OR_RETURN(
      const auto view, MapVerified(*seams_.objects, ManifestKey(job, followed_->number), followed_->manifest_checksum));
  const absl::StatusOr<Manifest> manifest = DecodeManifest(view->bytes());
  const auto detail = DetailOf(manifest.status());
  if ((manifest.ok() && manifest->schema_fingerprint != SchemaFingerprint()) ||
      (detail.has_value() && detail->reason == "FORMAT_UNKNOWN")) {
    return fmt::format("snapshot {} was made by a build with other columns", followed_->number);
  }
  if (!manifest.ok()) return manifest.status();
  if (manifest->shards != request_.job.shards) {
    return fmt::format("snapshot {} has {} shards, the job {}", followed_->number, manifest->shards,
                       request_.job.shards);
  }
  ModelFiles models;
  for (const ManifestEntry& entry : manifest->entries) {
    const ObjectRef ref{.key = entry.key, .checksum = entry.checksum, .size_bytes = entry.size_bytes};
    if (entry.name.starts_with(kParts) && entry.name.ends_with(".lookup")) plan->previous_lookups.push_back(ref);
    if (entry.name.starts_with(kParts) && entry.name.ends_with(".members")) plan->previous_members.push_back(ref);
    if (!entry.name.starts_with(kModels) || !entry.name.ends_with(kJson)) continue;
    STRATA_ASSIGN_OR_RETURN(const auto json, MapVerified(*seams_.objects, entry.key, entry.checksum));
    models.emplace_back(entry.name.substr(kModels.size(), entry.name.size() - kModels.size() - kJson.size()),
                        json->bytes());
  }
  const std::string files = EncodeModelFiles(models);
  STRATA_ASSIGN_OR_RETURN(plan->previous_models, StoreObject(BlobObject(job, run_, Hash64(files)), files));
  plan->previous_snapshot = followed_->number;
  plan->previous_as_of = followed_->as_of;
  return "";
}

absl::StatusOr<RunStep> Night::AfterScore(const std::vector<std::string>& results) {
  scores_.clear();
  UnseenTraits unseen;
  for (const std::string& encoded : results) {
    STRATA_ASSIGN_OR_RETURN(ScoreResult score, ScoreResult::Decode(encoded));
    STRATA_ASSIGN_OR_RETURN(const UnseenTraits part, UnseenTraits::Decode(score.unseen));
    unseen.Merge(part);
    scores_.push_back(std::move(score));
  }
  if (models_.lifetime.has_value() && models_.lifetime->covariates.has_value()) {
    WarnAll(unseen.Warnings(*models_.lifetime->covariates));
  }
  if (!HasReportStage()) return Publish();
  StagePlan plan = NewPlan(Stage::kReport);
  plan.features = features_;
  plan.profiles = profiles_;
  plan.cutoff_profiles = cutoff_profiles_;
  plan.as_of = as_of_;
  plan.snapshot = run_;
  plan.models = models_object_;
  plan.program = percentiles_;
  for (const ScoreResult& score : scores_) plan.lookups.push_back(score.lookup);
  PlanTableSegments(&plan);
  STRATA_ASSIGN_OR_RETURN(std::string not_followed, PlanPrevious(&plan));
  offer_ = OfferOf(request_.job, std::move(not_followed));
  if (offer_.not_followed.empty()) {
    STRATA_ASSIGN_OR_RETURN(const FittedModels* const before, ReadFollowedModels());
    if (before != nullptr) {
      TellOfFollowed(*before, &offer_);
    } else {
      plan.previous_models = {};
      offer_.not_followed = fmt::format("snapshot {} was made by a build with other models", followed_->number);
    }
  }
  STRATA_ASSIGN_OR_RETURN(report_plan_, PlanReports(request_.job, offer_));
  for (const RegisteredReport* report : report_plan_.run) plan.reports.push_back(report->info.name);
  if (std::none_of(report_plan_.run.begin(), report_plan_.run.end(),
                   [](const RegisteredReport* report) { return report->info.needs.follows; })) {
    plan.previous_models = {};  // nobody looks at the classes of then
  }
  const uint32_t tasks = request_.job.shards + (plan.tables.empty() ? 0 : 1);
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kReport, .tasks = tasks, .plan = std::move(ref), .is_last = true};
}

absl::StatusOr<RunStep> Night::AfterReport(const std::vector<std::string>& results) {
  std::vector<std::string> partials;
  int64_t customers = 0;
  members_.clear();
  for (size_t shard = 0; shard < results.size(); ++shard) {
    STRATA_ASSIGN_OR_RETURN(ReportResult result, ReportResult::Decode(results[shard]));
    customers += result.customers;
    for (const auto& [kind, ref, rows] :
         {std::tuple("members", &result.members, result.customers), std::tuple("moves", &result.moves, int64_t{0})}) {
      if (ref->empty()) continue;
      members_.push_back(
          {fmt::format("{}{:05}.{}", kParts, shard, kind), ref->key, ref->checksum, ref->size_bytes, rows});
    }
    partials.push_back(std::move(result.partials));
  }
  if (customers != summary_->customers) {
    return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                     fmt::format("{} customers have features and {} are in reports", summary_->customers, customers));
  }
  const ReportFacts facts{.as_of = as_of_,
                          .job = &request_.job,
                          .models = &models_,
                          .registry = &registry_,
                          .customers = summary_->customers};
  STRATA_ASSIGN_OR_RETURN(report_tables_, FinishReports(report_plan_.run, partials, facts));
  for (size_t i = 0; i < report_tables_.size(); ++i) {
    if (report_tables_[i].left_out.empty()) continue;
    Warn(fmt::format("report {} is left out: {}", report_plan_.run[i]->info.name, report_tables_[i].left_out));
  }
  return Publish();
}

// The job's own and those of every snapshot, with the list of them all.
absl::Status Night::AddReports(const std::vector<SegmentLine>& lines, const AddEntry& add) {
  STRATA_ASSIGN_OR_RETURN(const std::string segments, EncodeSegmentsReport(lines));
  const auto rows = static_cast<int64_t>(lines.size());
  STRATA_RETURN_IF_ERROR(add(kSegmentsReport, segments, rows));
  STRATA_ASSIGN_OR_RETURN(const std::vector<ReportFile> files,
                          EncodeReports(report_plan_, report_tables_, {SegmentsReportEntry(rows)}, offer_));
  for (const ReportFile& file : files) STRATA_RETURN_IF_ERROR(add(file.name, file.bytes, file.rows));
  return absl::OkStatus();
}

}  // namespace strata
