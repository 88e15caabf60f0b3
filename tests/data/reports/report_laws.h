// The laws that every report keeps (data/reports/report.h), checked on given shards.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "data/reports/report.h"
#include "tests/base/status_matchers.h"

namespace strata {

template <typename T>
std::string EncodedBytes(const T& value) {
  ByteWriter writer;
  value.Encode(&writer);
  return writer.Take();
}

// Merges random pairs until one is left.
template <typename Partial>
Partial MergedInRandomGroups(std::vector<Partial> partials, uint64_t seed) {
  std::mt19937_64 random(seed);
  while (partials.size() > 1) {
    std::swap(partials[random() % partials.size()], partials.back());
    const Partial last = std::move(partials.back());
    partials.pop_back();
    partials[random() % partials.size()].Merge(last);
  }
  return std::move(partials[0]);
}

// Precondition: at least one shard.
template <DeclaredReport R>
void ExpectReportLaws(const std::vector<ReportShard>& shards) {
  using Partial = typename R::Partial;
  const std::string name = R::Info().name;
  std::vector<Partial> partials;
  for (const ReportShard& shard : shards) {
    Partial partial, again;
    ASSERT_OK(R::Accumulate(shard, &partial)) << name;
    ASSERT_OK(R::Accumulate(shard, &again));
    const std::string bytes = EncodedBytes(partial);
    EXPECT_EQ(EncodedBytes(again), bytes) << name << ": a pure function of the shard";

    ByteReader reader(bytes);
    EXPECT_EQ(EncodedBytes(Partial::Decode(&reader)), bytes) << name;
    EXPECT_OK(reader.Finish("a partial"));
    for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 50) {
      ByteReader cut(std::string_view(bytes).substr(0, size));
      (void)Partial::Decode(&cut);
      EXPECT_FALSE(cut.Finish("a cut partial").ok()) << name << ": " << size << " of " << bytes.size() << " bytes";
    }

    Partial neutral;
    neutral.Merge(partial);
    EXPECT_EQ(EncodedBytes(neutral), bytes) << name << ": the empty partial is neutral on the left";
    again.Merge(Partial());
    EXPECT_EQ(EncodedBytes(again), bytes) << name << ": and on the right";
    partials.push_back(std::move(partial));
  }
  const std::string merged = EncodedBytes(MergedInRandomGroups(partials, 0));
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    EXPECT_EQ(EncodedBytes(MergedInRandomGroups(partials, seed)), merged) << name << ", seed " << seed;
  }
}

}  // namespace strata
