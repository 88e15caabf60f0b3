// The Parquet part says what the lookup part says, under the names of the API, with every feature.
#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/ledger/features.h"
#include "data/snapshot/clustered_features.h"
#include "data/snapshot/parquet_bytes.h"
#include "model/classes/schemes.h"
#include "model/cluster_columns.h"
#include "model/columns.h"
#include "tests/data/snapshot/sample_snapshot.h"

namespace strata {
namespace {

// Feature columns of a few customers, and made-up scores for them.
class Sample {
 public:
  Sample() {
    RowBatch rows;
    for (int i = 0; i < 40; ++i) {
      const std::string id = fmt::format("c{}", i % 23);
      rows.hash.push_back(Hash64(id));
      rows.id.Append(id);
      rows.day.push_back(9900 + i);
      rows.minute.push_back(0);
      rows.net_micros.push_back(i % 3 == 0 ? -1'500'000 : 2'000'001 * i);
      rows.is_return.push_back(i % 3 == 0);
      rows.file.push_back(0);
    }
    const std::string segment = UpdateShard({}, {rows}, false)->segment;
    bytes_ = BuildFeatures({.segments = {*LedgerSegment::Open(segment)}}, {.as_of = 9930})->bytes;
    features_ = *FeatureFile::Open(bytes_);
    std::mt19937_64 random(1);
    for (size_t i = 0; i < today().size(); ++i) {
      scores.push_back({today().hash[i], features_->id(i), RandomScore(random)});
    }
  }
  const FeatureFile& features() const { return *features_; }
  const CustomerColumns& today() const { return features_->features().today; }

  std::vector<ScoredCustomer> scores;

