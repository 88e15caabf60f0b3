// The night's last part: models, scores, and the fenced switch to the new snapshot.
#include <fmt/format.h>

#include <algorithm>

#include "coordinator/night/night.h"
#include "data/snapshot/current_objects.h"
#include "data/snapshot/models_file.h"
#include "model/segment_profile.h"
#include "run/current.h"
#include "run/keys.h"
#include "run/stage_plan.h"

namespace strata {

absl::StatusOr<RunStep> Night::NextRound() {
  const std::optional<std::string> request = fit_->Next();
  if (!request.has_value()) return PlanScore();
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
  model_files_ = ModelsToJson(models_);
  StagePlan plan = NewPlan(Stage::kScore);
  plan.features = features_;
  plan.as_of = as_of_;
  plan.snapshot = run_;
  const std::string files = EncodeModelFiles(model_files_);
  STRATA_ASSIGN_OR_RETURN(plan.models, StoreObject(BlobObject(request_.job.name, run_, Hash64(files)), files));
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kScore, .tasks = request_.job.shards, .plan = std::move(ref)};
}

absl::Status Night::AddModelsAndReports(const std::vector<ScoreResult>& scores, Manifest* manifest) {
  const auto add = [&](std::string name, std::string_view bytes, int64_t rows) -> absl::Status {
    std::string key = SnapshotObject(request_.job.name, run_, name, Hash64(bytes));
    STRATA_ASSIGN_OR_RETURN(const ObjectRef ref, StoreObject(std::move(key), bytes));
    manifest->entries.push_back({std::move(name), ref.key, ref.checksum, ref.size_bytes, rows});
    return absl::OkStatus();
  };
  for (const auto& [name, json] : model_files_)
    STRATA_RETURN_IF_ERROR(add(fmt::format("models/{}.json", name), json, 0));
  SegmentProfiles merged;
  for (const ScoreResult& score : scores) {
    ByteReader reader(score.profiles);
    merged.Merge(SegmentProfiles::Decode(&reader));
    STRATA_RETURN_IF_ERROR(reader.Finish("segment profiles"));
  }
  std::vector<SegmentLine> lines;
  for (const SegmentProfileLine& line : merged.Lines()) {
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
  STRATA_ASSIGN_OR_RETURN(const std::string report, EncodeSegmentsReport(lines));
  return add("reports/segments.parquet", report, static_cast<int64_t>(lines.size()));
}

absl::StatusOr<RunStep> Night::Publish(const std::vector<std::string>& results) {
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
  manifest.token = token_;
  manifest.created_ms = seams_.clock->WallMs();
  std::vector<ScoreResult> scores;
  int64_t customers = 0;
  for (size_t shard = 0; shard < results.size(); ++shard) {
    STRATA_ASSIGN_OR_RETURN(ScoreResult score, ScoreResult::Decode(results[shard]));
    customers += score.customers;
    for (const auto& [kind, ref] : {std::pair("lookup", score.lookup), std::pair("parquet", score.parquet)}) {
      manifest.entries.push_back(
          {fmt::format("parts/{:05}.{}", shard, kind), ref.key, ref.checksum, ref.size_bytes, score.customers});
    }
    scores.push_back(std::move(score));
  }
  if (customers != summary_->customers) {
    return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                     fmt::format("{} customers have features and {} have scores", summary_->customers, customers));
  }
  STRATA_RETURN_IF_ERROR(AddModelsAndReports(scores, &manifest));
  manifest.digest = Hex(SnapshotDigest(manifest));
  const std::string bytes = EncodeManifest(manifest);
  STRATA_RETURN_IF_ERROR(seams_.objects->Put(ManifestKey(job, run_), bytes));
  // What will be served is read back and verified before anybody is pointed to it.
  const auto snapshot = Snapshot::Open(*seams_.objects, job, run_, Hash64(bytes));
  if (!snapshot.ok()) return Withdraw(snapshot.status());
  summary_->digest = (*snapshot)->manifest().digest;
  STRATA_RETURN_IF_ERROR(Switch(manifest, Hash64(bytes)));
  return RunStep(RunFinished{});
}

absl::Status Night::Switch(const Manifest& manifest, uint64_t manifest_checksum) {
  const std::string& job = request_.job.name;
  STRATA_ASSIGN_OR_RETURN(const auto current, seams_.metadata->Get(CurrentKey(job)));
  CurrentPointer pointer;
  if (current.has_value()) {
    STRATA_ASSIGN_OR_RETURN(pointer, CurrentPointer::FromJson(current->value));
    STRATA_ASSIGN_OR_RETURN(const auto record, seams_.metadata->Get(SnapshotRecordKey(job, pointer.snapshot)));
    if (record.has_value()) {
      STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(record->value));
      summary_->back_dated = as_of_ < snapshot.as_of;
    }
  }
  const bool activate = request_.activation == Activation::kActivate ||
                        (request_.activation == Activation::kAsUsual && !summary_->back_dated);
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
  CommitRequest commit{.compares = {{SnapshotRecordKey(job, run_), 0}}, .puts = {}, .deletes = {}, .token = token_};
  commit.puts.push_back({SnapshotRecordKey(job, run_), record.ToJson()});
  pointer = {.generation = pointer.generation + 1, .snapshot = run_, .manifest_checksum = manifest_checksum};
  if (activate) {
    commit.compares.push_back({CurrentKey(job), current.has_value() ? current->revision : 0});
    commit.puts.push_back({CurrentKey(job), pointer.ToJson()});
  }
  STRATA_ASSIGN_OR_RETURN(const CommitOutcome outcome, seams_.metadata->Commit(commit));
  if (const auto* conflict = std::get_if<Conflict>(&outcome)) {
    return Withdraw(MakeError(absl::StatusCode::kAborted, "LEADERSHIP_LOST",
                              fmt::format("the snapshot was not published: {} changed under this run", conflict->key)));
  }
  if (const auto* unknown = std::get_if<Unknown>(&outcome)) {
    STRATA_ASSIGN_OR_RETURN(const auto written, seams_.metadata->Get(SnapshotRecordKey(job, run_)));
    if (!written.has_value() || written->value != record.ToJson()) {
      return WithContext(unknown->cause, "the snapshot was not published");
    }
  }
  summary_->snapshot = run_;
  summary_->published = true;
  summary_->activated = activate;
  if (!activate) return absl::OkStatus();
  // For readers that have only the object store; a coordinator that takes the lead writes it again if this one dies
  // here.
  return WithContext(WriteCurrentObject(*seams_.objects, job, pointer),
                     fmt::format("replicas do not know of snapshot {} yet: activate it again", run_));
}

absl::Status Night::Withdraw(const absl::Status& why) {
  const absl::Status removed = seams_.objects->Delete(ManifestKey(request_.job.name, run_));
  return removed.ok() ? why : WithContext(why, fmt::format("its manifest is left ({})", StdView(removed.message())));
}

}  // namespace strata
