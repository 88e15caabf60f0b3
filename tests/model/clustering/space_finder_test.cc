// The space of a base: against sorting and plain sums over all customers at once, the same in any split into shards.
#include "model/clustering/space_finder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "tests/model/clustering/space_fit.h"

namespace strata {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<MadeCustomer> Drawn(uint64_t seed, size_t n) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> spread(3, 1);
  std::vector<MadeCustomer> customers;
  for (size_t i = 0; i < n; ++i) {
    MadeCustomer& customer = customers.emplace_back();
    customer.x = random() % 12 == 0 ? kNone : spread(random);
    customer.y = static_cast<double>(random() % 7) - 2;
    const uint64_t word = random() % 100;
    customer.g = word < 50 ? "common" : word < 80 ? "rare" : word < 95 ? fmt::format("w{}", random() % 90) : "";
    customer.purchase_days = random() % 20 == 0 ? 0 : 1;
  }
  return customers;
}

std::vector<double> ValuesOf(const std::vector<MadeCustomer>& customers, double MadeCustomer::*of) {
  std::vector<double> values;
  for (const MadeCustomer& customer : customers) {
    if (customer.purchase_days > 0) values.push_back(customer.*of);
  }
  return values;
}

std::vector<double> PresentOf(const std::vector<MadeCustomer>& customers, double MadeCustomer::*of) {
  std::vector<double> values = ValuesOf(customers, of);
  std::erase_if(values, [](double value) { return std::isnan(value); });
  std::sort(values.begin(), values.end());
  return values;
}