 private:
  std::string bytes_;
  std::optional<FeatureFile> features_;
};

// The one chunk of a column.
template <typename ArrayType>
const ArrayType& Column(const arrow::Table& table, const std::string& name) {
  const auto column = table.GetColumnByName(name);
  EXPECT_NE(column, nullptr) << name;
  EXPECT_EQ(column->num_chunks(), 1) << name;
  EXPECT_EQ(column->type()->id(), ArrayType::TypeClass::type_id) << name;
  return static_cast<const ArrayType&>(*column->chunk(0));
}

template <typename ArrayType, typename T>
void ExpectCell(const ArrayType& column, int64_t row, bool present, T value) {
  ASSERT_EQ(column.IsValid(row), present) << row;
  if (!present) return;
  EXPECT_EQ(column.Value(row), value) << row;
}

TEST(ScoresParquet, HasEveryScoreUnderItsName) {
  const Sample sample;
  const absl::StatusOr<std::string> bytes = EncodeScoresParquet(sample.scores, sample.features());
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto table = *ReadParquet(*bytes, "scores");
  ASSERT_EQ(table->num_rows(), static_cast<int64_t>(sample.scores.size()));
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    const auto& [hash, id, score] = sample.scores[static_cast<size_t>(row)];
    const bool bought = score.purchase_days > 0;
    EXPECT_EQ(Column<arrow::StringArray>(*table, "customer_id").GetView(row), id);
    ExpectCell(Column<arrow::Date32Array>(*table, "first_purchase_date"), row, bought, score.first_day);
    ExpectCell(Column<arrow::Date32Array>(*table, "last_purchase_date"), row, bought, score.last_day);
    ExpectCell(Column<arrow::Int32Array>(*table, "purchase_days"), row, true, score.purchase_days);
    ExpectCell(Column<arrow::Int32Array>(*table, "rows"), row, true, score.rows);
    ExpectCell(Column<arrow::Int32Array>(*table, "return_rows"), row, true, score.return_rows);
    ExpectCell(Column<arrow::Int32Array>(*table, "recency_score"), row, bought, score.recency_score);
    ExpectCell(Column<arrow::Int32Array>(*table, "frequency_score"), row, bought, score.frequency_score);
    ExpectCell(Column<arrow::Int32Array>(*table, "monetary_score"), row, bought, score.monetary_score);
    ExpectCell(Column<arrow::Int32Array>(*table, "cluster"), row, score.cluster >= 0, score.cluster + 1);
    ExpectCell(Column<arrow::Int32Array>(*table, "second_cluster"), row, score.second_cluster >= 0,
               score.second_cluster + 1);
    ExpectCell(Column<arrow::FloatArray>(*table, "cluster_distance"), row, !std::isnan(score.cluster_distance),
               score.cluster_distance);
    const auto& segment = Column<arrow::StringArray>(*table, "rfm_segment");
    EXPECT_EQ(segment.IsValid(row), bought);
    EXPECT_EQ(bought ? segment.GetView(row) : "none", Name(score.segment));
    const auto& net = Column<arrow::Decimal128Array>(*table, "net");
    EXPECT_EQ(arrow::Decimal128(net.GetValue(row)), arrow::Decimal128(score.net_micros));
    EXPECT_EQ(net.type()->ToString(), "decimal128(38, 6)");
  }
}

TEST(ScoresParquet, AbsentNumbersAreNullAndFlagsAreBooleans) {
  const Sample sample;
  const auto table = *ReadParquet(*EncodeScoresParquet(sample.scores, sample.features()), "scores");
  const std::pair<const char*, double CustomerScore::*> numbers[] = {
      {"cluster_silhouette", &CustomerScore::cluster_silhouette}, {"p_alive", &CustomerScore::p_alive},
      {"expected_purchases", &CustomerScore::expected_purchases}, {"p_no_purchase", &CustomerScore::p_no_purchase},
      {"expected_spend", &CustomerScore::expected_spend},         {"lifetime_value", &CustomerScore::lifetime_value},
      {"churn_probability", &CustomerScore::churn_probability},
  };
  const std::pair<const char*, uint32_t> flags[] = {{"no_purchase", kFlagNoPurchase},
                                                    {"spend_from_population", kFlagSpendFromPopulation},
                                                    {"spend_not_positive", kFlagSpendNotPositive},
                                                    {"churn_inactive", kFlagChurnInactive},
                                                    {"outlier", kFlagOutlier},
                                                    {"cluster_missing", kFlagClusterMissing},
                                                    {"churn_from_lifetime", kFlagChurnFromLifetime}};
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    const CustomerScore& score = sample.scores[static_cast<size_t>(row)].score;
    for (const auto& [name, member] : numbers) {
      ExpectCell(Column<arrow::DoubleArray>(*table, name), row, !std::isnan(score.*member), score.*member);
    }
    for (const auto& [name, flag] : flags) {
      ExpectCell(Column<arrow::BooleanArray>(*table, name), row, true, (score.flags & flag) != 0);
    }
  }
}

// Compares every cell of an outlook with the table.
struct OutlookCells {
  const arrow::Table& table;
  int64_t row;
  const CustomerOutlook& outlook;

  void Number(std::string_view name, double CustomerOutlook::*member) const {
    const double value = outlook.*member;
    ExpectCell(Column<arrow::FloatArray>(table, std::string(name)), row, !std::isnan(value), value);
  }
  void Date(std::string_view name, size_t place) const {
    const int32_t day = outlook.next_purchase.at(place);
    const std::string text(name);
    ExpectCell(Column<arrow::Date32Array>(table, text), row, day == 20'000, day);
    ExpectCell(Column<arrow::BooleanArray>(table, text + "_never"), row, day != kUnknownDay, day == kNeverDay);
    ExpectCell(Column<arrow::BooleanArray>(table, text + "_beyond"), row, day != kUnknownDay, day == kBeyondDay);
  }
  void Count(std::string_view name, int32_t CustomerOutlook::*member) const {
    const int32_t count = outlook.*member;
    ExpectCell(Column<arrow::Int32Array>(table, std::string(name)), row, count >= 0, count);
  }
};

TEST(ScoresParquet, HasEveryOutlookUnderItsName) {
  const Sample sample;
  const auto table = *ReadParquet(*EncodeScoresParquet(sample.scores, sample.features()), "scores");
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    OutlookCells cells{*table, row, sample.scores[static_cast<size_t>(row)].score.outlook};
    VisitOutlook(cells);
  }
}

