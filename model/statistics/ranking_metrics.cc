#include "model/statistics/ranking_metrics.h"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/hash.h"
#include "model/statistics/keyed_sample.h"
#include "model/statistics/radix_order.h"

namespace strata {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

// Replicates are weighed side by side: one vector instruction serves all of them.
constexpr size_t kLanes = 8;
// Lanes that stay in a register; left to itself the compiler takes them one by one.
template <typename T>
using Lanes [[gnu::vector_size(kLanes * sizeof(T))]] = T;
using Draws [[gnu::vector_size(2 * sizeof(uint64_t))]] = uint64_t;
using LaneWeights = Lanes<uint8_t>;           // a row of the sample in 8 bytes: all rows stay in the caches
using LaneCounts = Lanes<int32_t>;            // sums of at most 2^31 / 8 weights
using LaneSums = std::array<double, kLanes>;  // integers below 2^53, so exact

// P(Poisson(1) <= k) in multiples of 2^-16, for k = 0..7; the rest is weight 8.
constexpr std::array<uint16_t, 8> kPoissonCuts = {24109, 48219, 60273, 64292, 65296, 65497, 65531, 65535};

void DrawWeights(std::span<const uint64_t> identities, uint64_t seed, uint32_t block,
                 std::vector<LaneWeights>* weights) {
  static_assert(kLanes == 2 * sizeof(uint64_t) / sizeof(uint16_t), "two draws of 64 bits serve the lanes of a row");
  const uint64_t first = DrawRound(DrawPurpose::kChurnBootstrap, 2 * block);
  const uint64_t second = DrawRound(DrawPurpose::kChurnBootstrap, 2 * block + 1);
  for (size_t row = 0; row < identities.size(); ++row) {
    const Draws draws = {KeyedDraw(seed, first, identities[row]), KeyedDraw(seed, second, identities[row])};
    const auto uniform = std::bit_cast<Lanes<uint16_t>>(draws);
    Lanes<uint16_t> weight{};
    for (const uint16_t cut : kPoissonCuts) weight -= std::bit_cast<Lanes<uint16_t>>(uniform >= cut);  // true is -1
    (*weights)[row] = __builtin_convertvector(weight, LaneWeights);
  }
}

// A scorer's rows in ascending order of score, sorted once for all replicates.
struct RankedRows {
  struct Entry {
    uint32_t row = 0;
    int16_t negative = 0;     // -1: the row is a negative, else 0
    int16_t last_of_tie = 1;  // 1: the next row has another score
  };
  std::vector<Entry> entries;
};

RankedRows Rank(std::span<const double> scores, std::span<const uint8_t> positive) {
  RankedRows ranked;
  ranked.entries.reserve(scores.size());
  for (const uint32_t row : RowsByValue(scores)) {
    if (!ranked.entries.empty() && scores[ranked.entries.back().row] == scores[row]) {
      ranked.entries.back().last_of_tie = 0;
    }
    ranked.entries.push_back({row, static_cast<int16_t>(positive[row] != 0 ? 0 : -1), 1});
  }
  return ranked;
}

// What a walk from the lowest score up has counted, replicate by replicate.
class AucWalk {
 public:
  AucWalk(const RankedRows& ranked, const std::vector<LaneWeights>& weights)
      : entries_(ranked.entries), weights_(weights) {
    // Weights are at most 8: a positive wins at most 8 x 8 x rows, and a run of them must fit 31 bits.
    constexpr size_t kSquaredWeightMax = 64;
    run_max_ = (size_t{1} << 31) / (kSquaredWeightMax * std::max<size_t>(entries_.size(), 1) + 1);
  }

  LaneSums Aucs() {
    // Every turn begins with a score of its own: most rows of a model stand alone, most of a count are tied.
    for (size_t i = 0; i < entries_.size();) i = entries_[i].last_of_tie != 0 && run_max_ > 0 ? Singles(i) : Tied(i);
    LaneSums aucs;
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double pairs = static_cast<double>(positives_[lane]) * static_cast<double>(negatives_below_[lane]);
      aucs[lane] = pairs > 0 ? twice_wins_[lane] / (2 * pairs) : kUndefined;
    }
    return aucs;
  }

