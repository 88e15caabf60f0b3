// The tables of the vector widths, for kernels.cc alone: calling one of them needs a machine with that width.
#pragma once

#include "model/kernels/kernels.h"

namespace strata {

const Kernels& Avx2Kernels(std::string_view name);
const Kernels& Avx512Kernels(std::string_view name);

}  // namespace strata
