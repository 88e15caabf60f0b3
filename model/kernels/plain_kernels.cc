// The kernels without vectors.
#include <bit>
#include <cmath>
#include <limits>

#include "model/kernels/kernels.h"

namespace strata {
namespace plain {
namespace {
// Each needs those above it.
// clang-format off
#include "model/kernels/lanes_plain.inc"
#include "model/kernels/logarithm.inc"
#include "model/kernels/standardise.inc"
#include "model/kernels/logistic.inc"
#include "model/kernels/cluster_lanes_plain.inc"
#include "model/kernels/cluster_nearest.inc"
#include "model/kernels/cluster_distances.inc"
#include "model/kernels/shap.inc"
#include "model/kernels/tree_gradients.inc"
#include "model/kernels/tree_leaves_plain.inc"
#include "model/kernels/table.inc"
// clang-format on
}  // namespace
}  // namespace plain

const Kernels& PlainKernels() { return plain::Table("plain"); }

}  // namespace strata