 private:
  // Of the row in place `i`. Rows lie anywhere, so one that is soon needed is asked for early.
  LaneCounts WeightOf(size_t i) const {
    constexpr size_t kAhead = 16;
    if (i + kAhead < entries_.size()) __builtin_prefetch(&weights_[entries_[i + kAhead].row]);
    return __builtin_convertvector(weights_[entries_[i].row], LaneCounts);
  }

  // A run of rows without a tie, the first of which is `i`; returns where it ends. Whether a row is a negative is as
  // good as random to a processor: masked and not branched upon.
  size_t Singles(size_t i) {
    LaneCounts below = negatives_below_, positives = positives_, wins{};
    const size_t end = std::min(i + run_max_, entries_.size());
    for (; i < end && entries_[i].last_of_tie != 0; ++i) {
      const LaneCounts weight = WeightOf(i);
      const LaneCounts negative = weight & int32_t{entries_[i].negative};
      const LaneCounts positive = weight - negative;
      wins += positive * below;
      below += negative;
      positives += positive;
    }
    negatives_below_ = below;
    positives_ = positives;
    for (size_t lane = 0; lane < kLanes; ++lane) twice_wins_[lane] += 2 * static_cast<double>(wins[lane]);
    return i;
  }

  // The rows with the score of row `i`, its first; returns where they end.
  size_t Tied(size_t i) {
    LaneCounts tied{}, tied_negatives{};
    for (bool more = true; more; ++i) {
      const LaneCounts weight = WeightOf(i);
      tied += weight;
      tied_negatives += weight & int32_t{entries_[i].negative};
      more = entries_[i].last_of_tie == 0;
    }
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const int32_t tied_positives = tied[lane] - tied_negatives[lane];
      const int32_t lost = 2 * negatives_below_[lane] + tied_negatives[lane];
      twice_wins_[lane] += static_cast<double>(tied_positives) * static_cast<double>(lost);
      negatives_below_[lane] += tied_negatives[lane];
      positives_[lane] += tied_positives;
    }
    return i;
  }

  const std::vector<RankedRows::Entry>& entries_;
  const std::vector<LaneWeights>& weights_;
  size_t run_max_ = 0;
  LaneCounts negatives_below_{}, positives_{};
  LaneSums twice_wins_{};  // 2 x (wins + ties / 2)
};

double Percentile(const std::vector<double>& ascending, double share) {
  // The ceil(share n)-th smallest: an order statistic, nothing interpolated.
  const double rank = std::ceil(share * static_cast<double>(ascending.size()));
  const size_t index = rank < 1 ? 0 : static_cast<size_t>(rank) - 1;
  return ascending[std::min(index, ascending.size() - 1)];
}

}  // namespace

double WeightedAuc(std::span<const double> scores, std::span<const uint8_t> positive,
                   std::span<const int32_t> weights) {
  int64_t negatives_below = 0;
  int64_t positives = 0;
  int64_t twice_wins = 0;
  const std::vector<uint32_t> order = RowsByValue(scores);
  for (size_t i = 0; i < order.size();) {
    int64_t tied_positives = 0;
    int64_t tied_negatives = 0;
    size_t end = i;
    for (; end < order.size() && scores[order[end]] == scores[order[i]]; ++end) {
      (positive[order[end]] != 0 ? tied_positives : tied_negatives) += weights[order[end]];
    }
    twice_wins += tied_positives * (2 * negatives_below + tied_negatives);
    negatives_below += tied_negatives;
    positives += tied_positives;
    i = end;
  }
  if (positives == 0 || negatives_below == 0) return kUndefined;
  return static_cast<double>(twice_wins) / (2 * static_cast<double>(positives) * static_cast<double>(negatives_below));
}

double Auc(std::span<const double> scores, std::span<const uint8_t> positive) {
  return WeightedAuc(scores, positive, std::vector<int32_t>(scores.size(), 1));
}

