// Churn: P(lost in the horizon h after the night's date) for customers at risk, by boosted trees or logistic regression,
// calibrated, with a grade from the past. A Fitter (model/fitter.h). Cutoffs lie h apart: view 0 as of today - h, whose
// labels test, view v as of today - (v + 1) h. Labels of all of them are known.
//
//   count    who is at risk, what became of them; lifetime models as of every cutoff and of today; rules of thumb. What
//            the history is too thin for is not fitted (model/churn/sufficiency.h)
//   gather   a keyed sample of customers with all their rows: for trees what they are fitted on, for the logistic model
//            its medians and levels
//   then the same procedure twice, moved by h: the graded fit on the views behind the first, the served one from the
//   first on.
//   trees    units on the sample (model/churn/churn_units.h): how many trees is decided on the first one by a keyed tenth
//            of its training customers
//   logistic proximal Newton rounds over all rows, all fits at once. On a large base both begin on an even share of the
//            customers (model/statistics/customer_share.h) and go on with all of them from near the share's optimum
//   Either is calibrated on rows that it was not trained on: those of a keyed fifth of the customers, or in a base below
//   kCalibrationFifthFrom of five folds, at the newest training cutoff (older ones join until there are
//   kIsotonicRowsMin rows and kIsotonicClassRowsMin of the rarer class).
//   grade    a keyed sample of view 0 with labels and scores (model/churn/churn_grade.h)
//
// No leakage: features, lifetime models, medians, levels, rules end at their cutoff; the graded fit and its calibration
// see no label of a day after the first view's cutoff. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/churn/churn_fit_settings.h"
#include "model/churn/churn_model.h"
#include "model/churn/churn_rounds.h"
#include "model/churn/feature_facts.h"
#include "model/churn/sufficiency.h"
#include "model/fitter.h"

namespace strata {

class ChurnFitter {
 public:
  using Settings = ChurnFitSettings;
  using Parameters = ChurnRoundParameters;
  using Partial = ChurnRoundPartial;

  explicit ChurnFitter(Settings settings);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels) {
    return AccumulateChurn(parameters, shard, kernels);
  }
  // INTERNAL where a partial does not belong to the round, or what a shard could not do.
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const ChurnModel& result() const { return model_; }

 private:
  struct Side {  // the graded or the served fit
    ChurnPlan plan;
    std::vector<FeatureFacts> facts;
    std::vector<LogisticColumn> columns;
    std::vector<double> medians;
    LogisticModel logistic;
    std::optional<Ensemble> ensemble;
    std::vector<UnitFeature> unit_features;
    Calibration calibration;
  };
  struct OpenFit {
    bool graded = false;
    int32_t fold = -1;
    LogisticFit fit;
  };

  absl::Status AbsorbCount(const Partial& merged);
  void FitLifetimes(const Partial& merged);
  absl::Status TakeLifetimeModel(const Partial& merged);
  absl::Status AbsorbGather(const Partial& merged);
  void LeaveOutThinFeatures(const std::vector<FeatureFacts>& facts);
  void FallBack(std::string reason);
  ChurnPlan PlanOf(bool graded) const;  // all features, with the levels of a fit
  int training_views() const { return extent_.served; }
  Side& side(bool graded) { return graded ? graded_ : served_; }

  // churn_fitter_logistic.cc
  void StartLogistic();
  std::optional<LogisticSide> LogisticSideOf(bool graded) const;
  bool IsThrough(const OpenFit& open) const;
  absl::Status AbsorbMoments(const Partial& merged);
  absl::Status AbsorbNewton(const Partial& merged);
  absl::Status AbsorbCells(const Partial& merged);

  // churn_fitter_trees.cc
  void StartTrees();
  void StartOtherUnits();
  ChurnUnitsRequest RequestOf(std::vector<ChurnUnit> units) const;
  absl::Status AbsorbUnits(const Partial& merged);

  // `cells` by view, then by fold.
  void CalibrateSide(bool graded, const std::vector<std::vector<MarginCells>>& cells);
  void FinishFits();
  absl::Status AbsorbGrade(const Partial& merged);
  void TakeDrivers();

  Settings settings_;
  ChurnPlan plan_;  // of all features; levels: the words of either fit
  ChurnStage stage_ = ChurnStage::kCount;
  bool done_ = false;
  ChurnExtent extent_;
  std::vector<ViewCounts> counts_;  // by view, as many as are used
  TunedRules rules_;
  std::vector<std::optional<ChurnLifetime>> lifetimes_;  // by view
  CustomerSplit split_;
  KeyedRows sample_;
  Side graded_, served_;
  CustomerShare share_;
  std::vector<OpenFit> fits_;
  std::vector<ChurnUnit> units_;
  std::map<std::pair<bool, int32_t>, ChurnUnitResult> unit_results_;  // by graded, fold
  std::optional<int> trees_;                                          // how many, once decided
  ChurnModel model_;
};
static_assert(Fitter<ChurnFitter>);

}  // namespace strata
