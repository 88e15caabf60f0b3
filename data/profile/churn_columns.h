// Names of the profile's columns that say how long a customer stayed (model/churn/survival.h).
#pragma once

namespace strata {

inline constexpr char kChurnTenure[] = "churn_tenure";  // days from the first purchase to the loss, or as long as known
inline constexpr char kChurnLost[] = "churn_lost";      // whether it was lost then; both absent where it is too young

}  // namespace strata
