// The night's third part: the as-of date, the snapshot it follows, and the features of that date.
#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "coordinator/night/night.h"
#include "data/ledger/ledger_state.h"
#include "run/keys.h"
#include "run/stage_plan.h"

namespace strata {

absl::StatusOr<Day> DayBefore(const Job& job, int64_t wall_ms) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(AbslView(job.time_zone), &zone)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "TIME_ZONE_UNKNOWN",
                     fmt::format("time zone '{}' is not known here", job.time_zone));
  }
  const absl::CivilDay today = absl::ToCivilDay(absl::FromUnixMillis(wall_ms), zone);
  return static_cast<Day>(today - absl::CivilDay(1970, 1, 1)) - 1;
}

absl::Status Night::ChooseAsOf() {
  STRATA_ASSIGN_OR_RETURN(const Day yesterday, DayBefore(request_.job, seams_.clock->WallMs()));
  if (dates_pin_.has_value()) {
    as_of_ = dates_pin_->as_of;
  } else if (request_.as_of.has_value()) {
    as_of_ = *request_.as_of;
  } else if (request_.job.as_of.has_value()) {
    as_of_ = *request_.job.as_of;
  } else {
    const auto after = registry_.rows_by_day.upper_bound(yesterday);
    if (after == registry_.rows_by_day.begin()) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "EMPTY_BASE",
                       fmt::format("job {}: no accepted row is dated up to yesterday ({})", request_.job.name,
                                   FormatDay(yesterday)));
    }
    as_of_ = std::prev(after)->first;
  }
  int64_t later = 0;
  for (auto it = registry_.rows_by_day.upper_bound(as_of_); it != registry_.rows_by_day.end(); ++it)
    later += it->second;
  if (later > 0) {
    Warn(fmt::format("{} row(s) are dated after {} (the latest {}); they are in the ledger and not in this snapshot",
                     later, FormatDay(as_of_), FormatDay(registry_.rows_by_day.rbegin()->first)));
  }
  summary_->as_of = FormatDay(as_of_);
  return absl::OkStatus();
}

absl::Status Night::ChooseFollowed() {
  STRATA_ASSIGN_OR_RETURN(const auto records, seams_.metadata->List(SnapshotRecordsPrefix(request_.job.name)));
  for (const KeyValue& record : records) {
    STRATA_ASSIGN_OR_RETURN(SnapshotRecord snapshot, SnapshotRecord::FromJson(record.value));
    if (dates_pin_.has_value()) {
      if (snapshot.number == dates_pin_->follows) followed_ = std::move(snapshot);
    } else if (request_.follows.has_value()) {
      if (snapshot.number == *request_.follows) followed_ = std::move(snapshot);
    } else if (snapshot.as_of < as_of_ && (!followed_.has_value() || snapshot.as_of >= followed_->as_of)) {
      followed_ = std::move(snapshot);
    }
  }
  if (request_.follows.value_or(0) > 0) {
    if (!followed_.has_value()) {
      return MakeError(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN",
                       fmt::format("--follows {}: job {} has no such snapshot", *request_.follows, request_.job.name));
    }
    if (followed_->as_of >= as_of_) {
      return MakeError(absl::StatusCode::kInvalidArgument, "FOLLOWS_LATER",
                       fmt::format("--follows {}: its as-of date {} is not before this run's {}", *request_.follows,
                                   FormatDay(followed_->as_of), FormatDay(as_of_)));
    }
  }
  summary_->follows = followed_.has_value() ? followed_->number : 0;
  return absl::OkStatus();
}

absl::StatusOr<RunStep> Night::PlanFeatures() {
  summary_->ledger_version = head_->version;
  summary_->ledger_digest = head_->digest;
  STRATA_RETURN_IF_ERROR(ChooseDates(head_->version));
  if (!dates_pin_.has_value()) {
    STRATA_RETURN_IF_ERROR(WritePin(DatesPin::kName, dates_.Encode()));
    dates_pin_ = dates_;
  }
  STRATA_RETURN_IF_ERROR(CheckExpectations());
  STRATA_RETURN_IF_ERROR(ChooseHoldout());
  StagePlan plan = NewPlan(Stage::kFeature);
  plan.segments = SegmentObjects(registry_);
  plan.segments.resize(request_.job.shards);
  plan.removed_files = registry_.RemovedNumbers();
  PlanTableSegments(&plan);
  plan.as_of = as_of_;
  plan.holdout_days = holdout_days_;
  plan.churn_views = ChurnViews();
  STRATA_ASSIGN_OR_RETURN(ObjectRef ref, Store(plan));
  return RunStage{.stage = Stage::kFeature, .tasks = request_.job.shards, .plan = std::move(ref)};
}

absl::StatusOr<RunStep> Night::AfterFeature(const std::vector<std::string>& results) {
  std::map<int32_t, int64_t> after_by_file;
  features_.clear();
  profiles_.clear();
  cutoff_profiles_.clear();
  std::vector<FeatureTaskResult> shards;
  for (const std::string& encoded : results) {
    STRATA_ASSIGN_OR_RETURN(FeatureTaskResult result, FeatureTaskResult::Decode(encoded));
    features_.push_back(result.features);
    if (!result.profile.empty()) profiles_.push_back(result.profile);
    if (!result.cutoff_profiles.empty()) cutoff_profiles_.push_back(result.cutoff_profiles);
    summary_->customers += result.customers;
    summary_->customers_with_purchase += result.customers_with_purchase;
    for (const auto& [number, rows] : result.rows_after_as_of_by_file) after_by_file[number] += rows;
    shards.push_back(std::move(result));
  }
  STRATA_RETURN_IF_ERROR(TakeStatistics(shards));
  const TableFilesBook& book = BookOf(TableId::kTransactions);
  std::set<int32_t> fresh;
  for (const TableFilesBook::NewFile& added : book.new_files()) fresh.insert(added.number);
  int64_t fresh_after = 0;
  for (const RegisteredFile& file : book.files()) {
    RowCounts counts = file.counts;
    const auto after = after_by_file.find(file.number);
    if (after != after_by_file.end()) {
      counts.accepted -= after->second;
      counts.skipped_after_as_of += after->second;
      if (fresh.contains(file.number)) fresh_after += after->second;
    }
    summary_->rows.Add(counts);
  }
  summary_->rows_new.accepted -= fresh_after;
  summary_->rows_new.skipped_after_as_of += fresh_after;
  SumUpTables(as_of_);
  if (!summary_->rows.Balances() || !summary_->rows_new.Balances()) {
    return MakeError(absl::StatusCode::kInternal, "ACCOUNTING",
                     "the classes of the run's rows do not add up to the rows read");
  }
  if (summary_->customers == 0) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "EMPTY_BASE",
                     fmt::format("job {}: no customer has an accepted row up to {}; nothing is published",
                                 request_.job.name, FormatDay(as_of_)));
  }
  return BeginFit();
}

}  // namespace strata
