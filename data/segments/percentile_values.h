// The percentiles that conditions compare with, as one object of a run. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "run/segments/condition.h"

namespace strata {

// By pair of PercentilesOf: the value, a number as its order (model/fit/column_quantiles.h); nullopt: no customer has
// one.
using PercentileValues = std::map<PercentileTarget, std::optional<int64_t>>;

std::string EncodePercentiles(const PercentileValues& values);
// DATA_LOSS for bytes that are none.
absl::StatusOr<PercentileValues> DecodePercentiles(std::string_view bytes);

}  // namespace strata
