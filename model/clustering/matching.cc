#include "model/clustering/matching.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace strata {
namespace {

constexpr int kOverlapBits = 40;           // of a Jaccard overlap in the assignment: finer than 1 / 2^31 customers need
constexpr int64_t kPairShare[] = {3, 10};  // an overlap below 3/10 is no pair

Int128 Pairs(Int128 n) { return n * (n - 1) / 2; }

// Clusters of both nights, by their places from 0; sizes are over the common customers.
struct Overlaps {
  size_t last = 0, now = 0;
  std::vector<int64_t> both;  // last x now
  std::vector<int64_t> of_last, of_now;
  int64_t common = 0;  // with a cluster both nights

  explicit Overlaps(const MatchInput& input) : last(input.last_ids.size()), now(input.clusters) {
    both.assign(last * now, 0);
    of_last.assign(last, 0);
    of_now.assign(now, 0);
    if (input.contingency.empty()) return;
    for (size_t row = 0; row <= last; ++row) {
      for (size_t column = 0; column <= now; ++column) {
        const int64_t customers = input.contingency[row * (now + 1) + column];
        if (row > 0) of_last[row - 1] += customers;
        if (column > 0) of_now[column - 1] += customers;
        if (row == 0 || column == 0) continue;
        both[(row - 1) * now + column - 1] = customers;
        common += customers;
      }
    }
  }
  int64_t Both(size_t i, size_t j) const { return both[i * now + j]; }
  int64_t Either(size_t i, size_t j) const { return of_last[i] + of_now[j] - Both(i, j); }
};

// Less overlap costs more; equal overlaps cost by distance.
Int128 CostOf(const Overlaps& overlaps, size_t i, size_t j, int64_t squared_distance) {
  const int64_t either = overlaps.Either(i, j);
  const Int128 overlap = either == 0 ? 0 : (static_cast<Int128>(overlaps.Both(i, j)) << kOverlapBits) / either;
  return (((static_cast<Int128>(1) << kOverlapBits) - overlap) << 64) + squared_distance;
}

}  // namespace

double AdjustedRand(std::span<const int64_t> contingency, size_t rows, size_t columns) {
  Int128 together = 0, by_row = 0, by_column = 0, all = 0;
  std::vector<Int128> of_column(columns, 0);
  for (size_t row = 0; row < rows; ++row) {
    Int128 of_row = 0;
    for (size_t column = 0; column < columns; ++column) {
      const int64_t count = contingency[row * columns + column];
      together += Pairs(count);
      of_row += count;
      of_column[column] += count;
    }
    by_row += Pairs(of_row);
    all += of_row;
  }
  for (const Int128 count : of_column) by_column += Pairs(count);
  // (together - e) / ((by_row + by_column) / 2 - e) with e = by_row by_column / pairs, times 2 pairs: whole numbers.
  const Int128 pairs = Pairs(all);
  const Int128 greatest = (by_row + by_column) * pairs - 2 * by_row * by_column;
  if (greatest == 0) return 1;
  return ToDouble(2 * (together * pairs - by_row * by_column)) / ToDouble(greatest);
}

