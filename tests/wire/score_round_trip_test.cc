#include <gtest/gtest.h>

#include "base/hash.h"
#include "data/snapshot/outlook_fields.h"
#include "model/classes/schemes.h"
#include "strata/v1/score_service.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/wire/drawn_values.h"
#include "wire/churn_scores.h"
#include "wire/outlooks.h"
#include "wire/score_export.h"
#include "wire/scores.h"

namespace strata {
namespace {

// Numbers of a float's digits, as outlooks have them.
struct OutlookDraw {
  Draw* draw;
  CustomerOutlook outlook;

  void Number(std::string_view, double CustomerOutlook::*member) {
    // Through memory: g++ 12 keeps the digits of two neighbours' double where it stores both at once.
    const volatile float rounded = static_cast<float>(draw->DoubleOrAbsent());
    outlook.*member = rounded;
  }
  void Date(std::string_view, size_t place) {
    const Day days[] = {kUnknownDay, kNeverDay, kBeyondDay, draw->AnyDay()};
    outlook.next_purchase.at(place) = days[draw->Int(0, 3)];
  }
  void Count(std::string_view, int32_t CustomerOutlook::*member) {
    outlook.*member = static_cast<int32_t>(draw->Int(-1, 40));
  }
};

CustomerOutlook DrawOutlook(Draw* draw) {
  OutlookDraw drawn{.draw = draw, .outlook = {}};
  VisitOutlook(drawn);
  return drawn.outlook;
}

struct OutlooksAreSame {
  const CustomerOutlook &a, &b;

