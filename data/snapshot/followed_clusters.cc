#include "data/snapshot/followed_clusters.h"

namespace strata {

std::vector<int16_t> FollowedClusters(const LookupPart& followed, const CustomerColumns& today,
                                      const std::function<std::string_view(size_t)>& id) {
  std::vector<int16_t> clusters(today.size(), kNotInFollowed);
  size_t row = 0;
  for (uint64_t i = 0; i < followed.size() && row < today.size(); ++i) {
    const ScoredCustomer customer = followed.Row(i);
    const auto is_before = [&](size_t at) {
      return today.hash[at] != customer.hash ? today.hash[at] < customer.hash : id(at) < customer.id;
    };
    while (row < today.size() && is_before(row)) ++row;
    if (row == today.size() || today.hash[row] != customer.hash || id(row) != customer.id) continue;
    clusters[row] = static_cast<int16_t>(customer.score.cluster + 1);
  }
  return clusters;
}

}  // namespace strata
