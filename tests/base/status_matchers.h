// What tests ask of a Status or StatusOr, so that a failure prints the status and not "false".
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "base/status.h"

namespace strata {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "fails" : "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// A status of this code with this reason in its detail.
MATCHER_P2(FailsWith, code, reason, "fails with " + absl::StatusCodeToString(code) + " " + reason) {
  const absl::Status& status = StatusOf(arg);
  const auto detail = DetailOf(status);
  *result_listener << status.ToString() << ", reason " << (detail.has_value() ? detail->reason : "(none)");
  return status.code() == code && detail.has_value() && detail->reason == reason;
}

// A status whose message has this text.
MATCHER_P(SaysThat, text, std::string("says '") + text + "'") {
  *result_listener << StatusOf(arg).ToString();
  return StdView(StatusOf(arg).message()).find(text) != std::string_view::npos;
}

}  // namespace strata

#define ASSERT_OK(expression) ASSERT_THAT((expression), ::strata::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT((expression), ::strata::IsOk())
