#include "model/churn/churn_rows.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "model/churn/catalogue.h"
#include "model/churn/codes.h"
#include "model/lifetime/forecast.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;
constexpr int kHorizonDays = 90, kEligibleDays = 180;

ChurnPlan PlanOf(std::span<const ChurnFeature> features) {
  ChurnPlan plan;
  plan.features.assign(features.begin(), features.end());
  plan.horizon_days = kHorizonDays;
  plan.eligible_days = kEligibleDays;
  return plan;
}

ChurnLifetime SomeLifetime() {
  ChurnLifetime lifetime;
  lifetime.parameters = {.kind = LifetimeKind::kBgNbd, .value = {0.6, 8.0, 0.8, 2.4}, .k = 1};
  lifetime.T_max_days = 1000;
  return lifetime;
}

// What the catalogue says of one customer, from their rows and in the features' units; absent: missing.
class SlowFeatures {
 public:
  SlowFeatures(const std::vector<TestRow>& rows, Day cutoff) : cutoff_(cutoff) {
    for (const TestRow& row : rows) {
      if (row.day > cutoff) continue;
      ++rows_;
      returns_ += row.is_return ? 1 : 0;
      net_[row.day] += static_cast<long double>(row.micros) / 1e6L;
      if (!row.is_return) days_.insert(row.day);
    }
  }

  bool at_risk() const { return !days_.empty() && cutoff_ - *days_.rbegin() < kEligibleDays; }

  std::map<std::string, std::optional<long double>> Values() const {
    std::map<std::string, std::optional<long double>> values;
    const auto n = static_cast<long double>(days_.size());
    const long double recency = cutoff_ - *days_.rbegin();
    values["recency_days"] = recency;
    values["tenure_days"] = cutoff_ - *days_.begin();
    values["purchase_days"] = n;
    for (const int window : {30, 90, 180, 365}) values["purchase_days_" + std::to_string(window)] = Days(0, window);
    values["one_time_buyer"] = days_.size() == 1 ? 1 : 0;
    values["net"] = Net(0, 1'000'000);
    values["net_90"] = Net(0, 90);
    values["net_365"] = Net(0, 365);
    values["net_per_purchase_day"] = Net(0, 1'000'000) / n;
    values["purchase_days_trend"] = Days(0, 90) - Days(90, 180);
    values["net_trend"] = Net(0, 90) - Net(90, 365) / 3;
    values["return_rows_share"] = static_cast<long double>(returns_) / rows_;
    for (const char* name : {"mean_gap", "gap_deviation", "overdue_ratio"}) values[name] = std::nullopt;
    if (days_.size() == 1) return values;
    long double sum = 0, squares = 0;
    Day last = *days_.begin();
    for (const Day day : days_) sum += day - std::exchange(last, day);
    const long double mean = sum / (n - 1);
    last = *days_.begin();
    for (auto day = std::next(days_.begin()); day != days_.end(); ++day) {
      squares += (*day - last - mean) * (*day - last - mean);
      last = *day;
    }
    values["mean_gap"] = mean;
    values["gap_deviation"] = std::sqrt(squares / (n - 1));
    values["overdue_ratio"] = recency / mean;
    return values;
  }

  PurchaseHistory History(double time_unit_days) const {
    return {.x = static_cast<int64_t>(days_.size()) - 1,
            .t_x = (*days_.rbegin() - *days_.begin()) / time_unit_days,
            .T = (cutoff_ - *days_.begin()) / time_unit_days};
  }

 private:
  // Of the days from `from` to `to` days back, the latter left out.
  long double Days(int from, int to) const {
    long double count = 0;
    for (const Day day : days_) count += cutoff_ - day >= from && cutoff_ - day < to ? 1 : 0;
    return count;
  }
  long double Net(int from, int to) const {
    long double sum = 0;
    for (const auto& [day, net] : net_) sum += cutoff_ - day >= from && cutoff_ - day < to ? net : 0;
    return sum;
  }

  const Day cutoff_;
  int rows_ = 0, returns_ = 0;
  std::map<Day, long double> net_;
  std::set<Day> days_;
};

// A feature is the nearest number on its grid.
void ExpectValue(const ChurnFeature& feature, int64_t whole, std::optional<long double> value) {
  if (!value.has_value()) {
    EXPECT_EQ(whole, kNoWhole) << feature.name;
    return;
  }
  EXPECT_NEAR(static_cast<double>(whole) * feature.scale, static_cast<double>(*value), 0.5001 * feature.scale)
      << feature.name;
}

