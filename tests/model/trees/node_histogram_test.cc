#include "model/trees/node_histogram.h"

#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include "tests/model/trees/drawn_problem.h"

namespace strata {
namespace {

struct Counted {
  Counted(size_t rows, size_t features, Draws* draws) : bins(rows, features) {
    for (size_t j = 0; j < features; ++j) {
      for (uint8_t& bin : bins.column(j)) bin = static_cast<uint8_t>(draws->Whole(0, 255));
    }
  }

  // By the definition.
  NodeHistogram Slow(const std::vector<uint32_t>& which) const {
    NodeHistogram histogram(bins.features());
    for (const uint32_t i : which) {
      for (size_t j = 0; j < bins.features(); ++j) {
        const size_t cell = j * kMaxBins + bins.column(j)[i];
        histogram.n[cell] += 1;
        histogram.g[cell] += g[i];
        histogram.h[cell] += h[i];
      }
      histogram.g_exact += gradients[i].g;
      histogram.h_exact += gradients[i].h;
    }
    return histogram;
  }

  void AddRow(int64_t gradient, int64_t hessian, int32_t g_exact, int32_t h_exact) {
    g.push_back(gradient);
    h.push_back(hessian);
    gradients.push_back(PackedRow(gradient, hessian, g_exact, h_exact));
  }

  BinnedRows bins;
  std::vector<int64_t> g, h;
  std::vector<GradientRow> gradients;
};

Counted DrawCounted(size_t rows, size_t features, Draws* draws) {
  Counted drawn(rows, features, draws);
  for (size_t i = 0; i < rows; ++i) {
    const auto any = [&](int64_t most) { return static_cast<int32_t>(draws->Whole(0, most)); };
    drawn.AddRow(draws->Whole(-8191, 8191), draws->Whole(1, 16384), any(1 << 30) - any(1 << 30), any(1 << 28));
  }
  return drawn;
}

NodeHistogram Count(const Counted& drawn, const uint32_t* which, size_t count) {
  const BinnedRows& bins = drawn.bins;
  return CountRows(RowMajorBins(bins.bins(), bins.stride(), bins.rows(), bins.features()), drawn.gradients, which,
                   count);
}

TEST(NodeHistogram, CountsAsTheDefinitionDoesOnAnyNumberOfThreads) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Draws draws(seed);
    const auto rows = static_cast<size_t>(draws.Whole(0, draws.OneIn(4) ? 30'000 : 500));
    const Counted drawn = DrawCounted(rows, seed, &draws);  // 1 to 60 features
    std::vector<uint32_t> all, some;
    for (uint32_t i = 0; i < rows; ++i) {
      all.push_back(i);
      if (!draws.OneIn(3)) some.push_back(i);
    }
    for (const int threads : {1, 2}) {
      tbb::task_arena(threads).execute([&] {
        EXPECT_EQ(Count(drawn, nullptr, rows), drawn.Slow(all)) << "seed " << seed;
        EXPECT_EQ(Count(drawn, some.data(), some.size()), drawn.Slow(some)) << "seed " << seed;
      });
    }
  }
}

TEST(NodeHistogram, ExtremesInOneBinFillTheirFieldsAndNoMore) {
  for (const int64_t extreme : {-8191, 8191}) {
    Draws draws(1);
    Counted drawn(3 * kPackedRowsMax, 5, &draws);
    for (size_t j = 0; j < 5; ++j) std::fill(drawn.bins.column(j).begin(), drawn.bins.column(j).end(), uint8_t{255});
    std::vector<uint32_t> all;
    for (uint32_t i = 0; i < 3 * kPackedRowsMax; ++i) {
      drawn.AddRow(extreme, 16384, static_cast<int32_t>(extreme << 17), 1 << 28);
      all.push_back(i);
    }
    const NodeHistogram counted = Count(drawn, nullptr, all.size());
    EXPECT_EQ(counted, drawn.Slow(all));
    EXPECT_EQ(counted.Total(), (GradientSums{12'000, 12'000 * extreme, 12'000 * 16384}));
  }
}

TEST(NodeHistogram, PartsMergeToTheWholeAndTheWholeLessAPartIsTheRest) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Draws draws(seed);
    const Counted drawn = DrawCounted(400, 6, &draws);
    std::vector<std::vector<uint32_t>> parts(3);
    for (uint32_t i = 0; i < 400; ++i) parts[static_cast<size_t>(draws.Whole(0, 2))].push_back(i);
    const NodeHistogram all = Count(drawn, nullptr, 400);
    NodeHistogram merged, reversed;  // the empty one is neutral
    for (size_t i = 0; i < 3; ++i) merged.Merge(Count(drawn, parts[i].data(), parts[i].size()));
    for (size_t i = 3; i-- > 0;) reversed.Merge(Count(drawn, parts[i].data(), parts[i].size()));
    EXPECT_EQ(merged, all) << "seed " << seed;
    EXPECT_EQ(reversed, all) << "seed " << seed;
    merged.Subtract(Count(drawn, parts[1].data(), parts[1].size()));
    NodeHistogram rest = Count(drawn, parts[0].data(), parts[0].size());
    rest.Merge(Count(drawn, parts[2].data(), parts[2].size()));
    EXPECT_EQ(merged, rest) << "seed " << seed;
  }
}

TEST(NodeHistogram, EncodingLosesNothingAndUnevenArraysAreRefused) {
  Draws draws(3);
  const NodeHistogram histogram = Count(DrawCounted(100, 3, &draws), nullptr, 100);
  ByteWriter writer;
  histogram.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(NodeHistogram::Decode(&reader), histogram);
  EXPECT_TRUE(reader.Finish("a histogram").ok());

  NodeHistogram uneven = histogram;
  uneven.g.pop_back();
  ByteWriter damaged;
  uneven.Encode(&damaged);
  ByteReader refusing(damaged.bytes());
  NodeHistogram::Decode(&refusing);
  EXPECT_FALSE(refusing.ok());
}

}  // namespace
}  // namespace strata
