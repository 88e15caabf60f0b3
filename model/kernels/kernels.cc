#include "model/kernels/kernels.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <hwy/targets.h>

#include "model/kernels/vector_kernels.h"

namespace strata {
namespace {

constexpr std::string_view kAutomatic = "auto";
constexpr std::string_view kAvx512 = "avx512";
constexpr std::string_view kAvx2 = "avx2";

bool Has(int64_t target) { return (hwy::SupportedTargets() & target) != 0; }

std::vector<std::string_view> NamesOf(const std::vector<const Kernels*>& all) {
  std::vector<std::string_view> names = {kAutomatic};
  for (const Kernels* kernels : all) names.push_back(kernels->name);
  return names;
}

}  // namespace

std::vector<const Kernels*> AvailableKernels() {
  std::vector<const Kernels*> available;
  if (Has(HWY_AVX3)) available.push_back(&Avx512Kernels(kAvx512));
  if (Has(HWY_AVX2)) available.push_back(&Avx2Kernels(kAvx2));
  available.push_back(&PlainKernels());
  return available;
}

const Kernels& WidestKernels() { return *AvailableKernels().front(); }

absl::StatusOr<const Kernels*> KernelsNamed(std::string_view name) {
  const std::vector<const Kernels*> available = AvailableKernels();
  if (name == kAutomatic) return available.front();
  for (const Kernels* kernels : available) {
    if (kernels->name == name) return kernels;
  }
  for (const std::string_view lacking : {kAvx512, kAvx2}) {
    if (lacking != name) continue;
    return MakeError(absl::StatusCode::kFailedPrecondition, "KERNELS_UNAVAILABLE",
                     fmt::format("this machine has no {}; it can do {}", name, fmt::join(NamesOf(available), ", ")));
  }
  return MakeError(absl::StatusCode::kInvalidArgument, "KERNELS_UNKNOWN",
                   fmt::format("found '{}'; allowed are auto, avx512, avx2 and plain, and this machine can do {}",
                               name.substr(0, 64), fmt::join(NamesOf(available), ", ")));
}

}  // namespace strata
