#include "model/churn/churn_fitter.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/churn_rules.h"
#include "model/churn/churn_grade.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/history_table.h"
#include "model/statistics/shard_error.h"

namespace strata {
namespace {

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of the churn model does not belong to its round: {}", what));
}

// The most frequent words first, ties by bytes.
std::vector<std::string> LevelsOf(const std::map<std::string, int64_t>& words) {
  std::vector<std::pair<int64_t, std::string>> order;
  for (const auto& [word, count] : words) order.emplace_back(-count, word);
  std::sort(order.begin(), order.end());
  if (order.size() > kMaxChurnLevels) order.resize(kMaxChurnLevels);
  std::vector<std::string> levels;
  for (auto& [count, word] : order) levels.push_back(std::move(word));
  return levels;
}

LifetimeKind KindOf(const ChurnFitSettings& settings) {
  // Which regularity fits best only a night's history says, whose past cutoffs have none.
  const bool unknown = IsRegular(settings.lifetime_kind) && !settings.lifetime_k.has_value();
  return unknown ? LifetimeKind::kMbgNbd : settings.lifetime_kind;
}

std::optional<ChurnLifetime> FitAsOf(const ChurnFitSettings& settings, const PurchaseTable& purchases, Day as_of,
                                     Day first_day, absl::Status* status) {
  const absl::StatusOr<std::vector<PurchaseRow>> rows = purchases.Rows();
  if (!rows.ok()) {
    *status = rows.status();
    return std::nullopt;
  }
  if (rows->empty()) return std::nullopt;
  const LifetimeFit fit =
      FitLifetime(KindOf(settings), IsRegular(KindOf(settings)) ? settings.lifetime_k : std::nullopt,
                  HistoryTable::Of(*rows, settings.time_unit_days), {.prior = {}, .intervals = false, .start = {}});
  if (!fit.fitted) return std::nullopt;
  return ChurnLifetime{.parameters = fit.parameters,
                       .time_unit_days = settings.time_unit_days,
                       .T_max_days = as_of - first_day,
                       .customers = fit.customers};
}

}  // namespace

ChurnFitter::ChurnFitter(Settings settings) : settings_(std::move(settings)) {
  plan_.features = settings_.features;
  plan_.levels.resize(plan_.features.size());
  plan_.horizon_days = settings_.horizon_days;
  plan_.eligible_days = settings_.eligible_days;
  plan_.cutoffs = settings_.cutoffs;
  plan_.question = settings_.question;
  model_.horizon_days = settings_.horizon_days;
  model_.eligible_days = settings_.eligible_days;
  model_.band_low = settings_.band_low;
  model_.reasons_for = settings_.reasons_for;
  model_.band_high = settings_.band_high;
  model_.time_unit_days = settings_.time_unit_days;
  model_.fitted_as_of = settings_.as_of;
  model_.plan = plan_;
  model_.plan.features.clear();
  model_.plan.levels.clear();
  split_.seed = settings_.seed;
}

std::optional<ChurnFitter::Parameters> ChurnFitter::Next() const {
  if (done_) return std::nullopt;
  Parameters parameters;
  parameters.stage = stage_;
  parameters.plan = plan_;
  parameters.seed = settings_.seed;
  parameters.split = split_;
  parameters.views = stage_ == ChurnStage::kCount ? settings_.cutoffs + 1 : static_cast<int32_t>(counts_.size());
  if (stage_ != ChurnStage::kUnits) parameters.lifetimes = lifetimes_;
  for (const ViewCounts& view : counts_) parameters.customers = std::max(parameters.customers, view.rows);
  switch (stage_) {
    case ChurnStage::kCount:
      break;
    case ChurnStage::kGather: {
      const bool trees = extent_.algorithm == ChurnAlgorithm::kTrees;
      // With a fifth left out the sample holds as many more.
      const int64_t rows = !trees ? kFactsRows : split_.fifth ? settings_.train_rows * 5 / 4 : settings_.train_rows;
      parameters.capacity = static_cast<uint32_t>((rows + training_views() - 1) / training_views());
      break;
    }
    case ChurnStage::kMoments:
    case ChurnStage::kNewton:
    case ChurnStage::kCells:
      parameters.graded = LogisticSideOf(true);
      parameters.served = LogisticSideOf(false);
      parameters.share = share_;
      for (const OpenFit& open : fits_) {
        const bool wanted = stage_ == ChurnStage::kNewton
                                ? !IsThrough(open)
                                : stage_ == ChurnStage::kCells && (split_.fifth || open.fold >= 0);
        if (wanted) parameters.points.push_back({open.graded, open.fold, open.fit.model()});
      }
      break;
    case ChurnStage::kUnits:
      parameters.units = RequestOf(units_);
      break;
    case ChurnStage::kGrade:
      parameters.customers = counts_[0].rows;
      parameters.rules = rules_;
      parameters.scoring = ChurnScoring{.plan = graded_.plan,
                                        .ensemble = graded_.ensemble,
                                        .columns = graded_.columns,
                                        .medians = graded_.medians,
                                        .logistic = graded_.logistic,
                                        .calibration = graded_.calibration};
      break;
  }
  return parameters;
}

