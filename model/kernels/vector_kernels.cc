// The kernels for AVX2 and AVX-512: this file is read once for each. Every header comes first, so that nothing of
// theirs is compiled for a machine that the program may not run on.
#include "model/kernels/vector_kernels.h"

#include <bit>
#include <cmath>
#include <limits>

#define HWY_DISABLE_PCLMUL_AES  // not needed, and no part of the least machine
// Highway's name for what not to compile: kernels are made for these two widths, and plain_kernels.cc is the third.
#define HWY_DISABLED_TARGETS (~(HWY_AVX2 | HWY_AVX3))
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/kernels/vector_kernels.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace strata::HWY_NAMESPACE {
namespace {
// Each needs those above it.
// clang-format off
#include "model/kernels/lanes_vector.inc"
#include "model/kernels/logarithm.inc"
#include "model/kernels/standardise.inc"
#include "model/kernels/logistic.inc"
#include "model/kernels/cluster_lanes_vector.inc"
#include "model/kernels/cluster_nearest.inc"
#include "model/kernels/cluster_distances.inc"
#include "model/kernels/shap.inc"
#include "model/kernels/tree_gradients.inc"
#include "model/kernels/tree_leaves_vector.inc"
#include "model/kernels/table.inc"
// clang-format on
}  // namespace

const Kernels& Named(std::string_view name) { return Table(name); }

}  // namespace strata::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace strata {

const Kernels& Avx2Kernels(std::string_view name) { return N_AVX2::Named(name); }
const Kernels& Avx512Kernels(std::string_view name) { return N_AVX3::Named(name); }

}  // namespace strata
#endif