double AveragePrecision(std::span<const double> scores, std::span<const uint8_t> positive) {
  const std::vector<uint32_t> order = RowsByValue(scores);
  int64_t found = 0;
  int64_t looked_at = 0;
  double sum = 0;
  for (size_t end = order.size(); end > 0;) {
    int64_t found_here = 0;
    size_t begin = end;
    for (; begin > 0 && scores[order[begin - 1]] == scores[order[end - 1]]; --begin) {
      found_here += positive[order[begin - 1]] != 0 ? 1 : 0;
    }
    looked_at += static_cast<int64_t>(end - begin);
    found += found_here;
    sum += static_cast<double>(found_here) * (static_cast<double>(found) / static_cast<double>(looked_at));
    end = begin;
  }
  return found > 0 ? sum / static_cast<double>(found) : kUndefined;
}

double LogLoss(std::span<const double> probabilities, std::span<const uint8_t> positive) {
  if (probabilities.empty()) return kUndefined;
  double sum = 0;
  for (size_t i = 0; i < probabilities.size(); ++i) {
    const double of_outcome = positive[i] != 0 ? probabilities[i] : 1 - probabilities[i];
    sum -= std::log(std::max(of_outcome, kProbabilityFloor));
  }
  return sum / static_cast<double>(probabilities.size());
}

double BrierScore(std::span<const double> probabilities, std::span<const uint8_t> positive) {
  if (probabilities.empty()) return kUndefined;
  double sum = 0;
  for (size_t i = 0; i < probabilities.size(); ++i) {
    const double error = probabilities[i] - (positive[i] != 0 ? 1.0 : 0.0);
    sum += error * error;
  }
  return sum / static_cast<double>(probabilities.size());
}

double CalibrationError(std::span<const double> probabilities, std::span<const uint8_t> positive) {
  if (probabilities.empty()) return kUndefined;
  const std::vector<uint32_t> order = RowsByValue(probabilities);
  const size_t n = order.size();
  double sum = 0;
  for (size_t bin = 0; bin < kCalibrationBins; ++bin) {
    double expected = 0;
    double happened = 0;
    for (size_t i = bin * n / kCalibrationBins; i < (bin + 1) * n / kCalibrationBins; ++i) {
      expected += probabilities[order[i]];
      happened += positive[order[i]] != 0 ? 1.0 : 0.0;
    }
    sum += std::fabs(expected - happened);
  }
  return sum / static_cast<double>(n);
}

std::vector<std::vector<double>> BootstrapAucs(const std::vector<std::span<const double>>& scorers,
                                               std::span<const uint8_t> positive, std::span<const uint64_t> identities,
                                               uint64_t seed, int replicates) {
  std::vector<RankedRows> ranked;
  ranked.reserve(scorers.size());
  for (const std::span<const double> scores : scorers) ranked.push_back(Rank(scores, positive));
  std::vector<std::vector<double>> aucs(scorers.size(), std::vector<double>(static_cast<size_t>(replicates)));
  const size_t blocks = (static_cast<size_t>(replicates) + kLanes - 1) / kLanes;
  // Blocks of replicates are independent of one another, so threads change no bit.
  tbb::enumerable_thread_specific<std::vector<LaneWeights>> scratch(identities.size());
  tbb::parallel_for(size_t{0}, blocks, [&](size_t block) {
    std::vector<LaneWeights>& weights = scratch.local();
    DrawWeights(identities, seed, static_cast<uint32_t>(block), &weights);
    const size_t first = block * kLanes;
    for (size_t scorer = 0; scorer < scorers.size(); ++scorer) {
      const LaneSums lanes = AucWalk(ranked[scorer], weights).Aucs();
      const size_t count = std::min(kLanes, static_cast<size_t>(replicates) - first);
      std::copy_n(lanes.begin(), count, aucs[scorer].begin() + static_cast<std::ptrdiff_t>(first));
    }
  });
  return aucs;
}

PercentileInterval DifferenceInterval(const std::vector<double>& aucs, const std::vector<double>& baseline_aucs) {
  std::vector<double> differences;
  for (size_t i = 0; i < aucs.size(); ++i) {
    const double difference = aucs[i] - baseline_aucs[i];
    if (!std::isnan(difference)) differences.push_back(difference);
  }
  if (differences.empty()) return {kUndefined, kUndefined};
  std::sort(differences.begin(), differences.end());
  return {Percentile(differences, 0.025), Percentile(differences, 0.975)};
}

}  // namespace strata
