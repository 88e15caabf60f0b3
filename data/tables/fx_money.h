// Money in another currency: amount × rate in micros of the job's currency, exact but for one rounding half to even at
// the end. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "run/fx_uses.h"

namespace strata {

// micros × rate; nullopt when it exceeds 2^63 - 1 micros. Precondition: the rate is canonical and not empty.
std::optional<int64_t> ConvertMicros(int64_t micros, const FxRate& rate);

// a × b × rate, both factors in micros, rounded once.
std::optional<int64_t> ConvertProduct(int64_t a, int64_t b, const FxRate& rate);

}  // namespace strata
