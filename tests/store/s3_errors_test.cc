#include "store/s3_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "store/s3_address.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using Code = absl::StatusCode;

// Texts as Arrow 26 tells them, from a versitygw and from stopped servers.
TEST(S3Errors, AreTypedByWhatTheLibrarySays) {
  const struct {
    const char* text;
    Code code;
    const char* reason;
  } rows[] = {
      {"IOError: Path does not exist 'bucket/x'. Detail: [errno 2] No such file or directory", Code::kNotFound,
       "OBJECT_MISSING"},
      {"IOError: AWS Error RESOURCE_NOT_FOUND during GetObject operation: ", Code::kNotFound, "OBJECT_MISSING"},
      {"IOError: When uploading object with key 'x' in bucket 'b': AWS Error NO_SUCH_BUCKET during PutObject "
       "operation: "
       "The specified bucket does not exist. (Request ID: VU83SY377QGDQPUL)",
       Code::kNotFound, "BUCKET_MISSING"},
      {"IOError: When reading information for key 'x' in bucket 'b': AWS Error NETWORK_CONNECTION during HeadObject "
       "operation: curlCode: 7, Could not connect to server",
       Code::kUnavailable, "S3_UNAVAILABLE"},
      {"IOError: AWS Error UNKNOWN (HTTP status 503) during PutObject operation: Unable to parse ExceptionName: X",
       Code::kUnavailable, "S3_UNAVAILABLE"},
      {"IOError: AWS Error SLOW_DOWN during PutObject operation: Please reduce your request rate.", Code::kUnavailable,
       "S3_UNAVAILABLE"},
      {"IOError: AWS Error UNKNOWN (HTTP status 400) during PutObject operation: Unable to parse ExceptionName: "
       "BadDigest Message: The CRC64NVME you specified did not match the calculated checksum.",
       Code::kUnavailable, "S3_UNAVAILABLE"},
      {"IOError: AWS Error UNKNOWN (HTTP status 429) during GetObject operation: ", Code::kUnavailable,
       "S3_UNAVAILABLE"},
      {"IOError: AWS Error INTERNAL_FAILURE during GetObject operation: ", Code::kUnavailable, "S3_UNAVAILABLE"},
      {"IOError: AWS Error ACCESS_DENIED during HeadObject operation: No response body.", Code::kPermissionDenied,
       "S3_ACCESS_DENIED"},
      {"IOError: AWS Error UNKNOWN (HTTP status 403) during ListObjectsV2 operation: ", Code::kPermissionDenied,
       "S3_ACCESS_DENIED"},
      {"IOError: AWS Error SIGNATURE_DOES_NOT_MATCH during PutObject operation: ", Code::kPermissionDenied,
       "S3_ACCESS_DENIED"},
      {"IOError: AWS Error UNKNOWN (HTTP status 400) during HeadObject operation: Unable to parse ExceptionName: "
       "ExpiredToken Message: The provided token has expired.",
       Code::kPermissionDenied, "S3_ACCESS_DENIED"},
      {"IOError: AWS Error UNKNOWN (HTTP status 301) during HeadObject operation: No response body.",
       Code::kInvalidArgument, "S3_REGION_WRONG"},
      {"IOError: AWS Error UNKNOWN (HTTP status 400) during PutObject operation: Unable to parse ExceptionName: "
       "InvalidArgument Message: x",
       Code::kInternal, "S3_ERROR"},
      {"Invalid: something else", Code::kInternal, "S3_ERROR"},
  };
  for (const auto& row : rows) {
    const absl::Status status = S3Error(row.text, {.bucket = "bucket", .key = "x"}, {});
    EXPECT_THAT(status, FailsWith(row.code, row.reason)) << row.text;
    EXPECT_THAT(status, SaysThat("bucket")) << row.text;
  }
}

TEST(S3Errors, ADeniedAccessSaysWhatIsMissing) {
  const char* text = "IOError: AWS Error ACCESS_DENIED during ListObjectsV2 operation: Access Denied.";
  EXPECT_THAT(S3Error(text, {.bucket = "nightly"}, {.missing = "AWS_ACCESS_KEY_ID is not set"}),
              SaysThat("AWS_ACCESS_KEY_ID is not set"));
  EXPECT_THAT(S3Error(text, {.bucket = "nightly"}, {}), SaysThat("check AWS_ACCESS_KEY_ID"));
}

