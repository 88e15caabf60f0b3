#include "model/clustering/lloyd_run.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace strata {
namespace {

constexpr int64_t kMillion = 1'000'000;

absl::Status Mismatch(std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH", what);
}

bool IsOf(const CentreSet& centres, const Centre& point) {
  return point.q.size() == centres.d() && point.modes.size() == centres.categories();
}

}  // namespace

LloydRun::LloydRun(const LloydOptions& options, CentreSet start) : options_(options), reachable_(options.k) {
  next_.centres = std::move(start);
  if (options_.trim > 0) next_.bracket.emplace();
}

absl::Status LloydRun::Absorb(const Evaluation& evaluation) {
  if (options_.trim == 0) return AbsorbComplete(evaluation.sums, evaluation.farthest, {});
  const TrimCounts& trim = evaluation.trim;
  if (done_ || !next_.bracket.has_value() || evaluation.sums.slots() != next_.centres.size() ||
      trim.bins.size() != next_.bracket->bins()) {
    return Mismatch("a partial of the clustering does not belong to its round");
  }
  const int64_t within = trim.within();
  // How many of the bracket are kept, the last of them being the threshold.
  int64_t more = options_.customers - options_.trim - evaluation.sums.customers();
  if (evaluation.sums.customers() + within + trim.behind != options_.customers) {
    return Mismatch("a trimmed evaluation of the clustering saw another number of customers");
  }
  if (more < 1 || more > within) {
    if (*next_.bracket == TrimBracket()) return Mismatch("a trimmed evaluation of the clustering found no threshold");
    spread_shift_ = std::max(spread_shift_ - 1, kSpreadShiftMin);
    next_.bracket.emplace();
    return absl::OkStatus();
  }
  if (next_.bracket->octaves || within > static_cast<int64_t>(kTrimRowsMax)) return NarrowTo(trim, more);
  if (static_cast<int64_t>(trim.rows.size()) != within) {
    return Mismatch("a trimmed evaluation of the clustering lacks its rows");
  }
  Evaluation kept = {.sums = evaluation.sums, .farthest = evaluation.farthest, .trim = {}};
  for (size_t i = 0; i < static_cast<size_t>(more); ++i) {
    const TrimCounts::Row& row = trim.rows[i];
    if (row.slot >= kept.sums.slots() || !IsOf(next_.centres, row.point)) {
      return Mismatch("a trimmed row of the clustering has no place in it");
    }
    kept.sums.Add(row.slot, row.point, row.weight);
    if (row.weight > 0) kept.farthest.Insert({row.distance, row.point});
  }
  const TrimCounts::Row& last = trim.rows[static_cast<size_t>(more) - 1];
  return AbsorbKept(kept, {last.distance, last.hash});
}

absl::Status LloydRun::NarrowTo(const TrimCounts& trim, int64_t more) {
  size_t bin = 0;
  for (int64_t below = 0; below + trim.bins[bin] < more; ++bin) below += trim.bins[bin];
  const TrimBracket narrower = {next_.bracket->BinBegin(bin), next_.bracket->BinBegin(bin + 1), false};
  if (narrower == *next_.bracket) return Mismatch("too many customers share one hash and one distance");
  if (!next_.bracket->octaves) spread_shift_ = std::min(spread_shift_ + 1, kSpreadShiftMax);
  next_.bracket = narrower;
  return absl::OkStatus();
}

absl::Status LloydRun::AbsorbKept(const Evaluation& kept, const TrimThreshold& threshold) {
  STRATA_RETURN_IF_ERROR(AbsorbComplete(kept.sums, kept.farthest, threshold));
  // Centres have moved a little, and so have distances.
  const int64_t spread = std::max<int64_t>(threshold.distance >> spread_shift_, 1);
  next_.bracket = TrimBracket{.low = TrimKey(std::max<int64_t>(threshold.distance - spread, 0), 0),
                              .high = TrimKey(threshold.distance + spread, 0),
                              .octaves = false};
  return absl::OkStatus();
}

