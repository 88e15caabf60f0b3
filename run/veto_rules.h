// Rules of a job over a night's result (`veto:`), looked at before it is published: a result that differs from the
// followed snapshot by more than a night can explain, or is worse than people may be served, is held back until
// somebody has looked. Pure functions of the values below; thread-safe.
//
// Ratios and shares are whole millionths, so that what a job file says in decimals is compared exactly with ratios of
// counts and of money (128-bit integers). Means are doubles that do not depend on the order of customers; they are
// rounded to 1e-9 first. A rule speaks only above its limit: at it, the result passes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/int128.h"
#include "run/broken_rule.h"

namespace strata {

inline constexpr int64_t kMillion = 1'000'000;

struct VetoRules {
  // Against the followed snapshot. In millionths; a ratio is |now - before| / |before|.
  std::optional<int64_t> customers_change_max_ratio;
  std::optional<int64_t> customers_drop_max_ratio;  // only what the base lost
  std::optional<int64_t> net_change_max_ratio;      // of the net of all customers
  std::optional<int64_t> segment_share_change_max;  // the greatest |share now - share before| of an RFM segment
  std::optional<int64_t> cluster_share_change_max;  // likewise of a cluster, by name: cluster-1 is the largest
  std::optional<int64_t> mean_p_alive_change_max;
  std::optional<int64_t> mean_churn_probability_change_max;
  std::optional<int64_t> mean_lifetime_value_change_max_ratio;
  // Of the result alone.
  std::optional<int64_t> rejected_ratio_max;  // of the rows of all files; millionths
  std::optional<int64_t> customers_min;
  char churn_grade_min = 0;            // 'A' to 'D'; 0: no rule. A model without a grade is worse than D
  bool require_fitted_models = false;  // every model of the job is fitted

  bool operator==(const VetoRules&) const = default;
};

// The rules against the followed snapshot, by their key in the job file.
struct RelativeRule {
  const char* key;
  std::optional<int64_t> VetoRules::*limit;
};
inline constexpr std::array<RelativeRule, 8> kRelativeRules = {{
    {"customers_change_max_ratio", &VetoRules::customers_change_max_ratio},
    {"customers_drop_max_ratio", &VetoRules::customers_drop_max_ratio},
    {"net_change_max_ratio", &VetoRules::net_change_max_ratio},
    {"segment_share_change_max", &VetoRules::segment_share_change_max},
    {"cluster_share_change_max", &VetoRules::cluster_share_change_max},
    {"mean_p_alive_change_max", &VetoRules::mean_p_alive_change_max},
    {"mean_churn_probability_change_max", &VetoRules::mean_churn_probability_change_max},
    {"mean_lifetime_value_change_max_ratio", &VetoRules::mean_lifetime_value_change_max_ratio},
}};
// Keys of the relative rules that are set, in the order above.
std::vector<std::string> RelativeRulesOf(const VetoRules& rules);

// A result as the rules see it. nullopt and empty: it has no such number (no such model, or made before it was kept).
struct VetoFacts {
  int64_t customers = 0;
  std::optional<Int128> net_micros;
  std::optional<double> mean_p_alive, mean_churn_probability;  // 0 to 1
  std::optional<double> mean_lifetime_value;                   // the job's currency
  std::map<std::string, int64_t> segments, clusters;           // customers by name
};
// What only the run itself knows.
struct RunFacts {
  int64_t rows_read = 0;
  int64_t rows_rejected = 0;
  char churn_grade = 0;  // 0: none
  std::string churn_grade_reason;
  std::vector<std::string> unfitted;  // "lifetime: too few repeat buyers"
};

struct Judgement {
  std::vector<BrokenRule> broken;  // in the order of kRelativeRules, then the absolute ones
  std::vector<std::string> notes;  // rules that could not be looked at, and why
};
// `before` is the followed snapshot, null for none: then the relative rules do not apply, and a note says so.
Judgement Judge(const VetoRules& rules, const VetoFacts& now, const RunFacts& run, const VetoFacts* before);

// Millionths as people write them: 250000 is "0.25".
std::string FormatMillionths(int64_t millionths);

}  // namespace strata
