// Nothing that happened after a cutoff of churn is in what churn sees at it: whatever follows is changed, removed and
// added to, and the matrix of the cutoff keeps its bytes; and it is that of a run as of the cutoff.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/date.h"
#include "data/ledger/features.h"
#include "data/profile/cutoff_profile.h"
#include "data/profile/job_churn_plan.h"
#include "model/churn/churn_rows.h"
#include "run/job_file.h"
#include "store/intermediate.h"
#include "tests/worker/job_runner.h"

namespace strata {
namespace {

constexpr uint32_t kShards = 2;
constexpr int kHorizonDays = 60, kViews = 3, kCustomers = 80;
constexpr Day kAsOf = 19'900;
constexpr char kJob[] = R"(name: leak
currency: EUR
shards: 2
sources:
  transactions:
    uri: /unused
    columns: {customer_id: id, time: day, amount: amount, quantity: pieces, order_id: order, promotion_id: promo,
              category: kind, discount: off, region: where, channel: through}
  customers:
    uri: /unused
    columns: {customer_id: id, gender: sex, city: town, birth_date: born, valid_from: since}
    extra:
      tickets: {column: n, type: number}
      seen_at: {column: seen, type: day}
models:
  churn: {horizon_days: 60}
)";

struct Rows {
  std::multimap<Day, std::string> sales, customers;  // lines of the files

  static std::string File(const char* head, const std::multimap<Day, std::string>& lines) {
    std::string text = head;
    for (const auto& [day, line] : lines) text += line + "\n";
    return text;
  }
  std::string SalesFile() const { return File("id,day,amount,pieces,order,promo,kind,off,where,through\n", sales); }
  std::string CustomersFile() const { return File("id,sex,town,born,since,n,seen\n", customers); }
};

void AddSale(std::mt19937_64* random, Day day, Rows* rows) {
  const auto customer = (*random)() % kCustomers;
  const auto amount = static_cast<int>((*random)() % 200) - 20;
  const char* const promotions[] = {"", "", "spring", "xmas"};
  const char* const kinds[] = {"tea", "pots", "books", ""};
  rows->sales.emplace(day, fmt::format("c{},{},{},{},o{},{},{},{},w{},t{}", customer, FormatDay(day), amount,
                                       (*random)() % 4, (*random)() % 500, promotions[(*random)() % 4],
                                       kinds[(*random)() % 4], (*random)() % 3, (*random)() % 3, (*random)() % 2));
}

void AddVersion(std::mt19937_64* random, uint64_t customer, Day day, Rows* rows) {
  const char* const towns[] = {"Ulm", "Bonn", "Kiel", ""};
  rows->customers.emplace(
      day, fmt::format("c{},{},{},{},{},{},{}", customer, (*random)() % 2 == 0 ? "female" : "male",
                       towns[(*random)() % 4], FormatDay(static_cast<Day>(customer * 100)), FormatDay(day),
                       (*random)() % 9, FormatDay(day - static_cast<Day>((*random)() % 30))));
}

Rows RandomHistory(uint64_t seed, Day first, Day last) {
  std::mt19937_64 random(seed);
  Rows rows;
  const auto any_day = [&] { return first + static_cast<Day>(random() % static_cast<uint64_t>(last - first + 1)); };
  for (int i = 0; i < 900; ++i) AddSale(&random, any_day(), &rows);
  for (uint64_t customer = 0; customer < kCustomers; ++customer) {
    for (int versions = static_cast<int>(random() % 4); versions > 0; --versions) {
      AddVersion(&random, customer, any_day(), &rows);
    }
  }
  return rows;
}

Rows UpTo(const Rows& rows, Day day) {
  Rows kept;
  kept.sales.insert(rows.sales.begin(), rows.sales.upper_bound(day));
  kept.customers.insert(rows.customers.begin(), rows.customers.upper_bound(day));
  return kept;
}

// What a run sees of one shard.
struct SeenShard {
  std::shared_ptr<const FileView> feature_view, profile_view;
  FeatureFile features;
  CutoffProfiles profiles;
};

std::vector<SeenShard> RunFeatures(const Rows& rows, Day as_of, int views) {
  JobRunner runner("leak", kJob, kShards);
  const MapResult sales = runner.Mapped(TableId::kTransactions, rows.SalesFile());
  const MapResult customers = runner.Mapped(TableId::kCustomers, rows.CustomersFile());
  StagePlan plan = runner.Plan(Stage::kLedger);
  plan.segments.resize(kShards);
  plan.map_outputs = {sales.output};
  plan.tables = {runner.Planned(TableId::kTransactions, {sales.tables[0].object}),
                 runner.Planned(TableId::kCustomers, {customers.tables[0].object})};
  const std::vector<LedgerResult> ledger = runner.Ledger(plan);
  StagePlan night = runner.Plan(Stage::kFeature);
  night.as_of = as_of;
  night.churn_views = views;
  night.segments.resize(kShards);
  night.tables = {runner.Planned(TableId::kTransactions, {}), runner.Planned(TableId::kCustomers, {})};
  for (uint32_t shard = 0; shard <= kShards; ++shard) {
    if (shard < kShards && !ledger[shard].segment.empty()) night.segments[shard] = {ledger[shard].segment};
    for (size_t table = 0; table < 2; ++table) {
      const ObjectRef& segment = ledger[shard].tables[table].segment;
      if (!segment.empty()) night.tables[table].segments[shard] = {segment};
    }
  }
  std::vector<SeenShard> seen;
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    const auto ran = runner.Run(night, shard);
    EXPECT_THAT(ran, IsOk());
    const FeatureTaskResult result = *FeatureTaskResult::Decode(ran->inline_bytes);
    SeenShard& of = seen.emplace_back();
    of.feature_view = *MapIntermediate(runner.objects(), result.features.key);
    of.profile_view = *MapIntermediate(runner.objects(), result.cutoff_profiles.key);
    of.features = *FeatureFile::Open(of.feature_view->bytes());
    of.profiles = *CutoffProfiles::Open(of.profile_view->bytes());
  }
  return seen;
}

