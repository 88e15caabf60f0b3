#include "model/churn/churn_fitter.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>

namespace strata {
namespace {

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of the churn model does not belong to its round: {}", what));
}

bool EnoughOfBoth(int64_t churned, int64_t rows) {
  return churned >= kChurnClassRowsMin && rows - churned >= kChurnClassRowsMin;
}

std::string TooFew(std::string_view where, int64_t churned, int64_t rows) {
  return fmt::format("{} {} customers at risk bought again and {} did not; at least {} of each are needed", where,
                     rows - churned, churned, kChurnClassRowsMin);
}

void Move(const LogisticModel& from, ChurnModel* model) {
  model->mean = from.mean;
  model->deviation = from.deviation;
  model->coefficients = from.coefficients;
  model->intercept = from.intercept;
}

}  // namespace

ChurnFitter::ChurnFitter(const Settings& settings) : settings_(settings) {
  model_.horizon_days = settings.horizon_days;
  model_.eligible_days = settings.eligible_days;
}

std::optional<ChurnFitter::Parameters> ChurnFitter::Next() const {
  if (done_) return std::nullopt;
  Parameters parameters;
  parameters.stage = stage_;
  parameters.horizon_days = settings_.horizon_days;
  parameters.eligible_days = settings_.eligible_days;
  parameters.seed = settings_.seed;
  if (stage_ == Stage::kGrade) {
    parameters.graded = graded_->model();
    parameters.holdout_rows = model_.holdout_rows;
    const LifetimeModel& lifetime = lifetime_->result();
    if (lifetime.fit.fitted) parameters.baseline = {lifetime.time_unit_days, lifetime.fit.parameters};
    return parameters;
  }
  if (lifetime_.has_value()) parameters.lifetime = lifetime_->Next();
  parameters.share = share_;
  if (!IsThrough(graded_)) parameters.graded = graded_->model();
  if (!IsThrough(served_)) parameters.served = served_->model();
  return parameters;
}

absl::Status ChurnFitter::Absorb(const Partial& merged) {
  if (done_) return Mismatch("the fit is done");
  if (stage_ == Stage::kGrade) return AbsorbGrade(merged);
  if (lifetime_.has_value() && lifetime_->Next().has_value()) {
    if (absl::Status status = lifetime_->Absorb(merged.lifetime); !status.ok()) {
      return WithContext(status, "the lifetime baseline of churn");
    }
  }
  if (stage_ == Stage::kNewton) return AbsorbNewton(merged);
  AbsorbMoments(merged);
  return absl::OkStatus();
}

std::string ChurnFitter::WhyNotGraded(const CutoffRows& train, const CutoffRows& test) const {
  if (train.customers == 0) {
    return fmt::format(
        "the history does not reach two horizons ({} days) back: nobody had bought by the training cutoff",
        2 * settings_.horizon_days);
  }
  if (!EnoughOfBoth(train.churned, train.rows())) return TooFew("at the training cutoff", train.churned, train.rows());
  if (!EnoughOfBoth(test.churned, test.rows())) return TooFew("in the hold-out", test.churned, test.rows());
  return "";
}

void ChurnFitter::AbsorbMoments(const Partial& merged) {
  const CutoffRows& train = merged.train;
  const CutoffRows& test = merged.test;
  CutoffRows both = train;
  both.Merge(test);
  if (train.customers > 0) model_.train_cutoff = train.cutoff;
  if (test.customers > 0) model_.test_cutoff = test.cutoff;
  model_.holdout_rows = test.rows();
  model_.holdout_churned = test.churned;
  model_.grade_reason = WhyNotGraded(train, test);
  if (!EnoughOfBoth(both.churned, both.rows())) {
    model_.reason = TooFew("at the cutoffs", both.churned, both.rows());
    done_ = true;
    return;
  }
  model_.rows = both.rows();
  model_.churned = both.churned;
  model_.features = ChurnFeatureNames();
  served_.emplace(both.moments, both.churned, both.rows());
  if (model_.grade_reason.empty()) {
    graded_.emplace(train.moments, train.churned, train.rows());
    lifetime_.emplace(LifetimeFitSettings{.kind = LifetimeKind::kBgNbd, .time_unit_days = settings_.time_unit_days},
                      LifetimeFitter::View::kChurnTest);
  }
  // As many as leave enough of the rows of either fit.
  share_ = CustomerShare::Of(graded_.has_value() ? train.rows() : both.rows());
  stage_ = Stage::kNewton;
}

