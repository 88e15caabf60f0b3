#include "base/byte_size.h"

#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

TEST(ByteSizes, AreNumbersWithBinarySuffixes) {
  const struct {
    const char* text;
    uint64_t bytes;
    const char* shortest;
  } rows[] = {{"1", 1, "1"},
              {"1000", 1'000, "1000"},
              {"1024", 1'024, "1KiB"},
              {"64KiB", 65'536, "64KiB"},
              {"1024KiB", 1'048'576, "1MiB"},
              {"10GiB", 10'737'418'240, "10GiB"},
              {"9223372036854775807", 9'223'372'036'854'775'807u, "9223372036854775807"}};
  for (const auto& row : rows) {
    const auto bytes = ParseByteSize(row.text);
    ASSERT_OK(bytes) << row.text;
    EXPECT_EQ(*bytes, row.bytes);
    EXPECT_EQ(FormatByteSize(row.bytes), row.shortest);
    EXPECT_EQ(*ParseByteSize(FormatByteSize(row.bytes)), row.bytes);
  }
}

TEST(ByteSizes, AreRefusedWithWhatIsAllowed) {
  for (const char* text : {"", "0", "0GiB", "-1", "+1", "1.5GiB", "10 GiB", "10GB", "10gib", "10G", "GiB", "ten",
                           "0x10", "9223372036854775808", "8589934592GiB", "99999999999999999999"}) {
    EXPECT_THAT(ParseByteSize(text), FailsWith(absl::StatusCode::kInvalidArgument, "BYTES_INVALID")) << text;
    EXPECT_THAT(ParseByteSize(text), SaysThat("GiB")) << text;
  }
}

}  // namespace
}  // namespace strata