TEST(S3Errors, AnAnswerOfAWholePageIsCut) {
  const absl::Status status =
      S3Error("IOError: AWS Error SLOW_DOWN " + std::string(1'000'000, 'x'), {.bucket = "b"}, {});
  EXPECT_LT(status.message().size(), 1'000u);
}

TEST(S3Uris, AreABucketAndAKey) {
  const struct {
    const char* uri;
    const char* bucket;
    const char* key;
    const char* canonical;
  } rows[] = {{"s3://nightly", "nightly", "", "s3://nightly"},
              {"s3://nightly/", "nightly", "", "s3://nightly"},
              {"s3://my.bucket-1/a/b", "my.bucket-1", "a/b", "s3://my.bucket-1/a/b"},
              {"s3://nightly/a b/c*.csv/", "nightly", "a b/c*.csv", "s3://nightly/a b/c*.csv"}};
  for (const auto& row : rows) {
    const auto address = ParseS3Uri(row.uri);
    ASSERT_OK(address) << row.uri;
    EXPECT_EQ(address->bucket, row.bucket);
    EXPECT_EQ(address->key, row.key);
    EXPECT_EQ(S3Uri(*address), row.canonical);
  }
  for (const char* uri :
       {"", "folder/x", "s3:/nightly/x", "s3://", "s3:///x", "s3://ab", "s3://Nightly/x", "s3://a_b_c/x",
        "s3://nightly//x", "s3://nightly/a//b", "s3://nightly/a//", "S3://nightly/x", "s3://nightly?endpoint=x"}) {
    EXPECT_THAT(ParseS3Uri(uri), FailsWith(Code::kInvalidArgument, "S3_URI_INVALID")) << uri;
    EXPECT_THAT(ParseS3Uri(uri), SaysThat("s3://bucket/prefix")) << uri;
  }
}

S3Settings Settings(const std::map<std::string, std::string>& variables) {
  const auto settings = ReadS3Settings([&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
  EXPECT_OK(settings);
  return settings.value_or(S3Settings{});
}

TEST(S3Settings, ComeFromTheVariablesOfTheAwsTools) {
  const S3Settings own = Settings({{"AWS_ENDPOINT_URL", "https://other"},
                                   {"AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000/"},
                                   {"AWS_ACCESS_KEY_ID", "k"},
                                   {"AWS_SECRET_ACCESS_KEY", "s"}});
  EXPECT_EQ(own.scheme, "http");
  EXPECT_EQ(own.endpoint, "127.0.0.1:9000");
  EXPECT_EQ(own.region, "us-east-1");
  EXPECT_EQ(own.missing, "");
  const S3Settings aws = Settings({{"AWS_DEFAULT_REGION", "eu-west-1"}, {"AWS_ACCESS_KEY_ID", "k"}});
  EXPECT_EQ(aws.endpoint, "");
  EXPECT_EQ(aws.region, "eu-west-1");
  EXPECT_EQ(aws.missing, "AWS_SECRET_ACCESS_KEY is not set");
  EXPECT_EQ(Settings({{"AWS_REGION", "eu-north-1"}, {"AWS_DEFAULT_REGION", "x"}}).region, "eu-north-1");
  EXPECT_EQ(Settings({}).missing, "AWS_ACCESS_KEY_ID is not set, AWS_SECRET_ACCESS_KEY is not set");
  EXPECT_EQ(Settings({{"AWS_PROFILE", "nightly"}}).missing, "");
}

TEST(S3Settings, AWrongEndpointNamesTheVariable) {
  for (const char* url : {"127.0.0.1:9000", "ftp://host", "http://", "http://host/path", "https://key@host"}) {
    const auto settings = ReadS3Settings([&](const char* name) -> std::optional<std::string> {
      return std::string(name) == "AWS_ENDPOINT_URL" ? std::optional<std::string>(url) : std::nullopt;
    });
    EXPECT_THAT(settings, FailsWith(Code::kInvalidArgument, "S3_SETTINGS_INVALID")) << url;
    EXPECT_THAT(settings, SaysThat("AWS_ENDPOINT_URL")) << url;
  }
}

}  // namespace
}  // namespace strata
