#include "store/s3_object_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "store/open_store.h"
#include "store/s3_client.h"
#include "tests/base/fake_clock.h"
#include "tests/store/fault_proxy.h"
#include "tests/store/object_store_conformance.h"
#include "tests/store/versity_gateway.h"

namespace strata {
namespace {

using Code = absl::StatusCode;

S3Settings SettingsAt(int port) {
  return {.scheme = "http", .endpoint = "127.0.0.1:" + std::to_string(port), .region = "us-east-1", .missing = {}};
}

class S3World final : public ObjectStoreWorld {
 public:
  std::unique_ptr<ObjectStore> Open() override {
    if (gateway_ == nullptr) gateway_ = std::make_unique<VersityGateway>();
    auto cache = ObjectCache::Open({.folder = folder_.Under("cache")});
    if (!cache.ok()) return nullptr;
    const RetrySeams seams{.clock = &clock_, .sleep = [this](int64_t ms) { clock_.Advance(ms); }};
    auto store = OpenS3ObjectStore({.root = {.bucket = kGatewayBucket, .key = "some/prefix"},
                                    .settings = SettingsAt(gateway_->port()),
                                    .seams = seams,
                                    .cache = *std::move(cache)});
    return store.ok() ? *std::move(store) : nullptr;
  }

 private:
  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<VersityGateway> gateway_;
};

INSTANTIATE_TEST_SUITE_P(S3, ObjectStoreConformance,
                         testing::Values(ObjectStoreWorldFactory([] { return std::make_unique<S3World>(); })));

class S3Store : public testing::Test {
 protected:
  void SetUp() override {
    gateway_ = std::make_unique<VersityGateway>();
    proxy_ = std::make_unique<FaultProxy>(gateway_->port());
    store_ = OpenAt(proxy_->port());
    ASSERT_NE(store_, nullptr);
  }
  std::unique_ptr<ObjectStore> OpenAt(int port, const std::string& cache_folder = "cache") {
    auto cache = ObjectCache::Open({.folder = folder_.Under(cache_folder)});
    EXPECT_OK(cache);
    auto store = OpenS3ObjectStore({.root = {.bucket = kGatewayBucket, .key = ""},
                                    .settings = SettingsAt(port),
                                    .seams = {.clock = &clock_,
                                              .sleep =
                                                  [this](int64_t ms) {
                                                    clock_.Advance(ms);
                                                    if (++sleeps_ == wake_at_) on_wake_();
                                                  },
                                              .note = [this](const std::string& note) { notes_.push_back(note); }},
                                    .cache = *std::move(cache)});
    EXPECT_OK(store);
    return *std::move(store);
  }
  // Lets `wake` happen during the n-th wait between two attempts from now on.
  void AtSleep(int n, std::function<void()> wake) {
    sleeps_ = 0;
    wake_at_ = n;
    on_wake_ = std::move(wake);
  }
  std::string ReadAll(const std::string& key) {
    const auto view = store_->Map(key);
    return view.ok() ? std::string((*view)->bytes()) : view.status().ToString();
  }
  bool IsInBucket(const std::string& key) { return std::filesystem::exists(gateway_->bucket_folder() + "/" + key); }

