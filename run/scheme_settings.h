// What a job asks for beside models: value, grade, levels and life-cycle. Shares are millionths. Plain values; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace strata {

enum class Refit : uint8_t { kNightly, kFrozen };

struct ValueSettings {
  std::optional<int> window_days;  // nullopt: all
  int64_t a = 800'000, b = 950'000;  // millionths, as all shares here
  std::optional<int64_t> d_beyond;
  int loyalty_up = 4, loyalty_down = 1;
  int64_t stability_up_max = 250'000, stability_down_min = 4'000'000;
  int64_t peer_quantile = 800'000; int peers_min = 100;
  Refit refit = Refit::kNightly;
  std::map<std::string, std::string> treatment;  // grade → words
};
struct LevelCuts { std::vector<int64_t> quantiles = {500'000, 800'000}; std::vector<int64_t> fixed; };  // fixed wins
struct LevelSettings { LevelCuts value, frequency, amount, order, spending; };
struct LifeCycleSettings { int gap_days = 365; std::array<int64_t, 3> quantiles = {800'000, 900'000, 950'000};
                           std::vector<int> fixed_days; Refit refit = Refit::kNightly; };

}  // namespace strata
