// Feature columns against definitions read off model/customer_columns.h, computed from raw rows the slow way.
#include "data/ledger/features.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "data/ledger/feature_columns.h"
#include "tests/data/ledger/shards.h"

namespace strata {
namespace {

using Facts = std::map<std::string, int64_t>;  // by column name

std::string Segment(const std::vector<RawRow>& rows, bool has_transaction_id) {
  return BuildShard({ToBatch(rows, has_transaction_id)}, has_transaction_id)->segment;
}

FeatureResult Build(const std::string& segment, const FeatureDates& dates) {
  absl::StatusOr<FeatureResult> result = BuildFeatures(segment.empty() ? LedgerShard{} : ShardOver(segment), dates);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : FeatureResult{};
}

// One customer's facts as of `date`, straight from the definitions; nothing when they have no row up to it.
std::optional<Facts> SlowFacts(const std::vector<RawRow>& rows, Day date, int horizon_days) {
  std::set<Day> purchase_days;
  Facts facts;
  for (const RawRow& row : rows) {
    if (!row.is_return) purchase_days.insert(row.day);
    if (row.day > date) continue;
    facts["rows"] += 1;
    facts["return_rows"] += row.is_return;
  }
  if (facts["rows"] == 0) return std::nullopt;
  const auto net_of = [&rows](Day first, Day last) {
    int64_t net = 0;
    for (const RawRow& row : rows) net += row.day >= first && row.day <= last ? row.net_micros : 0;
    return net;
  };
  const auto purchases_in = [&purchase_days](Day first, Day last) {
    return std::count_if(purchase_days.begin(), purchase_days.end(), [=](Day d) { return d >= first && d <= last; });
  };
  const std::vector<Day> known(purchase_days.begin(), purchase_days.upper_bound(date));
  facts["purchase_days"] = static_cast<int64_t>(known.size());
  facts["first_day"] = known.empty() ? 0 : known.front();
  facts["last_day"] = known.empty() ? 0 : known.back();
  facts["net_micros"] = net_of(0, date);
  facts["repeat_net_micros"] = 0;
  facts["squared_gap_days"] = 0;
  for (size_t i = 1; i < known.size(); ++i) {
    facts["repeat_net_micros"] += net_of(known[i], known[i]);
    facts["squared_gap_days"] += int64_t{known[i] - known[i - 1]} * (known[i] - known[i - 1]);
  }
  for (const int days : {30, 90, 180, 365}) {
    facts["purchase_days_" + std::to_string(days)] = purchases_in(date - days + 1, date);
  }
  facts["net_micros_90"] = net_of(date - 89, date);
  facts["net_micros_365"] = net_of(date - 364, date);
  facts["future_purchase_days"] = horizon_days == 0 ? -1 : purchases_in(date + 1, date + horizon_days);
  return facts;
}

void ExpectView(const CustomerColumns& view, const OracleLedger& oracle, Day date, int horizon_days) {
  EXPECT_EQ(view.as_of, date);
  size_t row = 0;
  for (const auto& [key, rows] : oracle.kept) {
    const std::optional<Facts> expected = SlowFacts(rows, date, horizon_days);
    if (!expected.has_value()) continue;
    ASSERT_LT(row, view.size());
    EXPECT_EQ(view.hash[row], key.first);
    Facts found;
    VisitFeatureColumns([&]<typename T>(const char* name, std::span<const T> CustomerColumns::*member) {
      ASSERT_EQ((view.*member).size(), view.size());
      found[name] = (view.*member)[row];
    });
    EXPECT_EQ(found, *expected) << key.second << " as of " << date;
    ++row;
  }
  EXPECT_EQ(row, view.size());
}

TEST(Features, EqualTheDefinitions) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    for (const bool has_transaction_id : {false, true}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " transactions " << has_transaction_id);
      const std::vector<RawRow> rows = RandomRows(seed, 150);
      const OracleLedger oracle = BuildOracle(rows, has_transaction_id);
      const Day as_of = static_cast<Day>(9000 + 40 * (seed % 11));
      const int horizon_days = static_cast<int>(1 + 10 * (seed % 9));
      const FeatureResult result = Build(Segment(rows, has_transaction_id),
                                         {.as_of = as_of, .has_churn = true, .churn_horizon_days = horizon_days});
      const absl::StatusOr<FeatureFile> file = FeatureFile::Open(result.bytes);
      ASSERT_TRUE(file.ok()) << file.status();
      ExpectView(file->features().today, oracle, as_of, 0);
      ExpectView(file->features().churn_test, oracle, as_of - horizon_days, horizon_days);
      ExpectView(file->features().churn_train, oracle, as_of - 2 * horizon_days, horizon_days);
    }
  }
}

