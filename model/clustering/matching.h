// Which of today's clusters is which of the last model's: ids that persist from night to night. Pure functions of
// integers; thread-safe.
//
// Clusters are matched by optimal assignment (Kuhn 1955; Munkres 1957) on the Jaccard overlap of their members among
// the customers of both nights; equal overlaps are told apart by the distance of the centres, equal distances by the
// lower place. A pair whose overlap is below 0.3 is no pair: the last cluster vanished and today's appeared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/int128.h"

namespace strata {

// The adjusted Rand index (Hubert, Arabie 1985) of two partitions, from their contingency table, row by row. 1 where
// both agree; also where nothing could disagree (one part or only single customers on both sides, or nobody).
// Preconditions: contingency.size() == rows * columns, no count is negative, their sum is below 2^31.
double AdjustedRand(std::span<const int64_t> contingency, size_t rows, size_t columns);

// The column of each row, so that the sum of costs is least. Of several such assignments always the same one.
// Preconditions: cost is square; 128 times the greatest |cost| fits an Int128.
std::vector<int> OptimalAssignment(const std::vector<std::vector<Int128>>& cost);

struct MatchInput {
  std::vector<int> last_ids;  // of the last model's clusters; distinct, > 0
  int last_id = 0;            // the greatest id that was ever given; at least every one of last_ids
  size_t clusters = 0;        // today's
  // Customers of both nights, (1 + last_ids.size()) rows by (1 + clusters) columns: row 0 had no cluster, column 0 has
  // none. Empty: nothing is known of members.
  std::vector<int64_t> contingency;
  // Of the centres, on today's grid: a row for each of last_ids. Values below 2^57.
  std::vector<std::vector<int64_t>> squared_distance;
  // Where fewer customers are common than pairs could be, centres alone decide, and a pair is at most this apart: the
  // mean squared distance of customers to their centres, the greater one of both nights.
  int64_t near_square = 0;
  int grid_bits = 12;  // of today's grid
  // Where the last model is kept: by today's cluster, the place of the last one that it is. Else empty: to be found.
  std::vector<size_t> kept;
};

struct Matching {
  std::vector<int> id;          // by today's cluster
  std::vector<int> appeared;    // ids that are new, ascending
  std::vector<int> vanished;    // ids that are gone for good, ascending
  int last_id = 0;              // the greatest id that was ever given
  int64_t common = 0;           // customers with a cluster both nights
  double adjusted_rand = 1;     // over them
  bool by_centres = false;      // too few common customers: ids go by centres, and overlaps are not known (0)
  std::vector<double> overlap;  // Jaccard, by today's cluster; 0 for one that appeared or was matched by centres
  std::vector<double> shift;    // from its last centre, scaled units; 0 for one that appeared
  bool operator==(const Matching&) const = default;
};

// New ids are last_id + 1, ... in the order of `clusters`.
Matching MatchClusters(const MatchInput& input);

}  // namespace strata
