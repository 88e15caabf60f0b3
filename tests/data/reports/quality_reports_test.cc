// The quality reports on a base of several tables: their laws, the same table for any shards, and figures counted row
// by row.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "data/reports/column_quality.h"
#include "data/reports/reports.h"
#include "tests/data/reports/quality_base.h"
#include "tests/data/reports/report_laws.h"

namespace strata {
namespace {

const QualityBase& Base(uint32_t shards) {
  static const QualityBase kOne(1), kThree(3), kMany(64);
  return shards == 1 ? kOne : shards == 3 ? kThree : kMany;
}

std::vector<RegisteredReport> Reports() {
  return {QualityColumnsReport(), QualityRejectsReport(), QualityTablesReport()};
}

std::vector<std::string> PartialsOf(const RegisteredReport& report, const QualityBase& base) {
  std::vector<std::string> partials;
  for (const ReportShard& shard : base.shards()) {
    const auto partial = report.accumulate(shard);
    EXPECT_OK(partial) << report.info.name;
    partials.push_back(*partial);
  }
  return partials;
}

ReportTable TableOf(const RegisteredReport& report, uint32_t shards) {
  const std::vector<std::string> partials = PartialsOf(report, Base(shards));
  const auto table = report.finish({partials.begin(), partials.end()}, Base(shards).facts());
  EXPECT_OK(table) << report.info.name;
  return table.ok() ? *table : EmptyTable(report.info.columns.size());
}

TEST(QualityReports, PartialsMergeInAnyOrderAndAreNeverHalfRead) {
  for (const RegisteredReport& report : Reports()) {
    SCOPED_TRACE(report.info.name);
    std::vector<std::string> partials = PartialsOf(report, Base(64));
    const auto all = report.merge({partials.begin(), partials.end()});
    ASSERT_OK(all);
    for (uint64_t seed = 1; seed <= 4; ++seed) {
      std::mt19937_64 random(seed);
      std::shuffle(partials.begin(), partials.end(), random);
      const auto half = partials.begin() + static_cast<std::ptrdiff_t>(random() % partials.size());
      const auto one = report.merge({partials.begin(), half}), other = report.merge({half, partials.end()});
      ASSERT_OK(one);
      ASSERT_OK(other);
      EXPECT_EQ(*report.merge({*other, *one}), *all) << "seed " << seed;
    }
    if (!all->empty()) {
      EXPECT_FALSE(report.merge({std::string_view(*all).substr(0, all->size() - 1)}).ok());
    }
  }
}

TEST(QualityReports, TablesAreTheSameForAnyShards) {
  for (const RegisteredReport& report : Reports()) {
    const auto bytes = EncodeReport(report.info.name, report.info.columns, TableOf(report, 1));
    ASSERT_OK(bytes) << report.info.name;
    for (const uint32_t shards : {3u, 64u}) {
      EXPECT_EQ(*EncodeReport(report.info.name, report.info.columns, TableOf(report, shards)), *bytes)
          << report.info.name << ", " << shards << " shards";
    }
  }
}

// Rows that hold on the date.
std::vector<MadeRow> Holding(TableId table) {
  std::vector<MadeRow> rows;
  for (const MadeRow& row : Base(1).rows(table)) {
    if (row.day <= QualityBase::kAsOf) rows.push_back(row);
  }
  return rows;
}

// A cell of quality_columns.
struct Cells {
  Cells(TableId table, const std::string& column) : report(TableOf(QualityColumnsReport(), 3)) {
    for (row = 0; row < report.rows; ++row) {
      if (report.text[0][row] == std::string(SchemaOf(table).name) && report.text[1][row] == column) return;
    }
    ADD_FAILURE() << column << " is not listed";
    row = 0;
  }
  int64_t operator[](size_t column) const { return report.whole[column][row]; }
  ReportTable report;
  size_t row = 0;
};
constexpr size_t kRows = 3, kPresent = 4, kMissing = 5, kFuture = 7, kOrphans = 8, kOutliers = 9, kDistinct = 12,
                 kRejectedMissing = 13, kRejectedMalformed = 14;

TEST(QualityColumns, CountsWhatAWalkOverTheRowsCounts) {
  const std::vector<MadeRow> lines = Holding(TableId::kTransactions);
  std::set<std::string> products, unknown;
  int64_t with_product = 0, orphans = 0, due_later = 0, due = 0;
  for (const MadeRow& line : lines) {
    if (const auto found = line.words.find("product_id"); found != line.words.end()) {
      ++with_product;
      products.insert(found->second);
      orphans += std::stoi(found->second.substr(1)) >= 25 ? 1 : 0;
    }
    if (const auto found = line.whole.find("due_date"); found != line.whole.end()) {
      ++due;
      due_later += found->second > QualityBase::kAsOf ? 1 : 0;
    }
  }
  const Cells product(TableId::kTransactions, "product_id"), due_date(TableId::kTransactions, "due_date");
  EXPECT_EQ(product[kRows], static_cast<int64_t>(lines.size()));
  EXPECT_EQ(product[kPresent], with_product);
  EXPECT_EQ(product[kMissing], static_cast<int64_t>(lines.size()) - with_product);
  EXPECT_EQ(product[kDistinct], static_cast<int64_t>(products.size()));
  EXPECT_EQ(product[kOrphans], orphans);
  EXPECT_GT(orphans, 0);
  EXPECT_EQ(due_date[kPresent], due);
  EXPECT_EQ(due_date[kFuture], due_later);
  EXPECT_EQ(due_date[kOrphans], kNoWhole) << "not asked of days";
}

TEST(QualityColumns, FindsOutliersByTheHistogramOfAllRows) {
  OutlierHistogram histogram;
  for (const MadeRow& line : Holding(TableId::kTransactions)) histogram.Add(line.whole.at("net"));
  const OutlierFences fences = histogram.Fences();
  const Cells net(TableId::kTransactions, "net");
  EXPECT_EQ(net[kOutliers], fences.outliers);
  EXPECT_GT(fences.outliers, 0);
  EXPECT_DOUBLE_EQ(net.report.number[11][net.row], static_cast<double>(*fences.high) / 1e6);
}

TEST(QualityColumns, OrphansRejectsAndTooManyWords) {
  int64_t strangers = 0, referred = 0, days_later = 0;
  for (const MadeRow& row : Holding(TableId::kVisits)) strangers += std::stoi(row.id) >= QualityBase::kCustomers;
  for (const MadeRow& row : Holding(TableId::kLinks)) referred += std::stoi(row.id) >= QualityBase::kCustomers;
  for (const MadeRow& row : Base(1).rows(TableId::kTransactions)) days_later += row.day > QualityBase::kAsOf;
  EXPECT_EQ(Cells(TableId::kVisits, "customer_id")[kOrphans], strangers);
  EXPECT_EQ(Cells(TableId::kCustomers, "referrer_id")[kOrphans], referred);
  EXPECT_GT(referred, 0);
  const Cells customer(TableId::kTransactions, "customer_id"), time(TableId::kTransactions, "time");
  EXPECT_EQ(customer[kRejectedMissing], 2);
  EXPECT_EQ(time[kRejectedMalformed], 0) << "a reason that names no column is nobody's";
  EXPECT_EQ(time[kFuture], days_later);
  EXPECT_GT(days_later, 0);
  const Cells amount(TableId::kTransactions, "amount");
  EXPECT_EQ(amount[kRows], kNoWhole) << "not kept row by row";
  const Cells activity(TableId::kCosts, "customer_id");
  EXPECT_EQ(activity[kMissing], 100) << "rows of activities";
}

TEST(QualityTables, BalanceAndNameOrphans) {
  const ReportTable table = TableOf(QualityTablesReport(), 64);
  ASSERT_EQ(table.rows, 5u);
  int64_t strangers = 0;
  for (const MadeRow& row : Holding(TableId::kVisits)) strangers += std::stoi(row.id) >= QualityBase::kCustomers;
  for (size_t row = 0; row < table.rows; ++row) {
    const auto cell = [&](size_t column) { return table.whole[column][row]; };
    EXPECT_EQ(cell(2), cell(3) + cell(4) + cell(5) + cell(6) + cell(7) + cell(8)) << *table.text[0][row];
    if (table.text[0][row] == "visits") {
      EXPECT_EQ(cell(10), strangers);
    }
    if (table.text[0][row] == "products") {
      EXPECT_EQ(cell(10), kNoWhole);
      EXPECT_EQ(cell(12), kNoWhole) << "products always hold";
    }
  }
}

}  // namespace
}  // namespace strata
