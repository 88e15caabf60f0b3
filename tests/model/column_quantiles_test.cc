// Percentiles of columns over shards against a sorted list, and as the last rounds of a night.
#include "model/fit/column_quantiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <limits>
#include <random>
#include <vector>

#include "model/fit/night_fit.h"
#include "tests/base/status_matchers.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

TEST(OrderOfNumbers, IsTheirOwnAndComesBack) {
  const std::vector<double> ascending = {
      -std::numeric_limits<double>::max(), -2.5, -1e-300, 0, 1e-310, 0.1, 0.25, 7e200};
  for (size_t i = 0; i < ascending.size(); ++i) {
    EXPECT_EQ(NumberOfOrder(OrderOfNumber(ascending[i])), ascending[i]);
    if (i == 0) continue;
    EXPECT_LT(OrderOfNumber(ascending[i - 1]), OrderOfNumber(ascending[i]));
  }
  EXPECT_EQ(OrderOfNumber(-0.0), OrderOfNumber(0.0));
}

// A column of whole numbers, one of numbers and one that nobody has, by shard.
struct Shard {
  explicit Shard(std::mt19937_64* random) {
    const size_t rows = (*random)() % 200;
    for (size_t i = 0; i < rows; ++i) {
      net.push_back((*random)() % 4 == 0 ? kNoWhole : static_cast<int64_t>((*random)() % 5000) - 900);
      share.push_back((*random)() % 4 == 0 ? kNoNumber : static_cast<double>((*random)() % 1000) / 1000 - 0.3);
    }
    nothing.assign(rows, kNoWhole);
    columns.Add({.name = "net", .type = ColumnType::kMoney, .whole = net});
    columns.Add({.name = "share", .type = ColumnType::kNumber, .number = share});
    columns.Add({.name = "nothing", .type = ColumnType::kInteger, .whole = nothing});
  }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  std::vector<int64_t> net, nothing;
  std::vector<double> share;
  ColumnSet columns;
};

// The smallest value that at least the share of all are not above.
template <typename T>
T Percentile(std::vector<T> values, int64_t share) {
  std::sort(values.begin(), values.end());
  size_t rank = 1;
  while (static_cast<int64_t>(rank) * 1'000'000 < share * static_cast<int64_t>(values.size())) ++rank;
  return values[rank - 1];
}

