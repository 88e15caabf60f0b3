// Days and times on the wire. Reading fails with INVALID_ARGUMENT (DATE_INVALID or TIME_INVALID), which names the
// field, what was found and what is allowed. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/date.h"
#include "base/status.h"

namespace google {
namespace type {
class Date;
}
namespace protobuf {
class Timestamp;
}
}  // namespace google

namespace strata {

void FillDate(Day day, google::type::Date* message);
absl::StatusOr<Day> ReadDate(const google::type::Date& message, std::string_view field);

// Milliseconds since 1970-01-01 UTC; before year 1 or after year 9999 a timestamp is invalid.
void FillTime(int64_t wall_ms, google::protobuf::Timestamp* message);
absl::StatusOr<int64_t> ReadTime(const google::protobuf::Timestamp& message, std::string_view field);

}  // namespace strata