// Shortest augmenting paths, O(n^3): rows are added one by one, potentials keep all reduced costs at least 0.
std::vector<int> OptimalAssignment(const std::vector<std::vector<Int128>>& cost) {
  const size_t n = cost.size();
  constexpr Int128 kFar = static_cast<Int128>(~UInt128{0} >> 1);
  std::vector<Int128> of_row(n + 1, 0), of_column(n + 1, 0);
  std::vector<size_t> row_of(n + 1, 0), way(n + 1, 0);  // by column; from 1, 0: none
  for (size_t row = 1; row <= n; ++row) {
    row_of[0] = row;
    size_t column = 0;
    std::vector<Int128> least(n + 1, kFar);
    std::vector<bool> is_used(n + 1, false);
    do {
      is_used[column] = true;
      const size_t from = row_of[column];
      size_t next = 0;
      Int128 step = kFar;
      for (size_t j = 1; j <= n; ++j) {
        if (is_used[j]) continue;
        const Int128 reduced = cost[from - 1][j - 1] - of_row[from] - of_column[j];
        if (reduced < least[j]) {
          least[j] = reduced;
          way[j] = column;
        }
        if (least[j] < step) {
          step = least[j];
          next = j;
        }
      }
      for (size_t j = 0; j <= n; ++j) {
        if (is_used[j]) {
          of_row[row_of[j]] += step;
          of_column[j] -= step;
        } else if (j > 0) {
          least[j] -= step;
        }
      }
      column = next;
    } while (row_of[column] != 0);
    for (; column != 0; column = way[column]) row_of[column] = row_of[way[column]];
  }
  std::vector<int> column_of(n, 0);
  for (size_t j = 1; j <= n; ++j) column_of[row_of[j] - 1] = static_cast<int>(j - 1);
  return column_of;
}

namespace {

// Today's place of each of the last clusters; one beyond today's: none.
std::vector<int> PlacesOf(const MatchInput& input, const Overlaps& overlaps) {
  if (!input.kept.empty()) {
    std::vector<int> places(overlaps.last, static_cast<int>(overlaps.now));
    for (size_t j = 0; j < input.kept.size(); ++j) places[input.kept[j]] = static_cast<int>(j);
    return places;
  }
  const size_t size = std::max(overlaps.last, overlaps.now);
  std::vector<std::vector<Int128>> cost(size, std::vector<Int128>(size, 0));
  for (size_t i = 0; i < overlaps.last; ++i) {
    for (size_t j = 0; j < overlaps.now; ++j) cost[i][j] = CostOf(overlaps, i, j, input.squared_distance[i][j]);
  }
  return OptimalAssignment(cost);
}

}  // namespace

Matching MatchClusters(const MatchInput& input) {
  const Overlaps overlaps(input);
  const bool is_kept = !input.kept.empty();
  Matching matching;
  matching.last_id = input.last_id;
  matching.common = overlaps.common;
  matching.adjusted_rand = AdjustedRand(overlaps.both, overlaps.last, overlaps.now);
  matching.by_centres = overlaps.common < static_cast<int64_t>(std::min(overlaps.last, overlaps.now));
  matching.id.assign(overlaps.now, 0);
  matching.overlap.assign(overlaps.now, 0);
  matching.shift.assign(overlaps.now, 0);
  const std::vector<int> places = PlacesOf(input, overlaps);
  for (size_t i = 0; i < overlaps.last; ++i) {
    const auto j = static_cast<size_t>(places[i]);
    bool is_pair = j < overlaps.now;
    if (is_kept) {
      // A pair is the same centre, whoever is in it.
    } else if (is_pair && matching.by_centres) {
      is_pair = input.squared_distance[i][j] <= input.near_square;
    } else if (is_pair) {
      is_pair = kPairShare[1] * overlaps.Both(i, j) >= kPairShare[0] * overlaps.Either(i, j) && overlaps.Both(i, j) > 0;
    }
    if (!is_pair) {
      matching.vanished.push_back(input.last_ids[i]);
      continue;
    }
    matching.id[j] = input.last_ids[i];
    if (!is_kept)
      matching.shift[j] = std::ldexp(std::sqrt(static_cast<double>(input.squared_distance[i][j])), -input.grid_bits);
    if (matching.by_centres || overlaps.Either(i, j) == 0) continue;
    matching.overlap[j] = static_cast<double>(overlaps.Both(i, j)) / static_cast<double>(overlaps.Either(i, j));
  }
  for (int& id : matching.id) {
    if (id != 0) continue;
    id = ++matching.last_id;
    matching.appeared.push_back(id);
  }
  std::sort(matching.vanished.begin(), matching.vanished.end());
  return matching;
}

}  // namespace strata
