// What keeps a result from being published: expectations of the feed before the features are made, rules over the
// result before the manifest is written. Both leave the ledger version committed: its rows are in order, and the next
// run finds them there.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "coordinator/night/night.h"
#include "data/ledger/ledger_state.h"
#include "run/current.h"
#include "run/keys.h"

namespace strata {
namespace {

std::optional<double> Known(double mean) { return std::isfinite(mean) ? std::optional(mean) : std::nullopt; }

VetoFacts FactsOf(const Manifest& manifest, const std::vector<SegmentLine>& lines) {
  VetoFacts facts;
  facts.customers = manifest.customers;
  if (manifest.totals.has_value()) {
    facts.net_micros = ParseInt128(manifest.totals->net_micros);
    facts.mean_p_alive = Known(manifest.totals->mean_p_alive);
    facts.mean_churn_probability = Known(manifest.totals->mean_churn_probability);
    facts.mean_lifetime_value = Known(manifest.totals->mean_lifetime_value);
  }
  for (const SegmentLine& line : lines) {
    if (line.kind == "rfm") facts.segments[line.name] = line.customers;
    if (line.kind == "cluster") facts.clusters[line.name] = line.customers;
  }
  return facts;
}

std::map<std::string, std::string> MetadataOf(const std::vector<BrokenRule>& rules) {
  std::string names;
  std::map<std::string, std::string> metadata;
  for (const BrokenRule& rule : rules) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", rule.rule);
    metadata[rule.rule] = fmt::format("found {}, allowed is {}", rule.found, rule.allowed);
  }
  metadata["rules"] = std::move(names);
  return metadata;
}

}  // namespace

absl::StatusOr<bool> Night::IsBackDated() {
  STRATA_ASSIGN_OR_RETURN(const auto current, seams_.metadata->Get(CurrentKey(request_.job.name)));
  if (!current.has_value()) return false;
  STRATA_ASSIGN_OR_RETURN(const CurrentPointer pointer, CurrentPointer::FromJson(current->value));
  STRATA_ASSIGN_OR_RETURN(const auto record,
                          seams_.metadata->Get(SnapshotRecordKey(request_.job.name, pointer.snapshot)));
  if (!record.has_value()) return false;
  STRATA_ASSIGN_OR_RETURN(const SnapshotRecord snapshot, SnapshotRecord::FromJson(record->value));
  return as_of_ < snapshot.as_of;
}

// The files that the followed snapshot's ledger version had; nullopt when all files count as new.
absl::StatusOr<std::optional<LedgerRegistry>> Night::FollowedRegistry() {
  if (!followed_.has_value()) return std::nullopt;
  STRATA_ASSIGN_OR_RETURN(const auto version,
                          ReadLedgerVersion(*seams_.metadata, request_.job.name, followed_->ledger_version));
  if (!version.has_value()) {
    return MakeError(absl::StatusCode::kDataLoss, "LEDGER_RECORD_MISSING",
                     fmt::format("snapshot {} is of ledger version {}, of which there is no record", followed_->number,
                                 followed_->ledger_version));
  }
  auto registry = ReadRegistry(*seams_.objects, *version);
  if (const auto detail = DetailOf(registry.status()); detail.has_value() && detail->reason == "FORMAT_UNKNOWN") {
    Warn(fmt::format("the ledger of the followed snapshot {} is of another format: all files count as new",
                     followed_->number));
    return std::nullopt;
  }
  if (!registry.ok()) return registry.status();
  return std::optional<LedgerRegistry>(*std::move(registry));
}

