// Sources in S3: what a run sees of files that others put into a bucket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "data/source/ingest.h"
#include "store/open_store.h"
#include "store/s3_client.h"
#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"
#include "tests/store/fault_proxy.h"
#include "tests/store/versity_gateway.h"

namespace strata {
namespace {

using Code = absl::StatusCode;

class S3Source : public testing::Test {
 protected:
  void SetUp() override {
    gateway_ = std::make_unique<VersityGateway>();
    setenv("AWS_ENDPOINT_URL", gateway_->endpoint().c_str(), 1);
    auto client = S3Client::Connect({.scheme = "http",
                                     .endpoint = "127.0.0.1:" + std::to_string(gateway_->port()),
                                     .region = "us-east-1",
                                     .missing = {}},
                                    {.clock = &clock_, .sleep = [this](int64_t ms) { clock_.Advance(ms); }});
    ASSERT_OK(client);
    client_ = *std::move(client);
    files_ = NewSourceFiles({.uri = {}, .cache_dir = folder_.Under("cache")}, local_.get());
  }
  void Write(const std::string& key, const std::string& text) {
    ASSERT_OK(client_->Write({.bucket = kGatewayBucket, .key = key}, text));
  }
  std::vector<std::string> Paths(const std::string& uri) {
    const auto listed = ListSource(*files_, uri, "/jobs");
    if (!listed.ok()) return {listed.status().ToString()};
    std::vector<std::string> paths;
    for (const FileInfo& file : *listed) paths.push_back(file.path);
    return paths;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<FileSystem> local_ = NewPosixFileSystem();
  std::unique_ptr<VersityGateway> gateway_;
  std::shared_ptr<S3Client> client_;
  std::unique_ptr<FileSystem> files_;
};

TEST_F(S3Source, IsAnObjectAPrefixOrAGlob) {
  for (const char* key : {"feed/2024/a.csv", "feed/2024/b.parquet", "feed/2025/c.csv", "feed/.hidden.csv", "feed/d.csv",
                          "feed/notes.md", "top.csv"}) {
    Write(key, "x");
  }
  using testing::ElementsAre;
  EXPECT_THAT(Paths("s3://bucket/feed/d.csv"), ElementsAre("s3://bucket/feed/d.csv"));
  EXPECT_THAT(Paths("s3://bucket/feed"), ElementsAre("s3://bucket/feed/d.csv"));
  EXPECT_THAT(Paths("s3://bucket/feed/2024/"),
              ElementsAre("s3://bucket/feed/2024/a.csv", "s3://bucket/feed/2024/b.parquet"));
  EXPECT_THAT(Paths("s3://bucket/feed/*/*.csv"),
              ElementsAre("s3://bucket/feed/2024/a.csv", "s3://bucket/feed/2025/c.csv"));
  EXPECT_THAT(Paths("s3://bucket/f*/2024/[ab].*"),
              ElementsAre("s3://bucket/feed/2024/a.csv", "s3://bucket/feed/2024/b.parquet"));
  EXPECT_THAT(Paths("s3://bucket"), ElementsAre("s3://bucket/top.csv"));
  EXPECT_THAT(Paths("s3://bucket/*.csv"), ElementsAre("s3://bucket/top.csv"));
}

TEST_F(S3Source, WhatIsNotThereIsSaid) {
  Write("feed/readme.md", "x");
  const struct {
    const char* uri;
    Code code;
    const char* reason;
    const char* says;
  } rows[] = {{"s3://bucket/none", Code::kNotFound, "SOURCE_MISSING", "s3://bucket/none"},
              {"s3://nowhere/x.csv", Code::kNotFound, "BUCKET_MISSING", "'nowhere'"},
              {"s3://nowhere/*.csv", Code::kNotFound, "BUCKET_MISSING", "'nowhere'"},
              {"s3://bucket/feed", Code::kInvalidArgument, "SOURCE_EMPTY", "s3://bucket/feed"},
              {"s3://bucket/none/*.csv", Code::kInvalidArgument, "SOURCE_EMPTY", "s3://bucket/none"},
              {"s3://bucket/feed/readme.md", Code::kInvalidArgument, "SOURCE_UNSUPPORTED", "readme.md"},
              {"s3://b*/x.csv", Code::kInvalidArgument, "S3_URI_INVALID", "b*"}};
  for (const auto& row : rows) {
    const auto listed = ListSource(*files_, row.uri, "/jobs");
    EXPECT_THAT(listed, FailsWith(row.code, row.reason)) << row.uri;
    EXPECT_THAT(listed, SaysThat(row.says)) << row.uri;
    EXPECT_EQ(ClassOf(listed.status()), ErrorClass::kBadInput);
  }
}

TEST_F(S3Source, KeepsItsIdentityUntilItsBytesChange) {
  Write("a.csv", "one");
  const auto first = files_->Stat("s3://bucket/a.csv");
  ASSERT_OK(first);
  EXPECT_EQ(first->size_bytes, 3u);
  const auto listed = files_->List("s3://bucket");
  ASSERT_OK(listed);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().modified_ns, first->modified_ns) << "a listing and a look agree";
  EXPECT_EQ((*files_->Map("s3://bucket/a.csv"))->bytes(), "one");
  Write("a.csv", "two");  // the same size, most likely within the same second
  EXPECT_NE(files_->Stat("s3://bucket/a.csv")->modified_ns, first->modified_ns);
  EXPECT_EQ((*files_->Map("s3://bucket/a.csv"))->bytes(), "two") << "the copy of the old bytes is not taken for it";
  EXPECT_EQ(*files_->ReadRange("s3://bucket/a.csv", 1, 10), "wo");
}

TEST_F(S3Source, AFileThatChangesBetweenPlanAndScanFailsTheScan) {
  Write("a.csv", "id,day\n1,2024-01-01\n");
  const auto planned = files_->Stat("s3://bucket/a.csv");
  ASSERT_OK(planned);
  Write("a.csv", "id,day\n2,2024-01-01\n");
  TransactionSource source;
  source.columns.customer_id = "id";
  source.columns.time = "day";
  EXPECT_THAT(ScanFile(*files_, *planned, source), FailsWith(Code::kFailedPrecondition, "FILE_CHANGED"));
  EXPECT_OK(ScanFile(*files_, *files_->Stat("s3://bucket/a.csv"), source));
}

// The object is replaced while its second piece is on its way.
TEST_F(S3Source, AFileThatIsReplacedWhileItIsFetchedIsNotMixed) {
  Write("a.csv", std::string(20u << 20, 'a'));
  FaultProxy proxy(gateway_->port());
  proxy.OnRequest("GET /bucket/a.csv", 2, [this] { Write("a.csv", std::string(20u << 20, 'b')); });
  setenv("AWS_ENDPOINT_URL", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);
  const auto files = NewSourceFiles({.uri = {}, .cache_dir = folder_.Under("cache")}, local_.get());
  EXPECT_THAT(files->Map("s3://bucket/a.csv"), FailsWith(Code::kFailedPrecondition, "FILE_CHANGED"));
  EXPECT_GE(proxy.Requests("GET /bucket/a.csv"), 2);
  const auto now = files->Map("s3://bucket/a.csv");
  ASSERT_OK(now);
  EXPECT_EQ((*now)->bytes(), std::string(20u << 20, 'b'));
}

TEST_F(S3Source, IsOnlyRead) {
  EXPECT_THAT(files_->WriteNew("s3://bucket/a", "x", 0600), FailsWith(Code::kFailedPrecondition, "SOURCE_READ_ONLY"));
  EXPECT_THAT(files_->Remove("s3://bucket/a"), FailsWith(Code::kFailedPrecondition, "SOURCE_READ_ONLY"));
}

}  // namespace
}  // namespace strata
