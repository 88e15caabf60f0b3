// The section models.churn of a job: what it means, and what is refused.
#include "run/job_churn.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "run/job_file.h"

namespace strata {
namespace {

using testing::HasSubstr;

constexpr char kHead[] = R"(name: churn
currency: EUR
sources:
  transactions: {uri: t.csv, columns: {customer_id: c, time: t, amount: a}}
  customers:
    uri: c.csv
    columns: {customer_id: id, gender: sex, age: y, registered_at: r, birth_date: b, consent_profiling: k,
              contract_start: s, contract_end: e, referrer_id: f}
    extra:
      tickets: {column: n, type: number}
      left_at: {column: l, type: day}
)";

absl::StatusOr<Job> Parse(const std::string& churn) {
  return ParseJob(std::string(kHead) + "models:\n  churn: " + churn + "\n", "j");
}

ChurnSettings Read(const std::string& churn) {
  const absl::StatusOr<Job> job = Parse(churn);
  EXPECT_TRUE(job.ok()) << job.status();
  return job.ok() ? *job->churn : ChurnSettings{};
}

TEST(JobChurn, SaysLittleByDefault) {
  const ChurnSettings settings = Read("");
  EXPECT_EQ(settings, ChurnSettings{});
  EXPECT_FALSE(settings.trees);
  EXPECT_EQ(settings.eligible_days, 180);
  EXPECT_EQ(Read("{horizon_days: 30}").eligible_days, 60);
  const ChurnSettings trees = Read("{algorithm: gbdt}");
  EXPECT_TRUE(trees.trees);
  EXPECT_EQ(trees.trees_max, 200);
  EXPECT_EQ(trees.early_stopping, 20);
  EXPECT_EQ(Read("{algorithm: gbdt, early_stopping: none}").trees_max, 100);
  EXPECT_EQ(Read("{algorithm: gbdt, cutoffs: auto}").cutoffs, std::nullopt);
}

TEST(JobChurn, ReadsEveryKeyOfTrees) {
  const ChurnSettings settings = Read(
      "{algorithm: gbdt, horizon_days: 60, eligible_days: 100, cutoffs: 3, static: [customers.gender, "
      "customers.tickets],\n"
      "    features: [recency_days, net_90, customers.gender, customers.tickets],\n"
      "    groups: {service: [customers.tickets], money: [net_90]}, monotone: {recency_days: up, net_90: down},\n"
      "    train_rows: 20000, trees: 300, leaves: 15, learning_rate: 0.05, bins: 63, early_stopping: 10,\n"
      "    min_rows: 50, min_hessian: 0.5, alpha: 0.25, row_share: 0.8, feature_share: 0.5, lambda: 2,\n"
      "    bands: {low: 0.2, high: 0.5}, reasons: all}");
  ChurnSettings expected;
  expected.trees = true;
  expected.horizon_days = 60;
  expected.eligible_days = 100;
  expected.cutoffs = 3;
  expected.fixed_columns = {"customers.gender", "customers.tickets"};
  expected.features = {"recency_days", "net_90", "customers.gender", "customers.tickets"};
  expected.groups = {{"service", {"customers.tickets"}}, {"money", {"net_90"}}};
  expected.monotone = {{"recency_days", 1}, {"net_90", -1}};
  expected.train_rows = 20'000;
  expected.trees_max = 300;
  expected.leaves = 15;
  expected.bins = 63;
  expected.min_rows = 50;
  expected.learning_rate = 0.05;
  expected.min_hessian = 0.5;
  expected.lambda = 2;
  expected.alpha = 0.25;
  expected.row_share = 0.8;
  expected.feature_share = 0.5;
  expected.early_stopping = 10;
  expected.band_low = 200'000;
  expected.band_high = 500'000;
  expected.reasons = ChurnSettings::Reasons::kAll;
  EXPECT_EQ(settings, expected);
}

TEST(JobChurn, ReadsThePenaltyOfTheLogisticModel) {
  const ChurnSettings settings = Read("{lambda: 0.5, l1_ratio: 0.9, reasons: none}");
  EXPECT_EQ(settings.lambda, 0.5);
  EXPECT_EQ(settings.l1_ratio, 0.9);
  EXPECT_EQ(settings.reasons, ChurnSettings::Reasons::kNone);
}

struct Wrong {
  const char* churn;
  const char* message;
};

class WrongChurn : public testing::TestWithParam<Wrong> {};

TEST_P(WrongChurn, IsNamed) {
  const absl::StatusOr<Job> job = Parse(GetParam().churn);
  ASSERT_FALSE(job.ok()) << GetParam().churn;
  EXPECT_EQ(DetailOf(job.status())->reason, "JOB_INVALID");
  EXPECT_THAT(std::string(job.status().message()), HasSubstr(std::string("j:13: models.churn") + GetParam().message));
}

constexpr Wrong kWrong[] = {
    {"{algoritm: gbdt}", ".algoritm: unknown key; did you mean 'algorithm'?"},
    {"{algorithm: forest}", ".algorithm: found 'forest'; allowed: logistic, gbdt"},
    {"{horizon_days: 731}", ".horizon_days: found '731'; allowed: a whole number from 1 to 730"},
    {"{eligible_days: 0}", ".eligible_days: found '0'; allowed: a whole number from 1 to 3650"},
    {"{cutoffs: 7}", ".cutoffs: found '7'; allowed: auto, or a whole number from 1 to 6"},
    {"{features: [recencydays]}", ".features: found 'recencydays'; did you mean 'recency_days'?"},
    {"{features: [customers.registered]}",
     ".features: found 'customers.registered'; did you mean 'customers.registered_at'?"},
    {"{features: [net, net]}", ".features: found 'net' twice; allowed: each once"},
    {"{features: [rfm_segment]}", ".features: found 'rfm_segment', a score, class or column that churn does not see"},
    {"{features: [customers.referrer_id]}", ".features: found 'customers.referrer_id', which holds keys"},
    {"{features: [customers.contract_end]}",
     ".features: found 'customers.contract_end', which cannot be a feature: the end of a contract is the answer"},
    {"{features: [customers.age]}",
     ".features: found 'customers.age', which cannot be a feature: no valid_from; name it under churn.static if it "
     "never changes"},
    {"{features: [customers.city]}",
     ".features: found 'customers.city', for which the job lacks sources.customers.columns.city"},
    {"{features: [basket_trend]}",
     ".features: found 'basket_trend', for which the job lacks sources.transactions.columns.order_id"},
    {"{features: [returned_365]}",
     ".features: found 'returned_365', for which the job lacks a detail of transactions (order_id, product_id, ...)"},
    {"{features: []}", ".features: "},
    {"{static: [customers.agee]}", ".static: found 'customers.agee'; did you mean 'customers.age'?"},
    {"{static: [customers.referrer_id]}", ".static: found 'customers.referrer_id'; allowed: columns of the customers"},
    {"{static: [customers.age, customers.age]}", ".static: found 'customers.age' twice"},
    {"{groups: {money: [nett]}}", ".groups.money: found 'nett'; did you mean 'net'?"},
    {"{groups: {a: [net], b: [net]}}", ".groups.b: found 'net', which is in 'a' already; allowed: each feature in one"},
    {"{features: [net_90], groups: {money: [net]}}",
     ".groups.money: found 'net', which is not among the features; allowed: those of features"},
    {"{algorithm: gbdt, static: [customers.gender], monotone: {customers.gender: up}}",
     ".monotone.customers.gender: it holds words, which neither rise nor fall"},
    {"{algorithm: gbdt, monotone: {net: rising}}", ".monotone.net: found 'rising'; allowed: up, down"},
    {"{monotone: {net: up}}", ".monotone: the algorithm is logistic; allowed: only with gbdt"},
    {"{trees: 10}", ".trees: the algorithm is logistic; allowed: only with gbdt"},
    {"{early_stopping: none}", ".early_stopping: the algorithm is logistic; allowed: only with gbdt"},
    {"{algorithm: gbdt, l1_ratio: 0.5}", ".l1_ratio: the algorithm is gbdt; allowed: only with logistic"},
    {"{algorithm: gbdt, train_rows: 9999}", ".train_rows: found '9999'; allowed: a whole number from 10000 to 4194304"},
    {"{algorithm: gbdt, trees: 501}", ".trees: found '501'; allowed: a whole number from 1 to 500"},
    {"{algorithm: gbdt, leaves: 65}", ".leaves: found '65'; allowed: a whole number from 2 to 64"},
    {"{algorithm: gbdt, bins: 256}", ".bins: found '256'; allowed: a whole number from 2 to 255"},
    {"{algorithm: gbdt, learning_rate: 0}", ".learning_rate: found '0'; allowed: "},
    {"{algorithm: gbdt, early_stopping: 4}",
     ".early_stopping: found '4'; allowed: none, or a whole number from 5 to 100"},
    {"{algorithm: gbdt, row_share: 1.5}", ".row_share: found '1.5'; allowed: "},
    {"{lambda: 0}", ".lambda: found '0'; allowed: a number from 1e-06 to 1000000"},
    {"{l1_ratio: 2}", ".l1_ratio: found '2'; allowed: "},
    {"{bands: {low: 0.7, high: 0.6}}", ".bands: low is 0.7 and high is 0.6; allowed: low less than high"},
    {"{bands: {low: 2}}", ".bands.low: found '2'; allowed: "},
    {"{bands: {medium: 0.5}}", ".bands.medium: unknown key"},
    {"{reasons: some}", ".reasons: found 'some'; allowed: bands, all, none"},
};

INSTANTIATE_TEST_SUITE_P(Keys, WrongChurn, testing::ValuesIn(kWrong));

TEST(JobChurn, HasRoomForSoManyFeatures) {
  std::string columns;
  for (int i = 0; i < 17; ++i) columns += fmt::format("      word_{}: {{column: w{}, type: category}}\n", i, i);
  std::string head = kHead;
  head += columns + "    valid_from: 2024-01-01\n";
  const absl::StatusOr<Job> job = ParseJob(head + "models:\n  churn:\n    horizon_days: 30\n", "j");
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(std::string(job.status().message()),
              HasSubstr("models.churn.features: found 45 features, 18 of them of words; allowed: 96, 16 of them of "
                        "words, at most: name those that matter"));
}

}  // namespace
}  // namespace strata