long double LogitOf(double p) { return std::fmax(-16.0, std::fmin(16.0, std::log(p) - std::log1p(-p))); }

TEST(ChurnRows, AreWhatTheCatalogueSaysOfEverybodyAtRisk) {
  const ChurnPlan plan = PlanOf(ChurnCatalogue());
  const ChurnLifetime lifetime = SomeLifetime();
  const ChurnForecasts forecasts(lifetime, kHorizonDays);
  for (const uint64_t seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    const std::vector<TestRow> rows = RandomRows(seed, 400, kAsOf - 900, kAsOf);
    std::map<uint64_t, std::vector<TestRow>> by_hash;
    for (const TestRow& row : rows) by_hash[HashOfCustomer(row.customer)].push_back(row);
    const TestBase base(rows, kAsOf, kHorizonDays, 1);
    const CustomerColumns& columns = base.shards()[0].churn_views[0];
    const auto made = ChurnRows::Of(plan, {.columns = &columns}, &forecasts);
    ASSERT_TRUE(made.ok()) << made.status();
    size_t at_risk = 0;
    for (size_t row = 0; row < columns.size(); ++row) {
      const SlowFeatures slow(by_hash.at(columns.hash[row]), columns.as_of);
      if (!slow.at_risk()) continue;
      ASSERT_LT(at_risk, made->size());
      ASSERT_EQ(made->row()[at_risk], row);
      EXPECT_EQ(made->label()[at_risk], columns.future_purchase_days[row] == 0 ? 1 : 0);
      auto values = slow.Values();
      const PurchaseHistory history = slow.History(lifetime.time_unit_days);
      const double horizon = kHorizonDays / lifetime.time_unit_days;
      values["p_no_purchase_logit"] = LogitOf(ProbabilityNoPurchase(lifetime.parameters, history, horizon));
      values["p_alive_logit"] = LogitOf(ProbabilityAlive(lifetime.parameters, history));
      values["expected_purchases"] = ExpectedPurchases(lifetime.parameters, history, horizon);
      for (size_t j = 0; j < plan.features.size(); ++j) {
        const int64_t whole = made->wholes(j)[at_risk];
        ExpectValue(plan.features[j], whole, values.at(plan.features[j].name));
        EXPECT_EQ(made->codes(j)[at_risk], CodeOf(whole));
      }
      ++at_risk;
    }
    EXPECT_EQ(at_risk, made->size());
    EXPECT_GT(at_risk, 50u);
  }
}

TEST(ChurnRows, KnowNothingOfTheLifetimeModelWhereThereIsNone) {
  const TestBase base(RandomRows(4, 50, kAsOf - 300, kAsOf), kAsOf, 0, 1);
  const ChurnPlan plan = PlanOf(ChurnCatalogue());
  const auto made = ChurnRows::Of(plan, {.columns = &base.shards()[0].today}, nullptr);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_GT(made->size(), 0u);
  for (size_t j = 0; j < plan.features.size(); ++j) {
    if (plan.features[j].source != ChurnSource::kLifetime) continue;
    for (const int64_t whole : made->wholes(j)) EXPECT_EQ(whole, kNoWhole);
    for (const uint16_t code : made->codes(j)) EXPECT_EQ(code, kMissingCode);
  }
  for (const int8_t label : made->label()) EXPECT_EQ(label, -1);  // the horizon has not begun
}

// Attributes of the customers of a view: numbers, days, flags, words, and nothing.
class Attributes {
 public:
  explicit Attributes(size_t rows) {
    for (size_t row = 0; row < rows; ++row) {
      age_.push_back(row % 5 == 0 ? kNoWhole : static_cast<int64_t>(20 + row % 60));
      since_.push_back(kAsOf - 1000 + static_cast<int64_t>(row));
      plan_.push_back(static_cast<int32_t>(row % 4) - 1);
    }
    set_.Add({.name = "customers.age", .type = ColumnType::kInteger, .whole = age_});
    set_.Add({.name = "customers.since", .type = ColumnType::kDay, .whole = since_});
    set_.Add({.name = "customers.plan", .type = ColumnType::kText, .code = plan_, .words = words_});
  }

  const ColumnSet& set() const { return set_; }
  const std::vector<int64_t>& age() const { return age_; }

 private:
  std::vector<int64_t> age_, since_;
  std::vector<int32_t> plan_;
  std::vector<std::string> words_ = {"basic", "gold", "trial"};
  ColumnSet set_;
};

