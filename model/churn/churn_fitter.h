// Churn: P(no purchase day in the horizon h after a cutoff) for customers at risk, by logistic regression, with a grade
// from the past. A Fitter (model/fitter.h). Cutoffs: train (today - 2h) and test (today - h); labels of both are known.
//   1. moments of the features at both cutoffs, class counts;
//   2. Newton, two fits at once: the graded one on the rows of the train cutoff, the served one on the rows of both. On
//      a large base both begin on an even share of the customers (model/statistics/customer_share.h) and go on with all
//      of them from near the share's optimum: there is but one, so it is found from anywhere. A lifetime model as of
//      the test cutoff is fitted in the same rounds, as a baseline;
//   3. a keyed sample of the hold-out (rows of the test cutoff) with labels and scores, and the grade (churn_grade.h).
// No leakage: features end at their cutoff; the graded fit sees no label of a day after the test cutoff.
//
// Results with a reason instead of a fit or a grade: too few customers of a class, or a history that does not reach 2h
// back. Not thread-safe.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/churn/churn_features.h"
#include "model/churn/churn_grade.h"
#include "model/churn/logistic_regression.h"
#include "model/customer_columns.h"
#include "model/fitted_models.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/lifetime_fitter.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/statistics/customer_share.h"
#include "model/statistics/exact_moments.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

// Below this many customers of either class neither coefficients nor an AUC mean anything.
inline constexpr int64_t kChurnClassRowsMin = 25;

struct LifetimeBaseline {  // BG/NBD as of the test cutoff, or NBD where drop-out is not to be seen
  double time_unit_days = 7;
  LifetimeParameters parameters;
};

class ChurnFitter {
 public:
  struct Settings {
    int horizon_days = 90;
    int eligible_days = 180;
    uint64_t seed = 1;
    double time_unit_days = 7;  // of the lifetime baseline
  };

  enum class Stage : uint8_t { kMoments = 0, kNewton = 1, kGrade = 2 };

  struct Parameters {
    Stage stage = Stage::kMoments;
    int32_t horizon_days = 0;
    int32_t eligible_days = 0;
    uint64_t seed = 0;
    int64_t holdout_rows = 0;             // kGrade: of all shards, to sample from
    std::optional<LogisticModel> graded;  // kNewton: still fitting; kGrade: to be graded
    std::optional<LogisticModel> served;
    CustomerShare share;  // kNewton: whom to look at
    std::optional<LifetimeFitter::Parameters> lifetime;
    std::optional<LifetimeBaseline> baseline;

    void Encode(ByteWriter* writer) const;
    static Parameters Decode(ByteReader* reader);
  };

  struct CutoffRows {                              // rows at risk at one cutoff
    Day cutoff = std::numeric_limits<Day>::min();  // of the shards with customers: the same in each
    int64_t customers = 0;                         // with a purchase day, at risk or not
    int64_t churned = 0;
    std::vector<ExactMoments> moments;  // by feature; empty: no rows

    int64_t rows() const { return moments.empty() ? 0 : moments[0].count; }
    void Merge(const CutoffRows& other);
    void Encode(ByteWriter* writer) const;
    static CutoffRows Decode(ByteReader* reader);
    bool operator==(const CutoffRows&) const = default;
  };

  struct Partial {
    CutoffRows train, test;
    LogisticSums graded, served;
    LifetimeFitter::Partial lifetime;
    KeyedSample holdout;

    void Merge(const Partial& other);
    void Encode(ByteWriter* writer) const;
    static Partial Decode(ByteReader* reader);
  };

  explicit ChurnFitter(const Settings& settings);

  std::optional<Parameters> Next() const;
  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels);
  absl::Status Absorb(const Partial& merged);

  // Final once Next() is nullopt.
  const ChurnModel& result() const { return model_; }

 private:
  void AbsorbMoments(const Partial& merged);
  absl::Status AbsorbNewton(const Partial& merged);
  absl::Status AbsorbGrade(const Partial& merged);
  // Whether the fit needs nothing more of the customers it looks at.
  bool IsThrough(const std::optional<LogisticFit>& fit) const;
  void FinishNewton();
  std::string WhyNotGraded(const CutoffRows& train, const CutoffRows& test) const;

  Settings settings_;
  Stage stage_ = Stage::kMoments;
  bool done_ = false;
  CustomerShare share_;  // whom both fits look at
  std::optional<LogisticFit> graded_;
  std::optional<LogisticFit> served_;
  std::optional<LifetimeFitter> lifetime_;
  ChurnModel model_;
};
static_assert(Fitter<ChurnFitter>);

// P(no purchase day in the horizon) at the date of the columns; NaN when the model is not fitted or the customer is not
// at risk.
double ChurnProbability(const ChurnModel& model, const CustomerColumns& columns, size_t row);

// The same of every row.
std::vector<double> ChurnProbabilities(const ChurnModel& model, const CustomerColumns& columns, const Kernels& kernels);

}  // namespace strata
