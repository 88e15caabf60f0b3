// What a lookup part holds of a customer, from a score and back. Canonical: any NaN becomes kAbsent. Only
// lookup_part.cc calls them. Pure functions; thread-safe.
#pragma once

#include <cstdint>

#include "data/snapshot/lookup_layout.h"
#include "data/snapshot/lookup_part.h"
#include "model/customer_score.h"

namespace strata {

LookupRecord RecordOf(const ScoredCustomer& row, uint64_t id_offset);
CustomerScore ScoreOf(const LookupRecord& record);

LookupOutlook OutlookOf(const CustomerOutlook& from);
CustomerOutlook OutlookOf(const LookupOutlook& from);
bool HasOutlook(const CustomerOutlook& outlook);  // anything is known

LookupChurn ChurnOf(const CustomerChurn& from);
CustomerChurn ChurnOf(const LookupChurn& from);
bool HasChurn(const CustomerChurn& churn);  // likewise

}  // namespace strata
