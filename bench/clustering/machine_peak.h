// What the machine can do at most: fused multiply-adds of single precision in registers alone, and bytes copied from
// memory to memory. Measured on the threads of the calling TBB arena, the best of a few runs.
#pragma once

#include <cstddef>

namespace strata {

double FmaPerSecond(int threads);        // of the widest registers; one is a multiplication and an addition
double CopyBytesPerSecond(int threads);  // bytes read and bytes written

}  // namespace strata