// The matrix of view `view`, 0 that of the run's date, without what became of the customers.
struct Matrix {
  std::vector<uint64_t> hash;
  std::vector<std::vector<int64_t>> wholes;
  std::vector<std::vector<std::string>> words;
  bool operator==(const Matrix&) const = default;
};

Matrix MatrixOf(const ChurnPlan& plan, const SeenShard& seen, size_t view) {
  const ShardFeatures& features = seen.features.features();
  const CustomerColumns& columns = view == 0 ? features.today : features.churn_views[view - 1];
  const ChurnForecasts forecasts({.parameters = {.kind = LifetimeKind::kBgNbd, .value = {0.6, 8, 0.8, 2.4}, .k = 1}},
                                 plan.horizon_days);
  const auto rows =
      ChurnRows::Of(plan, {.columns = &columns, .profile = seen.profiles.columns()[view], .label = {}}, &forecasts);
  EXPECT_THAT(rows, IsOk());
  Matrix matrix;
  for (const uint32_t row : rows->row()) matrix.hash.push_back(columns.hash[row]);
  for (size_t feature = 0; feature < plan.features.size(); ++feature) {
    std::vector<int64_t>& wholes = matrix.wholes.emplace_back();
    std::vector<std::string>& words = matrix.words.emplace_back();
    for (const int64_t whole : rows->wholes(feature)) {
      if (plan.features[feature].type != ColumnType::kText) {
        wholes.push_back(whole);
      } else {
        words.push_back(whole == kNoWhole ? "-" : rows->words(feature)[static_cast<size_t>(whole)]);
      }
    }
  }
  return matrix;
}

void ExpectSame(const ChurnPlan& plan, const Matrix& found, const Matrix& matrix) {
  ASSERT_EQ(found.hash, matrix.hash);
  for (size_t feature = 0; feature < plan.features.size(); ++feature) {
    EXPECT_EQ(found.wholes[feature], matrix.wholes[feature]) << plan.features[feature].name;
    EXPECT_EQ(found.words[feature], matrix.words[feature]) << plan.features[feature].name;
  }
}