absl::Status ChurnFitter::Absorb(const Partial& merged) {
  if (done_) return Mismatch("the fit is done");
  STRATA_RETURN_IF_ERROR(StatusOfShardError(merged.error));
  switch (stage_) {
    case ChurnStage::kCount:
      return AbsorbCount(merged);
    case ChurnStage::kGather:
      return AbsorbGather(merged);
    case ChurnStage::kMoments:
      return AbsorbMoments(merged);
    case ChurnStage::kNewton:
      return AbsorbNewton(merged);
    case ChurnStage::kCells:
      return AbsorbCells(merged);
    case ChurnStage::kUnits:
      return AbsorbUnits(merged);
    case ChurnStage::kGrade:
      return AbsorbGrade(merged);
  }
  return Mismatch("no stage");
}

ChurnPlan ChurnFitter::PlanOf(bool graded) const {
  ChurnPlan plan = plan_;
  const size_t first = FirstView(graded);
  for (size_t j = 0; j < plan.features.size(); ++j) {
    if (plan.features[j].type != ColumnType::kText) continue;
    std::map<std::string, int64_t> words;
    for (size_t v = first; v < first + static_cast<size_t>(training_views()); ++v) {
      if (counts_[v].words.size() <= j) continue;
      for (const auto& [word, count] : counts_[v].words[j]) words[word] += count;
    }
    plan.levels[j] = LevelsOf(words);
  }
  return plan;
}

absl::Status ChurnFitter::AbsorbCount(const Partial& merged) {
  if (merged.views.size() > static_cast<size_t>(settings_.cutoffs) + 1) return Mismatch("more cutoffs");
  Day first_day = merged.first_day;
  for (const ViewCounts& view : merged.views) first_day = std::min(first_day, view.first_day);
  extent_ = ExtentOf(settings_, merged.views, first_day);
  model_.sufficiency = extent_.lines;
  model_.warnings = extent_.warnings;
  model_.grade_reason = extent_.grade_reason;
  if (!merged.views.empty()) {
    const ViewCounts& test = merged.views[0];
    if (test.customers > 0) model_.test_cutoff = test.cutoff;
    model_.holdout_rows = test.rows;
    model_.holdout_churned = test.churned;
    if (merged.views.size() > 1 && merged.views[1].customers > 0) model_.train_cutoff = merged.views[1].cutoff;
  }
  STRATA_RETURN_IF_ERROR(TakeLifetimeModel(merged));
  if (extent_.algorithm == ChurnAlgorithm::kLifetime) {
    FallBack(extent_.reason);
    return absl::OkStatus();
  }
  const auto used = static_cast<size_t>(extent_.served + (extent_.graded > 0 ? 1 : 0));
  counts_.assign(merged.views.begin(), merged.views.begin() + static_cast<std::ptrdiff_t>(used));
  FitLifetimes(merged);
  RuleCounts rules;
  for (size_t v = 1; v < counts_.size(); ++v) rules.Merge(counts_[v].rules);
  rules_ = TuneRules(rules);
  split_.fifth = counts_[FirstView(extent_.graded > 0)].rows >= kCalibrationFifthFrom;
  served_.plan = PlanOf(false);
  if (extent_.graded > 0) graded_.plan = PlanOf(true);
  for (size_t j = 0; j < plan_.features.size(); ++j) {
    std::vector<std::string> words = served_.plan.levels[j];
    if (extent_.graded > 0) words.insert(words.end(), graded_.plan.levels[j].begin(), graded_.plan.levels[j].end());
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    plan_.levels[j] = std::move(words);
  }
  for (int v = 0; v < extent_.served; ++v) {
    model_.cutoffs.push_back(counts_[static_cast<size_t>(v)].cutoff);
    model_.rows += counts_[static_cast<size_t>(v)].rows;
    model_.churned += counts_[static_cast<size_t>(v)].churned;
  }
  stage_ = ChurnStage::kGather;
  return absl::OkStatus();
}