TEST(ChurnRows, TakeColumnsOfTheProfileAndWordsAsTheLevelsOfThePlan) {
  const TestBase base(RandomRows(5, 200, kAsOf - 300, kAsOf), kAsOf, kHorizonDays, 1);
  const CustomerColumns& columns = base.shards()[0].churn_views[0];
  const Attributes attributes(columns.size());
  const std::vector<ChurnFeature> features = {AttributeFeature("customers.age", ColumnType::kInteger),
                                              AttributeFeature("customers.since", ColumnType::kDay),
                                              AttributeFeature("customers.plan", ColumnType::kText)};
  ChurnPlan plan = PlanOf(features);
  plan.levels = {{}, {}, {"trial", "basic"}};  // by number of rows, say: gold is too rare
  const auto made = ChurnRows::Of(plan, {.columns = &columns, .profile = &attributes.set()}, nullptr);
  ASSERT_TRUE(made.ok()) << made.status();
  const uint16_t code_of[] = {kMissingCode, 1, kOtherLevelCode, 0};
  for (size_t i = 0; i < made->size(); ++i) {
    const uint32_t row = made->row()[i];
    EXPECT_EQ(made->wholes(0)[i], attributes.age()[row]);
    EXPECT_EQ(made->wholes(1)[i], columns.as_of - (kAsOf - 1000 + static_cast<int64_t>(row)));
    EXPECT_EQ(made->codes(2)[i], code_of[row % 4]);
    EXPECT_EQ(made->wholes(2)[i], row % 4 == 0 ? kNoWhole : static_cast<int64_t>(row % 4) - 1);
  }
  EXPECT_EQ(made->words(2).size(), 3u);
  EXPECT_TRUE(made->words(0).empty());
}

TEST(ChurnRows, SayWhichColumnIsNotThereOrIsAnother) {
  const TestBase base(RandomRows(6, 50, kAsOf - 300, kAsOf), kAsOf, kHorizonDays, 1);
  const CustomerColumns& columns = base.shards()[0].churn_views[0];
  const Attributes attributes(columns.size());
  const struct {
    ChurnFeature feature;
    const ColumnSet* profile;
    const char* message;
  } cases[] = {
      {AttributeFeature("customers.gender", ColumnType::kText), &attributes.set(),
       "the feature customers.gender of churn needs the column customers.gender, which there is not"},
      {AttributeFeature("customers.age", ColumnType::kInteger), nullptr,
       "the feature customers.age of churn needs the column customers.age, which there is not"},
      {AttributeFeature("customers.plan", ColumnType::kInteger), &attributes.set(),
       "the feature customers.plan of churn needs the column customers.plan, which has another type"},
      {ChurnFeature{.name = "shoe_size"}, nullptr, "the feature shoe_size of churn is not of the catalogue"},
  };
  for (const auto& wrong : cases) {
    const auto made =
        ChurnRows::Of(PlanOf({&wrong.feature, 1}), {.columns = &columns, .profile = wrong.profile}, nullptr);
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(DetailOf(made.status())->reason, "CHURN_COLUMN");
    EXPECT_EQ(std::string(made.status().message()), wrong.message);
  }
}

TEST(ChurnRows, AskAboutWhomTheLabelsSay) {
  const TestBase base(RandomRows(7, 90, kAsOf - 900, kAsOf), kAsOf, kHorizonDays, 1);
  const CustomerColumns& columns = base.shards()[0].churn_views[0];
  std::vector<int8_t> label;
  for (size_t row = 0; row < columns.size(); ++row) label.push_back(static_cast<int8_t>(static_cast<int>(row % 3) - 1));
  const ChurnForecasts forecasts(SomeLifetime(), kHorizonDays);
  const ChurnPlan plan = PlanOf(ChurnCatalogue());
  const auto made = ChurnRows::Of(plan, {.columns = &columns, .label = label}, &forecasts);
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(made->size(), columns.size() - (columns.size() + 2) / 3);
  for (size_t i = 0; i < made->size(); ++i) EXPECT_EQ(made->label()[i], label[made->row()[i]]);
}

TEST(ChurnRows, OfNobodyAreNone) {
  const CustomerColumns nobody;
  const auto made = ChurnRows::Of(PlanOf(ChurnCatalogue()), {.columns = &nobody}, nullptr);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->size(), 0u);
  EXPECT_TRUE(made->wholes(3).empty());
}

TEST(ChurnLifetime, ComesBackFromItsBytes) {
  ByteWriter writer;
  SomeLifetime().Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(ChurnLifetime::Decode(&reader), SomeLifetime());
  EXPECT_TRUE(reader.Finish("a lifetime model").ok());
}

}  // namespace
}  // namespace strata
