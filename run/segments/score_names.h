// The columns of a customer that a night computes, by the part of a job that asks for them. Plain constants.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"

namespace strata {

enum class ScorePart : uint8_t {
  kAlways,
  kRfm,
  kClustering,
  kLifetime,
  kChurn,
  kValue,
  kLevels,
  kLifeCycle,
  kProfile,
  kValueAndLifeCycle,
  kWindowedRfm
};

struct ScoreName {
  std::string_view name;
  ColumnType type = ColumnType::kInteger;
  ScorePart part = ScorePart::kAlways;
  std::string_view words = {};  // of a choice, split at |; empty: any text
};

// In no particular order; names are unique.
std::span<const ScoreName> ScoreNames();

// The classes of a grid that every build has, "eleven", "ten" or "eight"; empty for another name.
std::vector<std::string> BuiltInGridClasses(std::string_view grid);

// The key that a job needs: "models.value". kProfile: any of several.
std::string_view KeyOf(ScorePart part);

}  // namespace strata
