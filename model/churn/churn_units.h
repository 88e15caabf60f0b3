// Fits of trees that need nothing of one another, each on the gathered sample (model/churn/gathered_rows.h). A round
// computes all of its units, unit u on the shard with number u mod shards, so that the answer does not depend on how
// many shards there are (docs/adr/0026). A unit is a pure function of the request and its number; it uses the threads
// of the calling TBB arena.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/churn/calibration.h"
#include "model/churn/churn_plan.h"
#include "model/churn/customer_split.h"
#include "model/churn/keyed_rows.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"
#include "model/trees/boost.h"

namespace strata {

struct ChurnUnit {
  bool graded = false;      // on the cutoffs before the test's; else those of the served model
  int32_t fold = -1;        // of the customers that are left out; -1: the main fit
  bool stop_early = false;  // judged on the validation tenth, which is then not trained on
  bool operator==(const ChurnUnit&) const = default;
};

struct ChurnUnitsRequest {
  ChurnPlan gathered;        // of the sample: all features, the words of either fit
  ChurnPlan graded, served;  // features of the fits, in the same order; graded: no features where nothing is graded
  BoostSettings boost;
  int32_t bins = 255;
  int32_t views = 1;  // cutoffs that a fit is trained on: graded from view 1 on, served from view 0 on
  CustomerSplit split;
  KeyedRows sample;
  std::vector<ChurnUnit> units;

  void Encode(ByteWriter* writer) const;
  static ChurnUnitsRequest Decode(ByteReader* reader);
};

// By feature of the fit's plan, of the main fit alone.
struct UnitFeature {
  double gain = 0;          // sum over splits
  double contribution = 0;  // mean |SHAP| over training rows (of kContributionRows, at most)
  bool operator==(const UnitFeature&) const = default;
};
inline constexpr size_t kContributionRows = 10'000;

struct ChurnUnitResult {
  Ensemble ensemble;
  // Rows left out of training: kCalibrationFolds of each of the fit's views, the newest first.
  std::vector<MarginCells> cells;
  std::vector<UnitFeature> features;
  std::string error;  // model/statistics/shard_error.h

  void Encode(ByteWriter* writer) const;
  static ChurnUnitResult Decode(ByteReader* reader);
  bool operator==(const ChurnUnitResult&) const = default;
};

struct ChurnUnitsPartial {
  std::map<uint32_t, ChurnUnitResult> results;  // by place in the request
  bool twice = false;                           // a unit came from two shards, which is a fault of ours

  void Merge(const ChurnUnitsPartial& other);
  void Encode(ByteWriter* writer) const;
  static ChurnUnitsPartial Decode(ByteReader* reader);
  bool operator==(const ChurnUnitsPartial&) const = default;
};

ChurnUnitResult RunChurnUnit(const ChurnUnitsRequest& request, const ChurnUnit& unit, const Kernels& kernels);
// The units of a shard.
ChurnUnitsPartial RunChurnUnits(const ChurnUnitsRequest& request, const ShardFeatures& shard, const Kernels& kernels);

}  // namespace strata
