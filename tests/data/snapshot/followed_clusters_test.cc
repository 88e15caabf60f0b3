// Who was in which cluster, by tonight's rows: against a look at every customer, with ids that share a hash.
#include "data/snapshot/followed_clusters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using Key = std::pair<uint64_t, std::string>;  // hash, id

TEST(FollowedClusters, AreThoseOfTheSameIds) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    std::map<Key, int> then;  // id of the cluster, 0: none
    std::vector<Key> now;
    for (int i = 0; i < 300; ++i) {
      const Key key{random() % 100, "c" + std::to_string(i)};  // three to a hash
      const bool was_there = random() % 5 != 0;
      if (was_there) then[key] = static_cast<int>(random() % 4);
      if (!was_there || random() % 5 != 0) now.push_back(key);
    }
    std::sort(now.begin(), now.end());
    std::vector<ScoredCustomer> rows;
    for (const auto& [key, cluster] : then) {
      ScoredCustomer& row = rows.emplace_back(ScoredCustomer{.hash = key.first, .id = key.second, .score = {}});
      row.score.cluster = static_cast<int16_t>(cluster - 1);
    }
    const std::string bytes = EncodeLookupPart(rows);
    const auto part = LookupPart::Open(bytes);
    ASSERT_OK(part);
    std::vector<uint64_t> hashes;
    for (const Key& key : now) hashes.push_back(key.first);
    CustomerColumns today;
    today.hash = hashes;
    const std::vector<int16_t> found =
        FollowedClusters(*part, today, [&now](size_t row) { return std::string_view(now[row].second); });
    ASSERT_EQ(found.size(), now.size());
    for (size_t row = 0; row < now.size(); ++row) {
      const auto before = then.find(now[row]);
      EXPECT_EQ(found[row], before == then.end() ? kNotInFollowed : before->second) << now[row].second;
    }
  }
}

TEST(FollowedClusters, OfNobodyAreNone) {
  const std::string bytes = EncodeLookupPart({});
  const auto part = LookupPart::Open(bytes);
  ASSERT_OK(part);
  EXPECT_TRUE(FollowedClusters(*part, {}, {}).empty());
  const std::vector<uint64_t> hashes = {7};
  CustomerColumns today;
  today.hash = hashes;
  EXPECT_EQ(FollowedClusters(*part, today, [](size_t) { return std::string_view("c"); }),
            std::vector<int16_t>{kNotInFollowed});
}

}  // namespace
}  // namespace strata
