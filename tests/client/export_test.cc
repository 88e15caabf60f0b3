// Exports: what is written is what comes back, in both formats, and a half-written file never appears.
#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "client/export_reader.h"
#include "client/export_writer.h"
#include "client/features_writer.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/client/csv_reader.h"
#include "tests/client/example_values.h"

namespace strata {
namespace {

using ::testing::EndsWith;

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

ExportChunk ExampleChunk(std::vector<ExportedScore> rows) {
  return {.info = ExampleInfo(), .customers_total = static_cast<int64_t>(rows.size()), .rows = std::move(rows)};
}

CustomerScore NoPurchase() {
  CustomerScore score;
  score.rows = score.return_rows = 1;
  score.net_micros = -1;
  score.flags = kFlagNoPurchase | kFlagChurnInactive;
  return score;
}

// A customer at risk: a reason that raises it, and one, of a category, that lowers it.
ExportedScore WithReasons(const std::string& id) {
  ExportedScore row{id, ExampleScore()};
  row.score.churn = {.margin = -2.75, .value_at_risk = 40.125, .band = ChurnBand::kHigh, .reasons = {}};
  row.reasons.resize(2);
  row.reasons[0] = {.group = "inactivity", .feature = "recency_days", .contribution = 0.75f, .value = 74};
  row.reasons[1] = {.group = "place", .feature = "main_region", .contribution = -0.5f};
  return row;
}

TEST(CsvField, QuotesWhatNeedsIt) {
  EXPECT_EQ(CsvField("plain"), "plain");
  EXPECT_EQ(CsvField("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvField("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(CsvField(" padded"), "\" padded\"");
  EXPECT_EQ(CsvField("two\nlines"), "\"two\nlines\"");
}

TEST(CsvField, AnyIdComesBackAsItWas) {
  const uint32_t seed = 20240331;
  std::mt19937 random(seed);
  const std::string_view alphabet = "ab,\"\r\n 'ü;";
  for (int i = 0; i < 2000; ++i) {
    std::string id;
    for (size_t length = 1 + random() % 12; id.size() < length;) id += alphabet[random() % alphabet.size()];
    const auto records = ReadCsv(CsvRow({id, ExampleScore()}));
    ASSERT_EQ(records.size(), 1u) << "seed " << seed << ", id " << testing::PrintToString(id);
    ASSERT_EQ(records[0].size(), kExportWidth) << "seed " << seed;
    ASSERT_EQ(records[0][0], id) << "seed " << seed;
  }
}

TEST(CsvExport, HasExactAmountsShortestNumbersAndEmptyForAbsent) {
  EXPECT_EQ(
      CsvHeader(),
      "customer_id,first_purchase_date,last_purchase_date,purchase_days,rows,return_rows,net,recency_score,"
      "frequency_score,monetary_score,rfm_segment,cluster,cluster_name,cluster_distance,second_cluster,p_alive,"
      "expected_purchases,p_no_purchase,expected_spend,lifetime_value,churn_probability,"
      "p_alive_low,p_alive_high,expected_purchases_low,expected_purchases_high,p_no_purchase_low,p_no_purchase_high,"
      "expected_spend_low,expected_spend_high,lifetime_value_low,lifetime_value_high,lifetime_value_by_period,"
      "residual_value,overdue_ratio,p_silence,next_purchase_10,next_purchase_10_never,next_purchase_10_beyond,"
      "next_purchase_50,next_purchase_50_never,next_purchase_50_beyond,next_purchase_90,next_purchase_90_never,"
      "next_purchase_90_beyond,predicted_purchases_low,predicted_purchases_high,predicted_spend_low,"
      "predicted_spend_high,predicted_value_low,predicted_value_high,churn_margin,value_at_risk,churn_band,"
      "churn_reason_1,churn_reason_1_feature,churn_reason_1_contribution,churn_reason_1_value,"
      "churn_reason_2,churn_reason_2_feature,churn_reason_2_contribution,churn_reason_2_value,"
      "churn_reason_3,churn_reason_3_feature,churn_reason_3_contribution,churn_reason_3_value,no_purchase,"
      "spend_from_population,spend_not_positive,churn_inactive,outlier,cluster_missing,churn_from_lifetime,"
      "class_rfm,class_rfm_ten,class_rfm_eight,class_value_class,class_grade,class_value_level,class_frequency_level,"
      "class_amount_level,class_order_level,class_spending_level,class_customer_kind,class_core,class_need_class,"
      "class_life_cycle,class_stage\n");
  EXPECT_EQ(CsvRow(WithReasons("c-17")),
            "c-17,2023-01-05,2024-03-24,12,31,1,1234.56789,5,4,5,champions,2,,0.1,1,0.8314,3.217,0.125,88.125,268.5,"
            "0.0625,0.75,0.875,2.5,4,0.0625,0.25,80,96.5,200,340.25,266,512.5,0.25,0.75,2024-04-06,false,false,"
            "2024-06-15,false,false,,true,false,0,8,0,720.5,0,680.25,"
            "-2.75,40.125,high,inactivity,recency_days,0.75,74,place,main_region,-0.5,,,,,,"
            "false,false,false,false,false,false,false,,,,,,,,,,,,,,,"
            "\n");
  EXPECT_EQ(CsvRow({"c-9", NoPurchase()}), "c-9,,,0,1,1,-0.000001" + std::string(58, ',') +
                                               ",true,false,false,true,false,false,false" + std::string(15, ',') +
                                               "\n");
  const std::vector<NamedClass> classes = {{"rfm", "loyal, \"so\""}, {"grade", "A"}, {"stage", "uplift"}};
  EXPECT_THAT(CsvRow({"c-9", NoPurchase(), classes}),
              EndsWith(",true,false,false,false,\"loyal, \"\"so\"\"\",,,,A,,,,,,,,,,uplift\n"));
}

TEST(CsvExport, AppearsOnlyWhenItIsComplete) {
  const TemporaryFolder folder;
  const std::string path = folder.Under("scores.csv");
  {
    auto writer = NewExportWriter(path);
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->Write(ExampleChunk({{"a", ExampleScore()}})));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "an export that broke off leaves nothing";
  auto writer = NewExportWriter(path);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->Write(ExampleChunk({{"a", ExampleScore()}})));
  ASSERT_OK((*writer)->Finish());
  EXPECT_EQ(ReadFile(path), CsvHeader() + CsvRow({"a", ExampleScore()}));
}

TEST(CsvExport, ADiskThatIsFullIsAnError) {
  ASSERT_TRUE(std::filesystem::exists("/dev/full")) << "every Linux has it";
  const TemporaryFolder folder;
  const std::string path = folder.Under("scores.csv");
  std::filesystem::create_symlink("/dev/full", PartialPath(path));
  auto writer = NewExportWriter(path);
  absl::Status status = writer.status();
  for (int i = 0; i < 1000 && status.ok(); ++i) status = (*writer)->Write(ExampleChunk({{"a", ExampleScore()}}));
  if (status.ok()) status = (*writer)->Finish();
  EXPECT_THAT(status, FailsWith(absl::StatusCode::kInternal, "EXPORT_UNWRITTEN"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

std::shared_ptr<arrow::Table> ReadParquet(const std::string& path) {
  const auto file = arrow::io::ReadableFile::Open(path).ValueOrDie();
  const auto reader = parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
  return reader->ReadTable().ValueOrDie();
}

// A cell in the words of the CSV file; numbers are compared as numbers by the caller.
std::string CellText(const arrow::Table& table, int column, int64_t row) {
  const auto scalar = table.column(column)->GetScalar(row).ValueOrDie();
  return scalar->is_valid ? scalar->ToString() : "";
}

TEST(ParquetExport, HasTheColumnsAndValuesOfTheCsvFile) {
  const TemporaryFolder folder;
  const std::vector<ExportedScore> rows = {{"c-17", ExampleScore(), {{"value_class", "A"}, {"life_cycle", "active"}}},
                                           {"c, \"9\"", NoPurchase()},
                                           WithReasons("c-18")};
  for (const char* name : {"a.csv", "a.parquet"}) {
    auto writer = NewExportWriter(folder.Under(name));
    ASSERT_OK(writer);
    for (const ExportedScore& row : rows) ASSERT_OK((*writer)->Write(ExampleChunk({row})));
    ASSERT_OK((*writer)->Finish());
  }
  const auto csv = ReadCsv(ReadFile(folder.Under("a.csv")));
  const auto table = ReadParquet(folder.Under("a.parquet"));
  ASSERT_EQ(table->num_rows(), 3);
  EXPECT_EQ(table->schema()->field_names(), csv[0]);
  for (int64_t row = 0; row < 3; ++row) {
    for (int column = 0; column < table->num_columns(); ++column) {
      const std::string name = csv[0][static_cast<size_t>(column)];
      const std::string expected = csv[static_cast<size_t>(row) + 1][static_cast<size_t>(column)];
      const std::string found = CellText(*table, column, row);
      const auto type = table->schema()->field(column)->type()->id();
      const bool number = type == arrow::Type::DOUBLE || type == arrow::Type::FLOAT || name == "net";
      if (number && !expected.empty()) {
        EXPECT_EQ(std::stod(found), std::stod(expected)) << name;
      } else {
        EXPECT_EQ(found, expected) << name;
      }
    }
  }
  EXPECT_EQ(table->schema()->metadata()->Get("strata.currency").ValueOrDie(), "EUR");
  EXPECT_EQ(table->schema()->metadata()->Get("strata.snapshot").ValueOrDie(), "3");
}

TEST(ParquetExport, IsReadBackAsItWasWritten) {
  const TemporaryFolder folder;
  std::vector<ExportedScore> rows = {{"c-17", ExampleScore()}, {"c, \"9\"", NoPurchase()}, WithReasons("c-18")};
  for (int number = 0; number <= kRfmSegments; ++number) {
    CustomerScore score = ExampleScore();
    score.segment = static_cast<RfmSegment>(number);
    score.flags = static_cast<uint32_t>(number * 11) & 127;
    score.cluster = static_cast<int16_t>(number - 1);
    score.outlook.next_purchase = {kBeyondDay, kUnknownDay, score.last_day + number};
    rows.push_back({"n" + std::to_string(number),
                    score,
                    {{"grade", "B"}, {"stage", std::to_string(number)}},
                    "many, \"big\" baskets"});
  }
  const std::string path = folder.Under("a.parquet");
  auto writer = NewExportWriter(path);
  ASSERT_OK((*writer)->Write(ExampleChunk(rows)));
  ASSERT_OK((*writer)->Finish());
  const auto reader = OpenParquetExport(path);
  ASSERT_OK(reader);
  EXPECT_EQ((*reader)->facts().job, "shop");
  EXPECT_EQ((*reader)->facts().snapshot, 3);
  EXPECT_EQ((*reader)->facts().digest, ExampleInfo().digest);
  for (int time = 0; time < 2; ++time) {
    size_t next = 0;
    ASSERT_OK((*reader)->Read([&](const std::vector<ExportedScore>& read) {
      for (const ExportedScore& row : read) {
        EXPECT_EQ(row.id, rows[next].id);
        // A row of CSV has every value exactly.
        EXPECT_EQ(CsvRow(row), CsvRow(rows[next]));
        EXPECT_EQ(row.classes, rows[next].classes);
        ++next;
      }
      return absl::OkStatus();
    }));
    EXPECT_EQ(next, rows.size()) << "time " << time;
  }
}

ClusteredFeatures ExampleFeatures() {
  return {.ids = {"c-17", "c, \"9\""},
          .raw = {{12.5, std::nan("")}, {-0.1, 3}},
          .scaled = {{0.25, -1.5}, {2, 0}},
          .words = {{"north, west", "(none)"}},
          .weight = {1, 0.5},
          .cluster = {3, 0}};
}

const ClusteredColumns& ExampleColumns() {
  static const ClusteredColumns columns{
      .numbers = {"net", "return_share"}, .categories = {"region"}, .weighted = true, .grid_bits = 2};
  return columns;
}

TEST(FeaturesExport, HasTheSameColumnsAndValuesInBothFormats) {
  const TemporaryFolder folder;
  for (const char* name : {"a.csv", "a.parquet"}) {
    auto writer = NewFeaturesWriter(folder.Under(name), ExampleColumns(), {{"strata.job", "shop"}});
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->Write(ExampleFeatures()));
    ASSERT_OK((*writer)->Write(ClusteredFeatures{.raw = {{}, {}}, .scaled = {{}, {}}, .words = {{}}}));
    EXPECT_FALSE(std::filesystem::exists(folder.Under(name)));
    ASSERT_OK((*writer)->Finish());
  }
  EXPECT_EQ(ReadFile(folder.Under("a.csv")),
            "customer_id,cluster,outlier,weight,net,scaled_net,return_share,scaled_return_share,region\n"
            "c-17,3,false,1,12.5,0.25,-0.1,2,\"north, west\"\n"
            "\"c, \"\"9\"\"\",,true,0.5,,-1.5,3,0,(none)\n");
  const auto table = ReadParquet(folder.Under("a.parquet"));
  const auto csv = ReadCsv(ReadFile(folder.Under("a.csv")));
  ASSERT_EQ(table->num_rows(), 2);
  EXPECT_EQ(table->schema()->field_names(), csv[0]);
  for (int64_t row = 0; row < 2; ++row) {
    for (int column = 0; column < table->num_columns(); ++column) {
      const std::string expected = csv[static_cast<size_t>(row) + 1][static_cast<size_t>(column)];
      const std::string found = CellText(*table, column, row);
      if (table->schema()->field(column)->type()->id() == arrow::Type::DOUBLE && !expected.empty()) {
        EXPECT_EQ(std::stod(found), std::stod(expected)) << column;
      } else {
        EXPECT_EQ(found, expected) << column;
      }
    }
  }
  EXPECT_EQ(table->schema()->metadata()->Get("strata.job").ValueOrDie(), "shop");
}

TEST(FeaturesExport, OfNobodyHasItsColumns) {
  const TemporaryFolder folder;
  for (const char* name : {"a.csv", "a.parquet"}) {
    auto writer = NewFeaturesWriter(folder.Under(name), ExampleColumns(), {});
    ASSERT_OK(writer);
    ASSERT_OK((*writer)->Finish());
  }
  EXPECT_EQ(ReadCsv(ReadFile(folder.Under("a.csv"))).size(), 1u);
  EXPECT_EQ(ReadParquet(folder.Under("a.parquet"))->num_columns(), 9);
}

TEST(ParquetExport, AnotherFileIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.Under("a.parquet");
  EXPECT_THAT(OpenParquetExport(path), FailsWith(absl::StatusCode::kInvalidArgument, "EXPORT_UNREADABLE"));
  std::ofstream(path) << "customer_id\n";
  EXPECT_THAT(OpenParquetExport(path), FailsWith(absl::StatusCode::kInvalidArgument, "EXPORT_UNREADABLE"));
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("customer_id", arrow::int64())}),
                                        {arrow::json::ArrayFromJSONString(arrow::int64(), "[1]").ValueOrDie()});
  const auto file = arrow::io::FileOutputStream::Open(path).ValueOrDie();
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), file).ok());
  ASSERT_TRUE(file->Close().ok());
  EXPECT_THAT(OpenParquetExport(path), SaysThat("column customer_id is of type int64"));
}

TEST(ParquetExport, AnEmptyExportHasTheColumns) {
  const TemporaryFolder folder;
  auto writer = NewExportWriter(folder.Under("none.parquet"));
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->Finish());
  const auto table = ReadParquet(folder.Under("none.parquet"));
  EXPECT_EQ(table->num_rows(), 0);
  EXPECT_EQ(table->num_columns(), static_cast<int>(kExportWidth));
}

}  // namespace
}  // namespace strata