TEST(ScoresParquet, HasTheReasonsOfChurnUnderTheirNames) {
  const Sample sample;
  ChurnModel model;
  for (int j = 0; j < 40; ++j) {
    model.plan.features.push_back({.name = fmt::format("feature_{}", j), .group = fmt::format("group {}", j % 12)});
  }
  const auto table = *ReadParquet(*EncodeScoresParquet(sample.scores, sample.features(), {.churn = &model}), "scores");
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    const CustomerChurn& churn = sample.scores[static_cast<size_t>(row)].score.churn;
    ExpectCell(Column<arrow::DoubleArray>(*table, "churn_margin"), row, !std::isnan(churn.margin), churn.margin);
    ExpectCell(Column<arrow::DoubleArray>(*table, "value_at_risk"), row, !std::isnan(churn.value_at_risk),
               churn.value_at_risk);
    ExpectCell(Column<arrow::StringArray>(*table, "churn_band"), row, churn.band != ChurnBand::kNone,
               std::string_view(Name(churn.band)));
    for (size_t i = 0; i < kChurnReasons; ++i) {
      const ChurnReason& reason = churn.reasons[i];
      const std::string name = fmt::format("churn_reason_{}", i + 1);
      ExpectCell(Column<arrow::StringArray>(*table, name), row, reason.is_there(),
                 std::string_view(fmt::format("group {}", reason.group)));
      ExpectCell(Column<arrow::StringArray>(*table, name + "_feature"), row, reason.is_there(),
                 std::string_view(fmt::format("feature_{}", reason.feature)));
      ExpectCell(Column<arrow::FloatArray>(*table, name + "_contribution"), row, reason.is_there(),
                 reason.contribution);
      ExpectCell(Column<arrow::FloatArray>(*table, name + "_value"), row,
                 reason.is_there() && !std::isnan(reason.value), reason.value);
    }
  }
}

TEST(ScoresParquet, HasWhatClustersAreMadeOf) {
  const Sample sample;
  const size_t n = sample.scores.size();
  ClusterColumns clusters;
  clusters.names = {{1, "frequent, big baskets"}, {3, "lapsed"}};
  clusters.numbers.push_back({.name = "recency_days", .raw = {}, .scaled = {}});
  clusters.categories.push_back({.name = "region", .words = {"north", "south"}, .code = {}});
  for (size_t i = 0; i < n; ++i) {
    const bool in_base = i % 5 != 0;
    clusters.numbers[0].raw.push_back(in_base && i % 3 != 0 ? 0.5 * static_cast<double>(i) : kAbsent);
    clusters.numbers[0].scaled.push_back(in_base ? static_cast<int32_t>(100 * i) - 700 : kNoGridValue);
    clusters.categories[0].code.push_back(static_cast<int32_t>(i % 3) - 1);
    clusters.weight.push_back(static_cast<double>(i));
  }
  const ScoredProfile profile{.clusters = &clusters};
  const auto table = *ReadParquet(*EncodeScoresParquet(sample.scores, sample.features(), profile), "scores");
  for (size_t i = 0; i < n; ++i) {
    const auto row = static_cast<int64_t>(i);
    const int id = sample.scores[i].score.cluster + 1;
    const auto& names = Column<arrow::StringArray>(*table, "cluster_name");
    ASSERT_EQ(names.IsValid(row), id == 1 || id == 3) << id;
    EXPECT_EQ(names.IsValid(row) ? names.GetView(row) : "", id == 1   ? "frequent, big baskets"
                                                            : id == 3 ? "lapsed"
                                                                      : "");
    ExpectCell(Column<arrow::DoubleArray>(*table, "raw_recency_days"), row, i % 5 != 0 && i % 3 != 0,
               0.5 * static_cast<double>(i));
    ExpectCell(Column<arrow::Int32Array>(*table, "scaled_recency_days"), row, i % 5 != 0,
               static_cast<int32_t>(100 * i) - 700);
    const auto& words = Column<arrow::StringArray>(*table, "raw_region");
    ASSERT_EQ(words.IsValid(row), i % 3 != 0);
    EXPECT_EQ(words.IsValid(row) ? words.GetView(row) : "", i % 3 == 0 ? "" : i % 3 == 1 ? "north" : "south");
    ExpectCell(Column<arrow::DoubleArray>(*table, "cluster_weight"), row, true, static_cast<double>(i));
  }
}