TEST(Features, CountEveryRowOnOneSideOfTheDate) {
  const std::vector<RawRow> rows = RandomRows(9, 400);
  const OracleLedger oracle = BuildOracle(rows, true);
  const Day as_of = 9200;
  int64_t rows_until = 0, customers = 0, with_purchase = 0;
  std::map<int32_t, int64_t> after;
  for (const auto& [key, kept] : oracle.kept) {
    const std::optional<Facts> facts = SlowFacts(kept, as_of, 0);
    customers += facts.has_value();
    with_purchase += facts.has_value() && facts->at("purchase_days") > 0;
    for (const RawRow& row : kept) {
      if (row.day > as_of) {
        ++after[row.file];
      } else {
        ++rows_until;
      }
    }
  }
  const FeatureResult result = Build(Segment(rows, true), {.as_of = as_of});
  EXPECT_EQ(result.rows, rows_until);
  EXPECT_EQ(result.customers, customers);
  EXPECT_EQ(result.customers_with_purchase, with_purchase);
  EXPECT_EQ(result.rows_after_as_of_by_file, after);
}

TEST(Features, TheHoldoutHasWhatWasKnownThenAndWhatFollowed) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const std::vector<RawRow> rows = RandomRows(seed, 150);
    const OracleLedger oracle = BuildOracle(rows, false);
    const Day as_of = static_cast<Day>(9000 + 40 * (seed % 11));
    const int holdout_days = static_cast<int>(1 + 17 * (seed % 9));
    const bool has_churn = seed % 2 == 0;
    const FeatureResult result = Build(Segment(rows, false), {.as_of = as_of,
                                                              .has_churn = has_churn,
                                                              .churn_horizon_days = has_churn ? 50 : 0,
                                                              .holdout_days = holdout_days});
    const absl::StatusOr<FeatureFile> file = FeatureFile::Open(result.bytes);
    ASSERT_TRUE(file.ok()) << file.status();
    ExpectView(file->features().today, oracle, as_of, 0);
    if (has_churn) ExpectView(file->features().churn_train, oracle, as_of - 100, 50);
    EXPECT_EQ(file->features().today.purchase_days_before.size(), 0u);
    const CustomerColumns& holdout = file->features().holdout;
    const Day cutoff = as_of - holdout_days;
    ExpectView(holdout, oracle, cutoff, holdout_days);
    size_t row = 0;
    for (const auto& [key, kept] : oracle.kept) {
      if (!SlowFacts(kept, cutoff, 0).has_value()) continue;
      ASSERT_LT(row, holdout.size());
      int64_t net = 0;
      std::set<Day> before;
      for (const RawRow& raw : kept) {
        if (raw.day > cutoff && raw.day <= as_of) net += raw.net_micros;
        if (raw.day > cutoff - holdout_days && raw.day <= cutoff && !raw.is_return) before.insert(raw.day);
      }
      EXPECT_EQ(holdout.future_net_micros[row], net);
      EXPECT_EQ(holdout.purchase_days_before[row], static_cast<int32_t>(before.size()));
      ++row;
    }
    EXPECT_EQ(row, holdout.size());
  }
}

