// What a job asks for beside its models: RFM in full, value and grade, levels and life-cycle. Shares are millionths,
// money is micros of the job's currency. Plain values; thread-safe. run/job_schemes.h reads and checks them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace strata {

// Cuts fitted in every run, or those of the snapshot that a run follows, as long as that has them.
enum class Refit : uint8_t { kNightly, kFrozen };

// Which purchases count for RFM: all, the last `count` days, or the last `count` calendar units that were complete on
// the day of the run.
struct RfmWindow {
  enum class Kind : uint8_t { kAll, kTrailing, kMonths, kQuarters, kYears } kind = Kind::kAll;
  int count = 0;
  bool operator==(const RfmWindow&) const = default;
};

// A map of scores to classes as a job writes it: ("[4-5][1-2]", class) along the axes.
struct GridSettings {
  std::vector<int> axes;  // 0 recency, 1 frequency, 2 monetary; ascending
  std::vector<std::pair<std::string, std::string>> cells;
};

struct RfmRules {
  enum class Cuts : uint8_t { kQuantile, kFixed, kNested };
  std::array<int, 3> scores = {5, 5, 5};  // of recency, frequency, monetary; 2..10
  Cuts cuts = Cuts::kQuantile;
  std::array<std::vector<int64_t>, 3> fixed;  // kFixed: scores - 1 ascending cuts; days, purchase days, micros
  bool mid_rank = false;                      // ties by mid-rank; else by value
  RfmWindow window;
  std::string grid = "eleven";  // eleven, ten, eight, or one of `grids`
  bool mean_fm = false;         // grids see the mean of frequency and monetary score as frequency
  Refit refit = Refit::kNightly;
  std::map<std::string, GridSettings> grids;
};

struct ValueSettings {
  std::optional<int> window_days;  // nullopt: all
  int64_t a = 800'000, b = 950'000;
  std::optional<int64_t> d_beyond;
  int loyalty_up = 4, loyalty_down = 1;                                // active quarters of the last year
  int64_t stability_up_max = 250'000, stability_down_min = 4'000'000;  // squared coefficient of variation of gaps
  int64_t peer_quantile = 800'000;
  int peers_min = 100;
  Refit refit = Refit::kNightly;
  std::map<std::string, std::string> treatment;  // grade → words
};

// Two cuts: low up to and with the first, medium up to and with the second, high above.
struct LevelCuts {
  std::vector<int64_t> quantiles = {500'000, 800'000};
  std::vector<int64_t> fixed;  // wins where given; money, or purchase days for frequency
  bool operator==(const LevelCuts&) const = default;
};

struct LevelSettings {
  LevelCuts value, frequency, amount, order, spending;
};

struct LifeCycleSettings {
  int gap_days = 365;
  std::array<int64_t, 3> quantiles = {800'000, 900'000, 950'000};
  std::vector<int> fixed_days;  // empty, or the three cuts
  Refit refit = Refit::kNightly;
};

}  // namespace strata
