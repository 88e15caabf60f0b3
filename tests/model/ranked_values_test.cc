// Ranked values and quantiles of groups against sorting, over shards, windows and random data.
#include "model/statistics/ranked_values.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "model/statistics/grouped_quantiles.h"

namespace strata {
namespace {

template <typename T>
T ThroughBytes(const T& value) {
  ByteWriter writer;
  value.Encode(&writer);
  ByteReader reader(writer.bytes());
  T copy = T::Decode(&reader);
  EXPECT_TRUE(reader.Finish("a copy").ok());
  EXPECT_EQ(copy, value);
  return copy;
}

struct Shown {
  std::vector<int64_t> values;  // with repetitions
  RankedTotals totals;
  int rounds = 0;
};

Shown ShowAll(const std::vector<std::vector<int64_t>>& shards, int64_t window) {
  Shown shown;
  RankedValues ranked(window);
  while (const auto request = ranked.Next()) {
    RankedPartial merged;
    for (const auto& shard : shards) merged.Merge(ThroughBytes(CollectRanked(ThroughBytes(*request), shard)));
    const absl::Status status = ranked.Absorb(merged, [&shown](int64_t value, int64_t count) {
      EXPECT_TRUE(shown.values.empty() || shown.values.back() > value) << "each value once, descending";
      shown.values.insert(shown.values.end(), static_cast<size_t>(count), value);
    });
    EXPECT_TRUE(status.ok()) << status;
    ++shown.rounds;
    if (!status.ok() || shown.rounds > 1000) break;
  }
  shown.totals = ranked.totals();
  return shown;
}

int64_t Draw(uint64_t kind, std::mt19937_64* random) {
  switch (kind % 4) {
    case 0:
      return static_cast<int64_t>((*random)());  // the whole range
    case 1:
      return static_cast<int64_t>((*random)() % 4) - 2;  // many ties around zero
    case 2:
      return static_cast<int64_t>((*random)() % 90'000'000) - 20'000'000;
    default:
      return (*random)() % 3 == 0 ? std::numeric_limits<int64_t>::min() + 1 : std::numeric_limits<int64_t>::max();
  }
}

TEST(RankedValues, ShowEveryValueInDescendingOrderWhateverTheShardsAndWindows) {
  for (uint64_t seed = 0; seed < 120; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<std::vector<int64_t>> shards(1 + random() % 4);
    std::vector<int64_t> all;
    const size_t count = 1 + random() % 400;
    for (size_t i = 0; i < count; ++i) {
      all.push_back(Draw(seed, &random));
      shards[random() % shards.size()].push_back(all.back());
    }
    const int64_t window = seed % 3 == 0 ? 1000 : 1 + static_cast<int64_t>(random() % 60);
    const Shown shown = ShowAll(shards, window);
    std::sort(all.begin(), all.end(), std::greater<>());
    EXPECT_EQ(shown.values, all);
    Int128 positive = 0;
    Int128 negative = 0;
    for (const int64_t value : all) (value > 0 ? positive : negative) += value;
    EXPECT_EQ(ToString(shown.totals.sum_positive), ToString(positive));
    EXPECT_EQ(ToString(shown.totals.sum_negative), ToString(negative));
    EXPECT_EQ(shown.totals.positive + shown.totals.zero + shown.totals.negative, static_cast<int64_t>(count));
    EXPECT_EQ(shown.totals.zero, std::count(all.begin(), all.end(), 0));
    if (window == 1000) {
      EXPECT_EQ(shown.rounds, 2) << "few values need one window";
    }
  }
}

TEST(RankedValues, ManyEqualValuesTakeAFewBytes) {
  const std::vector<int64_t> values(100'000, 12'990'000);
  const RankedRequest request{.kind = RankedRequest::Kind::kValues, .windows = {}, .low = 0, .high = 1'000'000'000};
  ByteWriter writer;
  CollectRanked(request, values).Encode(&writer);
  EXPECT_LT(writer.bytes().size(), 200U);
}

TEST(RankedValues, NoValuesShowNothing) {
  const Shown shown = ShowAll({{}, {}}, 10);
  EXPECT_TRUE(shown.values.empty());
  EXPECT_EQ(shown.rounds, 1);
}

TEST(RankedValues, RefuseAPartialOfAnotherRound) {
  const auto ignore = [](int64_t, int64_t) {};
  const std::vector<int64_t> values = {1, 2, 3};
  RankedValues ranked(10);
  const RankedPartial totals = CollectRanked(*ranked.Next(), values);
  ASSERT_TRUE(ranked.Absorb(totals, ignore).ok());
  EXPECT_EQ(ranked.Absorb(totals, ignore).code(), absl::StatusCode::kInternal) << "values are missing";
  EXPECT_EQ(ranked.Absorb(totals, ignore).code(), absl::StatusCode::kInternal) << "it is over";
}

struct Row {
  uint64_t group = 0;
  int64_t value = 0;
};

std::map<std::string, GroupedQuantiles::Group> Quantiles(const std::vector<std::vector<Row>>& shards,
                                                         const std::vector<QuantileTarget>& targets,
                                                         int64_t count_min) {
  GroupedQuantiles quantiles(targets, count_min, 1000);
  while (const auto request = quantiles.Next()) {
    GroupedPartial merged;
    for (const auto& shard : shards) {
      std::vector<std::pair<uint64_t, int64_t>> rows;
      for (const Row& row : shard) rows.emplace_back(row.group, row.value);
      merged.Merge(ThroughBytes(
          CountGroups(ThroughBytes(*request), &rows, [](uint64_t code) { return "group " + std::to_string(code); })));
    }
    EXPECT_TRUE(quantiles.Absorb(merged).ok());
  }
  return quantiles.Result();
}

TEST(GroupedQuantiles, EqualSortingWithinEachGroup) {
  const std::vector<QuantileTarget> targets = {{1, 2}, {4, 5}};
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    std::vector<std::vector<Row>> shards(1 + random() % 4);
    std::map<std::string, std::vector<int64_t>> all;
    for (size_t i = 0; i < 500; ++i) {
      const Row row{random() % 12 * (random() % 2), Draw(seed + i % 2, &random)};
      shards[random() % shards.size()].push_back(row);
      all["group " + std::to_string(row.group)].push_back(row.value);
    }
    const int64_t count_min = 20;
    const auto result = Quantiles(shards, targets, count_min);
    size_t large = 0;
    for (auto& [name, values] : all) {
      if (static_cast<int64_t>(values.size()) < count_min) {
        EXPECT_FALSE(result.contains(name)) << name << " is too small";
        continue;
      }
      ++large;
      ASSERT_TRUE(result.contains(name)) << name;
      std::sort(values.begin(), values.end());
      const GroupedQuantiles::Group& group = result.at(name);
      EXPECT_EQ(group.count, static_cast<int64_t>(values.size()));
      EXPECT_EQ(group.values,
                (std::vector<int64_t>{values[(values.size() + 1) / 2 - 1], values[(4 * values.size() + 4) / 5 - 1]}));
    }
    EXPECT_GT(large, 3U);
    EXPECT_EQ(result.size(), large);
  }
}

TEST(GroupedQuantiles, MoreGroupsThanAllowedGiveNone) {
  GroupedQuantiles quantiles({{1, 2}}, 1, 2);
  std::vector<std::pair<uint64_t, int64_t>> rows = {{1, 5}, {2, 5}, {3, 5}};
  const auto name = [](uint64_t code) { return std::to_string(code); };
  ASSERT_TRUE(quantiles.Absorb(CountGroups(*quantiles.Next(), &rows, name)).ok());
  EXPECT_TRUE(quantiles.too_many());
  EXPECT_FALSE(quantiles.Next().has_value());
  EXPECT_TRUE(quantiles.Result().empty());
}

}  // namespace
}  // namespace strata
