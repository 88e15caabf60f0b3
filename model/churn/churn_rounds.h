// What travels in the rounds of the churn fit. Partials merge exactly; `error` is what a shard could not do
// (model/statistics/shard_error.h). Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/date.h"
#include "model/churn/calibration.h"
#include "model/churn/churn_lifetime.h"
#include "model/churn/churn_plan.h"
#include "model/churn/churn_scorer.h"
#include "model/churn/churn_units.h"
#include "model/churn/keyed_rows.h"
#include "model/churn/logistic_matrix.h"
#include "model/churn/logistic_regression.h"
#include "model/churn/tuned_rules.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/purchase_table.h"
#include "model/statistics/customer_share.h"
#include "model/statistics/exact_moments.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

enum class ChurnStage : uint8_t {
  kCount = 0,    // who is at risk at each cutoff, what became of them; purchase histories; words of categories
  kGather = 1,   // a sample of customers with all of their rows
  kMoments = 2,  // logistic: means and deviations of its columns
  kNewton = 3,   // logistic: loss, gradient and Hessian of every open fit
  kCells = 4,    // logistic: margins of rows left out of training
  kUnits = 5,    // trees: fits on the sample
  kGrade = 6,    // a sample of the test with scores
};

// Rows of one cutoff, newest first: view 0 is the test's.
struct ViewCounts {
  Day cutoff = std::numeric_limits<Day>::min();  // of the shards with customers: the same in each
  Day first_day = std::numeric_limits<Day>::max();  // of all purchases
  int64_t customers = 0;                         // with a purchase day, at risk or not
  int64_t rows = 0, churned = 0;                 // at risk, what became of them known
  PurchaseTable purchases;
  RuleCounts rules;
  std::vector<std::map<std::string, int64_t>> words;  // by feature of the plan; of categories: rows by word

  void Merge(const ViewCounts& other);
  void Encode(ByteWriter* writer) const;
  static ViewCounts Decode(ByteReader* reader);
};

// One of the two fits of a night as the logistic model sees it: the graded one, or the served one.
struct LogisticSide {
  ChurnPlan plan;
  std::vector<LogisticColumn> columns;
  std::vector<double> medians;

  void Encode(ByteWriter* writer) const;
  static LogisticSide Decode(ByteReader* reader);
};

// A fit of the logistic model in a round. Fits of a fold leave its customers out (model/churn/customer_split.h).
struct LogisticPoint {
  bool graded = false;
  int32_t fold = -1;
  LogisticModel model;

  void Encode(ByteWriter* writer) const;
  static LogisticPoint Decode(ByteReader* reader);
};

struct SideMoments {
  int64_t rows = 0, churned = 0;
  std::vector<ExactMoments> moments;  // by column; empty: no rows

  void Merge(const SideMoments& other);
  void Encode(ByteWriter* writer) const;
  static SideMoments Decode(ByteReader* reader);
};

// The lifetime models as of the cutoffs, made ready once for all shards.
using ChurnForecastsByView = std::vector<std::shared_ptr<const ChurnForecasts>>;

struct ChurnRoundParameters {
  ChurnStage stage = ChurnStage::kCount;
  ChurnPlan plan;  // of all features; horizon and eligible days
  int32_t views = 1;
  uint64_t seed = 0;
  std::vector<std::optional<ChurnLifetime>> lifetimes;  // by view; absent: that could not be fitted
  uint32_t capacity = 0;                                // kGather: customers
  int64_t customers = 0;                                // at risk at some cutoff, at least; kGrade: in the test
  CustomerSplit split;
  CustomerShare share;                      // kNewton: whom to look at
  std::optional<LogisticSide> graded, served;  // kMoments to kCells
  std::vector<LogisticPoint> points;        // kNewton: still open; kCells: of rows left out
  std::optional<ChurnUnitsRequest> units;   // kUnits
  std::optional<ChurnScoring> scoring;      // kGrade: of the graded fit
  TunedRules rules;                         // kGrade

  // Made of lifetimes and scoring by MakeReady, which decoding does: whatever accumulates needs it.
  ChurnForecastsByView forecasts;
  std::shared_ptr<const ChurnScorer> scorer;
  void MakeReady();

  void Encode(ByteWriter* writer) const;
  static ChurnRoundParameters Decode(ByteReader* reader);
};

struct ChurnRoundPartial {
  std::vector<ViewCounts> views;        // kCount
  PurchaseTable today;                  // kCount: as of the run's date
  Day first_day = std::numeric_limits<Day>::max();  // kCount: as of the run's date
  KeyedRows sample;                     // kGather
  SideMoments graded, served;           // kMoments
  std::vector<LogisticSums> sums;       // kNewton: by point
  std::vector<std::vector<MarginCells>> cells;  // kCells: by point, then view * kCalibrationFolds + fold
  ChurnUnitsPartial units;              // kUnits
  KeyedSample holdout;                  // kGrade
  std::string error;

  void Merge(const ChurnRoundPartial& other);
  void Encode(ByteWriter* writer) const;
  static ChurnRoundPartial Decode(ByteReader* reader);
};

// Of one shard.
ChurnRoundPartial AccumulateChurn(const ChurnRoundParameters& parameters, const ShardFeatures& shard,
                                  const Kernels& kernels);

// The first view that a fit is trained on.
constexpr size_t FirstView(bool graded) { return graded ? 1 : 0; }

}  // namespace strata
