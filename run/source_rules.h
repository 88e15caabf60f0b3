// What a job says of a source whatever its rows are. Plain values; thread-safe.
#pragma once

#include <cstdint>
#include <optional>

namespace strata {

enum class OnMissingCustomer { kReject, kSkip };
enum class OnVanished { kKeep, kError, kRemove };
enum class OnChanged { kError, kReplace };

struct ErrorBudget {
  double rejected_ratio_max = 0;  // 0: no reject at any size; above 0 checked from kBudgetRatioMinRows rows on
  std::optional<int64_t> rejected_max;
};
inline constexpr int64_t kBudgetRatioMinRows = 1000;  // below this a ratio says little

}  // namespace strata
