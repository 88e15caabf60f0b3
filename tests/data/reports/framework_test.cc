// A toy report through the framework: laws, shards, blobs, and the table against a naive count over all customers.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "data/reports/report_plan.h"
#include "tests/data/reports/report_laws.h"
#include "tests/data/reports/toy_report.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10500;

// A base in shards as a report sees them.
class ToyBase {
 public:
  explicit ToyBase(uint32_t shards) : base_(RandomRows(7, 900, kAsOf - 300, kAsOf), kAsOf, 0, shards) {
    for (const ShardFeatures& features : base_.shards()) {
      ReportShard shard;
      shard.as_of = kAsOf;
      shard.today = &features.today;
      shards_.push_back(std::move(shard));
      customers_ += static_cast<int64_t>(features.today.size());
    }
  }
  const std::vector<ReportShard>& shards() const { return shards_; }
  ReportFacts facts() const { return {.as_of = kAsOf, .customers = customers_}; }

 private:
  TestBase base_;
  std::vector<ReportShard> shards_;
  int64_t customers_ = 0;
};

std::vector<std::string> Blobs(const std::vector<const RegisteredReport*>& reports, const ToyBase& base) {
  std::vector<std::string> blobs;
  for (const ReportShard& shard : base.shards()) {
    const auto blob = AccumulateReports(reports, shard);
    EXPECT_OK(blob);
    blobs.push_back(*blob);
  }
  return blobs;
}

TEST(ReportFramework, TheToyKeepsTheLaws) { ExpectReportLaws<ToyReport>(ToyBase(7).shards()); }

TEST(ReportFramework, ATableEqualsTheNaiveCountForAnyShards) {
  const RegisteredReport toy = Registered<ToyReport>();
  std::string expected;
  for (const uint32_t shards : {1u, 3u, 64u}) {
    const ToyBase base(shards);
    std::vector<std::string> blobs = Blobs({&toy}, base);
    const auto tables = FinishReports({&toy}, blobs, base.facts());
    ASSERT_OK(tables);
    const ReportTable& table = tables->front();
    for (size_t row = 0; row < table.rows; ++row) {
      int64_t customers = 0;
      int64_t net = 0;
      for (const ReportShard& shard : base.shards()) {
        for (size_t i = 0; i < shard.today->size(); ++i) {
          if (shard.today->purchase_days[i] != table.whole[1][row]) continue;
          ++customers;
          net += shard.today->net_micros[i];
        }
      }
      EXPECT_EQ(table.whole[2][row], customers);
      EXPECT_DOUBLE_EQ(table.number[3][row],
                       static_cast<double>(customers) / static_cast<double>(base.facts().customers))
          << "share";
      EXPECT_EQ(table.whole[4][row], net);
    }
    const auto bytes = EncodeReport("toy", toy.info.columns, table);
    ASSERT_OK(bytes);
    if (expected.empty()) expected = *bytes;
    EXPECT_EQ(*bytes, expected) << shards << " shards";
    std::reverse(blobs.begin(), blobs.end());
    const auto reversed = FinishReports({&toy}, blobs, base.facts());
    ASSERT_OK(reversed);
    EXPECT_EQ(*EncodeReport("toy", toy.info.columns, reversed->front()), expected) << "shards in another order";
  }
}

TEST(ReportFramework, RowsAreSortedByTheKeyWhateverFinishDid) {
  const RegisteredReport toy = Registered<ToyReport>();
  const ToyBase base(2);
  const auto tables = FinishReports({&toy}, Blobs({&toy}, base), base.facts());
  ASSERT_OK(tables);
  const ReportTable& table = tables->front();
  ASSERT_GT(table.rows, 3u);
  for (size_t row = 1; row < table.rows; ++row) {
    EXPECT_LT(std::pair(table.text[0][row - 1], table.whole[1][row - 1]),
              std::pair(table.text[0][row], table.whole[1][row]));
  }
  EXPECT_EQ(table.text[0].back(), "one") << "after all of 'more'";
}

