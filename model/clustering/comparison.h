// How tight k clusters can be, for every k of a range: what data and references are compared by. A comparison is fair
// when both were searched alike, and cheap when one k helps the next: k clusters start once from those of k - 1 and a
// point that takes away much of what is left (Likas, Vlassis, Verbeek 2003, Pattern Recognition 36, 451-461, with drawn
// candidates), and once anew. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "base/int128.h"
#include "model/clustering/lloyd_run.h"
#include "model/clustering/point_blocks.h"
#include "model/kernels/kernels.h"

namespace strata {

// The least sums of squared distances by k from 1 to options.k; 0 for a k beyond the number of distinct points. The
// tolerance of `options` is not used. Precondition: points.size() > 0.
std::vector<Int128> WithinByK(const PointBlocks& points, const LloydOptions& options, int64_t gamma, uint64_t seed,
                              uint32_t stream, const Kernels& kernels);

}  // namespace strata
