// The night's last part: models, scores, and the fenced switch to the new snapshot.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/night/night.h"
#include "coordinator/plan/plan.h"
#include "coordinator/run_request.h"
#include "coordinator/sure_commit.h"
#include "data/snapshot/current_objects.h"
#include "data/snapshot/models_file.h"
#include "model/segment_profile.h"
#include "run/current.h"
#include "run/keys.h"
#include "run/stage_plan.h"

namespace strata {
namespace {

absl::StatusOr<SegmentProfiles> MergeProfiles(const std::vector<ScoreResult>& scores) {
  SegmentProfiles merged;
  for (const ScoreResult& score : scores) {
    ByteReader reader(score.profiles);
    merged.Merge(SegmentProfiles::Decode(&reader));
    STRATA_RETURN_IF_ERROR(reader.Finish("segment profiles"));
  }
  return merged;
}

std::vector<SegmentLine> LinesOf(const SegmentProfiles& profiles) {
  std::vector<SegmentLine> lines;
  for (const SegmentProfileLine& line : profiles.Lines()) {
    lines.push_back({.kind = line.kind,
                     .name = line.name,
                     .customers = line.customers,
                     .share = line.share,
                     .mean_recency_days = line.mean_recency_days,
                     .mean_purchase_days = line.mean_purchase_days,
                     .mean_net = line.mean_net,
                     .mean_p_alive = line.mean_p_alive,
                     .mean_lifetime_value = line.mean_lifetime_value,
                     .mean_churn_probability = line.mean_churn_probability,
                     .sum_net = line.sum_net,
                     .sum_lifetime_value = line.sum_lifetime_value});
  }
  return lines;
}

SnapshotTotals TotalsOf(const SegmentProfiles& profiles) {
  const ProfileTotals totals = profiles.Totals();
  return {.net_micros = ToString(totals.net_micros),
          .mean_p_alive = totals.mean_p_alive,
          .mean_lifetime_value = totals.mean_lifetime_value,
          .mean_churn_probability = totals.mean_churn_probability};
}

}  // namespace

absl::StatusOr<RunStep> Night::BeginFit() {
  StagePlan plan = NewPlan(Stage::kFit);
  plan.features = features_;
  plan.profiles = profiles_;
  plan.cutoff_profiles = cutoff_profiles_;
  plan.as_of = as_of_;
  STRATA_RETURN_IF_ERROR(PlanFollowedClusters(&plan));
  STRATA_ASSIGN_OR_RETURN(fit_plan_, Store(plan));
  checkpoints_.emplace(FitCheckpoints::Seams{seams_.objects, seams_.metadata, seams_.clock, seams_.log},
                       request_.job.name, run_, token_, fit_plan_);
  STRATA_ASSIGN_OR_RETURN(const NightFitSettings settings, ChooseFitSettings());
  const auto make = [&settings] { return std::make_unique<NightFit>(settings); };
  STRATA_ASSIGN_OR_RETURN(fit_, checkpoints_->Resume(make, &round_));
  return NextRound();
}

absl::StatusOr<RunStep> Night::NextRound() {
  const std::optional<std::string> request = fit_->Next();
  if (!request.has_value()) return PlanScore();
  request_checksum_ = Hash64(*request);
  RunRound round{.round = round_, .shards = request_.job.shards, .plan = fit_plan_, .request = {}};
  if (request->size() <= kMaxInlineBytes) {
    round.request.inline_bytes = *request;
  } else {
    STRATA_ASSIGN_OR_RETURN(round.request.object,
                            StoreObject(BlobObject(request_.job.name, run_, Hash64(*request)), *request));
  }
  return RunStep(std::move(round));
}

absl::StatusOr<RunStep> Night::PlanScore() {
  models_ = fit_->Result();
  if (models_.lifetime.has_value()) WarnAll(AllWarnings(*models_.lifetime));
  if (models_.spend.has_value()) WarnAll(models_.spend->warnings);
  STRATA_RETURN_IF_ERROR(KeepPercentiles());
  model_files_ = ModelsToJson(models_);
  StagePlan plan = NewPlan(Stage::kScore);
  plan.features = features_;
  plan.profiles = profiles_;
  plan.cutoff_profiles = cutoff_profiles_;
  plan.as_of = as_of_;
  plan.snapshot = run_;
  const std::string files = EncodeModelFiles(model_files_);
  STRATA_ASSIGN_OR_RETURN(models_object_, StoreObject(BlobObject(request_.job.name, run_, Hash64(files)), files));
  plan.models = models_object_;
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{
      .stage = Stage::kScore, .tasks = request_.job.shards, .plan = std::move(ref), .is_last = !HasReportStage()};
}

absl::Status Night::AddModelsAndReports(const std::vector<SegmentLine>& lines, Manifest* manifest) {
  const auto add = [&](std::string name, std::string_view bytes, int64_t rows) -> absl::Status {
    std::string key = SnapshotObject(request_.job.name, run_, name, Hash64(bytes));
    STRATA_ASSIGN_OR_RETURN(const ObjectRef ref, StoreObject(std::move(key), bytes));
    manifest->entries.push_back({std::move(name), ref.key, ref.checksum, ref.size_bytes, rows});
    return absl::OkStatus();
  };
  for (const auto& [name, json] : model_files_)
    STRATA_RETURN_IF_ERROR(add(fmt::format("models/{}.json", name), json, 0));
  STRATA_RETURN_IF_ERROR(AddIdentities(add));
  return AddReports(lines, add);
}

absl::StatusOr<RunStep> Night::Publish() {
  const std::string& job = request_.job.name;
  Manifest manifest;
  manifest.schema_fingerprint = SchemaFingerprint();
  manifest.job = job;
  manifest.number = run_;
  manifest.run = fmt::format("jobs/{}/runs/{}", job, run_);
  manifest.as_of = as_of_;
  manifest.follows = summary_->follows;
  manifest.ledger_version = summary_->ledger_version;
  manifest.ledger_digest = summary_->ledger_digest;
  manifest.shards = request_.job.shards;
  manifest.currency = request_.job.currency;
  manifest.customers = summary_->customers;
  manifest.customers_with_purchase = summary_->customers_with_purchase;
  manifest.rows = summary_->rows;
  STRATA_ASSIGN_OR_RETURN(const PublishPin pin, PinPublish());
  manifest.token = pin.token;
  manifest.created_ms = pin.created_ms;
  STRATA_ASSIGN_OR_RETURN(const auto asked, ReadRunRequest(*seams_.metadata, job, run_));
  if (asked.has_value()) manifest.build = asked->build_id;
  int64_t customers = 0;
  for (size_t shard = 0; shard < scores_.size(); ++shard) {
    const ScoreResult& score = scores_[shard];
    customers += score.customers;
    for (const auto& [kind, ref] : {std::pair("lookup", score.lookup), std::pair("parquet", score.parquet)}) {
      manifest.entries.push_back(
          {fmt::format("parts/{:05}.{}", shard, kind), ref.key, ref.checksum, ref.size_bytes, score.customers});
    }
  }
  manifest.entries.insert(manifest.entries.end(), members_.begin(), members_.end());
  if (customers != summary_->customers) {
    return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                     fmt::format("{} customers have features and {} have scores", summary_->customers, customers));
  }
  STRATA_ASSIGN_OR_RETURN(const SegmentProfiles profiles, MergeProfiles(scores_));
  const std::vector<SegmentLine> lines = LinesOf(profiles);
  manifest.totals = TotalsOf(profiles);
  STRATA_RETURN_IF_ERROR(CheckVeto(manifest, lines));
  STRATA_RETURN_IF_ERROR(AddModelsAndReports(lines, &manifest));
  manifest.digest = Hex(SnapshotDigest(manifest));
  const std::string bytes = EncodeManifest(manifest);
  STRATA_RETURN_IF_ERROR(seams_.objects->Put(ManifestKey(job, run_), bytes));
  // What will be served is read back and verified before anybody is pointed to it.
  const auto snapshot = Snapshot::Open(*seams_.objects, job, run_, Hash64(bytes));
  if (!snapshot.ok()) return snapshot.status();
  summary_->digest = (*snapshot)->manifest().digest;
  STRATA_RETURN_IF_ERROR(Switch(manifest, Hash64(bytes)));
  return RunStep(RunFinished{});
}