// As of tonight: of the served features, and the answer where nothing else can be fitted.
absl::Status ChurnFitter::TakeLifetimeModel(const Partial& merged) {
  absl::Status status;
  const auto fit = FitAsOf(settings_, merged.today, settings_.as_of, merged.first_day, &status);
  STRATA_RETURN_IF_ERROR(status);
  if (!fit.has_value()) return absl::OkStatus();
  model_.lifetime = fit->parameters;
  model_.lifetime_T_max_days = fit->T_max_days;
  model_.lifetime_customers = fit->customers;
  return absl::OkStatus();
}

void ChurnFitter::FitLifetimes(const Partial& merged) {
  lifetimes_.assign(counts_.size(), std::nullopt);
  tbb::parallel_for(size_t{0}, counts_.size(), [&](size_t v) {
    const ViewCounts& view = merged.views[v];
    absl::Status status;  // an impossible history is one of today's too, which has been told
    lifetimes_[v] = FitAsOf(settings_, view.purchases, view.cutoff, view.first_day, &status);
  });
}

void ChurnFitter::FallBack(std::string reason) {
  model_.fitted = false;
  model_.algorithm = ChurnAlgorithm::kLifetime;
  model_.reason = std::move(reason);
  if (model_.lifetime_customers <= 0) model_.reason += "; nor can a lifetime model be fitted, so nobody has an answer";
  if (model_.grade_reason.empty()) model_.grade_reason = model_.reason;
  done_ = true;
}

absl::Status ChurnFitter::AbsorbGather(const Partial& merged) {
  sample_ = merged.sample;
  const int first = extent_.graded > 0 ? 1 : 0;
  {
    // Decided on what the graded fit knows, for both: they are the same procedure.
    const ChurnPlan& plan = first > 0 ? graded_.plan : served_.plan;
    STRATA_ASSIGN_OR_RETURN(const std::vector<FeatureFacts> facts,
                            FactsOf(plan_, plan, sample_, first, training_views()));
    LeaveOutThinFeatures(facts);
  }
  if (served_.plan.features.empty()) {
    FallBack("no feature tells the customers at the training cutoffs apart");
    return absl::OkStatus();
  }
  for (const bool graded : {true, false}) {
    if (graded && extent_.graded == 0) continue;
    Side& of = side(graded);
    STRATA_ASSIGN_OR_RETURN(of.facts,
                            FactsOf(plan_, of.plan, sample_, graded ? 1 : 0, training_views()));
    for (const FeatureFacts& facts : of.facts) of.medians.push_back(facts.median);
  }
  for (size_t j = 0; j < served_.facts.size(); ++j) {
    if (!(served_.facts[j].single_auc > kLeakageAuc)) continue;
    model_.warnings.push_back(fmt::format(
        "leakage? {} alone ranks the lost before the kept with an AUC of {:.3f}: it may know what it should not",
        served_.plan.features[j].name, served_.facts[j].single_auc));
  }
  if (extent_.algorithm == ChurnAlgorithm::kTrees) {
    StartTrees();
  } else {
    StartLogistic();
  }
  return absl::OkStatus();
}

