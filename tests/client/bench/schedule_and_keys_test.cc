// Due times and keys: pure functions of the seed, with the laws they claim.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "base/hash.h"
#include "client/bench/arrival_schedule.h"
#include "client/bench/key_chooser.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

std::vector<Arrival> First(ArrivalSchedule schedule, int count) {
  std::vector<Arrival> arrivals;
  for (int i = 0; i < count; ++i, schedule.Advance()) arrivals.push_back(schedule.next());
  return arrivals;
}

TEST(ArrivalSchedule, ConstantSpacingIsExact) {
  using Due = std::vector<Arrival>;
  EXPECT_EQ(First(ArrivalSchedule(ArrivalShape::kConstant, 1'000'000, 1), 3),
            (Due{{0, 0}, {1, 1'000'000}, {2, 2'000'000}}));
  EXPECT_EQ(First(ArrivalSchedule(ArrivalShape::kConstant, 3'000, 7), 4),
            (Due{{0, 0}, {1, 333'333'333}, {2, 666'666'666}, {3, 1'000'000'000}}))
      << "a third of a second never drifts";
  EXPECT_EQ(First(ArrivalSchedule(ArrivalShape::kConstant, kMilliRateMin, 1), 2)[1], (Arrival{1, 1'000'000'000'000}));
  EXPECT_EQ(First(ArrivalSchedule(ArrivalShape::kConstant, kMilliRateMax, 1), 5)[4], (Arrival{4, 400}));
}

TEST(ArrivalSchedule, PoissonGapsAreTheInverseOfTheKeyedDraws) {
  const auto arrivals = First(ArrivalSchedule(ArrivalShape::kPoisson, 250'000, 42), 1'000);
  double due_ns = 0;
  for (uint64_t i = 0; i < arrivals.size(); ++i) {
    due_ns += -std::log(1 - UnitInterval(KeyedDraw(42, kArrivalRound, i))) * 4e6;
    EXPECT_NEAR(static_cast<double>(arrivals[i].due_ns), due_ns, 0.5 * static_cast<double>(i + 1));
  }
}

TEST(ArrivalSchedule, PoissonArrivalsHaveThePoissonMeanAndVariance) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    constexpr int kWindows = 2'000;  // of 10 ms with 50 arrivals each on average
    std::vector<int> counts(kWindows);
    ArrivalSchedule schedule(ArrivalShape::kPoisson, 5'000'000, seed);
    for (; schedule.next().due_ns < kWindows * int64_t{10'000'000}; schedule.Advance()) {
      ++counts[static_cast<size_t>(schedule.next().due_ns / 10'000'000)];
    }
    double mean = 0, variance = 0;
    for (const int count : counts) mean += count / static_cast<double>(kWindows);
    for (const int count : counts) variance += (count - mean) * (count - mean) / (kWindows - 1);
    // Five standard errors: sqrt(50 / 2000) of the mean, 50 sqrt(2 / 2000) of the variance.
    EXPECT_NEAR(mean, 50, 5 * 0.158) << "seed " << seed;
    EXPECT_NEAR(variance, 50, 5 * 1.58) << "seed " << seed;
  }
}

TEST(ArrivalSchedule, ItsPartsAreTheWhole) {
  for (const ArrivalShape shape : {ArrivalShape::kConstant, ArrivalShape::kPoisson}) {
    std::vector<Arrival> dealt(30);
    for (int64_t part = 0; part < 3; ++part) {
      for (const Arrival& arrival : First(ArrivalSchedule(shape, 777'000, 5, part, 3), 10)) {
        EXPECT_EQ(arrival.index % 3, part);
        dealt[static_cast<size_t>(arrival.index)] = arrival;
      }
    }
    EXPECT_EQ(dealt, First(ArrivalSchedule(shape, 777'000, 5), 30)) << Name(shape);
  }
}

TEST(KeyChooser, IsAPureFunctionOfSeedAndQuestion) {
  const KeyChooser a({.law = KeyLaw::kUniform, .zipf_s = 0, .unknown_ratio = 0.5, .seed = 9}, 100, 10);
  const KeyChooser b({.law = KeyLaw::kUniform, .zipf_s = 0, .unknown_ratio = 0.5, .seed = 9}, 100, 10);
  const KeyChooser other({.law = KeyLaw::kUniform, .zipf_s = 0, .unknown_ratio = 0.5, .seed = 10}, 100, 10);
  int same = 0;
  for (int64_t question = 999; question >= 0; --question) {
    EXPECT_EQ(a.Choose(question), b.Choose(question));
    same += a.Choose(question) == other.Choose(question);
  }
  EXPECT_LT(same, 100);
}

TEST(KeyChooser, InOrderGoesRoundAndRound) {
  const KeyChooser chooser({.law = KeyLaw::kInOrder, .zipf_s = 0, .unknown_ratio = 0, .seed = 1}, 3, 0);
  std::vector<uint32_t> order;
  for (int64_t question = 0; question < 7; ++question) order.push_back(chooser.Choose(question).index);
  EXPECT_EQ(order, (std::vector<uint32_t>{0, 1, 2, 0, 1, 2, 0}));
}

TEST(KeyChooser, TheShareOfUnknownIdsIsWhatWasAsked) {
  for (const double ratio : {0.0, 0.01, 0.3, 1.0}) {
    constexpr int kQuestions = 200'000;
    const KeyChooser chooser({.law = KeyLaw::kUniform, .zipf_s = 0, .unknown_ratio = ratio, .seed = 3}, 50, 20);
    int unknown = 0;
    for (int64_t question = 0; question < kQuestions; ++question) {
      const Key key = chooser.Choose(question);
      unknown += key.unknown;
      ASSERT_LT(key.index, key.unknown ? 20u : 50u);
    }
    const double error = std::sqrt(ratio * (1 - ratio) / kQuestions);
    EXPECT_NEAR(unknown / static_cast<double>(kQuestions), ratio, 5 * error) << ratio;
  }
}

// Pearson's statistic of the ranks against a law.
double ChiSquare(const KeyChooser& chooser, const std::vector<double>& law, int questions) {
  std::vector<int> counts(law.size());
  for (int64_t question = 0; question < questions; ++question) ++counts[chooser.Choose(question).index];
  double statistic = 0;
  for (size_t rank = 0; rank < law.size(); ++rank) {
    const double expected = law[rank] * questions;
    statistic += (counts[rank] - expected) * (counts[rank] - expected) / expected;
  }
  return statistic;
}

TEST(KeyChooser, FrequenciesFollowTheLaw) {
  constexpr size_t kIds = 100;
  constexpr int kQuestions = 300'000;
  // 99 degrees of freedom: a right sampler exceeds 161.6 once in 20,000 times; 24 tries are made.
  constexpr double kBound = 161.6;
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const KeyChooser uniform({.law = KeyLaw::kUniform, .zipf_s = 0, .unknown_ratio = 0, .seed = seed}, kIds, 0);
    EXPECT_LT(ChiSquare(uniform, std::vector<double>(kIds, 1.0 / kIds), kQuestions), kBound) << "seed " << seed;
    for (const double s : {0.5, 0.99, 1.2}) {
      std::vector<double> law(kIds);
      double sum = 0;
      for (size_t rank = 0; rank < kIds; ++rank) sum += law[rank] = 1 / std::pow(rank + 1.0, s);
      for (double& share : law) share /= sum;
      const KeyChooser zipf({.law = KeyLaw::kZipf, .zipf_s = s, .unknown_ratio = 0, .seed = seed}, kIds, 0);
      EXPECT_LT(ChiSquare(zipf, law, kQuestions), kBound) << "s " << s << ", seed " << seed;
      EXPECT_GT(ChiSquare(uniform, law, kQuestions), 10 * kBound) << "the statistic tells the laws apart";
    }
  }
}

TEST(KeyLaw, IsReadAndWritten) {
  for (const char* text : {"uniform", "file", "zipf:0.99", "zipf:2"}) {
    KeyOptions options;
    ASSERT_OK(ReadKeyLaw(text, &options));
    EXPECT_EQ(KeyLawWords(options), text);
  }
  for (const char* text :
       {"", "zipf", "zipf:", "zipf:0", "zipf:-1", "zipf:x", "zipf:1x", "zipf:nan", "zipf:99", "Uniform"}) {
    KeyOptions options;
    EXPECT_THAT(ReadKeyLaw(text, &options), FailsWith(absl::StatusCode::kInvalidArgument, "FLAG_INVALID")) << text;
  }
}

}  // namespace
}  // namespace strata
