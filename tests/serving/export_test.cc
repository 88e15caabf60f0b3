#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <set>
#include <thread>

#include "serving/export_stream.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "tests/base/status_matchers.h"
#include "tests/serving/small_server.h"
#include "wire/score_export.h"

namespace strata {
namespace {

using Service = v1::ScoreService;
constexpr int kCustomers = 100;

class ExportTest : public testing::Test {
 protected:
  ExportTest() {
    state_.Publish("shop", 1, kCustomers);
    state_.Activate("shop", 1);
    server_ = std::make_unique<SmallServer>(&state_);
    stub_ = Service::NewStub(server_->channel());
  }

  static v1::ExportScoresRequest Request(const std::string& parent, int page_size, const std::string& token = "") {
    v1::ExportScoresRequest request;
    request.set_parent(parent);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return request;
  }

  // All chunks, or as many as wanted (the call is then given up).
  absl::StatusOr<std::vector<v1::ExportScoresResponse>> Export(const v1::ExportScoresRequest& request,
                                                               size_t chunks = 1000) {
    grpc::ClientContext context;
    const auto reader = stub_->ExportScores(&context, request);
    std::vector<v1::ExportScoresResponse> read;
    v1::ExportScoresResponse chunk;
    while (read.size() < chunks && reader->Read(&chunk)) read.push_back(chunk);
    if (read.size() == chunks) {
      context.TryCancel();
      reader->Finish();
      return read;
    }
    const absl::Status status = FromGrpcStatus(reader->Finish());
    if (!status.ok()) return status;
    return read;
  }

  static std::vector<std::string> Ids(const std::vector<v1::ExportScoresResponse>& chunks) {
    std::vector<std::string> ids;
    for (const auto& chunk : chunks) {
      ids.insert(ids.end(), chunk.columns().customer_ids().begin(), chunk.columns().customer_ids().end());
    }
    return ids;
  }

  SmallState state_;
  std::unique_ptr<SmallServer> server_;
  std::unique_ptr<Service::Stub> stub_;
};

TEST_F(ExportTest, SendsEveryCustomerOnceInChunksOfAnySize) {
  const auto whole = Export(Request("jobs/shop", 0));
  ASSERT_OK(whole);
  ASSERT_EQ(whole->size(), 1u);
  const std::vector<std::string> ids = Ids(*whole);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), static_cast<size_t>(kCustomers));
  EXPECT_EQ(whole->front().total_size(), kCustomers);
  EXPECT_EQ(whole->front().next_page_token(), "");
  const auto rows = ReadColumns(whole->front().columns());
  ASSERT_OK(rows);
  for (const ExportedScore& row : *rows) EXPECT_EQ(CustomerId(static_cast<int>(row.score.net_micros - 1000)), row.id);

  for (const int page_size : {1, 7, 50, 99, 100, 101}) {
    const auto chunks = Export(Request("jobs/shop", page_size));
    ASSERT_OK(chunks);
    EXPECT_EQ(Ids(*chunks), ids) << page_size;
    EXPECT_EQ(chunks->size(), static_cast<size_t>((kCustomers + page_size - 1) / page_size)) << page_size;
    EXPECT_EQ(chunks->back().next_page_token(), "");
  }
}

TEST_F(ExportTest, GoesOnWhereItBrokeOffInTheSnapshotItBeganWith) {
  const std::vector<std::string> ids = Ids(*Export(Request("jobs/shop", 0)));
  for (const size_t chunks : {1u, 3u, 9u}) {
    state_.Activate("shop", 1);
    ASSERT_OK(server_->catalogue().Refresh());
    const auto begun = Export(Request("jobs/shop", 10), chunks);
    ASSERT_OK(begun);
    // Another snapshot becomes current meanwhile.
    const int64_t next = 10 + static_cast<int64_t>(chunks);
    state_.Publish("shop", next, 3);
    state_.Activate("shop", next);
    ASSERT_OK(server_->catalogue().Refresh());
    const auto rest = Export(Request("jobs/shop", 4, begun->back().next_page_token()));
    ASSERT_OK(rest);
    EXPECT_EQ(rest->front().info().snapshot(), "jobs/shop/snapshots/1");
    std::vector<std::string> all = Ids(*begun);
    const std::vector<std::string> more = Ids(*rest);
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(all, ids) << chunks;
  }
}

TEST_F(ExportTest, RefusesPositionsThatTheSnapshotDoesNotHave) {
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  for (const ExportPosition& position : {ExportPosition{.shard = 2}, ExportPosition{.shard = 0, .row = 100}}) {
    EXPECT_THAT(Export(Request("jobs/shop", 0, EncodeExportToken({"shop", 1}, position))),
                FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  }
  EXPECT_THAT(Export(Request("jobs/shop", 0, "AAAA")), FailsWith(kInvalid, "PAGE_TOKEN_INVALID"));
  EXPECT_THAT(Export(Request("jobs/shop", -1)), FailsWith(kInvalid, "PAGE_SIZE_INVALID"));
  EXPECT_THAT(Export(Request("jobs/nobody", 0)), FailsWith(absl::StatusCode::kNotFound, "JOB_UNKNOWN"));
  EXPECT_THAT(Export(Request("jobs/shop/snapshots/5", 0)), FailsWith(absl::StatusCode::kNotFound, "SNAPSHOT_UNKNOWN"));
}

TEST_F(ExportTest, OfAnOldSnapshotOpensItFirst) {
  state_.Publish("shop", 2, 3);
  ASSERT_OK(server_->catalogue().Refresh());
  EXPECT_EQ(Ids(*Export(Request("jobs/shop/snapshots/2", 0))).size(), 3u);
}

TEST_F(ExportTest, ASnapshotWithoutCustomersIsOneEmptyChunk) {
  state_.Publish("shop", 2, 0);
  ASSERT_OK(server_->catalogue().Refresh());
  const auto chunks = Export(Request("jobs/shop/snapshots/2", 0));
  ASSERT_OK(chunks);
  ASSERT_EQ(chunks->size(), 1u);
  EXPECT_EQ(chunks->front().columns().customer_ids_size(), 0);
}

TEST_F(ExportTest, TooManyAtOnceAreRefusedAndEndedOnesMakeRoom) {
  state_.Publish("shop", 2, 3);
  ASSERT_OK(server_->catalogue().Refresh());
  // Exports of a snapshot that does not open: they run, and send nothing. One more than may run finds no room.
  state_.objects().Close();
  std::promise<absl::Status> refused;
  std::atomic<int> completed = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < kMaxExports + 1; ++i) {
    callers.emplace_back([&] {
      const auto chunks = Export(Request("jobs/shop/snapshots/2", 0));
      if (chunks.ok()) {
        ++completed;
      } else {
        refused.set_value(chunks.status());  // throws the second time
      }
    });
  }
  EXPECT_THAT(refused.get_future().get(), FailsWith(absl::StatusCode::kResourceExhausted, "TOO_MANY_EXPORTS"));
  state_.objects().Open();
  callers.clear();
  EXPECT_EQ(completed, kMaxExports);
  // A server learns a moment after the caller that an export has ended.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  absl::Status again = Export(Request("jobs/shop", 0)).status();
  while (!again.ok() && std::chrono::steady_clock::now() < deadline) again = Export(Request("jobs/shop", 0)).status();
  EXPECT_OK(again);
}

}  // namespace
}  // namespace strata
