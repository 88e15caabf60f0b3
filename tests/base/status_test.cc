#include "base/status.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

absl::Status ColumnMissing() {
  return MakeError(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING", "no column 'amount'",
                   {{"file", "a.csv"}, {"column", "amount"}});
}

TEST(Status, AnErrorCarriesItsDetail) {
  const absl::Status status = ColumnMissing();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "no column 'amount'");
  const auto detail = DetailOf(status);
  ASSERT_TRUE(detail.has_value());
  EXPECT_EQ(*detail, (ErrorDetail{"COLUMN_MISSING", {{"file", "a.csv"}, {"column", "amount"}}}));
}

TEST(Status, ContextGoesBeforeTheMessageAndChangesNothingElse) {
  const absl::Status status = WithContext(WithContext(ColumnMissing(), "file 'a.csv'"), "job 'cdnow'");
  EXPECT_EQ(status.message(), "job 'cdnow': file 'a.csv': no column 'amount'");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DetailOf(status), DetailOf(ColumnMissing()));
  EXPECT_OK(WithContext(absl::OkStatus(), "anything"));
}

TEST(Status, OthersHaveNoDetail) {
  EXPECT_FALSE(DetailOf(absl::OkStatus()).has_value());
  EXPECT_FALSE(DetailOf(absl::InternalError("plain")).has_value());
  absl::Status garbled = ColumnMissing();
  garbled.SetPayload("strata/error_detail", absl::Cord("no such encoding"));
  EXPECT_FALSE(DetailOf(garbled).has_value());
}

TEST(Status, EveryCodeHasItsClass) {
  const std::pair<absl::StatusCode, ErrorClass> rows[] = {
      {absl::StatusCode::kUnavailable, ErrorClass::kRetryable},
      {absl::StatusCode::kAborted, ErrorClass::kRetryable},
      {absl::StatusCode::kDeadlineExceeded, ErrorClass::kRetryable},
      {absl::StatusCode::kResourceExhausted, ErrorClass::kRetryable},
      {absl::StatusCode::kUnknown, ErrorClass::kRetryable},
      {absl::StatusCode::kInvalidArgument, ErrorClass::kBadInput},
      {absl::StatusCode::kNotFound, ErrorClass::kBadInput},
      {absl::StatusCode::kAlreadyExists, ErrorClass::kBadInput},
      {absl::StatusCode::kFailedPrecondition, ErrorClass::kBadInput},
      {absl::StatusCode::kOutOfRange, ErrorClass::kBadInput},
      {absl::StatusCode::kPermissionDenied, ErrorClass::kBadInput},
      {absl::StatusCode::kUnauthenticated, ErrorClass::kBadInput},
      {absl::StatusCode::kInternal, ErrorClass::kFatal},
      {absl::StatusCode::kDataLoss, ErrorClass::kFatal},
      {absl::StatusCode::kUnimplemented, ErrorClass::kFatal},
      {absl::StatusCode::kCancelled, ErrorClass::kFatal},
  };
  for (const auto& [code, expected] : rows) EXPECT_EQ(ClassOf(absl::Status(code, "x")), expected) << code;
}

absl::StatusOr<std::unique_ptr<int>> Positive(int value) {
  if (value <= 0) return MakeError(absl::StatusCode::kOutOfRange, "NOT_POSITIVE", "not positive");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> SumOfPositives(int a, int b) {
  STRATA_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Positive(a));
  STRATA_RETURN_IF_ERROR(Positive(b).status());
  STRATA_ASSIGN_OR_RETURN(auto second, Positive(b));
  return *first + *second;
}

TEST(Status, MacrosReturnTheFirstErrorAndMoveTheValue) {
  const auto sum = SumOfPositives(1, 2);
  ASSERT_OK(sum);
  EXPECT_EQ(*sum, 3);
  for (const auto& [a, b] : {std::pair(0, 1), std::pair(1, 0)}) {
    EXPECT_THAT(SumOfPositives(a, b), FailsWith(absl::StatusCode::kOutOfRange, "NOT_POSITIVE")) << a << " " << b;
  }
}

}  // namespace
}  // namespace strata
