// Who was there, with which class, and what the old cuts say today.
#include "data/reports/class_history.h"

#include <gtest/gtest.h>

#include "model/classes/value_class.h"

namespace strata {
namespace {

// Customers 1 to 5 by hash, with a margin each; value classes are cut at 100 and 10.
struct Today {
  Today() {
    columns.hash = hash;
    columns.purchase_days = days;
    columns.first_day = day;
    columns.last_day = day;
    columns.net_micros = margin;
    columns.squared_gap_days = gaps;
    columns.as_of = 1000;
    Column column;
    column.name = "margin";
    column.whole = margin;
    profile.Add(column);
  }
  static FittedModels Models(int64_t a_from) {
    FittedModels models;
    models.schemes.emplace();
    models.schemes->value.emplace();
    models.schemes->value->a_from = a_from;
    models.schemes->value->b_from = 10;
    models.schemes->value->c_from = 1;
    return models;
  }
  static std::string Id(size_t row) { return "id" + std::to_string(row); }

  std::vector<uint64_t> hash = {1, 2, 2, 4, 5};
  std::vector<int32_t> days = {1, 1, 1, 1, 1};
  std::vector<Day> day = {990, 990, 990, 990, 990};
  std::vector<int64_t> margin = {500, 150, 20, 5, 500};
  std::vector<int64_t> gaps = {0, 0, 0, 0, 0};
  CustomerColumns columns;
  ColumnSet profile;
};

ScoredCustomer Before(uint64_t hash, std::string_view id, uint8_t value_class) {
  ScoredCustomer customer{.hash = hash, .id = id, .score = {}};
  customer.score.classes[static_cast<size_t>(SchemeId::kValueClass)] = value_class;
  return customer;
}

TEST(ClassHistory, AlignsThePartWithTodaysCustomers) {
  const Today today;
  const std::string ids[] = {Today::Id(0), Today::Id(1), Today::Id(2), Today::Id(3), Today::Id(4)};
  const std::string bytes =
      EncodeLookupPart({Before(1, ids[0], kTierB), Before(2, "id0", kTierC), Before(2, ids[2], kTierA),
                        Before(3, "gone", kTierD), Before(5, ids[4], kTierA), Before(5, "z", kTierB)});
  const LookupPart part = *LookupPart::Open(bytes);
  const FittedModels old_models = Today::Models(600), models = Today::Models(100);
  const FollowedClasses found = CompareClasses(
      {.part = &part, .models = &old_models, .as_of = 970}, models, today.columns,
      [&ids](size_t row) { return std::string_view(ids[row]); }, today.profile);
  const auto slot = static_cast<size_t>(SchemeId::kValueClass);
  EXPECT_EQ(found.history.before.at(slot), (std::vector<uint8_t>{kTierB, 0, kTierA, 0, kTierA}));
  EXPECT_EQ(found.history.by_old_cuts.at(slot), (std::vector<uint8_t>{kTierB, kTierB, kTierB, kTierC, kTierB}));
  EXPECT_EQ(found.history.is_new, (std::vector<bool>{false, true, false, true, false}));
  ASSERT_EQ(found.gone.size(), 3u);
  EXPECT_EQ(found.gone[0].id, "id0") << "the same hash, another id";
  EXPECT_EQ(found.gone[1].id, "gone");
  EXPECT_EQ(found.gone[2].id, "z");
  EXPECT_EQ(found.history.previous_as_of, 970);
  EXPECT_TRUE(found.history.compared.at(slot));
  EXPECT_FALSE(found.history.compared.at(static_cast<size_t>(SchemeId::kLifeCycle)));
}

// A changed window changes sums without anybody having done anything.
TEST(ClassHistory, ClassesBySumsOfAnotherWindowAreNotCompared) {
  const Today today;
  FittedModels old_models, models;
  for (FittedModels* each : {&old_models, &models}) {
    SchemeModels& schemes = each->schemes.emplace();
    schemes.value.emplace().a_from = 10;
    schemes.life_cycle.emplace();
    schemes.peers.emplace();
  }
  const std::string bytes = EncodeLookupPart({{.hash = 1, .id = "a", .score = {}}});
  const LookupPart part = *LookupPart::Open(bytes);
  const auto compared = [&](SchemeId scheme) {
    return CompareClasses(
               {.part = &part, .models = &old_models, .as_of = 970}, models, today.columns,
               [](size_t) { return std::string_view("a"); }, today.profile)
        .history.compared.at(static_cast<size_t>(scheme));
  };
  EXPECT_TRUE(compared(SchemeId::kValueClass) && compared(SchemeId::kStage) && compared(SchemeId::kLifeCycle));
  models.schemes->value->window_days = 90;
  EXPECT_FALSE(compared(SchemeId::kValueClass) || compared(SchemeId::kStage) || compared(SchemeId::kGrade));
  EXPECT_TRUE(compared(SchemeId::kLifeCycle)) << "gaps have no window";
  old_models.schemes->value->window_days = 90;
  EXPECT_TRUE(compared(SchemeId::kValueClass));
  old_models.schemes->value->basis = "net less costs";
  EXPECT_FALSE(compared(SchemeId::kValueClass));
}

TEST(ClassHistory, ClassesOfAnotherGridAreNotCompared) {
  const Today today;
  FittedModels old_models, models;
  old_models.rfm = models.rfm = RfmModel{.scores = 5, .customers = 1};
  old_models.rfm->recency_cuts_days = models.rfm->recency_cuts_days = {1, 2, 3, 4};
  old_models.rfm->frequency_cuts = models.rfm->frequency_cuts = {1, 2, 3, 4};
  old_models.rfm->monetary_cuts_micros = models.rfm->monetary_cuts_micros = {1, 2, 3, 4};
  ScoredCustomer customer{.hash = 1, .id = "a", .score = {}};
  customer.score.recency_score = 3;
  customer.score.classes[static_cast<size_t>(SchemeId::kRfm)] = 2;
  const auto compared = [&] {
    const std::string bytes = EncodeLookupPart({customer});
    const LookupPart part = *LookupPart::Open(bytes);
    const FollowedClasses found = CompareClasses(
        {.part = &part, .models = &old_models, .as_of = 970}, models, today.columns,
        [](size_t) { return std::string_view("a"); }, today.profile);
    return found.history.compared.at(static_cast<size_t>(SchemeId::kRfm));
  };
  EXPECT_TRUE(compared());
  models.rfm->grid = "ten";
  EXPECT_FALSE(compared());
  models.rfm->grid = old_models.rfm->grid;
  models.rfm->window = "last 90 days";
  EXPECT_FALSE(compared());
  models.rfm->window = old_models.rfm->window;
  customer.score.classes[static_cast<size_t>(SchemeId::kRfm)] = 0;
  EXPECT_FALSE(compared()) << "a snapshot of a job that kept scores alone";
}

}  // namespace
}  // namespace strata
