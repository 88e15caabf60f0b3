#include "model/clustering/lloyd.h"

#include <utility>

namespace strata {

CentroidRun::CentroidRun(int k, CentroidSet start, int iterations_max)
    : k_(k), reachable_(k), iterations_max_(iterations_max), centroids_(std::move(start)) {}

absl::Status CentroidRun::Absorb(const CentroidSums& sums, const FarthestPoints& farthest) {
  if (done_ || sums.rows.size() != centroids_.size()) {
    return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH",
                     "a partial of the clustering does not belong to its round");
  }
  ++iterations_;
  std::vector<GridPoint> kept;
  std::vector<GridPoint> means;
  CentroidSums kept_sums;
  for (size_t c = 0; c < centroids_.size(); ++c) {
    if (sums.count(c) == 0) continue;
    kept.push_back(centroids_.points()[c]);
    means.push_back(sums.Mean(c));
    kept_sums.rows.push_back(sums.rows[c]);
  }
  if (kept.empty()) {
    return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH", "an evaluation of the clustering saw no points");
  }
  const bool asked = std::exchange(farthest_wanted_, 0) > 0;
  size_t missing = static_cast<size_t>(reachable_) - kept.size();
  if (iterations_ >= iterations_max_) {
    const bool fixpoint = missing == 0 && CentroidSet(std::move(means)) == centroids_;
    Finish(std::move(kept), std::move(kept_sums), fixpoint);
    return absl::OkStatus();
  }
  if (missing > 0 && !asked) {
    centroids_ = CentroidSet(std::move(kept));
    farthest_wanted_ = static_cast<uint32_t>(missing);
    return absl::OkStatus();
  }
  if (missing > farthest.candidates.size()) {
    missing = farthest.candidates.size();
    reachable_ = static_cast<int>(kept.size() + missing);
  }
  for (size_t i = 0; i < missing; ++i) means.push_back(farthest.candidates[i].point);
  CentroidSet moved(std::move(means));
  if (moved == centroids_) {
    Finish(std::move(kept), std::move(kept_sums), true);
  } else {
    centroids_ = std::move(moved);
  }
  return absl::OkStatus();
}

void CentroidRun::Finish(std::vector<GridPoint> centroids, CentroidSums sums, bool converged) {
  centroids_ = CentroidSet(std::move(centroids));
  sums_ = std::move(sums);
  converged_ = converged;
  done_ = true;
}

Int128 CentroidRun::Inertia() const {
  Int128 inertia = 0;
  for (size_t c = 0; c < centroids_.size(); ++c) {
    // sum |x - c|^2 = sum |x|^2 - 2 c.(sum x) + n |c|^2, in integers
    inertia += sums_.squared_norms(c);
    for (size_t j = 0; j < kClusterFeatures; ++j) {
      const Int128 coordinate = centroids_.points()[c][j];
      inertia += coordinate * (coordinate * sums_.count(c) - 2 * static_cast<Int128>(sums_.rows[c][j]));
    }
  }
  return inertia;
}

}  // namespace strata