// What `strata export --what features` reads: the customers with a cluster and the outliers, as they were written.
TEST(ClusteredFeatures, AreReadBack) {
  Sample sample;
  ClusterColumns clusters;
  clusters.numbers.resize(2);
  clusters.numbers[0].name = "net";
  clusters.numbers[1].name = "customers.age";
  clusters.categories.push_back({.name = "region", .words = {"(none)", "north"}, .code = {}});
  std::vector<size_t> wanted;
  for (size_t i = 0; i < sample.scores.size(); ++i) {
    CustomerScore& score = sample.scores[i].score;
    score.cluster = static_cast<int16_t>(i % 4) - 1;
    score.flags = i % 8 == 0 ? kFlagOutlier : 0;
    const bool clustered = score.cluster >= 0 || i % 8 == 0;
    if (clustered) wanted.push_back(i);
    for (ClusterColumns::Number& number : clusters.numbers) {
      number.raw.push_back(clustered && i % 3 != 0 ? 0.1 * static_cast<double>(i) : kAbsent);
      number.scaled.push_back(clustered ? static_cast<int32_t>(i * i) - 50 : kNoGridValue);
    }
    clusters.categories[0].code.push_back(clustered ? static_cast<int32_t>(i % 2) : -1);
    clusters.weight.push_back(clustered ? static_cast<double>(i) / 8 : kAbsent);
  }
  MemoryObjectStore store;
  const std::string bytes = *EncodeScoresParquet(sample.scores, sample.features(), {.clusters = &clusters});
  ASSERT_TRUE(store.Put("part", bytes, 0600).ok());
  const ManifestEntry part{.name = "parts/00000.parquet", .key = "part"};
  ClusteredColumns columns{
      .numbers = {"net", "customers.age"}, .categories = {"region"}, .weighted = true, .grid_bits = 5};
  const absl::StatusOr<ClusteredFeatures> read = ReadClusteredFeatures(store, part, columns);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->ids.size(), wanted.size());
  for (size_t at = 0; at < wanted.size(); ++at) {
    const size_t i = wanted[at];
    EXPECT_EQ(read->ids[at], sample.scores[i].id);
    EXPECT_EQ(read->cluster[at], sample.scores[i].score.cluster + 1);
    EXPECT_EQ(std::isnan(read->raw[1][at]), i % 3 == 0);
    if (i % 3 != 0) {
      EXPECT_EQ(read->raw[1][at], 0.1 * static_cast<double>(i));
    }
    EXPECT_EQ(read->scaled[0][at], (static_cast<double>(i * i) - 50) / 32);
    EXPECT_EQ(read->words[0][at], i % 2 == 0 ? "(none)" : "north");
    EXPECT_EQ(read->weight[at], static_cast<double>(i) / 8);
  }
  columns.numbers.emplace_back("age");
  EXPECT_EQ(ReadClusteredFeatures(store, part, columns).status().code(), absl::StatusCode::kDataLoss);
}

TEST(ScoresParquet, HasEveryFeature) {
  const Sample sample;
  const auto table = *ReadParquet(*EncodeScoresParquet(sample.scores, sample.features()), "scores");
  const CustomerColumns& today = sample.today();
  for (int64_t row = 0; row < table->num_rows(); ++row) {
    const auto i = static_cast<size_t>(row);
    const bool bought = today.purchase_days[i] > 0;
    ExpectCell(Column<arrow::Int32Array>(*table, "feature_purchase_days"), row, true, today.purchase_days[i]);
    ExpectCell(Column<arrow::Date32Array>(*table, "feature_first_day"), row, bought, today.first_day[i]);
    ExpectCell(Column<arrow::Date32Array>(*table, "feature_last_day"), row, bought, today.last_day[i]);
    ExpectCell(Column<arrow::Int64Array>(*table, "feature_net_micros"), row, true, today.net_micros[i]);
    ExpectCell(Column<arrow::Int64Array>(*table, "feature_squared_gap_days"), row, true, today.squared_gap_days[i]);
    ExpectCell(Column<arrow::Int32Array>(*table, "feature_purchase_days_30"), row, true, today.purchase_days_30[i]);
  }
  EXPECT_EQ(table->num_columns(), 31 + 29 + 14);
  EXPECT_EQ(table->GetColumnByName("feature_future_purchase_days"), nullptr);
}