bool ChurnFitter::IsThrough(const std::optional<LogisticFit>& fit) const {
  return !fit.has_value() || fit->done() || (!share_.all() && fit->is_near());
}

absl::Status ChurnFitter::AbsorbNewton(const Partial& merged) {
  const size_t width = kChurnFeatures + 1;
  for (const auto& [fit, sums] : {std::pair{&graded_, &merged.graded}, std::pair{&served_, &merged.served}}) {
    if (IsThrough(*fit)) continue;
    if (sums->gradient.size() != width) return Mismatch("another number of features");
    (*fit)->Absorb(*sums);
  }
  if (!share_.all() && IsThrough(graded_) && IsThrough(served_)) {
    share_ = CustomerShare();
    if (graded_.has_value()) graded_ = graded_->OverMoreRows();
    served_ = served_->OverMoreRows();
  }
  const bool lifetime_done = !lifetime_.has_value() || !lifetime_->Next().has_value();
  const bool graded_done = !graded_.has_value() || graded_->done();
  if (served_->done() && graded_done && lifetime_done) FinishNewton();
  return absl::OkStatus();
}

void ChurnFitter::FinishNewton() {
  if (served_->converged()) {
    model_.fitted = true;
    Move(served_->model(), &model_);
  } else {
    model_.reason = fmt::format("the regression did not converge in {} evaluations", served_->evaluations());
  }
  if (graded_.has_value() && graded_->converged() && model_.fitted) {
    stage_ = Stage::kGrade;
    return;
  }
  if (graded_.has_value()) model_.grade_reason = "the regression on the training cutoff did not converge";
  if (!model_.fitted) model_.grade_reason = model_.reason;
  done_ = true;
}

absl::Status ChurnFitter::AbsorbGrade(const Partial& merged) {
  if (merged.holdout.width() != kHoldoutWidth) return Mismatch("no hold-out rows");
  int64_t churned = 0;
  for (size_t i = 0; i < merged.holdout.size(); ++i) churned += merged.holdout.values(i)[kHoldoutLabel];
  const int64_t rows = static_cast<int64_t>(merged.holdout.size());
  if (EnoughOfBoth(churned, rows)) {
    GradeChurn(merged.holdout, settings_.seed, &model_);
  } else {
    model_.grade_reason = TooFew("in the sample of the hold-out", churned, rows);
  }
  done_ = true;
  return absl::OkStatus();
}

namespace {

LogisticModel LogisticOf(const ChurnModel& model) {
  return {.mean = model.mean,
          .deviation = model.deviation,
          .coefficients = model.coefficients,
          .intercept = model.intercept};
}

}  // namespace

double ChurnProbability(const ChurnModel& model, const CustomerColumns& columns, size_t row) {
  if (!model.fitted || !EligibleForChurn(columns, row, model.eligible_days)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return LogisticOf(model).Probability(ChurnFeaturesOf(columns, row));
}

std::vector<double> ChurnProbabilities(const ChurnModel& model, const CustomerColumns& columns,
                                       const Kernels& kernels) {
  std::vector<double> all(columns.size(), std::numeric_limits<double>::quiet_NaN());
  if (!model.fitted) return all;
  const LogisticModel logistic = LogisticOf(model);
  const auto block = std::make_unique<ChurnFeatureBlock>();
  const auto finish = [&] {
    std::array<double, kKernelBlock> probabilities;
    block->Transform(columns, kernels);
    logistic.Probabilities(block->columns(), block->size(), kernels, probabilities.data());
    for (size_t i = 0; i < block->size(); ++i) all[block->row(i)] = probabilities[i];
    block->Clear();
  };
  for (size_t row = 0; row < columns.size(); ++row) {
    if (!EligibleForChurn(columns, row, model.eligible_days)) continue;
    block->Add(row);
    if (block->full()) finish();
  }
  if (block->size() > 0) finish();
  return all;
}

}  // namespace strata