  TemporaryFolder folder_;
  FakeClock clock_;
  int sleeps_ = 0;
  int wake_at_ = -1;
  std::function<void()> on_wake_;
  std::vector<std::string> notes_;
  std::unique_ptr<VersityGateway> gateway_;
  std::unique_ptr<FaultProxy> proxy_;
  std::unique_ptr<ObjectStore> store_;
};

std::string Bytes(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(Mix(i));
  return bytes;
}

TEST_F(S3Store, ASmallObjectIsOneRequestAndALargeOneGoesInParts) {
  ASSERT_OK(store_->Put("small", Bytes(kS3PartBytes - 1)));
  EXPECT_EQ(proxy_->Requests("PUT /bucket/small"), 1);
  EXPECT_EQ(proxy_->Requests("uploads"), 0);
  const std::string large = Bytes(2 * kS3PartBytes + 12'345);
  ASSERT_OK(store_->Put("large", large));
  EXPECT_EQ(proxy_->Requests("uploads"), 1);
  EXPECT_EQ(proxy_->Requests("partNumber="), 3);
  EXPECT_EQ(ReadAll("large"), large);
  EXPECT_EQ(gateway_->UnfinishedUploads(), 0);
}

TEST_F(S3Store, ARepeatedPutUploadsNothing) {
  ASSERT_OK(store_->Put("key", Bytes(5'000)));
  ASSERT_OK(store_->Put("key", Bytes(5'000)));
  EXPECT_EQ(proxy_->Requests("PUT /bucket/key"), 1);
  EXPECT_THAT(store_->Put("key", std::string(5'000, 'x')), FailsWith(Code::kAlreadyExists, "OBJECT_DIFFERS"));
  EXPECT_EQ(ReadAll("key"), Bytes(5'000));
}

TEST_F(S3Store, WhatIsMappedIsFetchedOnce) {
  ASSERT_OK(store_->Put("key", Bytes(5'000)));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ReadAll("key"), Bytes(5'000));
  EXPECT_EQ(proxy_->Requests("GET /bucket/key"), 1);
}

TEST_F(S3Store, AListIsWholeBeyondOnePageOfAThousand) {
  std::vector<std::string> expected;
  std::filesystem::create_directories(gateway_->bucket_folder() + "/many/b");
  for (int i = 0; i < 2'300; ++i) {
    char name[32];
    std::snprintf(name, sizeof(name), "many/%s%05d", i % 2 == 0 ? "a-" : "b/", i / 2);
    std::ofstream(gateway_->bucket_folder() + "/" + name) << i;
    expected.push_back(name);
  }
  std::sort(expected.begin(), expected.end());
  const auto objects = store_->List("many/");
  ASSERT_OK(objects);
  std::vector<std::string> found;
  for (const ObjectInfo& object : *objects) found.push_back(object.key);
  EXPECT_EQ(found, expected);
  EXPECT_GE(proxy_->Requests("continuation-token"), 2);
}

// Breaks an upload of three parts at several places, once and for good.
TEST_F(S3Store, AnUploadThatBreaksIsAbortedAndTriedAgain) {
  const std::string bytes = Bytes(2 * kS3PartBytes + 5);
  const struct {
    const char* request;
    uint64_t after_bytes;
    bool after_answer;
  } rows[] = {
      {"partNumber=1", 100, false}, {"partNumber=2", 3'000'000, false},    {"partNumber=3", 0, true},
      {"partNumber=2", 0, true},    {"POST /bucket/0?uploadId", 0, false}, {"POST /bucket/1?uploadId", 0, true}};
  int key = 0;
  for (const auto& row : rows) {
    const int before = proxy_->cuts();
    std::string request = row.request;
    if (const size_t at = request.find("/bucket/"); at != std::string::npos) {
      request = "POST /bucket/key" + std::to_string(key) + "?uploadId";
    }
    proxy_->CutRequests(request, 1, row.after_bytes, row.after_answer);
    const std::string name = "key" + std::to_string(key++);
    EXPECT_OK(store_->Put(name, bytes)) << request;
    EXPECT_EQ(proxy_->cuts(), before + 1) << request << " was never met";
    EXPECT_EQ(gateway_->UnfinishedUploads(), 0) << request;
    EXPECT_EQ(ReadAll(name), bytes) << request;
  }
}

TEST_F(S3Store, AnUploadThatBreaksForGoodLeavesNothing) {
  proxy_->CutRequests("partNumber=2", 1'000, 1'000'000);
  proxy_->CutRequests("DELETE ", 2, 0);  // the first requests to abort do not get through either
  const absl::Status status = store_->Put("key", Bytes(2 * kS3PartBytes + 5));
  EXPECT_THAT(status, FailsWith(Code::kUnavailable, "S3_UNAVAILABLE"));
  EXPECT_THAT(status, SaysThat("object 'key'"));
  EXPECT_GT(proxy_->cuts(), 4);
  EXPECT_GE(proxy_->Requests("DELETE "), 3);
  EXPECT_EQ(gateway_->UnfinishedUploads(), 0);
  EXPECT_FALSE(IsInBucket("key"));
}

TEST_F(S3Store, AnAnswerThatIsLostIsAskedForAgain) {
  int key = 0;
  for (const bool after_answer : {false, true}) {
    const std::string name = "key" + std::to_string(key++);
    for (const char* verb : {"HEAD ", "PUT ", "GET ", "DELETE "}) {
      proxy_->CutRequests(verb + ("/bucket/" + name), 1, 10, after_answer);
    }
    const int before = proxy_->cuts();
    EXPECT_OK(store_->Put(name, Bytes(5'000)));
    EXPECT_EQ(ReadAll(name), Bytes(5'000));
    EXPECT_OK(store_->Delete(name));
    EXPECT_FALSE(IsInBucket(name));
    EXPECT_EQ(proxy_->cuts(), before + 4) << "after answer: " << after_answer;
  }
}

TEST_F(S3Store, AServerThatIsStoppedAndRestartedIsRiddenOut) {
  ASSERT_OK(store_->Put("before", "bytes"));
  gateway_->Kill();
  AtSleep(5, [this] { gateway_->Restart(); });
  EXPECT_OK(store_->Put("after", "more bytes"));
  EXPECT_GE(sleeps_, 5) << "the outage was never met";
  EXPECT_EQ(ReadAll("before"), "bytes");
  EXPECT_EQ(ReadAll("after"), "more bytes");
  EXPECT_THAT(notes_, testing::Contains(testing::HasSubstr("answered at attempt")));
}

TEST_F(S3Store, AServerThatStaysAwayIsGivenUpWithTheCause) {
  gateway_->Kill();
  const int64_t begun = clock_.MonotonicMs();
  for (const absl::Status& status :
       {store_->Put("key", "x"), store_->Map("key").status(), store_->Get("key", 0, 1).status(),
        store_->List("").status(), store_->Delete("key")}) {
    EXPECT_THAT(status, FailsWith(Code::kUnavailable, "S3_UNAVAILABLE"));
    EXPECT_THAT(status, SaysThat("given up after"));
    EXPECT_THAT(status, SaysThat("NETWORK_CONNECTION"));
  }
  EXPECT_GT(clock_.MonotonicMs() - begun, 5 * (RetryPolicy{}.total_ms - 2 * RetryPolicy{}.max_delay_ms));
}

TEST_F(S3Store, ACachedCopyOfOtherBytesIsNoticedAndFetchedAnew) {
  const std::string old_bytes = Bytes(5'000);
  ASSERT_OK(store_->Put("key", old_bytes));
  ASSERT_EQ(ReadAll("key"), old_bytes);
  const auto elsewhere = OpenAt(gateway_->port(), "another machine's cache");
  ASSERT_OK(elsewhere->Delete("key"));
  ASSERT_OK(elsewhere->Put("key", "new bytes"));
  const auto view = MapVerified(*store_, "key", Hash64("new bytes"));
  ASSERT_OK(view);
  EXPECT_EQ((*view)->bytes(), "new bytes");
  EXPECT_THAT(MapVerified(*store_, "key", 1), FailsWith(Code::kDataLoss, "CHECKSUM_MISMATCH"));
}

// As the programs open it: settings from the environment.
class S3ByUri : public S3Store {
 protected:
  absl::Status OpenAgain(const std::string& uri) {
    setenv("AWS_ENDPOINT_URL", gateway_->endpoint().c_str(), 1);
    return OpenObjectStore({.uri = uri, .cache_dir = folder_.Under("uri-cache")}, files_.get()).status();
  }
  void TearDown() override { SetGatewayCredentials(kGatewayKey, kGatewaySecret); }
  std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
};

TEST_F(S3ByUri, OpensABucketAndAPrefix) {
  EXPECT_OK(OpenAgain("s3://bucket"));
  EXPECT_OK(OpenAgain("s3://bucket/not/there/yet/"));
}

TEST_F(S3ByUri, AMissingBucketIsSaid) {
  EXPECT_THAT(OpenAgain("s3://nowhere/x"), FailsWith(Code::kNotFound, "BUCKET_MISSING"));
  EXPECT_THAT(OpenAgain("s3://nowhere/x"), SaysThat("'nowhere'"));
}

TEST_F(S3ByUri, WrongAndMissingKeysAreSaidWithTheBucketAndTheVariable) {
  SetGatewayCredentials(kGatewayKey, "wrong");
  EXPECT_THAT(OpenAgain("s3://bucket/x"), FailsWith(Code::kPermissionDenied, "S3_ACCESS_DENIED"));
  EXPECT_THAT(OpenAgain("s3://bucket/x"), SaysThat("check AWS_ACCESS_KEY_ID"));
  SetGatewayCredentials("nobody", kGatewaySecret);
  EXPECT_THAT(OpenAgain("s3://bucket/x"), FailsWith(Code::kPermissionDenied, "S3_ACCESS_DENIED"));
  unsetenv("AWS_ACCESS_KEY_ID");
  unsetenv("AWS_SECRET_ACCESS_KEY");
  EXPECT_THAT(OpenAgain("s3://bucket/x"), FailsWith(Code::kPermissionDenied, "S3_ACCESS_DENIED"));
  EXPECT_THAT(OpenAgain("s3://bucket/x"), SaysThat("AWS_ACCESS_KEY_ID is not set"));
  EXPECT_THAT(OpenAgain("s3://bucket/x"), SaysThat("'bucket'"));
}

TEST_F(S3ByUri, WrongUrisAreSaid) {
  EXPECT_THAT(OpenAgain("s3://b"), FailsWith(Code::kInvalidArgument, "S3_URI_INVALID"));
  EXPECT_THAT(OpenAgain("s3://bucket/a b"), FailsWith(Code::kInvalidArgument, "KEY_INVALID"));
  EXPECT_THAT(OpenAgain("gs://bucket/x"), FailsWith(Code::kInvalidArgument, "OBJECTS_UNSUPPORTED"));
}

TEST_F(S3ByUri, AnObjectLargerThanTheCacheNamesTheFlag) {
  setenv("AWS_ENDPOINT_URL", gateway_->endpoint().c_str(), 1);
  const auto store = OpenObjectStore(
      {.uri = "s3://bucket", .cache_dir = folder_.Under("small-cache"), .cache_bytes = 1'000}, files_.get());
  ASSERT_OK(store);
  ASSERT_OK((*store)->Put("key", Bytes(5'000)));
  EXPECT_THAT((*store)->Map("key"), FailsWith(Code::kFailedPrecondition, "CACHE_TOO_SMALL"));
  EXPECT_THAT((*store)->Map("key"), SaysThat("--cache-bytes"));
}

}  // namespace
}  // namespace strata
