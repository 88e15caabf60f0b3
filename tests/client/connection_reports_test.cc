// Reports through the connection: all pages, all rows, and a server's errors as they are.
#include <gtest/gtest.h>

#include "client/connection.h"
#include "data/reports/report_index.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"

namespace strata {
namespace {

constexpr int64_t kRows = 25'000;  // three pages of the service's largest
constexpr int kSkipped = 130;      // reports: two pages of a list

std::vector<ReportColumn> Columns() {
  return {{"n", ReportType::kInteger, "", "Integer."}, {"square", ReportType::kMoney, "", "Money."}};
}

std::vector<SmallState::Extra> Reports() {
  ReportRows rows("squares", Columns());
  for (int64_t i = 0; i < kRows; ++i) rows.Add({i, i % 3 == 0 ? ReportCell() : ReportCell(i * i)});
  const std::string bytes = *EncodeReport("squares", Columns(), *rows.Take());
  ReportIndex index;
  for (int i = 0; i < kSkipped; ++i) {
    index.reports.push_back({.name = "skipped_" + std::to_string(i), .title = "Skipped", .skipped = "by hand"});
  }
  index.reports.push_back({.name = "squares", .title = "Squares", .columns = Columns(), .rows = kRows});
  return {{kReportIndexName, EncodeReportIndex(index), 0}, {ReportFileName("squares"), bytes, kRows}};
}

class ConnectionReports : public testing::Test {
 protected:
  ConnectionReports() {
    state_.Publish("shop", 1, 3, Reports());
    state_.Activate("shop", 1);
    server_ = std::make_unique<SmallServer>(&state_);
    connection_ = std::make_unique<Connection>(server_->channel(), "", nullptr);
  }

  SmallState state_;
  std::unique_ptr<SmallServer> server_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(ConnectionReports, TheListIsWhole) {
  const auto answer = connection_->Reports({.job = "shop"});
  ASSERT_OK(answer);
  EXPECT_EQ(answer->info.number, 1);
  ASSERT_EQ(answer->reports.size(), kSkipped + 1u);
  EXPECT_EQ(answer->reports[0].skipped, "by hand");
  EXPECT_EQ(answer->reports.back().columns, Columns());
}

TEST_F(ConnectionReports, AReportHasAllItsRows) {
  const auto answer = connection_->Report({.job = "shop", .number = 1}, "squares");
  ASSERT_OK(answer);
  EXPECT_EQ(answer->report.title, "Squares");
  ASSERT_EQ(answer->table.rows, static_cast<size_t>(kRows));
  for (size_t i = 0; i < answer->table.rows; ++i) {
    const auto n = static_cast<int64_t>(i);
    ASSERT_EQ(answer->table.whole[0][i], n);
    ASSERT_EQ(answer->table.whole[1][i], n % 3 == 0 ? kNoWhole : n * n);
  }
}

TEST_F(ConnectionReports, ErrorsAreTheServers) {
  EXPECT_THAT(connection_->Report({.job = "shop"}, "skipped_7"),
              FailsWith(absl::StatusCode::kFailedPrecondition, "REPORT_SKIPPED"));
  EXPECT_THAT(connection_->Report({.job = "shop"}, "cubes"), FailsWith(absl::StatusCode::kNotFound, "REPORT_UNKNOWN"));
  EXPECT_THAT(connection_->Reports({.job = "web"}), FailsWith(absl::StatusCode::kNotFound, "JOB_UNKNOWN"));
}

}  // namespace
}  // namespace strata
