// The features of churn as a page for people: docs/churn-features.md holds it. A pure function.
#pragma once

#include <string>

namespace strata {

std::string ChurnFeaturesMarkdown();

}  // namespace strata