// The quantile of sorted values that the header names: the ceil(n q)-th.
double Quantile(const std::vector<double>& sorted, int64_t millionths) {
  const auto n = static_cast<int64_t>(sorted.size());
  const int64_t rank = std::max<int64_t>(1, (n * millionths + 999'999) / 1'000'000);
  return sorted[static_cast<size_t>(rank - 1)];
}

TEST(SpaceFinder, IsTheSameInAnySplitAndOrder) {
  const std::vector<MadeCustomer> customers = Drawn(1, 600);
  for (const uint32_t sample : {50U, 32'768U}) {
    Wanted wanted{.features = {Feature("x", Transform::kYeoJohnson), Feature("g", Transform::kCategory),
                               Feature("y", Transform::kNone, Scale::kRobust)},
                  .weight = "x",
                  .sample = sample};
    wanted.features[0].winsorise = {10'000, 990'000};
    const SpaceFit one = Find(wanted, customers, 1);
    EXPECT_EQ(one.Sample().hash.size(), std::min<size_t>(sample, static_cast<size_t>(one.customers())));
    for (const uint32_t shards : {3U, 64U, 601U}) {
      const SpaceFit many = Find(wanted, customers, shards, shards);
      EXPECT_EQ(many.space(), one.space()) << shards << " shards";
      EXPECT_EQ(many.Sample().q, one.Sample().q);
      EXPECT_EQ(many.Sample().codes, one.Sample().codes);
      EXPECT_EQ(many.Sample().hash, one.Sample().hash);
      EXPECT_EQ(many.Sample().weights, one.Sample().weights);
    }
  }
}

TEST(SpaceFinder, CountsInTheSampleWhatItWouldCountInRounds) {
  const std::vector<MadeCustomer> customers = Drawn(2, 500);
  Wanted wanted{.features = {Feature("x", Transform::kLog1p, Scale::kMinMax), Feature("y", Transform::kNone),
                             Feature("g", Transform::kCategory)},
                .weight = "y"};
  const SpaceFit in_sample = Find(wanted, customers);
  wanted.sample = 20;
  EXPECT_EQ(Find(wanted, customers).space(), in_sample.space());
}

TEST(SpaceFinder, TakesQuantilesAndBinsThatSortingGives) {
  const std::vector<MadeCustomer> customers = Drawn(3, 777);
  Wanted wanted{.features = {Feature("x", Transform::kNone), Feature("y", Transform::kNone)}, .sample = 10};
  wanted.features[0].winsorise = {20'000, 975'000};
  const SpaceFit finder = Find(wanted, customers);
  const std::vector<double> x = PresentOf(customers, &MadeCustomer::x);
  const NumericFeature& feature = finder.space().numeric[0];
  EXPECT_EQ(feature.present, static_cast<int64_t>(x.size()));
  EXPECT_EQ(feature.present + feature.absent, finder.customers());
  EXPECT_EQ(feature.missing_value, Quantile(x, 500'000));
  EXPECT_EQ(*feature.winsor, (std::array<double, 2>{Quantile(x, 20'000), Quantile(x, 975'000)}));
  EXPECT_EQ(feature.unit, std::exp2(std::floor(std::log2(Quantile(x, 500'000)))));
  for (const NumericFeature& of : finder.space().numeric) {
    const std::vector<double> sorted = PresentOf(customers, of.name == "x" ? &MadeCustomer::x : &MadeCustomer::y);
    std::vector<double> cuts;
    for (int64_t tenth = 1; tenth < 10; ++tenth) {
      const double decile = Quantile(sorted, tenth * 100'000);
      if (decile < sorted.back() && (cuts.empty() || decile > cuts.back())) cuts.push_back(decile);
    }
    EXPECT_EQ(of.bin_cuts, cuts) << of.name;
    std::vector<int64_t> counts(of.bin_cuts.size() + 1, 0);
    for (const double value : sorted) ++counts[of.BinOf(value)];
    EXPECT_EQ(of.bin_counts, counts) << of.name;
    EXPECT_THAT(counts, Each(testing::Gt(0))) << of.name;
  }
}

struct ScaleCase {
  Transform transform;
  Scale scale;
};

TEST(SpaceFinder, ScalesByWhatPlainSumsGive) {
  const std::vector<MadeCustomer> customers = Drawn(4, 500);
  for (const ScaleCase& c :
       {ScaleCase{Transform::kNone, Scale::kStandard}, ScaleCase{Transform::kLog1p, Scale::kRobust},
        ScaleCase{Transform::kYeoJohnson, Scale::kMinMax}, ScaleCase{Transform::kNone, Scale::kNone},
        ScaleCase{Transform::kLog1p, Scale::kNone}}) {
    SCOPED_TRACE(testing::Message() << Name(c.transform) << ' ' << Name(c.scale));
    const SpaceFit finder = Find({.features = {Feature("x", c.transform, c.scale)}, .sample = 100}, customers);
    const NumericFeature& feature = finder.space().numeric[0];
    const std::vector<double> raw = ValuesOf(customers, &MadeCustomer::x);
    std::vector<double> y(raw.size());
    TransformOnGrid(feature, raw, PlainKernels(), y);
    double sum = 0, squares = 0;
    for (double& value : y) sum += value *= 0x1p-20;
    const double mean = sum / static_cast<double>(y.size());
    for (const double value : y) squares += (value - mean) * (value - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(y.size()));
    std::vector<double> quartiles;
    for (const int64_t share : {250'000, 500'000, 750'000}) {
      const double value = Quantile(PresentOf(customers, &MadeCustomer::x), share);
      double of = 0;
      TransformOnGrid(feature, {&value, 1}, PlainKernels(), {&of, 1});
      quartiles.push_back(of * 0x1p-20);
    }
    const auto [least, greatest] = std::minmax_element(y.begin(), y.end());
    const double middle = c.scale == Scale::kRobust   ? quartiles[1]
                          : c.scale == Scale::kMinMax ? (*least + *greatest) / 2
                                                      : mean;
    const double width = c.scale == Scale::kRobust   ? (quartiles[2] - quartiles[0]) / 1.349
                         : c.scale == Scale::kMinMax ? *greatest - *least
                         : c.scale == Scale::kNone   ? (c.transform == Transform::kNone ? 1 / feature.unit : 1)
                                                     : deviation;
    EXPECT_NEAR(feature.mean, middle, 1e-9 * std::fabs(middle));
    EXPECT_NEAR(feature.deviation, width, 1e-9 * width);
  }
}

TEST(SpaceFinder, ChoosesTheFinestGridThatHoldsEverybody) {
  std::vector<MadeCustomer> customers(3000);
  for (size_t i = 0; i < customers.size(); ++i) customers[i].x = static_cast<double>(i % 3);
  EXPECT_EQ(Find({.features = {Feature("x", Transform::kNone)}}, customers).space().grid_bits, 12);
  ClusterFeatureSettings scaleless = Feature("x", Transform::kNone, Scale::kNone);
  for (const auto& [far, bits] : {std::pair(1000.0, 12), std::pair(1500.0, 11), std::pair(200'000.0, 4)}) {
    customers[17].x = far;
    const SpaceFit finder = Find({.features = {scaleless}}, customers);
    EXPECT_EQ(finder.space().grid_bits, bits) << far;
    std::vector<int32_t> grid(1);
    int64_t beyond = 0;
    ScaleOnGrid(finder.space().numeric[0], bits, std::vector<double>{far}, WidestKernels(), grid, &beyond);
    EXPECT_EQ(beyond, 0);
  }
}

TEST(SpaceFinder, KeepsTheWordsOfMostCustomers) {
  std::vector<MadeCustomer> customers;
  // w000 .. w079, the later the more; w000 and w001 share the count that is cut.
  for (int word = 0; word < 80; ++word) {
    for (int i = 0; i < 2 + word / 2; ++i) {
      customers.emplace_back().g = fmt::format("w{:03}", word);
    }
  }
  customers.emplace_back();  // without a word
  const SpaceFit finder = Find({.features = {Feature("g", Transform::kCategory)}, .sample = 10}, customers, 5);
  const CategoryFeature& category = finder.space().categories[0];
  ASSERT_EQ(category.words.size(), kMaxLevels);
  EXPECT_EQ(category.words[0], "(none)");
  EXPECT_EQ(category.words[1], "(other)");
  EXPECT_EQ(category.words[2], "w018");
  EXPECT_EQ(category.words.back(), "w079");
  EXPECT_EQ(category.counts[0], 1);
  int64_t others = 0;
  for (int word = 0; word < 18; ++word) others += 2 + word / 2;
  EXPECT_EQ(category.counts[1], others);
  EXPECT_EQ(category.counts[2], 11);
  EXPECT_THAT(finder.warnings(), ElementsAre(fmt::format("g: 18 words that are less frequent than the first 63 count as "
                                                         "one, with {} customers",
                                                         others)));
  // 62 of 80 words stay; of w017, w018 and w019, now equally frequent, the first two by bytes.
  customers.emplace_back().g = "w017";
  const SpaceFit tied = Find({.features = {Feature("g", Transform::kCategory)}, .sample = 10}, customers, 5);
  const std::vector<std::string>& words = tied.space().categories[0].words;
  EXPECT_THAT(std::vector(words.begin() + 2, words.begin() + 5), ElementsAre("w017", "w018", "w020"));
}

TEST(SpaceFinder, WeighsByTheMeanOfWhatIsAboveZero) {
  std::vector<MadeCustomer> customers(5);
  const double weights[] = {10, 30, 0, -8, kNone};
  for (size_t i = 0; i < 5; ++i) {
    customers[i].x = static_cast<double>(i);
    customers[i].y = weights[i];
  }
  const SpaceFit finder = Find({.features = {Feature("x", Transform::kNone)}, .weight = "y"}, customers, 2);
  EXPECT_EQ(finder.space().weight_unit, 20);
  std::vector<int32_t> sorted = finder.Sample().weights;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_THAT(sorted, ElementsAre(0, 0, 0, 128, 384));
  EXPECT_THAT(finder.warnings(), ElementsAre("weight by y: 3 customers have no value above 0 and weigh nothing"));

  for (MadeCustomer& customer : customers) customer.y = -1;
  const SpaceFit without = Find({.features = {Feature("x", Transform::kNone)}, .weight = "y"}, customers, 2);
  EXPECT_EQ(without.space().weight_column, "");
  EXPECT_THAT(without.Sample().weights, IsEmpty());
  EXPECT_THAT(without.warnings(), ElementsAre(HasSubstr("no customer has a value of y above 0")));

  customers.assign(401, {.x = 1, .y = 1});
  customers[7] = {.x = 2, .y = 1e9};  // 401 times the mean
  for (const uint32_t shards : {1, 3}) {
    const SpaceFit odd = Find({.features = {Feature("x", Transform::kNone)}, .weight = "y"}, customers, shards);
    EXPECT_THAT(odd.warnings(), ElementsAre("weight by y: 400 have less than a 512th of the mean and weigh nothing; 1 "
                                            "have more than 256 times the mean and weigh that much"));
  }
}

TEST(SpaceFinder, TreatsMissingValuesByTheirRule) {
  std::vector<MadeCustomer> customers(9);
  for (size_t i = 0; i < 9; ++i) customers[i].x = i < 3 ? kNone : static_cast<double>(i);  // 3..8
  Wanted wanted{.features = {Feature("x", Transform::kNone)}};
  const SpaceFit median = Find(wanted, customers);
  EXPECT_EQ(median.space().numeric[0].missing_value, 5);  // the lower one of 3..8
  EXPECT_EQ(median.customers(), 9);
  wanted.features[0].missing = MissingRule::kZero;
  const SpaceFit zero = Find(wanted, customers);
  EXPECT_EQ(zero.space().numeric[0].missing_value, 0);
  EXPECT_NEAR(zero.space().numeric[0].mean * zero.space().numeric[0].unit, 33 / 9.0, 1e-6);
  wanted.features[0].missing = MissingRule::kExclude;
  const SpaceFit exclude = Find(wanted, customers);
  EXPECT_EQ(exclude.customers(), 6);
  EXPECT_EQ(exclude.Sample().hash.size(), 6U);
  EXPECT_EQ(exclude.space().numeric[0].absent, 3);
  EXPECT_THAT(exclude.warnings(), ElementsAre(HasSubstr("3 customers without a value are in no cluster")));
}

// The features that a job without any is clustered on keep their meaning: of one base by the old, obvious formulas.
TEST(SpaceFinder, MakesTheDefaultFeatures) {
  const TestBase base(RandomRows(5, 300, 9'000, 10'000), 10'000, 0, 4);
  SpaceFit finder(DefaultClusterFeatures(), "", 32'768, 1);
  RunFit(&finder, base.shards());
  ASSERT_EQ(finder.space().d(), 5U);
  std::vector<double> sums(5, 0);
  int64_t n = 0;
  for (const ShardFeatures& shard : base.shards()) {
    const CustomerColumns& of = shard.today;
    for (size_t i = 0; i < of.size(); ++i) {
      if (of.purchase_days[i] == 0) continue;
      const double net = static_cast<double>(of.net_micros[i]) / 1e6 / of.purchase_days[i];
      sums[0] += std::log1p(of.as_of - of.last_day[i]);
      sums[1] += std::log1p(of.purchase_days[i]);
      sums[2] += std::copysign(std::log1p(std::fabs(net)), net);
      sums[3] += std::log1p(of.as_of - of.first_day[i]);
      sums[4] += static_cast<double>(of.return_rows[i]) / of.rows[i];
      ++n;
    }
  }
  EXPECT_EQ(finder.customers(), n);
  const char* const names[] = {"log1p_recency_days", "log1p_purchase_days", "signed_log1p_net_per_purchase_day",
                               "log1p_tenure_days", "return_share"};
  for (size_t f = 0; f < 5; ++f) {
    const NumericFeature& feature = finder.space().numeric[f];
    EXPECT_EQ(feature.name, names[f]);
    EXPECT_NEAR(feature.mean * (feature.transform == Transform::kNone ? feature.unit : 1),
                sums[f] / static_cast<double>(n), 1e-6);
  }
}

}  // namespace
}  // namespace strata
