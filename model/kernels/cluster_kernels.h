// The inner loops of clustering over any features: points are integers on a grid, |q| <= 2^22, held as float32, which
// is exact; a centre is integers on the same grid, and a mode of every category. One point a lane.
//
// What is nearest is defined by a float32 rank, g(c, x) = |c|^2 / 2 - sum of c_j x_j, features ascending, one fused
// multiply-add each, then half_gamma for every category whose code is not the mode, ascending: the order of the
// distances |x - c|^2 + gamma * mismatches as far as float32 tells them apart. The least (g, slot) wins. The order of
// operations is that of a lane, so every width gives the same bits.
//
// Blocks have room up to a multiple of kClusterLanesMax (finite numbers behind n); labels and ranks that are written
// behind n mean nothing. Arrays of codes may be null where there are no categories. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

namespace strata {

inline constexpr size_t kClusterLanesMax = 64;  // four registers of the widest
inline constexpr size_t kMaxSlots = 254;        // of a CentreView: labels are bytes
inline constexpr uint8_t kNoSlot = 255;         // the label of a point that belongs to no centre
inline constexpr int kClusterSilhouetteBits = 40;
inline constexpr size_t kLevelStride = 64;  // codes of categories are below

// k centres by slot.
struct CentreView {
  const float* coordinates;  // k rows of d
  const float* half_norms;   // k: |c|^2 / 2, exact and rounded once
  const uint8_t* modes;      // k rows of `categories`
  float half_gamma;
  size_t k;
  size_t d;
  size_t categories;
};

// Points that are worked on together: feature j begins at points + j * stride, category f at codes + f * stride.
struct BlockView {
  const float* points;
  const uint8_t* codes;
  size_t n;  // at most kKernelBlock
  size_t stride;
};

// What the silhouette needs of k clusters, in grid units (model/clustering/quality.h makes it). The mean distance of x
// to a cluster is |x|^2 + mean_squared_norm - twice_mean.x + sum of level_costs of x's codes.
struct SilhouetteView {
  const double* twice_mean;         // k rows of d
  const double* mean_squared_norm;  // k
  const double* own_factor;         // k: N / (N - 1); 0 in a cluster of one
  const double* level_costs;        // k rows of categories * kLevelStride: gamma (1 - share of the level)
  size_t k;
  size_t d;
  size_t categories;
};

struct ClusterKernels {
  // to[i] = from[i]; n is a multiple of kClusterLanesMax.
  void (*widen)(const int16_t* from, size_t n, float* to);
  // The nearest slot of every point, and its rank; best may be null.
  void (*nearest)(const CentreView& centres, const BlockView& block, uint8_t* labels, float* best);
  // The same where labels and best are those of an earlier call, and of the centres only the slots `moved` (ascending)
  // differ from what they were then.
  void (*nearest_of)(const CentreView& centres, const uint8_t* moved, size_t moved_count, const BlockView& block,
                     uint8_t* labels, float* best);
  // The least and the second least (rank, slot); second is kNoSlot where k = 1.
  void (*two_nearest)(const CentreView& centres, const BlockView& block, uint8_t* first, uint8_t* second);
  // out[i] = |x - c|^2 of the centre labels[i], exactly, without categories. Precondition: labels[i] < k for i < n.
  void (*squared_distance)(const CentreView& centres, const BlockView& block, const uint8_t* labels, int64_t* out);
  // after[i] = min(before[i], distance), the distance of the one centre in float32: a sum of squared differences,
  // features ascending, then 2 half_gamma a mismatch; 0 for an equal point alone. Returns the sum of after over the n
  // points, each rounded to a whole number. before and after may be equal. Precondition: centres.k = 1, and distances
  // are below 2^51.
  int64_t (*least_distance)(const CentreView& centres, const BlockView& block, const float* before, float* after);
  // Writes the places below n where the labels differ, ascending, and returns their number; `which` has room for n.
  size_t (*changed)(const uint8_t* before, const uint8_t* now, size_t n, uint32_t* which);
  // out[i] = the silhouette of a point with labels[i], rounded once to units of 2^-kClusterSilhouetteBits; 0 in a
  // cluster of one, with one cluster, and for kNoSlot.
  void (*silhouette)(const SilhouetteView& clusters, const BlockView& block, const uint8_t* labels, int64_t* out);
};

}  // namespace strata
