// Reports of the night: which can be made, the stage that looks at every shard once more for them, and their files.
#include <fmt/format.h>

#include <utility>

#include "coordinator/night/night.h"
#include "data/ledger/ledger_state.h"
#include "data/reports/job_offer.h"
#include "run/keys.h"

namespace strata {
namespace {

std::vector<ObjectRef> ObjectsOf(const std::vector<RegisteredSegment>& segments) {
  std::vector<ObjectRef> objects;
  for (const RegisteredSegment& segment : segments) objects.push_back(segment.object);
  return objects;
}

}  // namespace

std::vector<PlannedTable> TablesOf(const LedgerRegistry& registry, uint32_t shards) {
  std::vector<PlannedTable> tables;
  for (const RegisteredTable& table : registry.tables) {
    PlannedTable planned{.table = table.table, .segments = {}};
    for (const std::vector<RegisteredSegment>& segments : table.segments)
      planned.segments.push_back(ObjectsOf(segments));
    planned.segments.resize(size_t{shards} + 1);
    tables.push_back(std::move(planned));
  }
  return tables;
}

// Why nothing can be compared with an earlier night; empty: something can.
std::string Night::WhyNotFollowed() const {
  if (request_.follows == 0) return "this run was told to follow none";
  if (!followed_.has_value()) return "the job has none of an earlier date";
  return "";
}

absl::StatusOr<RunStep> Night::AfterScore(const std::vector<std::string>& results) {
  scores_.clear();
  for (const std::string& encoded : results) {
    STRATA_ASSIGN_OR_RETURN(ScoreResult score, ScoreResult::Decode(encoded));
    scores_.push_back(std::move(score));
  }
  if (!HasReportStage()) return Publish();
  StagePlan plan = NewPlan(Stage::kReport);
  plan.features = features_;
  plan.as_of = as_of_;
  plan.snapshot = run_;
  plan.models = models_object_;
  plan.program = percentiles_;
  for (const ScoreResult& score : scores_) plan.lookups.push_back(score.lookup);
  plan.tables = TablesOf(registry_, request_.job.shards);
  plan.removed_files = registry_.RemovedNumbers();
  offer_ = OfferOf(request_.job, WhyNotFollowed());
  STRATA_ASSIGN_OR_RETURN(report_plan_, PlanReports(request_.job, offer_));
  for (const RegisteredReport* report : report_plan_.run) plan.reports.push_back(report->info.name);
  const uint32_t tasks = request_.job.shards + (plan.tables.empty() ? 0 : 1);
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kReport, .tasks = tasks, .plan = std::move(ref), .is_last = true};
}

absl::StatusOr<RunStep> Night::AfterReport(const std::vector<std::string>& results) {
  std::vector<std::string> partials;
  int64_t customers = 0;
  for (const std::string& encoded : results) {
    STRATA_ASSIGN_OR_RETURN(ReportResult result, ReportResult::Decode(encoded));
    customers += result.customers;
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
