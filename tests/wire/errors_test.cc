#include "wire/errors.h"

#include <gtest/gtest.h>

#include <random>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/base/status_matchers.h"
#include "wire/text.h"

namespace strata {
namespace {

using absl::StatusCode;

// What gRPC's default limit for received metadata leaves for an error, with percent-encoding at its worst.
constexpr size_t kMetadataLimitBytes = 8192;
size_t WorstWireBytes(const grpc::Status& status) {
  return 3 * status.error_message().size() + (status.error_details().size() + 2) / 3 * 4;
}

void ExpectSame(const absl::Status& expected, const absl::Status& actual) {
  EXPECT_EQ(actual.code(), expected.code());
  EXPECT_EQ(actual.message(), expected.message());
  EXPECT_EQ(DetailOf(actual), DetailOf(expected));
}

TEST(Errors, SurviveBothWaysWithCodeMessageAndDetail) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status error =
        MakeError(static_cast<StatusCode>(code), "COLUMN_MISSING", "caf\xc3\xa9.csv: no column 'amount'",
                  {{"file", "caf\xc3\xa9.csv"}, {"column", "amount"}, {"empty", ""}});
    ExpectSame(error, FromGrpcStatus(ToGrpcStatus(error)));
    ExpectSame(error, FromRpcStatus(ToRpcStatus(error)));
    EXPECT_EQ(ToGrpcStatus(error).error_code(), code);
    EXPECT_EQ(ToGrpcStatus(error).error_message(), "caf\xc3\xa9.csv: no column 'amount'");
  }
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_OK(FromGrpcStatus(grpc::Status::OK));
  EXPECT_OK(FromRpcStatus(ToRpcStatus(absl::OkStatus())));
}

TEST(Errors, CarryOneErrorInfoOfOurDomain) {
  google::rpc::Status packed;
  ASSERT_TRUE(packed.ParseFromString(
      ToGrpcStatus(MakeError(StatusCode::kNotFound, "JOB_UNKNOWN", "no job", {{"job", "a"}})).error_details()));
  ASSERT_EQ(packed.details_size(), 1);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(packed.details(0).UnpackTo(&info));
  EXPECT_EQ(info.domain(), "strata");
  EXPECT_EQ(info.reason(), "JOB_UNKNOWN");
  EXPECT_EQ(info.metadata().at("job"), "a");
}

TEST(Errors, WithoutDetailGetTheirCodeAsReason) {
  const absl::Status plain = absl::UnavailableError("the disk is gone");
  EXPECT_THAT(FromGrpcStatus(ToGrpcStatus(plain)), FailsWith(StatusCode::kUnavailable, "UNAVAILABLE"));
  // As gRPC itself makes them.
  EXPECT_THAT(FromGrpcStatus(grpc::Status(grpc::DEADLINE_EXCEEDED, "Deadline Exceeded")),
              FailsWith(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST(Errors, DetailsOfOthersDoNotPassForOurs) {
  google::rpc::ErrorInfo info;
  info.set_reason("QUOTA");
  info.set_domain("somewhere.else");
  google::rpc::Status packed;
  packed.set_code(8);
  packed.set_message("theirs");
  packed.add_details()->PackFrom(info);
  EXPECT_THAT(FromRpcStatus(packed), FailsWith(StatusCode::kResourceExhausted, "RESOURCE_EXHAUSTED"));

  const grpc::Status damaged(grpc::NOT_FOUND, "text", "\xff\xff not a message");
  EXPECT_THAT(FromGrpcStatus(damaged), FailsWith(StatusCode::kNotFound, "NOT_FOUND"));
  const grpc::Status rewritten(grpc::UNAVAILABLE, "proxy", packed.SerializeAsString());
  EXPECT_THAT(FromGrpcStatus(rewritten), FailsWith(StatusCode::kUnavailable, "UNAVAILABLE"));
}

TEST(Errors, CodesThatDoNotExistBecomeUnknown) {
  google::rpc::Status packed;
  packed.set_code(99);
  EXPECT_EQ(FromRpcStatus(packed).code(), StatusCode::kUnknown);
  packed.set_code(-1);
  EXPECT_EQ(FromRpcStatus(packed).code(), StatusCode::kUnknown);
}

TEST(Errors, BytesThatAreNotTextAreShown) {
  const absl::Status error =
      MakeError(StatusCode::kInvalidArgument, "VALUE_INVALID", "found 'Zo\xeb'", {{"value", "\xff"}});
  const absl::Status arrived = FromGrpcStatus(ToGrpcStatus(error));
  EXPECT_EQ(arrived.message(), "found 'Zo\\xeb'");
  EXPECT_EQ(DetailOf(arrived)->metadata.at("value"), "\\xff");
}

TEST(Errors, LongOnesAreCutAndSaySo) {
  const absl::Status error = MakeError(StatusCode::kInvalidArgument, "JOB_INVALID", std::string(5000, 'm'),
                                       {{"a", "kept"}, {"b", std::string(2000, 'v')}, {"c", "kept too"}});
  const absl::Status arrived = FromGrpcStatus(ToGrpcStatus(error));
  EXPECT_THAT(arrived, SaysThat("[cut, 5000 bytes in all]"));
  EXPECT_EQ(DetailOf(arrived)->metadata,
            (std::map<std::string, std::string>{{"a", "kept"}, {"c", "kept too"}, {"metadata_left_out", "1"}}));
  // As a field of a message nothing is cut.
  ExpectSame(error, FromRpcStatus(ToRpcStatus(error)));
}

TEST(Errors, AlwaysFitTheMetadataOfACall) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto text = [&random](size_t max_bytes) {
      std::string bytes(random() % max_bytes, ' ');
      for (char& byte : bytes) byte = static_cast<char>(random());
      return bytes;
    };
    std::map<std::string, std::string> metadata;
    for (uint64_t n = random() % 40; n > 0; --n) metadata[text(30)] = text(400);
    const grpc::Status status = ToGrpcStatus(MakeError(StatusCode::kInternal, "X", text(20'000), metadata));
    EXPECT_LT(WorstWireBytes(status), kMetadataLimitBytes) << "seed " << seed;
    EXPECT_TRUE(IsUtf8(status.error_message())) << "seed " << seed;
    EXPECT_THAT(FromGrpcStatus(status), FailsWith(StatusCode::kInternal, "X")) << "seed " << seed;
  }
}

}  // namespace
}  // namespace strata
