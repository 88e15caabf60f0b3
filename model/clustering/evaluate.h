// An evaluation: every customer to the nearest centre, and the sums of that. A pure function of points and request; a
// cache makes it quicker and changes no bit. Uses the threads of the calling TBB arena.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "model/clustering/centres.h"
#include "model/clustering/cluster_sums.h"
#include "model/clustering/farthest_customers.h"
#include "model/clustering/point_blocks.h"
#include "model/clustering/trimming.h"
#include "model/kernels/kernels.h"

namespace strata {

struct EvaluationRequest {
  CentreSet centres;
  uint32_t farthest_wanted = 0;
  std::optional<TrimBracket> bracket;  // where customers are trimmed

  void Encode(ByteWriter* writer) const;
  static EvaluationRequest Decode(ByteReader* reader);
  bool operator==(const EvaluationRequest&) const = default;
};

struct Evaluation {
  ClusterSums sums;  // with a bracket: of the customers below it
  FarthestCustomers farthest;
  TrimCounts trim;

  void Merge(const Evaluation& other);
  void Encode(ByteWriter* writer) const;
  static Evaluation Decode(ByteReader* reader);
  bool operator==(const Evaluation&) const = default;
};

// What the next evaluation of the same run over the same points can go on from. Not thread-safe.
struct RunCache {
  CentreSet centres;            // that labels and sums belong to
  std::vector<uint8_t> labels;  // in whole blocks; kNoSlot: in no sum
  std::vector<float> best;      // ranks of the labels; empty: not kept
  ClusterSums sums;
  size_t bytes() const;
};

// Of one shard; any of it may be missing. Not thread-safe.
struct FitCache {
  uint64_t space = 0;  // checksum of the space that the points lie in
  std::optional<PointBlocks> points;
  std::map<uint32_t, RunCache> runs;  // by the number of the run
  size_t bytes() const;
};

Evaluation Evaluate(const PointBlocks& points, const EvaluationRequest& request, const Kernels& kernels,
                    RunCache* cache = nullptr);
// Several runs in one pass over the points. Caches by run; any may be null, and those behind the last are.
std::vector<Evaluation> EvaluateAll(const PointBlocks& points, std::span<const EvaluationRequest> requests,
                                    const Kernels& kernels, std::span<RunCache* const> caches = {});

// With exactly the `trim` farthest set aside, for points that are all in memory. Preconditions: 0 < trim <
// points.size().
struct TrimmedEvaluation {
  Evaluation kept;  // sums and farthest of the customers that are kept
  TrimThreshold threshold;
  std::vector<uint8_t> labels;  // kNoSlot: set aside
};
TrimmedEvaluation EvaluateTrimmed(const PointBlocks& points, const CentreSet& centres, uint32_t farthest_wanted,
                                  int64_t trim, const Kernels& kernels);

// Exact squared distances (with gamma) of a block to the centres of its labels; room as for kernels.
void BlockDistances(const CentreSet& centres, const BlockView& block, const uint8_t* labels, const Kernels& kernels,
                    int64_t* out);
// The label of every point, and exact squared distances (with gamma) to it.
std::vector<uint8_t> LabelsOf(const PointBlocks& points, const CentreSet& centres, const Kernels& kernels);
std::vector<int64_t> DistancesOf(const PointBlocks& points, const CentreSet& centres, std::span<const uint8_t> labels,
                                 const Kernels& kernels);

}  // namespace strata