  void Number(std::string_view name, double CustomerOutlook::*member) const {
    EXPECT_TRUE(SameNumber(a.*member, b.*member)) << name << ": " << a.*member << ", " << b.*member;
  }
  void Date(std::string_view name, size_t place) const {
    EXPECT_EQ(a.next_purchase.at(place), b.next_purchase.at(place)) << name;
  }
  void Count(std::string_view name, int32_t CustomerOutlook::*member) const { EXPECT_EQ(a.*member, b.*member) << name; }
};

CustomerScore DrawScore(Draw* draw) {
  CustomerScore score;
  score.purchase_days = static_cast<int32_t>(draw->Int(0, 3));
  if (score.purchase_days > 0) {
    score.first_day = draw->AnyDay();
    score.last_day = draw->AnyDay();
  }
  score.rows = static_cast<int32_t>(draw->Int(1, 2'000'000'000));
  score.return_rows = static_cast<int32_t>(draw->Int(0, 100));
  score.net_micros = draw->Int(std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
  score.recency_score = static_cast<uint8_t>(draw->Int(0, 10));
  score.frequency_score = static_cast<uint8_t>(draw->Int(0, 10));
  score.monetary_score = static_cast<uint8_t>(draw->Int(0, 10));
  score.segment = static_cast<RfmSegment>(draw->Int(0, kRfmSegments));
  score.cluster = static_cast<int16_t>(draw->Int(-1, 63));
  score.second_cluster = static_cast<int16_t>(draw->Int(-1, 63));
  score.cluster_distance = static_cast<float>(draw->DoubleOrAbsent());
  for (double* value : {&score.p_alive, &score.expected_purchases, &score.p_no_purchase, &score.expected_spend,
                        &score.lifetime_value, &score.churn_probability}) {
    *value = draw->DoubleOrAbsent();
  }
  score.flags = static_cast<uint32_t>(draw->Int(0, 127));
  if (draw->Coin()) {
    score.churn.margin = draw->DoubleOrAbsent();
    score.churn.value_at_risk = draw->DoubleOrAbsent();
    score.churn.band = static_cast<ChurnBand>(draw->Int(0, 3));
  }
  if (draw->Coin()) score.outlook = DrawOutlook(draw);
  return score;
}

void ExpectSame(const CustomerScore& a, const CustomerScore& b) {
  EXPECT_EQ(a.first_day, b.first_day);
  EXPECT_EQ(a.last_day, b.last_day);
  EXPECT_EQ(a.purchase_days, b.purchase_days);
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.return_rows, b.return_rows);
  EXPECT_EQ(a.net_micros, b.net_micros);
  EXPECT_EQ(a.recency_score, b.recency_score);
  EXPECT_EQ(a.frequency_score, b.frequency_score);
  EXPECT_EQ(a.monetary_score, b.monetary_score);
  EXPECT_EQ(a.segment, b.segment);
  EXPECT_EQ(a.cluster, b.cluster);
  EXPECT_EQ(a.second_cluster, b.second_cluster);
  EXPECT_TRUE(SameNumber(a.cluster_distance, b.cluster_distance));
  EXPECT_TRUE(SameNumber(a.p_alive, b.p_alive));
  EXPECT_TRUE(SameNumber(a.expected_purchases, b.expected_purchases));
  EXPECT_TRUE(SameNumber(a.p_no_purchase, b.p_no_purchase));
  EXPECT_TRUE(SameNumber(a.expected_spend, b.expected_spend));
  EXPECT_TRUE(SameNumber(a.lifetime_value, b.lifetime_value));
  EXPECT_TRUE(SameNumber(a.churn_probability, b.churn_probability));
  EXPECT_TRUE(SameNumber(a.churn.margin, b.churn.margin));
  EXPECT_TRUE(SameNumber(a.churn.value_at_risk, b.churn.value_at_risk));
  EXPECT_EQ(a.churn.band, b.churn.band);
  EXPECT_EQ(a.flags, b.flags);
  OutlooksAreSame same{a.outlook, b.outlook};
  VisitOutlook(same);
}

// Through bytes, as over the network.
template <typename Message>
Message Sent(const Message& message) {
  Message arrived;
  EXPECT_TRUE(arrived.ParseFromString(message.SerializeAsString()));
  return arrived;
}

TEST(ScoresOnTheWire, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const CustomerScore score = DrawScore(&draw);
    v1::Score message;
    FillScore(score, &message);
    FillOutlook(score.outlook, 0.9, &message);
    FillChurn(score.churn, {}, &message);
    const auto arrived = ReadScore(Sent(message));
    ASSERT_OK(arrived);
    ExpectSame(*arrived, score);
  }
}

TEST(ScoresOnTheWire, ClassesOfAChunkArriveByName) {
  const FittedModels models;
  v1::ScoreColumns columns;
  ClassColumns classes;
  for (const uint8_t grade : {0, 1, 0, 4, 0}) {
    CustomerScore score;
    score.classes[static_cast<size_t>(SchemeId::kGrade)] = grade;
    AppendColumns({.id = "a", .score = score}, &columns);
    classes.Add(score);
  }
  classes.Fill(models, &columns);
  const auto rows = ReadColumns(Sent(columns));
  ASSERT_OK(rows);
  EXPECT_TRUE((*rows)[0].classes.empty() && (*rows)[2].classes.empty() && (*rows)[4].classes.empty());
  EXPECT_EQ((*rows)[1].classes, (std::vector<NamedClass>{{"grade", "A"}}));
  EXPECT_EQ((*rows)[3].classes, (std::vector<NamedClass>{{"grade", "D"}}));
  columns.mutable_classes(0)->clear_names();
  EXPECT_THAT(ReadColumns(columns), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
}

TEST(ScoresOnTheWire, ClassesArriveByName) {
  FittedModels models;
  models.rfm.emplace();
  models.rfm->grid = "mine";
  models.rfm->grid_classes = {"best", "rest"};
  CustomerScore score;
  score.classes[static_cast<size_t>(SchemeId::kRfm)] = 2;
  score.classes[static_cast<size_t>(SchemeId::kGrade)] = 1;
  score.classes[static_cast<size_t>(SchemeId::kStage)] = 4;
  v1::Score message;
  FillClasses(score, models, &message);
  const auto arrived = ReadClasses(Sent(message));
  ASSERT_OK(arrived);
  EXPECT_EQ(*arrived, (std::vector<NamedClass>{{"rfm", "rest"}, {"grade", "A"}, {"stage", "uplift"}}));
  message.mutable_classes(0)->clear_class_name();
  EXPECT_THAT(ReadClasses(message), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
}

TEST(ScoresOnTheWire, OfACustomerWithoutPurchaseHaveNoModelFields) {
  v1::Score message;
  FillScore({.rows = 2, .return_rows = 2, .flags = kFlagNoPurchase}, &message);
  EXPECT_FALSE(message.has_first_purchase_date());
  EXPECT_FALSE(message.has_recency_score());
  EXPECT_FALSE(message.has_cluster());
  EXPECT_FALSE(message.has_p_alive());
  EXPECT_FALSE(message.has_churn_probability());
  ASSERT_EQ(message.flags_size(), 1);
  EXPECT_EQ(message.flags(0), v1::SCORE_FLAG_NO_PURCHASE);
}

TEST(ScoresOnTheWire, SayOfWhatLevelTheirIntervalsAre) {
  CustomerOutlook outlook;
  v1::Score message;
  FillOutlook(outlook, 0.9, &message);
  EXPECT_FALSE(message.has_outlook()) << "nothing is known";
  outlook.p_alive_low = 0.25;
  outlook.next_purchase = {19'000, kBeyondDay, kNeverDay};
  FillOutlook(outlook, 0.9, &message);
  EXPECT_EQ(message.outlook().interval(), 0.9);
  EXPECT_EQ(message.outlook().next_purchase_10().date().year(), 2022);
  EXPECT_TRUE(message.outlook().next_purchase_50().beyond());
  EXPECT_TRUE(message.outlook().next_purchase_90().never());
  v1::Score without;
  FillOutlook(outlook, 0, &without);
  EXPECT_FALSE(without.outlook().has_interval());
}

TEST(ExportedColumns, WithoutOutlooksAreLeftOut) {
  FittedModels models;
  models.lifetime.emplace().interval_level = 0.8;
  v1::ScoreColumns columns;
  AppendColumns({.id = "1", .score = {.rows = 1}}, &columns);
  FinishColumns(models, &columns);
  EXPECT_FALSE(columns.has_outlook());
  CustomerScore score{.rows = 1};
  score.outlook.predicted_purchases_low = 0;
  columns.Clear();
  AppendColumns({.id = "1", .score = score}, &columns);
  FinishColumns(models, &columns);
  EXPECT_EQ(columns.outlook().predicted_purchases_low_size(), 1);
  EXPECT_EQ(columns.outlook().p_alive_low_size(), 0) << "a column that says nothing";
  EXPECT_EQ(columns.outlook().interval(), 0.8);
  columns.mutable_outlook()->add_predicted_purchases_low(3);
  EXPECT_THAT(ReadColumns(columns), SaysThat("differ in length"));
}

TEST(ScoresOnTheWire, CountClustersFromOneAsTheirSegmentsDo) {
  v1::Score message;
  FillScore({.cluster = 0}, &message);
  EXPECT_EQ(message.cluster(), 1);
}

TEST(ScoresOnTheWire, ThatNoServerSendsAreRefused) {
  const auto refused = [](auto change) {
    v1::Score message;
    change(&message);
    return ReadScore(message);
  };
  constexpr auto kInternal = absl::StatusCode::kInternal;
  EXPECT_THAT(refused([](v1::Score* s) { s->set_purchase_days(1); }), FailsWith(kInternal, "ANSWER_INVALID"));
  EXPECT_THAT(refused([](v1::Score* s) { s->mutable_first_purchase_date(); }), FailsWith(kInternal, "ANSWER_INVALID"));
  EXPECT_THAT(refused([](v1::Score* s) { s->set_recency_score(256); }), FailsWith(kInternal, "ANSWER_INVALID"));
  EXPECT_THAT(refused([](v1::Score* s) { s->set_cluster(0); }), FailsWith(kInternal, "ANSWER_INVALID"));
  EXPECT_THAT(refused([](v1::Score* s) { s->set_second_cluster(40'000); }), FailsWith(kInternal, "ANSWER_INVALID"));
  EXPECT_THAT(refused([](v1::Score* s) { s->add_flags(static_cast<v1::ScoreFlag>(8)); }), SaysThat("8 is no flag"));
  EXPECT_THAT(refused([](v1::Score* s) { s->mutable_outlook()->mutable_next_purchase_50(); }),
              SaysThat("must have a date, be never, or be beyond"));
  EXPECT_THAT(refused([](v1::Score* s) { s->mutable_outlook()->set_predicted_purchases_low(-2); }),
              SaysThat("-2 purchases"));
  EXPECT_THAT(refused([](v1::Score* s) { s->set_rfm_segment(static_cast<v1::RfmSegment>(12)); }),
              SaysThat("12 is no segment"));
}

TEST(ExportedColumns, ArriveAsTheyWere) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    std::vector<std::string> ids;
    std::vector<CustomerScore> scores;
    v1::ScoreColumns columns;
    for (int64_t n = draw.Int(0, 20); n > 0; --n) {
      ids.push_back(draw.Text() + std::to_string(n));
      scores.push_back(DrawScore(&draw));
      AppendColumns({.hash = Hash64(ids.back()), .id = ids.back(), .score = scores.back()}, &columns);
    }
    FinishColumns({}, &columns);
    const auto arrived = ReadColumns(Sent(columns));
    ASSERT_OK(arrived);
    ASSERT_EQ(arrived->size(), ids.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      EXPECT_EQ((*arrived)[i].id, ids[i]);
      ExpectSame((*arrived)[i].score, scores[i]);
    }
  }
}

TEST(ExportedColumns, BringTheNamesOfClusters) {
  FittedModels models;
  models.clustering.emplace().clusters = {{.id = 2, .name = "recent"}, {.id = 9, .name = "lapsed, big baskets"}};
  v1::ScoreColumns columns;
  for (const int16_t cluster : {8, -1, 1, 3}) AppendColumns({.id = "c", .score = {.cluster = cluster}}, &columns);
  FinishColumns(models, &columns);
  const auto rows = ReadColumns(Sent(columns));
  ASSERT_OK(rows);
  EXPECT_EQ((*rows)[0].cluster_name, "lapsed, big baskets");
  EXPECT_EQ((*rows)[1].cluster_name, "");
  EXPECT_EQ((*rows)[2].cluster_name, "recent");
  EXPECT_EQ((*rows)[3].cluster_name, "") << "an id that the models do not have";
  v1::Score message;
  FillClusterName({.cluster = 8}, models, &message);
  EXPECT_EQ(message.cluster_name(), "lapsed, big baskets");
}

TEST(ExportedColumns, WithoutClustersAreLeftOut) {
  v1::ScoreColumns columns;
  AppendColumns({.id = "1", .score = {.rows = 1}}, &columns);
  FinishColumns({}, &columns);
  EXPECT_TRUE(columns.cluster_distances().empty() && columns.second_clusters().empty());
  const auto rows = ReadColumns(Sent(columns));
  ASSERT_OK(rows);
  ExpectSame(rows->front().score, {.rows = 1});
  AppendColumns({.id = "2", .score = {.second_cluster = 4, .cluster_distance = 1.5f}}, &columns);
  EXPECT_THAT(ReadColumns(columns), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"))
      << "one customer's column beside two customers";
}

TEST(ExportedColumns, OfUnequalLengthAreRefused) {
  // Every column in turn loses its last entry.
  v1::ScoreColumns columns;
  AppendColumns({.id = "1", .score = {.rows = 1}}, &columns);
  AppendColumns({.id = "2", .score = {.rows = 1}}, &columns);
  ASSERT_OK(ReadColumns(columns));
  const auto* reflection = columns.GetReflection();
  const auto* descriptor = v1::ScoreColumns::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    // Schemes that give nobody a class are left out, and names belong to no customer.
    if (descriptor->field(i)->name() == "classes" || descriptor->field(i)->is_map()) continue;
    if (!descriptor->field(i)->is_repeated()) continue;
    v1::ScoreColumns shorter = columns;
    reflection->RemoveLast(&shorter, descriptor->field(i));
    EXPECT_THAT(ReadColumns(shorter), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"))
        << descriptor->field(i)->name();
  }
}

TEST(AnswerInfo, ArrivesAsItWas) {
  const AnswerFacts facts{.job = "cdnow",
                          .number = 7,
                          .as_of = ToDay({.year = 1997, .month = 9, .day = 30}),
                          .published_ms = 1'704'067'200'123,
                          .age_seconds = 99,
                          .stale = true,
                          .digest = "00ff",
                          .currency = "USD"};
  v1::AnswerInfo message;
  FillAnswerInfo(facts, &message);
  EXPECT_EQ(message.snapshot(), "jobs/cdnow/snapshots/7");
  EXPECT_EQ(message.publish_time().nanos(), 123'000'000);
  EXPECT_EQ(*ReadAnswerInfo(Sent(message)), facts);
  message.set_snapshot("jobs/cdnow/snapshots/current");
  EXPECT_THAT(ReadAnswerInfo(message), FailsWith(absl::StatusCode::kInternal, "ANSWER_INVALID"));
}

}  // namespace
}  // namespace strata
