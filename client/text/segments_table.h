// Segments, clusters and classes with sizes and profiles, for people. Pure functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/snapshot/snapshot.h"

namespace strata {

// All that is known, a table per kind; empty segments are shown too, because the shares add up to one.
std::string SegmentsTable(const std::vector<SegmentLine>& segments, const std::string& currency);

// Sizes, shares and mean value only, for the end of a run; classes without customers are left out, and
// of the job's own all beyond the first twenty, which are counted.
std::string SegmentsBrief(const std::vector<SegmentLine>& segments, const std::string& currency);

}  // namespace strata