TEST(ReportFramework, SeveralReportsShareABlob) {
  RegisteredReport toy = Registered<ToyReport>();
  RegisteredReport other = Registered<ToyReport>();
  other.info.name = "other";
  const ToyBase base(3);
  const std::vector<std::string> blobs = Blobs({&other, &toy}, base);
  const auto tables = FinishReports({&other, &toy}, blobs, base.facts());
  ASSERT_OK(tables);
  ASSERT_EQ(tables->size(), 2u);
  EXPECT_EQ((*tables)[0].whole, (*tables)[1].whole);
  EXPECT_THAT(FinishReports({&toy}, blobs, base.facts()),
              FailsWith(absl::StatusCode::kDataLoss, "REPORT_PARTIAL_CORRUPT"));
  EXPECT_THAT(FinishReports({&other, &toy}, {blobs[0].substr(0, blobs[0].size() - 1)}, base.facts()),
              FailsWith(absl::StatusCode::kDataLoss, "TRUNCATED"));
}

// Says one number of columns and makes another.
struct WrongReport : ToyReport {
  static ReportInfo Info() {
    ReportInfo info = ToyReport::Info();
    info.columns.pop_back();
    return info;
  }
};

TEST(ReportFramework, ATableThatIsNotAsDeclaredIsRefused) {
  const RegisteredReport wrong = Registered<WrongReport>();
  const ToyBase base(1);
  const auto tables = FinishReports({&wrong}, Blobs({&wrong}, base), base.facts());
  EXPECT_THAT(tables, FailsWith(absl::StatusCode::kInternal, "REPORT_INVALID"));
  EXPECT_THAT(tables, SaysThat("report toy"));
}

// Goes beyond a limit in shards of many customers, or at its end.
struct LargeReport : ToyReport {
  static constexpr size_t kMost = 10;
  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (shard.today->size() <= kMost) return ToyReport::Accumulate(shard, partial);
    return MakeError(absl::StatusCode::kOutOfRange, "REPORT_TOO_LARGE", "more customers than it lists");
  }
};

struct OverflowingReport : ToyReport {
  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts&) {
    return MakeError(absl::StatusCode::kOutOfRange, "REPORT_OVERFLOW", "a sum does not fit");
  }
};

TEST(ReportFramework, AReportBeyondItsLimitIsLeftOutAloneAndSaysWhy) {
  const RegisteredReport toy = Registered<ToyReport>();
  RegisteredReport large = Registered<LargeReport>(), overflowing = Registered<OverflowingReport>();
  large.info.name = "large";
  overflowing.info.name = "overflowing";
  const std::vector<const RegisteredReport*> reports = {&large, &overflowing, &toy};
  const ToyBase base(2);
  std::vector<std::string> blobs = Blobs(reports, base);
  const auto tables = FinishReports(reports, blobs, base.facts());
  ASSERT_OK(tables);
  EXPECT_EQ((*tables)[0].left_out, "more customers than it lists");
  EXPECT_EQ((*tables)[1].left_out, "a sum does not fit");
  EXPECT_EQ((*tables)[2].left_out, "");
  EXPECT_EQ((*tables)[2].whole, FinishReports({&toy}, Blobs({&toy}, base), base.facts())->front().whole);

  const ReportPlan plan{.run = reports, .skipped = {}};
  const auto files = EncodeReports(plan, *tables, {}, {});
  ASSERT_OK(files);
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ(files->front().name, ReportFileName("toy"));
  const auto index = DecodeReportIndex(files->back().bytes);
  ASSERT_OK(index);
  EXPECT_EQ(index->Find("large")->skipped, "more customers than it lists");
  EXPECT_EQ(index->Find("overflowing")->skipped, "a sum does not fit");
  EXPECT_EQ(index->Find("toy")->skipped, "");
}

TEST(ReportFramework, NamesOfTheRegistryAreUniqueAndSortedAndColumnsAreExplained) {
  const std::vector<RegisteredReport>& reports = AllReports();
  for (size_t i = 0; i < reports.size(); ++i) {
    const ReportInfo& info = reports[i].info;
    if (i > 0) {
      EXPECT_LT(reports[i - 1].info.name, info.name);
    }
    EXPECT_EQ(FindReport(info.name), &reports[i]);
    EXPECT_FALSE(info.title.empty() || info.sources.empty() || info.method.empty()) << info.name;
    for (const ReportColumn& column : info.columns) EXPECT_FALSE(column.meaning.empty()) << info.name;
  }
  EXPECT_EQ(FindReport("no such report"), nullptr);
}

}  // namespace
}  // namespace strata