void ChurnFitter::LeaveOutThinFeatures(const std::vector<FeatureFacts>& facts) {
  ChurnPlan served, graded;
  for (size_t j = 0; j < facts.size(); ++j) {
    const std::string& name = plan_.features[j].name;
    const double missing = facts[j].missing_share();
    const bool is_thin = missing > kMissingShareMax;
    if (missing > kMissingShareWarned) {
      model_.sufficiency.push_back({fmt::format("missing: {}", name), missing, kMissingShareWarned, false,
                                    is_thin ? "left out" : "used, and says little"});
    }
    if (facts[j].is_constant()) {
      model_.sufficiency.push_back({fmt::format("values: {}", name), static_cast<double>(facts[j].distinct), 2, false,
                                    "left out: it is the same for everybody"});
    }
    if (is_thin || facts[j].is_constant()) continue;
    served.features.push_back(served_.plan.features[j]);
    served.levels.push_back(served_.plan.levels[j]);
    if (extent_.graded == 0) continue;
    graded.features.push_back(graded_.plan.features[j]);
    graded.levels.push_back(graded_.plan.levels[j]);
  }
  for (const auto& [kept, of] : {std::pair{&served, &served_.plan}, std::pair{&graded, &graded_.plan}}) {
    of->features = std::move(kept->features);
    of->levels = std::move(kept->levels);
    of->cutoffs = training_views();
  }
}

void ChurnFitter::CalibrateSide(bool graded, const std::vector<std::vector<MarginCells>>& cells) {
  std::vector<MarginCells> folds(kCalibrationFolds);
  int64_t rows = 0;
  int64_t churned = 0;
  for (const std::vector<MarginCells>& of_view : cells) {
    if (rows >= kIsotonicRowsMin && std::min(churned, rows - churned) >= kIsotonicClassRowsMin) break;
    for (size_t fold = 0; fold < of_view.size(); ++fold) {
      folds[fold].Merge(of_view[fold]);
      for (const auto& [place, counts] : of_view[fold].cells) {
        rows += counts[0];
        churned += counts[1];
      }
    }
  }
  side(graded).calibration = Calibrate(folds);
}

// Both fits are there: what is left is the grade.
void ChurnFitter::FinishFits() {
  model_.fitted = true;
  model_.algorithm = extent_.algorithm;
  model_.plan = served_.plan;
  model_.columns = served_.columns;
  model_.medians = served_.medians;
  model_.ensemble = served_.ensemble;
  model_.mean = served_.logistic.mean;
  model_.deviation = served_.logistic.deviation;
  model_.coefficients = served_.logistic.coefficients;
  model_.intercept = served_.logistic.intercept;
  model_.calibration = served_.calibration;
  for (const LogisticColumn& column : served_.columns) model_.features.push_back(NameOf(served_.plan, column));
  if (served_.calibration.method == CalibrationMethod::kPlatt && served_.calibration.slope == 0) {
    model_.warnings.emplace_back("on rows that it was not trained on the model does not rank at all: every probability "
                                 "is the base's");
  }
  TakeDrivers();
  if (extent_.graded > 0) {
    stage_ = ChurnStage::kGrade;
  } else {
    done_ = true;
  }
}

void ChurnFitter::TakeDrivers() {
  for (size_t j = 0; j < served_.plan.features.size(); ++j) {
    ChurnDriver& driver = model_.drivers.emplace_back();
    driver.feature = served_.plan.features[j].name;
    driver.group = served_.plan.features[j].group;
    driver.missing = served_.facts[j].missing_share();
    driver.single_auc = served_.facts[j].single_auc;
    if (j < served_.unit_features.size()) {
      driver.gain = served_.unit_features[j].gain;
      driver.contribution = served_.unit_features[j].contribution;
    }
    for (size_t c = 0; c < served_.columns.size(); ++c) {
      if (served_.columns[c].feature == j) driver.contribution += std::fabs(served_.logistic.coefficients[c]);
    }
  }
  std::stable_sort(model_.drivers.begin(), model_.drivers.end(), [](const ChurnDriver& a, const ChurnDriver& b) {
    return a.contribution > b.contribution;
  });
}

absl::Status ChurnFitter::AbsorbGrade(const Partial& merged) {
  if (merged.holdout.width() != kHoldoutWidth) return Mismatch("no hold-out rows");
  int64_t churned = 0;
  for (size_t i = 0; i < merged.holdout.size(); ++i) churned += merged.holdout.values(i)[kHoldoutLabel];
  const auto rows = static_cast<int64_t>(merged.holdout.size());
  if (std::min(churned, rows - churned) > 0) {
    GradeChurn(merged.holdout, rules_, settings_.seed, &model_);
  } else {
    model_.grade_reason = "the sample of the test has one class only";
  }
  done_ = true;
  return absl::OkStatus();
}

}  // namespace strata
