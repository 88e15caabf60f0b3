// What travels in the rounds of the clustering beside the space (space_finder.h) and the trials (trials.h): one pair of
// a request and a partial for each stage of the fit. Functions that make a partial are pure: what a shard's cache holds
// makes them quicker and changes no bit. They use the threads of the calling TBB arena.
//
// `error` is what a shard could not do (shard_error.h). Partials without it merge exactly. Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/int128.h"
#include "model/clustering/centres.h"
#include "model/clustering/drift.h"
#include "model/clustering/evaluate.h"
#include "model/clustering/feature_space.h"
#include "model/clustering/parallel_seeding.h"
#include "model/clustering/quality.h"
#include "model/clustering/trimming.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

// Where a customer belongs: the nearest of some centres, none beyond the threshold.
struct Placement {
  ClusterSpace space;
  CentreSet centres;                       // ascending
  std::optional<TrimThreshold> threshold;  // absent without trimming

  void Encode(ByteWriter* writer) const;
  static Placement Decode(ByteReader* reader);
  bool operator==(const Placement&) const = default;
};

// --- Drift: drift.h counts, against the model that is followed. ------------------------------------------------------

DriftPartial CountDriftFrom(const Placement& last, const ShardFeatures& shard, const Kernels& kernels);

// --- Seeding: k-means|| of a base that is larger than its sample. ----------------------------------------------------

struct SeedingRequest {
  ClusterSpace space;
  std::optional<OversampleRequest> oversample;  // candidates are wanted; else weights of `candidates`
  std::vector<Centre> candidates;
  int64_t gamma = 0;

  void Encode(ByteWriter* writer) const;
  static SeedingRequest Decode(ByteReader* reader);
  bool operator==(const SeedingRequest&) const = default;
};

struct SeedingPartial {
  KeyedSample candidates;
  std::vector<Int128> weights;  // by candidate
  std::string error;

  void Merge(const SeedingPartial& other);
  void Encode(ByteWriter* writer) const;
  static SeedingPartial Decode(ByteReader* reader);
};

SeedingPartial CountSeeding(const SeedingRequest& request, const ShardFeatures& shard, const Kernels& kernels);

// --- Lloyd: several runs in one pass.
// ---------------------------------------------------------------------------------

struct LloydRequest {
  ClusterSpace space;
  std::map<uint32_t, EvaluationRequest> runs;  // by number of the run

  void Encode(ByteWriter* writer) const;
  static LloydRequest Decode(ByteReader* reader);
  bool operator==(const LloydRequest&) const = default;
};

struct LloydPartial {
  std::map<uint32_t, Evaluation> runs;
  std::string error;

  void Merge(const LloydPartial& other);
  void Encode(ByteWriter* writer) const;
  static LloydPartial Decode(ByteReader* reader);
};

LloydPartial CountLloyd(const LloydRequest& request, const ShardFeatures& shard, const Kernels& kernels);

// --- Confirmation: everybody by the final centres.
// --------------------------------------------------------------------

struct ConfirmRequest {
  Placement placement;
  std::vector<int> last_ids;  // of the followed model's clusters, distinct; empty: none is followed

  void Encode(ByteWriter* writer) const;
  static ConfirmRequest Decode(ByteReader* reader);
  bool operator==(const ConfirmRequest&) const = default;
};

struct ConfirmPartial {
  int64_t customers = 0;           // outliers too
  ClusterTotals totals;            // of customers with a cluster
  ClusterTotals weighted;          // the same by weight; empty where customers count alike
  Int128 within = 0;               // of weight times squared distance, of customers with a cluster
  std::vector<Int128> squares;     // of weight times q^2, by numeric feature
  std::vector<Int128> net_micros;  // by cluster
  // Customers of both nights by followed cluster (place in last_ids + 1; 0: none) and cluster (place + 1; 0: none).
  std::vector<int64_t> contingency;
  std::string error;

  // By weight, whether customers have one or count alike.
  const ClusterTotals& by_weight() const { return weighted.k() > 0 ? weighted : totals; }
  void Merge(const ConfirmPartial& other);
  void Encode(ByteWriter* writer) const;
  static ConfirmPartial Decode(ByteReader* reader);
};

ConfirmPartial CountConfirm(const ConfirmRequest& request, const ShardFeatures& shard, const Kernels& kernels);

// --- Quality: needs the totals of the confirmation.
// -------------------------------------------------------------------

struct QualityRequest {
  Placement placement;
  ClusterTotals totals;

  void Encode(ByteWriter* writer) const;
  static QualityRequest Decode(ByteReader* reader);
  bool operator==(const QualityRequest&) const = default;
};

struct QualityPartial {
  ClusterQuality quality;
  std::string error;

  void Merge(const QualityPartial& other);
  void Encode(ByteWriter* writer) const;
  static QualityPartial Decode(ByteReader* reader);
};

QualityPartial CountQuality(const QualityRequest& request, const ShardFeatures& shard, const Kernels& kernels);

}  // namespace strata
