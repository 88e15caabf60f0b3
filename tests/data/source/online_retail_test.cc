// The first 2,000 lines of a real shop's year, once as CSV and once as Parquet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "tests/base/status_matchers.h"
#include "tests/data/source/csv_oracle.h"
#include "tests/data/source/parquet_writer.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

Job ShopJob(const std::string& uri) {
  Job job;
  job.name = "online_retail";
  job.currency = "GBP";
  job.time_zone = "Europe/London";
  job.shards = 8;
  TransactionSource& source = job.transactions;
  source.uri = uri;
  source.columns.customer_id = "CustomerID";
  source.columns.time = "InvoiceDate";
  source.columns.quantity = "Quantity";
  source.columns.unit_price = "UnitPrice";
  source.columns.order_id = "InvoiceNo";
  source.columns.product_id = "StockCode";
  source.columns.region = "Country";
  source.on_missing_customer = OnMissingCustomer::kSkip;
  return job;
}

std::string CsvText() {
  std::ifstream file("tests/data/online_retail_2000.csv", std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The same rows, typed as the shop's Parquet file has them.
std::string ParquetBytes(const std::string& csv, int64_t rows_per_group) {
  using Texts = std::vector<std::optional<std::string>>;
  std::vector<Texts> columns(8);
  for (const std::string& record : OracleRecords(csv, ',', kMaxRecordBytes)) {
    std::stringstream fields(record.substr(record.find(":row:") + 5));
    for (Texts& column : columns) {
      std::string field;
      std::getline(fields, field, '|');
      column.push_back(field.empty() ? std::nullopt : std::optional(field));
    }
  }
  std::vector<std::optional<int32_t>> quantities;
  std::vector<std::optional<double>> prices;
  std::vector<std::optional<int64_t>> times;
  for (const auto& text : columns[3]) quantities.push_back(std::stoi(*text));
  for (const auto& text : columns[5]) prices.push_back(std::stod(*text));
  for (const auto& text : columns[4]) {
    const int64_t day = ParseDay(text->substr(0, 10)).value();
    const int64_t minute = std::stoi(text->substr(11, 2)) * 60 + std::stoi(text->substr(14, 2));
    times.push_back((day * 1440 + minute) * 60'000);
  }
  const auto texts = [&columns](size_t i) { return ArrayOf(columns[i], arrow::LargeStringBuilder()); };
  return WriteParquet({{"InvoiceNo", texts(0)},
                       {"StockCode", texts(1)},
                       {"Description", texts(2)},
                       {"Quantity", ArrayOf(quantities, arrow::Int32Builder())},
                       {"InvoiceDate", ArrayOf(times, arrow::TimestampBuilder(arrow::timestamp(arrow::TimeUnit::MILLI),
                                                                              arrow::default_memory_pool()))},
                       {"UnitPrice", ArrayOf(prices, arrow::DoubleBuilder())},
                       {"CustomerID", ArrayOf(columns[6], arrow::StringBuilder())},
                       {"Country", texts(7)}},
                      rows_per_group);
}

TEST(OnlineRetail, CsvHasTheKnownTotals) {
  MemoryFileSystem files;
  files.Set("shop.csv", CsvText());
  const auto mapped = MapFile(files, files.Info("shop.csv"), ShopJob("shop.csv"));
  ASSERT_OK(mapped);
  ASSERT_EQ(mapped->size(), 1u);
  // Totals computed from the file with Python's csv and decimal.
  EXPECT_EQ(mapped->front().counts, (RowCounts{.read = 2000, .accepted = 1467, .skipped_no_customer = 533}));
  std::set<std::string> customers;
  int64_t net_micros = 0;
  int64_t returns = 0;
  for (const RowBatch& batch : mapped->front().shards) {
    for (size_t i = 0; i < batch.size(); ++i) {
      customers.emplace(batch.id[i]);
      net_micros += batch.net_micros[i];
      returns += batch.is_return[i];
      EXPECT_EQ(FormatDay(batch.day[i]), "2010-12-01");
    }
  }
  EXPECT_EQ(customers.size(), 72u);
  EXPECT_EQ(net_micros, 32'293'030'000);
  EXPECT_EQ(returns, 26);
}

TEST(OnlineRetail, ParquetGivesTheSameBatches) {
  const std::string csv = CsvText();
  for (const int64_t rows_per_group : {2000, 300}) {
    MemoryFileSystem files;
    files.Set("shop.csv", csv);
    files.Set("shop.parquet", ParquetBytes(csv, rows_per_group));
    for (const bool with_transaction : {false, true}) {
      Job job = ShopJob("shop");
      if (with_transaction) job.transactions.columns.transaction_id = "InvoiceNo";
      const auto from_csv = MapFile(files, files.Info("shop.csv"), job, 3);
      const auto from_parquet = MapFile(files, files.Info("shop.parquet"), job, 3);
      ASSERT_OK(from_csv);
      ASSERT_OK(from_parquet);
      ASSERT_EQ(from_parquet->size(), 1u);
      EXPECT_EQ(from_csv->front().counts, from_parquet->front().counts);
      EXPECT_EQ(from_csv->front().shards, from_parquet->front().shards);
      EXPECT_EQ(from_csv->front().shards[0].row_hash.empty(), !with_transaction);
    }
  }
}

}  // namespace
}  // namespace strata
