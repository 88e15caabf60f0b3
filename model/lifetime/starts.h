// Where the search for a maximum begins: points that do not depend on the unit of time or on the order of customers.
#pragma once

#include <vector>

#include "model/lifetime/history_table.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata {

// The model without drop-out, in the form of `kind` (NBD; BG/BB with gamma = 0). Precondition: some x > 0.
LifetimeParameters StartWithoutDropOut(LifetimeKind kind, int k, const HistoryTable& table);

// `nested`: the fitted model without drop-out, in the form of the kind. The shape of its rates or, because drop-out
// explains part of the spread between customers, one with quicker buyers; and drop-out over the range seen in practice.
std::vector<LifetimeParameters> StartsWithDropOut(const LifetimeParameters& nested, const HistoryTable& table);

}  // namespace strata