TEST(ScoresParquet, HasClassesAndProfileWhereThereAreAny) {
  const Sample sample;
  const size_t rows = sample.scores.size();
  std::vector<int64_t> margin(rows, 2'500'000);
  margin.at(0) = kNoWhole;
  std::vector<int32_t> region(rows, 1);
  region[1] = -1;
  const std::vector<std::string> words = {"east", "west"};
  ColumnSet columns;
  struct Column money;
  money.name = "margin";
  money.type = ColumnType::kMoney;
  money.whole = margin;
  columns.Add(money);
  money.name = "gross";
  columns.Add(money);
  struct Column text;
  text.name = "main_region";
  text.type = ColumnType::kText;
  text.code = region;
  text.words = words;
  columns.Add(text);
  FittedModels models;
  ClassCodes classes;
  std::vector<uint8_t>& grades = classes.codes[static_cast<size_t>(SchemeId::kGrade)];
  grades.assign(rows, 2);
  grades[2] = 0;
  const auto bytes = EncodeScoresParquet(sample.scores, sample.features(),
                                         {.models = &models, .classes = &classes, .columns = &columns});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto table = *ReadParquet(*bytes, "scores");
  EXPECT_EQ(table->num_columns(), 31 + 29 + 14 + 4);
  const auto& grade = Column<arrow::StringArray>(*table, "class_grade");
  EXPECT_TRUE(grade.IsNull(2));
  EXPECT_EQ(grade.GetView(0), "B");
  const auto& amount = Column<arrow::Decimal128Array>(*table, "margin");
  EXPECT_TRUE(amount.IsNull(0));
  EXPECT_EQ(amount.FormatValue(1), "2.500000");
  EXPECT_EQ(Column<arrow::Decimal128Array>(*table, "feature_gross").FormatValue(1), "2.500000");
  const auto& where = Column<arrow::StringArray>(*table, "feature_main_region");
  EXPECT_TRUE(where.IsNull(1));
  EXPECT_EQ(where.GetView(0), "west");
}

TEST(ScoresParquet, BytesAreAFunctionOfTheContent) {
  const Sample one;
  const Sample two;
  const std::string bytes = *EncodeScoresParquet(one.scores, one.features());
  EXPECT_EQ(*EncodeScoresParquet(two.scores, two.features()), bytes);
  EXPECT_THAT(bytes, testing::HasSubstr("strata version 1.0.0"));
  EXPECT_THAT(bytes, testing::Not(testing::HasSubstr("ARROW:schema")));
}

// Every byte of the pages is covered by a page checksum; the pages end where the footer begins.
TEST(ScoresParquet, PageChecksumsFindFlippedValues) {
  const Sample sample;
  const std::string bytes = *EncodeScoresParquet(sample.scores, sample.features());
  uint32_t footer_bytes = 0;
  std::memcpy(&footer_bytes, bytes.data() + bytes.size() - 8, 4);
  const auto honest = *ReadParquet(bytes, "scores");
  int refused = 0;
  for (size_t at = 4; at < bytes.size() - 8 - footer_bytes; at += 3) {
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(~flipped[at]);
    const auto table = ReadParquet(flipped, "scores");
    if (table.ok()) {
      EXPECT_TRUE((*table)->Equals(*honest)) << at;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(ScoresParquet, OtherCustomersThanTheFeaturesAreRefused) {
  Sample sample;
  std::swap(sample.scores[0], sample.scores[1]);
  EXPECT_EQ(EncodeScoresParquet(sample.scores, sample.features()).status().code(), absl::StatusCode::kInternal);
  sample.scores.pop_back();
  EXPECT_EQ(EncodeScoresParquet(sample.scores, sample.features()).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace strata
