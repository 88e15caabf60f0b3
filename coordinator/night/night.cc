#include "coordinator/night/night.h"

#include <fmt/format.h>

#include "run/keys.h"
#include "run/stage_plan.h"

namespace strata {

Night::Night(NightRequest request, Seams seams, int64_t run, int64_t token, RunSummary* summary)
    : request_(std::move(request)), seams_(seams), run_(run), token_(token), summary_(summary) {
  rebuild_ = request_.rebuild_ledger;
  summary_->ledger_only = request_.ledger_only;
}

absl::StatusOr<RunStep> Night::Begin() {
  STRATA_RETURN_IF_ERROR(LoadPins());
  STRATA_RETURN_IF_ERROR(LoadLedger());
  return PlanScan();
}

absl::StatusOr<RunStep> Night::AfterStage(Stage stage, const std::vector<std::string>& results) {
  switch (stage) {
    case Stage::kPlan:
      return AfterPlan(results);
    case Stage::kMap:
      return AfterMap(results);
    case Stage::kLedger:
      return AfterLedger(results);
    case Stage::kFeature:
      return AfterFeature(results);
    case Stage::kScore:
      return AfterScore(results);
    case Stage::kReport:
      return AfterReport(results);
    default:
      break;
  }
  return MakeError(absl::StatusCode::kInternal, "STAGE_UNEXPECTED", fmt::format("stage {} has no tasks", Name(stage)));
}

absl::StatusOr<RunStep> Night::AfterRound(const std::vector<std::string>& partials) {
  const uint32_t models = fit_->models_left();
  STRATA_RETURN_IF_ERROR(WithContext(fit_->Absorb(partials), fmt::format("fit round {}", round_)));
  ++round_;
  STRATA_RETURN_IF_ERROR(checkpoints_->Keep(request_checksum_, partials, fit_->models_left() < models));
  return NextRound();
}

void Night::Warn(std::string warning) {
  if (summary_->warnings.size() < kMaxListed) {
    summary_->warnings.push_back(std::move(warning));
    return;
  }
  ++warnings_left_out_;
  if (warnings_left_out_ > 1) summary_->warnings.pop_back();
  summary_->warnings.push_back(fmt::format("{} further warning(s) are left out", warnings_left_out_));
}

void Night::WarnAll(std::vector<std::string> warnings) {
  for (std::string& warning : warnings) Warn(std::move(warning));
}

StagePlan Night::NewPlan(Stage stage) const {
  StagePlan plan;
  plan.stage = stage;
  plan.job_name = request_.job.name;
  plan.run = run_;
  plan.job_yaml = request_.job_yaml;
  return plan;
}

absl::StatusOr<ObjectRef> Night::Store(const StagePlan& plan) {
  const std::string bytes = plan.Encode();
  return StoreObject(StagePlanObject(request_.job.name, run_, plan.stage, Hash64(bytes)), bytes);
}

absl::StatusOr<ObjectRef> Night::StoreObject(std::string key, std::string_view bytes) {
  STRATA_RETURN_IF_ERROR(seams_.objects->Put(key, bytes));
  return ObjectRef{.key = std::move(key), .checksum = Hash64(bytes), .size_bytes = bytes.size()};
}

}  // namespace strata
