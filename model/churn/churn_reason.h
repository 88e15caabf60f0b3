// What a night says about one customer's churn beyond its probability: plain values, part of CustomerScore.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace strata {

inline constexpr size_t kChurnReasons = 3;      // of a customer, at most
inline constexpr uint8_t kNoReasonGroup = 255;  // in ChurnReason::group: there is no reason

// A group of features that moves a customer's margin. Numbers have the digits of a float.
struct ChurnReason {
  uint8_t group = kNoReasonGroup;  // place in GroupsOf(plan)
  uint8_t feature = 0;             // the group's strongest, place in plan.features
  float contribution = 0;          // of the group, log-odds; above 0 it raises the risk
  // Of the feature, in its unit; of a category the code of its level; NaN where it is missing.
  float value = std::numeric_limits<float>::quiet_NaN();

  bool is_there() const { return group != kNoReasonGroup; }
};

// Whose reasons a night finds: they cost about a hundred predictions each.
enum class ReasonsFor : uint8_t {
  kBands = 0,  // customers of medium and high risk
  kAll = 1,
  kNone = 2,
};

// Numbers are stored in snapshots and must never change their meaning.
enum class ChurnBand : uint8_t { kNone = 0, kLow = 1, kMedium = 2, kHigh = 3 };

struct CustomerChurn {
  double margin = std::numeric_limits<double>::quiet_NaN();         // log-odds before calibration: what lists rank by
  double value_at_risk = std::numeric_limits<double>::quiet_NaN();  // the job's currency (value_at_risk.h)
  ChurnBand band = ChurnBand::kNone;                                // none: no probability
  std::array<ChurnReason, kChurnReasons> reasons;                   // the strongest first
};

const char* Name(ChurnBand band);  // "low", "medium", "high"; "" for kNone

}  // namespace strata
