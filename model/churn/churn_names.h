// What the kinds of things in a churn model are called in files and in the API: by number of the kind. Stored, so a
// name must never change its meaning.
#pragma once

#include <array>
#include <string_view>

namespace strata {

inline constexpr std::array<std::string_view, 3> kChurnAlgorithms = {"logistic", "gbdt", "lifetime"};
inline constexpr std::array<std::string_view, 4> kChurnQuestions = {"purchases", "contract", "dated_label",
                                                                    "undated_label"};
inline constexpr std::array<std::string_view, 4> kChurnSources = {"days", "lines", "tables", "lifetime"};
inline constexpr std::array<std::string_view, 7> kChurnFeatureTypes = {"integer", "money", "share", "number",
                                                                       "day",     "flag",  "text"};
inline constexpr std::array<std::string_view, 3> kLogisticColumnKinds = {"value", "missing", "level"};
inline constexpr std::array<std::string_view, 3> kReasonsFor = {"bands", "all", "none"};
inline constexpr std::array<std::string_view, 3> kCalibrationMethods = {"none", "platt", "isotonic"};

}  // namespace strata