TEST(ColumnQuantiles, AreThoseOfASortedList) {
  const std::vector<int64_t> shares = {0, 1, 100'000, 500'000, 900'000, 999'999, 1'000'000};
  std::vector<ColumnQuantiles::Target> targets = {{"nothing", 500'000}};
  for (const int64_t share : shares) {
    targets.emplace_back("net", share);
    if (share != 100'000) targets.emplace_back("share", share);
  }
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    std::deque<Shard> shards;
    for (int i = 0; i < 5; ++i) shards.emplace_back(&random);
    ColumnQuantiles quantiles(targets);
    while (const auto request = quantiles.Next()) {
      ByteWriter writer;
      request->Encode(&writer);
      ByteReader reader(writer.bytes());
      ASSERT_EQ(ColumnQuantilesRequest::Decode(&reader), *request);
      GroupedPartial merged;
      for (const Shard& shard : shards) {
        const auto partial = CountColumns(*request, shard.columns);
        ASSERT_OK(partial);
        merged.Merge(*partial);
      }
      ASSERT_OK(quantiles.Absorb(merged));
    }
    std::vector<int64_t> net;
    std::vector<double> numbers;
    for (const Shard& shard : shards) {
      std::copy_if(shard.net.begin(), shard.net.end(), std::back_inserter(net),
                   [](int64_t v) { return v != kNoWhole; });
      std::copy_if(shard.share.begin(), shard.share.end(), std::back_inserter(numbers),
                   [](double v) { return !std::isnan(v); });
    }
    ASSERT_FALSE(net.empty());
    const auto result = quantiles.Result();
    ASSERT_EQ(result.size(), targets.size());
    EXPECT_EQ(result.at({"nothing", 500'000}), std::nullopt);
    for (const int64_t share : shares) {
      EXPECT_EQ(result.at({"net", share}), Percentile(net, share)) << "seed " << seed << " share " << share;
      if (share == 100'000) continue;
      EXPECT_EQ(NumberOfOrder(*result.at({"share", share})), Percentile(numbers, share)) << "seed " << seed;
    }
  }
}

TEST(ColumnQuantiles, SayWhichColumnIsMissing) {
  ColumnQuantiles quantiles({{"margin", 500'000}});
  EXPECT_THAT(CountColumns(*quantiles.Next(), ColumnSet()),
              FailsWith(absl::StatusCode::kInternal, "PERCENTILE_COLUMN_MISSING"));
  EXPECT_EQ(ColumnQuantiles({}).Next(), std::nullopt);
}

TEST(Percentiles, AreTakenWhenTheModelsAreDone) {
  constexpr Day kAsOf = 10400;
  const TestBase base(RandomRows(3, 800, kAsOf - 500, kAsOf), kAsOf, 0, 4);
  std::vector<const ShardFeatures*> shards;
  std::vector<int64_t> days;
  for (const ShardFeatures& shard : base.shards()) {
    shards.push_back(&shard);
    days.insert(days.end(), shard.today.purchase_days.begin(), shard.today.purchase_days.end());
  }
  // Stands for scores: purchase days, and how many cuts the model has that it was sent.
  const ColumnsByModels columns = [](std::string_view models) -> absl::StatusOr<ColumnsOfShard> {
    const auto cuts = static_cast<int64_t>(models.size());
    return ColumnsOfShard([cuts](const ShardFeatures& shard) -> absl::StatusOr<std::shared_ptr<const ColumnSet>> {
      struct Made {
        std::vector<int64_t> days, cuts;
        ColumnSet set;
      };
      const auto made = std::make_shared<Made>();
      made->days.assign(shard.today.purchase_days.begin(), shard.today.purchase_days.end());
      made->cuts.assign(made->days.size(), cuts);
      made->set.Add({.name = "days", .type = ColumnType::kInteger, .whole = made->days});
      made->set.Add({.name = "cuts", .type = ColumnType::kInteger, .whole = made->cuts});
      return std::shared_ptr<const ColumnSet>(made, &made->set);
    });
  };
  NightFitSettings settings{.rfm = RfmFitSettings()};
  settings.percentiles = {{"cuts", 500'000}, {"days", 900'000}};
  settings.encode_models = [](const FittedModels& models) {
    return std::string(models.rfm->recency_cuts_days.size(), 'x');
  };
  NightFit fit(settings);
  while (const auto request = fit.Next()) {
    auto sum = RoundSum::ForRequest(*request, PlainKernels(), columns);
    ASSERT_OK(sum.status());
    sum->Add({shards[0], shards[1]});
    sum->Add({shards[2], shards[3]});
    const auto partial = sum->Take();
    ASSERT_OK(partial);
    ASSERT_OK(fit.Absorb({*partial}));
  }
  EXPECT_EQ(fit.models_left(), 0u);
  EXPECT_EQ(fit.Percentiles().at({"days", 900'000}), Percentile(days, 900'000));
  EXPECT_EQ(fit.Percentiles().at({"cuts", 500'000}), 4) << "of the finished model";
  NightFit without(settings);
  std::optional<std::string> request;
  while (true) {  // rounds of models need no columns
    request = without.Next();
    ASSERT_TRUE(request.has_value());
    const auto partial = AccumulateRound(*request, shards, PlainKernels());
    if (!partial.ok()) break;
    ASSERT_OK(without.Absorb({*partial}));
  }
  EXPECT_EQ(without.models_left(), 1u);
}

}  // namespace
}  // namespace strata
