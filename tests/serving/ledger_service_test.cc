#include <gtest/gtest.h>

#include "run/keys.h"
#include "strata/v1/ledger_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"

namespace strata {
namespace {

using Service = v1::LedgerService;

LedgerRegistry Registry(int files) {
  LedgerRegistry registry{.segments = {{{.object = {.key = "k", .size_bytes = 100}, .version = 1}}}, .customers = 3, .rows = 10};
  for (int i = 0; i < files; ++i) {
    registry.files.push_back({.number = i,
                              .path = "day-" + std::to_string(i) + ".csv",
                              .size_bytes = 10,
                              .counts = {.read = 5, .accepted = 4, .rejected = 1}});
  }
  return registry;
}

class LedgerServiceTest : public testing::Test {
 protected:
  LedgerServiceTest() {
    state_.Publish("shop", 1);
    server_ = std::make_unique<SmallServer>(&state_);
  }

  absl::StatusOr<v1::Ledger> Get(const std::string& name) {
    v1::GetLedgerRequest request;
    request.set_name(name);
    v1::Ledger response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::GetLedger, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ListLedgerFilesResponse> List(const std::string& token) {
    v1::ListLedgerFilesRequest request;
    request.set_parent("jobs/shop/ledger");
    request.set_page_size(2);
    request.set_page_token(token);
    v1::ListLedgerFilesResponse response;
    const absl::Status status = server_->Call<Service>(&Service::Stub::ListLedgerFiles, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  SmallState state_;
  std::unique_ptr<SmallServer> server_;
};

TEST_F(LedgerServiceTest, ShowsTheCurrentVersion) {
  EXPECT_THAT(Get("jobs/shop/ledger"), FailsWith(absl::StatusCode::kNotFound, "LEDGER_MISSING"));
  EXPECT_THAT(Get("jobs/web/ledger"), FailsWith(absl::StatusCode::kNotFound, "JOB_UNKNOWN"));
  EXPECT_THAT(Get("jobs/shop"), FailsWith(absl::StatusCode::kInvalidArgument, "NAME_INVALID"));
  state_.CommitLedger("shop", Registry(3), 2);
  const auto ledger = Get("jobs/shop/ledger");
  ASSERT_OK(ledger);
  EXPECT_EQ(ledger->version(), 2);
  EXPECT_EQ(ledger->parent_version(), 1);
  EXPECT_EQ(ledger->digest(), "0123");
  EXPECT_EQ(ledger->files(), 3);
  EXPECT_EQ(ledger->counts().accepted(), 12);
  EXPECT_EQ(ledger->counts().rejected(), 3);
  EXPECT_EQ(ledger->size_bytes(), 100);
}

TEST_F(LedgerServiceTest, ListsFilesOfOneVersion) {
  state_.CommitLedger("shop", Registry(3), 1);
  const auto first = List("");
  ASSERT_OK(first);
  ASSERT_EQ(first->files_size(), 2);
  EXPECT_EQ(first->files(1).path(), "day-1.csv");
  EXPECT_EQ(first->files(1).counts().read(), 5);
  EXPECT_EQ(first->version(), 1);
  const auto second = List(first->next_page_token());
  ASSERT_OK(second);
  ASSERT_EQ(second->files_size(), 1);
  EXPECT_EQ(second->files(0).number(), 2);
  EXPECT_EQ(second->next_page_token(), "");
  state_.CommitLedger("shop", Registry(4), 2);
  EXPECT_THAT(List(first->next_page_token()), FailsWith(absl::StatusCode::kFailedPrecondition, "LEDGER_CHANGED"));
}

TEST_F(LedgerServiceTest, SaysWhatIsDamaged) {
  state_.CommitLedger("shop", Registry(1), 1);
  state_.WriteMetadata(LedgerHeadKey("shop"), "2");
  EXPECT_THAT(Get("jobs/shop/ledger"), FailsWith(absl::StatusCode::kDataLoss, "LEDGER_RECORD_CORRUPT"));
  state_.WriteMetadata(LedgerHeadKey("shop"), "1x");
  EXPECT_THAT(Get("jobs/shop/ledger"), SaysThat("'1x' is no ledger version"));
  state_.WriteMetadata(LedgerHeadKey("shop"), "1");
  state_.WriteMetadata(LedgerVersionKey("shop", 1), "{}");
  EXPECT_THAT(Get("jobs/shop/ledger"), FailsWith(absl::StatusCode::kDataLoss, "LEDGER_RECORD_CORRUPT"));
}

}  // namespace
}  // namespace strata
