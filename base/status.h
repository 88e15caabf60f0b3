// Errors as values. Every expected failure is an absl::Status that says what was found and what is allowed; a typed
// detail travels in the status's payload, so that a scheduler, a service or a person can act on it without reading
// text. Pure functions; thread-safe.
#pragma once

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace strata {

// What a scheduler may do about an error.
enum class ErrorClass {
  kRetryable,  // the same work may succeed elsewhere or later (a lost connection, a full disk)
  kFatal,      // the same work fails again (a bug, a broken invariant, corrupted state)
  kBadInput,   // a job, flag, source or request is not as described; only a person can mend it
};

// The closed, machine-readable part of an error. Becomes google.rpc.ErrorInfo on the wire.
struct ErrorDetail {
  std::string reason;                           // UPPER_SNAKE_CASE, e.g. "COLUMN_MISSING"; at most 63 characters
  std::map<std::string, std::string> metadata;  // e.g. {"file": "a.csv", "column": "amount"}

  bool operator==(const ErrorDetail&) const = default;
};

// A status with a detail. `code` must not be OK.
absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message,
                       std::map<std::string, std::string> metadata = {});

// The detail of a status made by MakeError, also after WithContext; nullopt for any other status.
std::optional<ErrorDetail> DetailOf(const absl::Status& status);

// The same status with `context: ` before its message; code and detail stay. OK stays OK.
absl::Status WithContext(const absl::Status& status, std::string_view context);

// Derived from the code: UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED and UNKNOWN are retryable;
// INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION, OUT_OF_RANGE, PERMISSION_DENIED and UNAUTHENTICATED
// are bad input; everything else is fatal. Precondition: !status.ok().
ErrorClass ClassOf(const absl::Status& status);

// A text of std::string_view as Abseil's own type (Debian's Abseil does not use std's).
inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view StdView(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace strata

#define STRATA_RETURN_IF_ERROR(expression)                                                       \
  do {                                                                                           \
    if (absl::Status strata_status_ = (expression); !strata_status_.ok()) return strata_status_; \
  } while (false)

#define STRATA_CONCAT_INNER_(a, b) a##b
#define STRATA_CONCAT_(a, b) STRATA_CONCAT_INNER_(a, b)
#define STRATA_ASSIGN_OR_RETURN_IMPL_(temporary, target, expression) \
  auto temporary = (expression);                                     \
  if (!temporary.ok()) return temporary.status();                    \
  target = *std::move(temporary)
#define STRATA_ASSIGN_OR_RETURN(target, expression) \
  STRATA_ASSIGN_OR_RETURN_IMPL_(STRATA_CONCAT_(strata_or_, __LINE__), target, expression)