TEST(Features, AHoldoutChangesNoOtherView) {
  const std::string segment = Segment(RandomRows(5, 300), false);
  const FeatureDates plain{.as_of = 9300, .has_churn = true, .churn_horizon_days = 60};
  FeatureDates with_holdout = plain;
  with_holdout.holdout_days = 60;
  const std::string without = Build(segment, plain).bytes, with = Build(segment, with_holdout).bytes;
  EXPECT_EQ(without.find("strata.holdout_days"), std::string::npos);
  EXPECT_EQ(without.find("future_net_micros"), std::string::npos);
  const FeatureFile first = *FeatureFile::Open(without), second = *FeatureFile::Open(with);
  const auto same = [](const CustomerColumns& a, const CustomerColumns& b) {
    EXPECT_EQ(a.as_of, b.as_of);
    VisitFeatureColumns([&]<typename T>(const char* name, std::span<const T> CustomerColumns::*member) {
      EXPECT_TRUE(std::ranges::equal(a.*member, b.*member)) << name;
    });
  };
  same(first.features().today, second.features().today);
  same(first.features().churn_test, second.features().churn_test);
  same(first.features().churn_train, second.features().churn_train);
  EXPECT_EQ(first.features().holdout.size(), 0u);
  same(second.features().holdout, second.features().churn_test);  // of the same days
}

// What a visitor sees of each view: the customers' ids by place, and their last day.
class Seen final : public DayVisitor {
 public:
  void Visit(size_t row, const DaySpans&) override {
    EXPECT_EQ(row, rows_++);
    row_of_today_ = row;
  }
  void VisitCutoff(size_t view, size_t row, const DaySpans& days) override {
    if (views.size() <= view) views.resize(view + 1);
    EXPECT_EQ(row, views[view].size());
    ASSERT_GT(days.size(), 0u);
    views[view].emplace_back(row_of_today_, days.day.back());
  }

  std::vector<std::vector<std::pair<size_t, Day>>> views;  // row of today and last day, by row of the view

 private:
  size_t rows_ = 0, row_of_today_ = 0;
};

TEST(Features, HaveAsManyCutoffsAsAreAskedForAndNothingAfterThem) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const std::vector<RawRow> rows = RandomRows(seed, 150);
    const OracleLedger oracle = BuildOracle(rows, false);
    const int views = 2 + static_cast<int>(seed % 6), horizon_days = 5 + static_cast<int>(seed % 40);
    FeatureDates dates{.as_of = 9300, .has_churn = true, .churn_horizon_days = horizon_days, .churn_views = views};
    if (seed % 2 == 0) dates.holdout_days = 77;
    Seen seen;
    const std::string segment = Segment(rows, false);
    const absl::StatusOr<FeatureResult> result = BuildFeatures(ShardOver(segment), dates, {}, &seen);
    ASSERT_TRUE(result.ok()) << result.status();
    const absl::StatusOr<FeatureFile> file = FeatureFile::Open(result->bytes);
    ASSERT_TRUE(file.ok()) << file.status();
    const ShardFeatures& features = file->features();
    ExpectView(features.today, oracle, 9300, 0);
    ASSERT_EQ(features.churn_views.size(), static_cast<size_t>(views));
    seen.views.resize(static_cast<size_t>(views));
    for (int view = 0; view < views; ++view) {
      const CustomerColumns& columns = features.churn_views[static_cast<size_t>(view)];
      const Day cutoff = 9300 - (view + 1) * horizon_days;
      ExpectView(columns, oracle, cutoff, horizon_days);
      const auto& visited = seen.views[static_cast<size_t>(view)];
      ASSERT_EQ(visited.size(), columns.size());
      for (size_t row = 0; row < columns.size(); ++row) {
        EXPECT_EQ(features.today.hash[visited[row].first], columns.hash[row]);
        EXPECT_LE(visited[row].second, cutoff);
      }
    }
    if (seed % 2 == 0) ExpectView(features.holdout, oracle, 9300 - 77, 77);
  }
}

