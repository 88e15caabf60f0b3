// The logistic model's rounds.
#include <fmt/format.h>

#include "model/churn/churn_fitter.h"

namespace strata {
namespace {

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                   fmt::format("a partial of the churn model's regression does not belong to its round: {}", what));
}

}  // namespace

void ChurnFitter::StartLogistic() {
  sample_ = KeyedRows();
  for (const bool graded : {true, false}) {
    if (graded && extent_.graded == 0) continue;
    Side& of = side(graded);
    of.columns = LogisticColumnsOf(of.plan, of.facts);
  }
  stage_ = ChurnStage::kMoments;
}

std::optional<LogisticSide> ChurnFitter::LogisticSideOf(bool graded) const {
  if (graded && extent_.graded == 0) return std::nullopt;
  const Side& of = graded ? graded_ : served_;
  return LogisticSide{.plan = of.plan, .columns = of.columns, .medians = of.medians};
}

absl::Status ChurnFitter::AbsorbMoments(const Partial& merged) {
  int64_t least = 0;
  for (const bool graded : {true, false}) {
    if (graded && extent_.graded == 0) continue;
    const SideMoments& moments = graded ? merged.graded : merged.served;
    if (moments.moments.size() != side(graded).columns.size()) return Mismatch("another number of columns");
    if (moments.churned == 0 || moments.churned == moments.rows) {
      FallBack("the customers that are trained on have one outcome only");
      return absl::OkStatus();
    }
    const LogisticFit start(moments.moments, moments.churned, moments.rows, settings_.penalty);
    fits_.push_back({graded, -1, start});
    for (int fold = 0; !split_.fifth && fold < kChurnFolds; ++fold) fits_.push_back({graded, fold, start});
    if (least == 0 || moments.rows < least) least = moments.rows;
  }
  // As many as leave enough of the rows of either fit.
  share_ = CustomerShare::Of(least);
  stage_ = ChurnStage::kNewton;
  return absl::OkStatus();
}

bool ChurnFitter::IsThrough(const OpenFit& open) const {
  return open.fit.done() || (!share_.all() && open.fit.is_near());
}

absl::Status ChurnFitter::AbsorbNewton(const Partial& merged) {
  size_t point = 0;
  bool all_through = true;
  for (OpenFit& open : fits_) {
    if (IsThrough(open)) continue;
    if (point >= merged.sums.size()) return Mismatch("fewer fits");
    const LogisticSums& sums = merged.sums[point++];
    if (sums.gradient.size() != open.fit.model().coefficients.size() + 1) return Mismatch("no rows");
    open.fit.Absorb(sums);
    all_through = all_through && IsThrough(open);
  }
  if (!all_through) return absl::OkStatus();
  if (!share_.all()) {
    share_ = CustomerShare();
    for (OpenFit& open : fits_) open.fit = open.fit.OverMoreRows();
    return absl::OkStatus();
  }
  for (const OpenFit& open : fits_) {
    if (!open.fit.converged()) {
      FallBack(fmt::format("the regression did not converge in {} evaluations", open.fit.evaluations()));
      return absl::OkStatus();
    }
    if (open.fold < 0) side(open.graded).logistic = open.fit.model();
  }
  stage_ = ChurnStage::kCells;
  return absl::OkStatus();
}

absl::Status ChurnFitter::AbsorbCells(const Partial& merged) {
  for (const bool graded : {true, false}) {
    if (graded && extent_.graded == 0) continue;
    std::vector<std::vector<MarginCells>> cells(static_cast<size_t>(training_views()),
                                                std::vector<MarginCells>(kCalibrationFolds));
    size_t point = 0;
    for (const OpenFit& open : fits_) {
      if (!split_.fifth && open.fold < 0) continue;
      if (point >= merged.cells.size()) return Mismatch("cells of fewer fits");
      const std::vector<MarginCells>& of_point = merged.cells[point++];
      if (open.graded != graded) continue;
      for (size_t i = 0; i < of_point.size() && i < cells.size() * kCalibrationFolds; ++i) {
        cells[i / kCalibrationFolds][i % kCalibrationFolds].Merge(of_point[i]);
      }
    }
    CalibrateSide(graded, cells);
  }
  fits_.clear();
  FinishFits();
  return absl::OkStatus();
}

}  // namespace strata
