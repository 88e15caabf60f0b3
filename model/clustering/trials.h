// Everything that is tried on a sample, cut into units that need nothing of one another: the data with each number of
// clusters, how stable each is, and each reference with all of them. A round computes all units, unit u on the shard
// with number u mod shards, so the answer does not depend on how many shards there are (docs/adr/0021).
//
// A unit is a pure function of settings, sample and its number. Thread-safe; uses the threads of the calling TBB arena.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "base/status.h"
#include "model/clustering/centres.h"
#include "model/clustering/gap.h"
#include "model/clustering/quality.h"
#include "model/clustering/reference_normal.h"
#include "model/clustering/trimming.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"

namespace strata {

struct TrialSettings {
  int k_first = 1;  // 1 where settings compare
  int k_last = 12;
  int references = 20;
  int starts = 16;  // of the data, to find the best clusters
  int iterations_max = 100;
  int64_t trim = 0;     // share set aside as outliers, millionths
  int64_t gamma = 0;    // of a mismatch of a category, squared grid units
  bool compare = true;  // references and stability; else the data alone
  uint64_t seed = 1;

  void Encode(ByteWriter* writer) const;
  static TrialSettings Decode(ByteReader* reader);
  bool operator==(const TrialSettings&) const = default;
};

struct TrialUnit {
  enum class Set : uint8_t { kData, kStability, kLast, kComparison, kReference };
  Set set = Set::kData;
  int number = 1;  // k of data and stability; of references from 0; else 0
  bool operator==(const TrialUnit&) const = default;
};
// A unit's number is its place: those of the data ascending by k, stability, the fit that starts from the last centres,
// the data as references are searched, references.
std::vector<TrialUnit> TrialUnits(const TrialSettings& settings);

// A fit of the sample.
struct TrialOptimum {
  CentreSet centres;  // ascending
  Int128 inertia = 0;
  TrimThreshold threshold;  // with trimming
  int32_t iterations = 0;
  bool converged = false;
  bool operator==(const TrialOptimum&) const = default;
};

struct TrialResult {
  std::vector<Int128> within;        // of a comparison: sums of squared distances by k, from 1 on
  std::vector<TrialOptimum> optima;  // of the data: best first, at most 3; from the last centres: one
  std::vector<int64_t> contingency;  // of stability: labels by the one half's clusters x by the other's
  uint32_t columns = 0;              // of contingency
  ClusterQuality quality;            // of the data's best
  Int128 total = 0;                  // squared distances to the mean, of the same customers

  void Encode(ByteWriter* writer) const;
  static TrialResult Decode(ByteReader* reader);
  bool operator==(const TrialResult&) const = default;
};

struct TrialsRequest {
  TrialSettings settings;
  GridSample sample;
  ReferenceNormal normal;
  CentreSet last;  // empty: no fit starts from last centres
  uint32_t first_unit = 0;
  uint32_t end_unit = 0;

  void Encode(ByteWriter* writer) const;
  static TrialsRequest Decode(ByteReader* reader);
  bool operator==(const TrialsRequest&) const = default;
};

struct TrialsPartial {
  std::map<uint32_t, TrialResult> results;  // by unit
  bool twice = false;                       // a unit came from two shards, which is a fault of ours

  void Merge(const TrialsPartial& other);
  void Encode(ByteWriter* writer) const;
  static TrialsPartial Decode(ByteReader* reader);
  bool operator==(const TrialsPartial&) const = default;
};

TrialResult RunTrial(const TrialsRequest& request, TrialUnit unit, const Kernels& kernels);
// The units of a shard.
TrialsPartial RunTrials(const TrialsRequest& request, const ShardFeatures& shard, const Kernels& kernels);

// The rows of a sample that trials look at: all, but fewer where k_last is so large that the work would grow beyond
// that of k_last = 12; at least 4,096.
size_t TrialRows(const TrialSettings& settings, size_t sample);

// The table of all k, and the choice among them where settings.compare. Precondition: results of every unit.
GapChoice ChooseK(const TrialSettings& settings, const std::map<uint32_t, TrialResult>& results, int64_t points,
                  int inertia_bits);

}  // namespace strata