TEST(Features, RefuseMoreCutoffsThanThereIsRoomFor) {
  const std::string segment = Segment(RandomRows(1, 20), false);
  for (const int views : {1, 8}) {
    const auto result = BuildFeatures(
        ShardOver(segment), {.as_of = 9300, .has_churn = true, .churn_horizon_days = 30, .churn_views = views});
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(std::string(result.status().message()), fmt::format("{} cutoffs of churn, allowed are 2 to 7", views));
  }
}

TEST(Features, NightsAndFileNumbersLeaveNoTrace) {
  std::vector<RawRow> rows = RandomRows(4, 300);
  const FeatureDates dates{.as_of = 9300, .has_churn = true, .churn_horizon_days = 60};
  const std::string first = Build(Segment(rows, false), dates).bytes;
  for (RawRow& row : rows) row.file = 7;
  EXPECT_EQ(Build(Segment(rows, false), dates).bytes, first);
}

TEST(Features, WithoutChurnTheOtherViewsAreEmpty) {
  const FeatureResult result = Build(Segment(RandomRows(1, 50), false), {.as_of = 9300});
  const FeatureFile file = *FeatureFile::Open(result.bytes);
  EXPECT_GT(file.features().today.size(), 0u);
  EXPECT_EQ(file.features().churn_test.size(), 0u);
  EXPECT_EQ(file.features().churn_train.size(), 0u);
}

TEST(Features, IdsAreThoseOfTheBase) {
  const FeatureResult result = Build(Segment(RandomRows(1, 50), false), {.as_of = 9200});
  const FeatureFile file = *FeatureFile::Open(result.bytes);
  for (size_t i = 0; i < file.features().today.size(); ++i) {
    EXPECT_EQ(Hash64(file.id(i)), file.features().today.hash[i]);
  }
}

TEST(Features, ColumnsLieInTheFilesBytes) {
  const FeatureResult result = Build(Segment(RandomRows(1, 50), false), {.as_of = 9200});
  const FeatureFile file = *FeatureFile::Open(result.bytes);
  const char* column = reinterpret_cast<const char*>(file.features().today.net_micros.data());
  EXPECT_GE(column, result.bytes.data());
  EXPECT_LT(column, result.bytes.data() + result.bytes.size());
}

TEST(Features, ImpossibleDatesAreRefused) {
  const std::string bytes = Segment(RandomRows(1, 5), false);
  const LedgerShard shard = ShardOver(bytes);
  for (const FeatureDates dates :
       {FeatureDates{.as_of = 9000, .has_churn = true, .churn_horizon_days = 0},
        FeatureDates{.as_of = 9000, .has_churn = true, .churn_horizon_days = -1}, FeatureDates{.as_of = 9'000'000},
        FeatureDates{.as_of = 9000, .holdout_days = -1}, FeatureDates{.as_of = 9000, .holdout_days = 200'000}}) {
    EXPECT_EQ(BuildFeatures(shard, dates).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Features, DamagedFilesNeverLeadOutside) {
  const std::string bytes = Build(Segment(RandomRows(1, 20), false),
                                  {.as_of = 9200, .has_churn = true, .churn_horizon_days = 30, .holdout_days = 40})
                                .bytes;
  for (size_t size = 0; size < bytes.size(); size += 11) {
    EXPECT_FALSE(FeatureFile::Open(std::string_view(bytes).substr(0, size)).ok());
  }
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(~flipped[at]);
    const absl::StatusOr<FeatureFile> file = FeatureFile::Open(flipped);
    refused += !file.ok();
    if (file.ok()) {
      for (size_t i = 0; i < file->features().today.size(); ++i) EXPECT_LE(file->id(i).size(), bytes.size());
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace strata
