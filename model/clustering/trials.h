// Everything that is tried on a sample, cut into units that need nothing of one another: the data with each number of
// clusters, each reference with all of them, and how stable each is. A round computes all units, unit u on the shard
// with number u mod shards, so the answer does not depend on how many shards there are.
//
// A unit is a pure function of settings, sample and its number. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/clustering/gap.h"
#include "model/clustering/quality.h"
#include "model/clustering/reference_normal.h"
#include "model/kernels/kernels.h"

namespace strata {

struct Centre;  // model/clustering/centres.h

// A reference needs as much search as the data, or its sums would be too large.
struct TrialSettings {
  int k_first = 1;
  int k_last = 12;
  int references = 20;
  int starts = 16;           // of the data, to find the best clusters
  int reference_starts = 4;  // of references and halves, and of the data when compared with them
  int iterations_max = 100;  // of a start
  int64_t trim = 0;          // share set aside as outliers, millionths
  int64_t gamma = 0;         // of a mismatch of a category, squared grid units
  bool compare = true;       // references and stability; else the data alone
  uint64_t seed = 1;

  void Encode(ByteWriter* writer) const;
  static TrialSettings Decode(ByteReader* reader);
  bool operator==(const TrialSettings&) const = default;
};

struct TrialUnit {
  enum class Set : uint8_t { kData = 0, kStability = 1, kReference = 2 };
  Set set = Set::kData;
  int number = 1;  // k of data and stability; of references from 0
  bool operator==(const TrialUnit&) const = default;
};
// A unit's number is its place: first those of the data, ascending by k, then stability, then references.
std::vector<TrialUnit> TrialUnits(const TrialSettings& settings);

struct TrialResult {
  // Of a reference by k from k_first on, of the data one: sums of squared distances, of `reference_starts` starts.
  std::vector<Int128> within;
  int32_t iterations = 0;                   // of the best start of the data
  std::vector<std::vector<Centre>> optima;  // of the data: best first, at most 3
  std::vector<Int128> inertias;             // of the optima
  std::vector<int64_t> contingency;         // of stability: labels by the one half's clusters x by the other's
  ClusterQuality quality;                   // of the data's best optimum

  void Encode(ByteWriter* writer) const;
  static TrialResult Decode(ByteReader* reader);
};

// The rows of a sample that trials look at: all, but fewer where k_max is so large that the work would grow beyond
// that of k_max = 12. At least 4,096.
size_t TrialRows(const TrialSettings& settings, size_t sample);

}  // namespace strata
