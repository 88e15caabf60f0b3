// Finds the space that customers are clustered in (feature_space.h) in rounds over all shards: words, exact quantiles
// and a keyed sample, then the moments of the transformed values. Exact and keyed throughout, so the space is a
// function of the customers and the seed. A base that the sample holds whole needs one round, one more with categories:
// the rest is counted in the sample.
//
//   request = finder.Next() → partial = CountSpace(request, shard, kernels), merged over shards →
//   finder.Absorb(partial)
//
// Plain values and pure functions; a finder is not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clustering_rules.h"
#include "base/int128.h"
#include "base/status.h"
#include "model/clustering/feature_space.h"
#include "model/clustering/feature_values.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"
#include "model/statistics/exact_moments.h"
#include "model/statistics/exact_quantiles.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

// A shard's dictionary of a category, beyond which it is an id and no category; bounds a partial.
inline constexpr size_t kMaxCategoryWords = 65'536;

enum class SpaceStep : uint8_t { kWords = 0, kQuantiles = 1, kMoments = 2 };

struct SpaceRequest {
  SpaceStep step = SpaceStep::kWords;
  ClusterSpace space;  // as far as it is known
  // By stream: 2 f are the values of feature f, 2 f + 1 their magnitudes other than 0.
  std::map<uint32_t, QuantileRequest> quantiles;
  uint32_t sample = 0;  // 0: none is taken in this round
  uint64_t seed = 0;

  void Encode(ByteWriter* writer) const;
  static SpaceRequest Decode(ByteReader* reader);
  bool operator==(const SpaceRequest&) const = default;
};

struct SpacePartial {
  int64_t customers = 0;                              // that are clustered
  std::vector<int64_t> absent;                        // by feature
  std::map<uint32_t, QuantilePartial> quantiles;      // as requested; of orders of numbers (number_order.h)
  std::vector<ExactMoments> moments;                  // of y, by feature
  std::vector<std::map<std::string, int64_t>> words;  // by category; the first kMaxCategoryWords + 1 by bytes
  int64_t weighted = 0;                               // customers with a weight above 0
  Int128 weight_sum = 0;                              // of these, units of 2^-20
  int64_t rounded_away = 0;                           // of these, whose weight rounds to 0
  int64_t capped = 0;                                 // and whose weight is cut
  KeyedSample sample;                                 // raw values as bits of doubles, codes, raw weight
  std::string error;                                  // shard_error.h

  void Merge(const SpacePartial& other);
  void Encode(ByteWriter* writer) const;
  static SpacePartial Decode(ByteReader* reader);
  bool operator==(const SpacePartial&) const = default;
};

SpacePartial CountSpace(const SpaceRequest& request, const ShardFeatures& shard, const Kernels& kernels);

// Customers of a sample in a space: what the heavy search for clusters works on. By row of the sample.
struct SampleGrid {
  std::vector<int32_t> q;      // rows of space.d() coordinates
  std::vector<uint8_t> codes;  // rows of space.categories.size() codes
  std::vector<uint64_t> hash;
  std::vector<int32_t> weights;  // empty: all count alike
};

class SpaceFinder {
 public:
  // Transforms are none, log1p, yeo_johnson or category, kDefault where IsFeatureColumn. `kernels` must outlive the
  // finder; any of them gives the same bits.
  SpaceFinder(const std::vector<ClusterFeatureSettings>& features, const std::string& weight, uint32_t sample,
              uint64_t seed, const Kernels* kernels = &WidestKernels());

  // What the next round must count; nullopt when the space is known, or cannot be, as reason() says.
  std::optional<SpaceRequest> Next() const;
  // Takes the merged partial of the last Next(). INVALID_ARGUMENT: errors of RawValues::Of, CLUSTERING_LEVELS for a
  // category of more than kMaxCategoryWords words, CLUSTERING_RANGE for a feature whose values no grid holds. INTERNAL
  // when the partial does not belong to the round.
  absl::Status Absorb(const SpacePartial& merged);

  // Once Next() is nullopt. Features that no customer has are not in it.
  const ClusterSpace& space() const { return space_; }
  int64_t customers() const { return customers_; }
  // Why nothing can be clustered; empty: it can. 0 or 1 customers, or no feature left.
  const std::string& reason() const { return reason_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  // The sample in the space. Precondition: reason() is empty.
  SampleGrid Sample() const;

 private:
  struct SampleColumns {  // by row of the sample
    std::vector<uint64_t> hash;
    std::vector<std::vector<double>> numeric;
    std::vector<std::vector<uint8_t>> codes;
    std::vector<double> weight;
  };

  absl::Status AbsorbWords(const SpacePartial& merged);
  void Warn(std::optional<std::string> warning) {
    if (warning.has_value()) warnings_.push_back(*std::move(warning));
  }
  absl::Status AbsorbQuantiles(const SpacePartial& merged);
  absl::Status AbsorbMoments(const SpacePartial& merged);
  absl::Status AbsorbOne(const SpacePartial& merged);
  absl::Status KeepSample(const KeyedSample& sample);
  absl::Status SolveTransforms();
  absl::Status SolveTransform(size_t f);
  void DropAbsentFeatures();
  double SolveScale(const ExactMoments& moments, size_t f);
  absl::Status ChooseGrid(const std::vector<double>& reach);

  ClusterSpace space_;
  uint32_t sample_capacity_;
  uint64_t seed_;
  const Kernels* kernels_;
  SpaceStep step_ = SpaceStep::kWords;
  bool done_ = false;
  int64_t customers_ = 0;
  int64_t weighted_ = 0;  // of these, with a weight above 0
  bool has_sample_ = false;
  SampleColumns sample_;
  std::vector<ExactQuantiles> values_, magnitudes_;  // by feature
  std::vector<std::array<double, 2>> ends_;          // of y on its grid, by feature
  std::string reason_;
  std::vector<std::string> warnings_;
};

}  // namespace strata