absl::Status LloydRun::AbsorbComplete(const ClusterSums& sums, const FarthestCustomers& farthest,
                                      const TrimThreshold& threshold) {
  if (done_ || sums.slots() != next_.centres.size() || sums.d != next_.centres.d() ||
      sums.categories() != next_.centres.categories()) {
    return Mismatch("a partial of the clustering does not belong to its round");
  }
  for (const FarthestCustomers::Candidate& candidate : farthest.candidates) {
    if (!IsOf(next_.centres, candidate.point)) return Mismatch("a far customer of the clustering is no point of it");
  }
  size_t filled = 0;
  for (size_t slot = 0; slot < sums.slots(); ++slot) {
    if (sums.weight[slot] > 0) ++filled;
  }
  if (filled == 0) return Mismatch("an evaluation of the clustering saw no points");
  const bool asked = std::exchange(next_.farthest_wanted, 0) > 0;
  const size_t missing = static_cast<size_t>(reachable_) - filled;
  if (missing > 0 && iterations_ + 1 < options_.iterations_max) {
    if (!asked) {
      next_.farthest_wanted = static_cast<uint32_t>(missing);
      return absl::OkStatus();
    }
    const size_t found = std::min(missing, farthest.candidates.size());
    reachable_ = static_cast<int>(filled + found);
    if (found > 0 || filled < sums.slots()) {
      Relocate(sums, farthest, found);
      return absl::OkStatus();
    }
  }
  AbsorbResult(sums, threshold);
  return absl::OkStatus();
}

void LloydRun::Relocate(const ClusterSums& sums, const FarthestCustomers& farthest, size_t found) {
  std::vector<Centre> centres;
  size_t taken = 0;
  for (size_t slot = 0; slot < sums.slots(); ++slot) {
    if (sums.weight[slot] > 0) {
      centres.push_back(sums.MeanOf(slot));
    } else if (taken < found) {
      centres.push_back(farthest.candidates[taken++].point);
    }
  }
  while (taken < found) centres.push_back(farthest.candidates[taken++].point);
  ++iterations_;
  has_last_ = false;
  next_.centres = CentreSet(std::move(centres), next_.centres.gamma());
}

void LloydRun::AbsorbResult(const ClusterSums& sums, const TrimThreshold& threshold) {
  ++iterations_;
  const Int128 inertia = sums.Inertia(next_.centres);
  if (has_last_ && inertia >= inertia_) return Finish(true);  // settled: the earlier one stays
  const bool little =
      has_last_ && options_.tolerance > 0 && (inertia_ - inertia) * kMillion <= inertia_ * options_.tolerance;
  std::vector<Centre> means;
  for (size_t slot = 0; slot < sums.slots(); ++slot) {
    means.push_back(sums.weight[slot] > 0 ? sums.MeanOf(slot) : next_.centres[slot]);
  }
  const bool fixpoint = means == next_.centres.centres();
  last_ = next_.centres;
  sums_ = sums;
  inertia_ = inertia;
  threshold_ = threshold;
  has_last_ = true;
  if (fixpoint || little) return Finish(true);
  if (iterations_ >= options_.iterations_max) return Finish(false);
  next_.centres = CentreSet(std::move(means), last_.gamma());
}

void LloydRun::Finish(bool converged) {
  // A slot without customers is nobody's nearest: without it all labels stay.
  std::vector<Centre> centres;
  ClusterSums sums;
  sums.d = sums_.d;
  sums.squares = sums_.squares;
  const auto at = [](size_t i) { return static_cast<std::ptrdiff_t>(i); };
  const size_t width = sums_.categories();
  for (size_t slot = 0; slot < sums_.slots(); ++slot) {
    if (sums_.count[slot] == 0) continue;
    centres.push_back(last_[slot]);
    sums.count.push_back(sums_.count[slot]);
    sums.weight.push_back(sums_.weight[slot]);
    const auto row = sums_.sums.begin() + at(slot * sums.d);
    sums.sums.insert(sums.sums.end(), row, row + at(sums.d));
    const auto of_codes = sums_.levels.begin() + at(slot * width);
    sums.levels.insert(sums.levels.end(), of_codes, of_codes + at(width));
  }
  next_.centres = CentreSet(std::move(centres), last_.gamma());
  sums_ = std::move(sums);
  converged_ = converged;
  done_ = true;
}

}  // namespace strata
