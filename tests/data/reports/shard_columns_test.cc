// The columns that reports and segments see, against the list that job files are checked with, and cell by cell.
#include "data/reports/shard_columns.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/score.h"
#include "run/segments/score_names.h"
#include "tests/base/status_matchers.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10500;

FittedModels ModelsOfAll() {
  FittedModels models;
  models.rfm.emplace();
  models.rfm->customers = 1;
  models.rfm->recency_cuts_days = {5, 20, 60, 150};
  models.rfm->frequency_cuts = {1, 2, 4, 8};
  models.rfm->monetary_cuts_micros = {10, 100, 1000, 10'000};
  models.clustering.emplace();
  models.lifetime.emplace();
  models.churn.emplace();
  models.schemes.emplace();
  models.schemes->value.emplace();
  models.schemes->peers.emplace();
  models.schemes->life_cycle.emplace();
  for (auto& level : models.schemes->levels) level.emplace();
  return models;
}

struct Made {
  explicit Made(const FittedModels& models, const CustomerColumns& today) {
    const ColumnSet profile;
    classes = *ScoreCustomers(models, today, &profile, &scores, WidestKernels());
    columns = ShardColumns::Make(models, today, scores, classes, nullptr);
  }
  std::vector<CustomerScore> scores;
  ClassCodes classes;
  absl::StatusOr<ShardColumns> columns;
};

bool IsOfTheProfile(const ScoreName& name) {
  return name.part == ScorePart::kProfile || name.part == ScorePart::kWindowedRfm;
}

TEST(ShardColumns, AreThoseThatJobFilesMayName) {
  const FittedModels models = ModelsOfAll();
  const TestBase base(RandomRows(3, 200, kAsOf - 300, kAsOf), kAsOf, 0, 1);
  const Made made(models, base.shards()[0].today);
  ASSERT_OK(made.columns);
  std::set<std::string> expected, found;
  for (const ScoreName& name : ScoreNames()) {
    if (IsOfTheProfile(name)) continue;
    expected.emplace(name.name);
    const Column* column = made.columns->set().Find(name.name);
    if (column != nullptr) {
      EXPECT_EQ(column->type, name.type) << name.name;
    }
  }
  for (const Column& column : made.columns->set().columns()) found.insert(column.name);
  EXPECT_EQ(found, expected);
}

TEST(ShardColumns, AreTheSameOnesWithoutCustomers) {
  const FittedModels models = ModelsOfAll();
  const TestBase base(RandomRows(3, 50, kAsOf - 300, kAsOf), kAsOf, 0, 1);
  const Made some(models, base.shards()[0].today), none(models, CustomerColumns{.as_of = kAsOf});
  ASSERT_OK(some.columns);
  ASSERT_OK(none.columns);
  const auto& columns = some.columns->set().columns();
  ASSERT_EQ(none.columns->set().columns().size(), columns.size());
  for (size_t i = 0; i < columns.size(); ++i) EXPECT_EQ(none.columns->set().columns()[i].name, columns[i].name);
}

TEST(ShardColumns, SayWhatTheScoreSaysAndNothingWhereNothingIsKnown) {
  const FittedModels models = ModelsOfAll();
  const TestBase base(RandomRows(5, 300, kAsOf - 300, kAsOf), kAsOf, 0, 1);
  const CustomerColumns& today = base.shards()[0].today;
  const Made made(models, today);
  ASSERT_OK(made.columns);
  const ColumnSet& set = made.columns->set();
  int without_purchase = 0;
  for (size_t i = 0; i < today.size(); ++i) {
    const CustomerScore& score = made.scores[i];
    const bool bought = today.purchase_days[i] > 0;
    without_purchase += bought ? 0 : 1;
    EXPECT_EQ(set.Find("last_purchase_date")->whole[i], bought ? int64_t{today.last_day[i]} : kNoWhole);
    EXPECT_EQ(set.Find("first_day")->whole[i], bought ? int64_t{today.first_day[i]} : kNoWhole);
    EXPECT_EQ(set.Find("no_purchase")->whole[i], bought ? 0 : 1);
    EXPECT_EQ(set.Find("net")->whole[i], today.net_micros[i]);
    EXPECT_EQ(set.Find("purchase_days")->whole[i], today.purchase_days[i]);
    EXPECT_EQ(set.Find("recency_score")->whole[i], bought ? int64_t{score.recency_score} : kNoWhole);
    const Column* segment = set.Find("rfm_segment");
    const uint8_t code = made.classes.codes[static_cast<size_t>(SchemeId::kRfm)][i];
    const std::string word = segment->code[i] < 0 ? "" : segment->words[static_cast<size_t>(segment->code[i])];
    EXPECT_EQ(word, code == 0 ? "" : ClassNamesOf(models, SchemeId::kRfm)[code - 1]);
  }
  EXPECT_GT(without_purchase, 0);
}

TEST(ShardColumns, ScoresOfOthersAreRefused) {
  const FittedModels models = ModelsOfAll();
  const TestBase base(RandomRows(3, 50, kAsOf - 300, kAsOf), kAsOf, 0, 1);
  const CustomerColumns& today = base.shards()[0].today;
  Made made(models, today);
  made.scores.pop_back();
  EXPECT_THAT(ShardColumns::Make(models, today, made.scores, made.classes, nullptr),
              FailsWith(absl::StatusCode::kInternal, "SCORES_MISMATCH"));
  made.scores.emplace_back();
  made.classes.codes[static_cast<size_t>(SchemeId::kGrade)].clear();
  EXPECT_THAT(ShardColumns::Make(models, today, made.scores, made.classes, nullptr), SaysThat("classes of grade"));
}

}  // namespace
}  // namespace strata