ChurnPlan PlanOfJob() { return ChurnPlanOf(*ParseJob(kJob, "j")); }

TEST(Leakage, WhatFollowsACutoffChangesNothingThatItSees) {
  const ChurnPlan plan = PlanOfJob();
  EXPECT_EQ(plan.features.size(), 21u + 18 + 5);  // gender, city, birth_date, tickets, seen_at
  for (const uint64_t seed : {1u, 2u}) {
    const Rows rows = RandomHistory(seed, kAsOf - 700, kAsOf);
    const std::vector<SeenShard> whole = RunFeatures(rows, kAsOf, kViews);
    for (size_t view = 1; view <= kViews; ++view) {
      const Day cutoff = kAsOf - static_cast<Day>(view) * kHorizonDays;
      SCOPED_TRACE(fmt::format("seed {}, cutoff {} days back", seed, kAsOf - cutoff));
      // Another history from the day after the cutoff on.
      Rows other = UpTo(rows, cutoff);
      const Rows later = RandomHistory(seed + 100, cutoff + 1, kAsOf);
      other.sales.insert(later.sales.begin(), later.sales.end());
      other.customers.insert(later.customers.begin(), later.customers.end());
      const std::vector<SeenShard> changed = RunFeatures(other, kAsOf, kViews);
      const std::vector<SeenShard> then = RunFeatures(UpTo(rows, cutoff), cutoff, kViews);
      size_t at_risk = 0, labels_that_differ = 0;
      for (uint32_t shard = 0; shard < kShards; ++shard) {
        const Matrix matrix = MatrixOf(plan, whole[shard], view);
        at_risk += matrix.hash.size();
        ExpectSame(plan, MatrixOf(plan, changed[shard], view), matrix);
        ExpectSame(plan, MatrixOf(plan, then[shard], 0), matrix);
        const CustomerColumns& a = whole[shard].features.features().churn_views[view - 1];
        const CustomerColumns& b = changed[shard].features.features().churn_views[view - 1];
        ASSERT_EQ(a.size(), b.size());
        for (size_t row = 0; row < a.size(); ++row) {
          labels_that_differ += a.future_purchase_days[row] != b.future_purchase_days[row] ? 1 : 0;
        }
      }
      EXPECT_GT(at_risk, 30u);
      EXPECT_GT(labels_that_differ, 10u);
    }
  }
}

TEST(Leakage, EachCutoffHasTheVersionOfItsDate) {
  Rows rows;
  for (const Day day : {kAsOf - 200, kAsOf - 100, kAsOf - 10}) {
    rows.sales.emplace(day, fmt::format("a,{},5,1,o,,,,,", FormatDay(day)));
  }
  rows.customers.emplace(kAsOf - 150, fmt::format("a,male,Ulm,1990-01-01,{},1,2020-01-01", FormatDay(kAsOf - 150)));
  rows.customers.emplace(kAsOf - 5, fmt::format("a,male,Kiel,1991-02-02,{},2,2021-01-01", FormatDay(kAsOf - 5)));
  for (const SeenShard& shard : RunFeatures(rows, kAsOf, kViews)) {
    if (shard.features.features().today.size() == 0) continue;
    const auto value = [&](size_t view, const char* name) {
      return shard.profiles.columns()[view]->Find(name)->whole[0];
    };
    EXPECT_EQ(value(0, "customers.tickets"), 2'000'000);
    EXPECT_EQ(value(1, "customers.tickets"), 1'000'000);
    EXPECT_EQ(value(2, "customers.tickets"), 1'000'000);
    EXPECT_EQ(value(3, "customers.tickets"), kNoWhole) << "not known yet";
    EXPECT_EQ(value(0, "customers.birth_date"), *ParseDay("1991-02-02"));
    EXPECT_EQ(value(2, "customers.birth_date"), *ParseDay("1990-01-01")) << "corrected later";
    EXPECT_EQ(value(3, "customers.birth_date"), kNoWhole) << "not known yet";
    return;
  }
  FAIL() << "the customer is in no shard";
}

}  // namespace
}  // namespace strata
