// Names of segments, classes and flags in words that a marketer understands. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/fitted_models.h"

namespace strata {

// "Champions", "Cannot lose"; "No segment" for kNone.
std::string_view Title(RfmSegment segment);
// "bought lately and often".
std::string_view Meaning(RfmSegment segment);

// The title of a segment by the name that the API gives it: "champions", "cluster-3", "no_purchase". Names that this
// program does not know stay as they are.
std::string TitleOfName(std::string_view name);

// One sentence per flag that is set (model/customer_score.h).
std::vector<std::string> ExplainFlags(uint32_t flags);
// The flags' names as the API has them, in ascending order: "no_purchase", ...
std::vector<std::string> FlagNames(uint32_t flags);

// What a grade of a churn model is worth.
std::string_view Meaning(Grade grade);

}  // namespace strata
