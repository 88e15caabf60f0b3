// Reports of a sample snapshot: listed, read a page at a time from one snapshot, and why one is not there.
#include <gtest/gtest.h>

#include "data/reports/report_index.h"
#include "strata/v1/report_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"
#include "wire/reports.h"

namespace strata {
namespace {

using Service = v1::ReportService;

constexpr int kCustomers = 5;
constexpr int kRows = 7;

std::vector<ReportColumn> Columns() {
  return {{"group", ReportType::kText, "", "Text."}, {"customers", ReportType::kInteger, "customers", "Integer."}};
}

// Row i of snapshot n has 100 n + i customers.
std::string Groups(int64_t number) {
  ReportRows rows("groups", Columns());
  for (int64_t i = 0; i < kRows; ++i) rows.Add({std::string(1, static_cast<char>('a' + i)), 100 * number + i});
  return *EncodeReport("groups", Columns(), *rows.Take());
}

std::vector<SmallState::Extra> Reports(int64_t number) {
  ReportIndex index;
  index.reports = {{.name = "groups",
                    .title = "Groups",
                    .sources = {"A1"},
                    .tables = {},
                    .method = "By hand.",
                    .columns = Columns(),
                    .rows = kRows,
                    .skipped = {}},
                   SegmentsReportEntry(3),
                   {.name = "surveys",
                    .title = "Surveys",
                    .sources = {"A9"},
                    .tables = {"surveys"},
                    .method = "By hand.",
                    .columns = Columns(),
                    .rows = 0,
                    .skipped = "needs surveys: sources.surveys is not in the job"}};
  return {{kReportIndexName, EncodeReportIndex(index), 0}, {ReportFileName("groups"), Groups(number), kRows}};
}

class ReportServiceTest : public testing::Test {
 protected:
  ReportServiceTest() {
    state_.Publish("shop", 1, kCustomers, Reports(1));
    state_.Publish("shop", 2, kCustomers, Reports(2));
    state_.Publish("shop", 3, kCustomers);
    state_.Activate("shop", 2);
    server_ = std::make_unique<SmallServer>(&state_);
  }

  absl::StatusOr<v1::ListReportsResponse> List(const std::string& parent, int page_size = 0,
                                               const std::string& token = "") {
    v1::ListReportsRequest request;
    request.set_parent(parent);
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListReportsResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::ListReports, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::GetReportResponse> Get(const std::string& name, int page_size = 0, const std::string& token = "") {
    v1::GetReportRequest request;
    request.set_name(name);
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::GetReportResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::GetReport, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  SmallState state_;
  std::unique_ptr<SmallServer> server_;
};

TEST_F(ReportServiceTest, ListsWhatThereIsAndWhatWasLeftOut) {
  const auto all = List("jobs/shop");
  ASSERT_OK(all);
  ASSERT_EQ(all->reports_size(), 3);
  EXPECT_EQ(all->reports(0).name(), "jobs/shop/reports/groups");
  EXPECT_EQ(all->reports(0).rows(), kRows);
  EXPECT_EQ(all->reports(0).columns(1).type(), v1::REPORT_VALUE_TYPE_INTEGER);
  EXPECT_EQ(all->reports(1).display_name(), "segments");
  EXPECT_EQ(all->reports(2).skipped_reason(), "needs surveys: sources.surveys is not in the job");
  EXPECT_EQ(all->info().snapshot(), "jobs/shop/snapshots/2");
  EXPECT_EQ(List("jobs/shop/snapshots/3")->reports_size(), 0) << "a snapshot of before reports were listed";
}

TEST_F(ReportServiceTest, PagesOfTheListComeFromOneSnapshot) {
  std::vector<std::string> names;
  std::string token;
  do {
    const auto page = List("jobs/shop", 1, token);
    ASSERT_OK(page);
    ASSERT_EQ(page->reports_size(), 1);
    EXPECT_EQ(page->info().snapshot(), "jobs/shop/snapshots/2");
    names.push_back(page->reports(0).display_name());
    token = page->next_page_token();
    state_.Activate("shop", 3);
    ASSERT_OK(server_->catalogue().Refresh());
  } while (!token.empty());
  EXPECT_EQ(names, (std::vector<std::string>{"groups", "segments", "surveys"}));
}

TEST_F(ReportServiceTest, RowsComeAPageAtATimeFromOneSnapshotWhoeverElseAsks) {
  ReportTable table = EmptyTable(2);
  std::string token;
  do {
    const auto page = Get("jobs/shop/reports/groups", 3, token);
    ASSERT_OK(page);
    EXPECT_EQ(page->info().snapshot(), "jobs/shop/snapshots/2");
    ASSERT_OK(ReadReportRows(*page, Columns(), &table));
    token = page->next_page_token();
    // In between, somebody reads another one, and another snapshot becomes current.
    EXPECT_EQ(Get("jobs/shop/snapshots/1/reports/groups")->values(1).integers(6), 106);
    state_.Activate("shop", 1);
    ASSERT_OK(server_->catalogue().Refresh());
  } while (!token.empty());
  EXPECT_EQ(table.whole[1], (std::vector<int64_t>{200, 201, 202, 203, 204, 205, 206}));
  EXPECT_EQ(table.text[0][6], "g");
}

TEST_F(ReportServiceTest, TheSegmentsReportIsOneToo) {
  const auto segments = Get("jobs/shop/reports/segments");
  ASSERT_OK(segments);
  EXPECT_EQ(segments->values(1).texts(0), "about_to_sleep");
  EXPECT_EQ(segments->values(2).integers(0), kCustomers);
}

TEST_F(ReportServiceTest, SaysWhyThereIsNone) {
  const auto unknown = Get("jobs/shop/reports/group");
  EXPECT_THAT(unknown, FailsWith(absl::StatusCode::kNotFound, "REPORT_UNKNOWN"));
  EXPECT_THAT(unknown, SaysThat("it has groups, segments, surveys"));
  const auto skipped = Get("jobs/shop/reports/surveys");
  EXPECT_THAT(skipped, FailsWith(absl::StatusCode::kFailedPrecondition, "REPORT_SKIPPED"));
  EXPECT_THAT(skipped, SaysThat("needs surveys: sources.surveys is not in the job"));
  EXPECT_THAT(Get("jobs/shop/snapshots/3/reports/groups"), SaysThat("it has none"));
  EXPECT_THAT(Get("jobs/shop"), FailsWith(absl::StatusCode::kInvalidArgument, "NAME_INVALID"));
  EXPECT_THAT(Get("jobs/web/reports/groups"), FailsWith(absl::StatusCode::kNotFound, "JOB_UNKNOWN"));
  EXPECT_THAT(List("jobs/shop/snapshots/9"), FailsWith(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN"));
}

TEST_F(ReportServiceTest, DamageIsFoundWhenItIsRead) {
  state_.Damage("shop", 2, ReportFileName("groups"));
  EXPECT_THAT(Get("jobs/shop/reports/groups"), FailsWith(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH"));
  EXPECT_OK(Get("jobs/shop/reports/segments"));
}

}  // namespace
}  // namespace strata
