#include "model/lifetime/lifetime_fitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "model/lifetime/choose_model.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/history_table.h"
#include "model/lifetime/judge.h"

namespace strata {

static_assert(Fitter<LifetimeFitter>);

namespace {

// Which model a night has, with what choosing it left behind.
struct KindInUse {
  LifetimeKind kind = LifetimeKind::kBgNbd;
  std::optional<int> k;
  Day chosen_as_of = 0;  // 0: the job names the kind, or nothing could be chosen
  std::vector<CandidateLine> candidates;
  std::vector<std::string> warnings;
  std::optional<LifetimeFit> before;  // on what was known before the hold-out, where that was fitted to choose
};

std::optional<int> RegularityOf(const LifetimeFit& fit) {
  return IsRegular(fit.parameters.kind) ? std::optional(fit.parameters.k) : std::nullopt;
}

// nullopt: nothing was chosen earlier, or it is too old.
std::optional<KindInUse> ChosenEarlier(const LifetimeFitSettings& settings) {
  if (settings.last == nullptr || settings.last->chosen_as_of == 0) return std::nullopt;
  const LifetimeModel& last = *settings.last;
  const int age = settings.as_of - last.chosen_as_of;
  const bool is_due = !settings.refit.frozen && (age < 0 || age >= settings.choose_days);
  if (is_due) return std::nullopt;
  return KindInUse{.kind = last.fit.asked,
                   .k = RegularityOf(last.fit),
                   .chosen_as_of = last.chosen_as_of,
                   .candidates = last.candidates,
                   .warnings = {},
                   .before = {}};
}

FitOptions OptionsOf(const LifetimeFitSettings& settings, LifetimeKind kind, bool intervals) {
  return {.prior = PriorOf(settings, kind), .intervals = intervals, .start = {}};
}

KindInUse DecideKind(const LifetimeFitSettings& settings, const std::vector<HoldoutRow>& holdout) {
  if (settings.kind.has_value()) {
    return {.kind = *settings.kind, .k = settings.k, .chosen_as_of = 0, .candidates = {}, .warnings = {}, .before = {}};
  }
  if (std::optional<KindInUse> earlier = ChosenEarlier(settings); earlier.has_value()) return *std::move(earlier);
  KindInUse used;
  if (settings.holdout_days == 0) {
    used.warnings.emplace_back("the history is too short for a hold-out, so no model was chosen: it is bg_nbd");
    return used;
  }
  std::optional<double> log_gaps;
  if (settings.history != nullptr) log_gaps = settings.history->LogGapsBefore(settings.time_unit_days);
  Choice choice = ChooseModel(holdout, log_gaps, settings.time_unit_days, settings.holdout_days,
                              [&settings](LifetimeKind kind) { return OptionsOf(settings, kind, false); });
  used.candidates = CandidateLinesOf(choice);
  used.warnings = choice.warnings;
  if (!choice.chosen.has_value()) {
    used.warnings.emplace_back("no model could be fitted before the hold-out, so none was chosen: it is bg_nbd");
    return used;
  }
  LifetimeFit& winner = choice.candidates[*choice.chosen].fit;
  used.kind = winner.asked;
  used.k = RegularityOf(winner);
  used.chosen_as_of = settings.as_of;
  used.before = std::move(winner);
  return used;
}

HoldoutJudgement Judge(const LifetimeFitSettings& settings, const KindInUse& used,
                       const std::vector<HoldoutRow>& rows) {
  LifetimeFit before;
  if (used.before.has_value()) {
    before = *used.before;
  } else {
    HistoryTable table = HistoryTable::Of(BeforeHoldout(rows), settings.time_unit_days);
    if (settings.history != nullptr) table.log_gaps = settings.history->LogGapsBefore(settings.time_unit_days);
    before = FitLifetime(used.kind, used.k, table, OptionsOf(settings, used.kind, false));
  }
  return JudgeHoldout(rows, before,
                      {.time_unit_days = settings.time_unit_days,
                       .as_of = settings.as_of - settings.holdout_days,
                       .days = settings.holdout_days,
                       .interval_level = settings.interval.value_or(kJudgedLevel)});
}

LifetimeModel FitTonight(const LifetimeFitSettings& settings, const KindInUse& used,
                         const std::vector<PurchaseRow>& rows, bool intervals) {
  HistoryTable table = HistoryTable::Of(rows, settings.time_unit_days);
  if (settings.history != nullptr) table.log_gaps = settings.history->LogGaps(settings.time_unit_days);
  return ModelOf(settings, FitLifetime(used.kind, used.k, table, OptionsOf(settings, used.kind, intervals)));
}

}  // namespace

void LifetimeFitter::Parameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(view));
  writer->U8(holdout ? 1 : 0);
}

LifetimeFitter::Parameters LifetimeFitter::Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  parameters.view = static_cast<View>(reader->U8());
  parameters.holdout = reader->U8() != 0;
  return parameters;
}

void LifetimeFitter::Partial::Merge(const Partial& other) {
  purchases.Merge(other.purchases);
  holdout.Merge(other.holdout);
}

void LifetimeFitter::Partial::Encode(ByteWriter* writer) const {
  purchases.Encode(writer);
  holdout.Encode(writer);
}

LifetimeFitter::Partial LifetimeFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.purchases = PurchaseTable::Decode(reader);
  partial.holdout = HoldoutTable::Decode(reader);
  return partial;
}

LifetimeFitter::LifetimeFitter(LifetimeFitSettings settings, View view) : settings_(std::move(settings)), view_(view) {
  result_.time_unit_days = settings_.time_unit_days;
}

std::optional<LifetimeFitter::Parameters> LifetimeFitter::Next() const {
  if (done_) return std::nullopt;
  return Parameters{.view = view_, .holdout = settings_.holdout_days > 0};
}

LifetimeFitter::Partial LifetimeFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard,
                                                   const Kernels&) {
  Partial partial;
  partial.purchases = PurchaseTable::Of(parameters.view == View::kChurnTest ? shard.churn_test : shard.today);
  if (parameters.holdout) partial.holdout = HoldoutTable::Of(shard.holdout);
  return partial;
}

absl::Status LifetimeFitter::Absorb(const Partial& merged) {
  if (done_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the lifetime fit has no further round");
  }
  const absl::StatusOr<std::vector<PurchaseRow>> rows = merged.purchases.Rows();
  if (!rows.ok()) return WithContext(rows.status(), "lifetime fit");
  const absl::StatusOr<std::vector<HoldoutRow>> holdout = merged.holdout.Rows();
  if (!holdout.ok()) return WithContext(holdout.status(), "hold-out of the lifetime fit");
  const KindInUse used = DecideKind(settings_, *holdout);
  const LifetimeRefitDecision decision = DecideLifetimeRefit(settings_, used.kind, used.k);
  // The baseline of churn has no intervals to show.
  result_ = decision.keep ? Kept(settings_) : FitTonight(settings_, used, *rows, view_ == View::kToday);
  result_.chosen_as_of = used.chosen_as_of;
  result_.candidates = used.candidates;
  for (const PurchaseRow& row : *rows) result_.T_max_days = std::max(result_.T_max_days, row.T_days);
  if (settings_.holdout_days > 0) result_.holdout = Judge(settings_, used, *holdout);
  result_.warnings.insert(result_.warnings.end(), used.warnings.begin(), used.warnings.end());
  DescribeNight(settings_, decision, &result_);
  done_ = true;
  return absl::OkStatus();
}

}  // namespace strata