absl::Status Night::CheckExpectations() {
  const Expectations& expect = request_.job.transactions.expect;
  if (!expect.any() || request_.backfill) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(const bool back_dated, IsBackDated());
  if (back_dated) return absl::OkStatus();
  FeedFacts facts;
  STRATA_ASSIGN_OR_RETURN(const auto before, FollowedRegistry());
  facts.rows_new = RowsNew(registry_, before.has_value() ? &*before : nullptr);
  const auto after = registry_.rows_by_day.upper_bound(as_of_);
  if (after != registry_.rows_by_day.begin()) facts.newest_day = std::prev(after)->first;
  // A date that follows the newest row would never lag behind it. The run's begin is recorded: a replay sees the same.
  facts.expected_day = as_of_;
  if (!request_.as_of.has_value() && !request_.job.as_of.has_value()) {
    STRATA_ASSIGN_OR_RETURN(facts.expected_day, DayBefore(request_.job, summary_->started_ms));
  }
  const std::vector<BrokenRule> broken = CheckFeed(expect, facts, "sources.transactions");
  if (broken.empty()) return absl::OkStatus();
  summary_->broken_rules = broken;
  return MakeError(absl::StatusCode::kFailedPrecondition, "EXPECTATION_FAILED",
                   fmt::format("{}; nothing is published", DescribeRules(broken)), MetadataOf(broken));
}

absl::StatusOr<std::optional<VetoFacts>> Night::FollowedFacts() {
  if (!followed_.has_value() || RelativeRulesOf(request_.job.veto).empty()) return std::nullopt;
  const std::string& job = request_.job.name;
  STRATA_ASSIGN_OR_RETURN(const auto bytes, MapVerified(*seams_.objects, ManifestKey(job, followed_->number),
                                                        followed_->manifest_checksum));
  STRATA_ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(bytes->bytes()));
  std::vector<SegmentLine> lines;
  for (const ManifestEntry& entry : manifest.entries) {
    if (entry.name != kSegmentsReport) continue;
    STRATA_ASSIGN_OR_RETURN(const auto report, MapVerified(*seams_.objects, entry.key, entry.checksum));
    STRATA_ASSIGN_OR_RETURN(lines, DecodeSegmentsReport(report->bytes()));
  }
  return std::optional<VetoFacts>(FactsOf(manifest, lines));
}

RunFacts Night::FactsOfRun() const {
  RunFacts run{.rows_read = summary_->rows.read, .rows_rejected = summary_->rows.rejected};
  const auto unfitted = [&run](std::string_view model, const std::string& reason) {
    run.unfitted.push_back(fmt::format("{} ({})", model, reason));
  };
  if (models_.clustering.has_value() && models_.clustering->k == 0) unfitted("clustering", models_.clustering->reason);
  if (models_.lifetime.has_value() && !models_.lifetime->fit.fitted) {
    unfitted("lifetime", models_.lifetime->fit.reason);
  };
  if (models_.spend.has_value() && !models_.spend->fitted) unfitted("spend", models_.spend->reason);
  if (!models_.churn.has_value()) return run;
  const ChurnModel& churn = *models_.churn;
  if (!churn.fitted) unfitted("churn", churn.reason);
  if (churn.grade != Grade::kNone) run.churn_grade = Name(churn.grade)[0];
  run.churn_grade_reason = churn.fitted ? churn.grade_reason : churn.reason;
  return run;
}

absl::Status Night::CheckVeto(const Manifest& manifest, const std::vector<SegmentLine>& lines) {
  const VetoRules& rules = request_.job.veto;
  if (rules == VetoRules{}) return absl::OkStatus();
  const auto before_or = FollowedFacts();
  if (!before_or.ok()) return WithContext(before_or.status(), "reading the followed snapshot for the veto rules");
  const std::optional<VetoFacts>& before = *before_or;
  const Judgement judgement =
      Judge(rules, FactsOf(manifest, lines), FactsOfRun(), before.has_value() ? &*before : nullptr);
  for (const std::string& note : judgement.notes) Warn(note);
  if (judgement.broken.empty()) return absl::OkStatus();
  summary_->broken_rules = judgement.broken;
  if (request_.ignore_veto) {
    for (const BrokenRule& rule : judgement.broken) {
      Warn(fmt::format("published although a rule speaks against it, as was asked for: {}", DescribeRules({rule})));
    }
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "VETO",
                   fmt::format("{}; nothing is published. Who has looked and wants it nevertheless: --ignore-veto",
                               DescribeRules(judgement.broken)),
                   MetadataOf(judgement.broken));
}

}  // namespace strata