absl::Status Night::Switch(const Manifest& manifest, uint64_t manifest_checksum) {
  const SnapshotRecord record{.number = run_,
                              .state = SnapshotState::kPublished,
                              .manifest_checksum = manifest_checksum,
                              .digest = manifest.digest,
                              .as_of = as_of_,
                              .customers = manifest.customers,
                              .published_ms = manifest.created_ms,
                              .run = run_,
                              .follows = manifest.follows,
                              .ledger_version = manifest.ledger_version};
  for (int attempt = 1; attempt < kMaxAttempts; ++attempt) {
    STRATA_ASSIGN_OR_RETURN(const bool switched, TrySwitch(record));
    if (switched) return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kAborted, "POINTER_CONTENDED",
                   fmt::format("the snapshot was not published: {} changed under each of {} attempts",
                               CurrentKey(request_.job.name), kMaxAttempts - 1));
}

// False when somebody moved the current pointer meanwhile (an activation on request).
absl::StatusOr<bool> Night::TrySwitch(const SnapshotRecord& record) {
  const std::string& job = request_.job.name;
  STRATA_ASSIGN_OR_RETURN(const auto current, seams_.metadata->Get(CurrentKey(job)));
  CurrentPointer pointer;
  summary_->back_dated = false;
  if (current.has_value()) {
    STRATA_ASSIGN_OR_RETURN(pointer, CurrentPointer::FromJson(current->value));
    STRATA_ASSIGN_OR_RETURN(const auto before, seams_.metadata->Get(SnapshotRecordKey(job, pointer.snapshot)));
    if (before.has_value()) {
      STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(before->value));
      summary_->back_dated = as_of_ < snapshot.as_of;
    }
  }
  const bool activate = request_.activation == Activation::kActivate ||
                        (request_.activation == Activation::kAsUsual && !summary_->back_dated);
  CommitRequest commit{.compares = {{SnapshotRecordKey(job, run_), 0}}, .puts = {}, .deletes = {}, .token = token_};
  STRATA_RETURN_IF_ERROR(FenceRun(&commit));
  commit.puts.push_back({SnapshotRecordKey(job, run_), record.ToJson()});
  // The record of the run says what it published, whoever closes it.
  RunSummary published = *summary_;
  published.snapshot = run_;
  published.published = true;
  published.activated = activate;
  commit.puts.push_back({RunKey(job, run_), published.ToJson()});
  pointer = {.generation = pointer.generation + 1, .snapshot = run_, .manifest_checksum = record.manifest_checksum};
  if (activate) {
    commit.compares.push_back({CurrentKey(job), current.has_value() ? current->revision : 0});
    commit.puts.push_back({CurrentKey(job), pointer.ToJson()});
  }
  const absl::Status committed = CommitSurely(*seams_.metadata, commit, "publishing the snapshot");
  if (const auto detail = DetailOf(committed);
      detail.has_value() && detail->reason == "COMMIT_CONFLICT" && detail->metadata.at("key") == CurrentKey(job)) {
    return false;
  }
  STRATA_RETURN_IF_ERROR(committed);
  *summary_ = std::move(published);
  if (!activate) return true;
  // For readers that have only the object store; a coordinator that takes the lead writes it again if this one dies
  // here.
  STRATA_RETURN_IF_ERROR(WithContext(WriteCurrentObject(*seams_.objects, job, pointer),
                                     fmt::format("replicas do not know of snapshot {} yet: activate it again", run_)));
  return true;
}

}  // namespace strata
