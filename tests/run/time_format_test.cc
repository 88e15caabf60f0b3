#include "run/time_format.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(TimeFormat, CompilesConversionsBlanksAndLiterals) {
  const auto items = CompileTimeFormat("%d.%m.%Y  %H:%M%%");
  ASSERT_TRUE(items.ok()) << items.status();
  std::string shape;
  for (const TimeFormatItem& item : *items) {
    shape += item.conversion == 0 ? std::string{item.literal} : std::string{'<', item.conversion, '>'};
  }
  EXPECT_EQ(shape, "<d>.<m>.<Y>< ><H>:<M>%");
}

TEST(TimeFormat, RefusesWhatNamesNoPointOfTime) {
  struct Case {
    const char* format;
    const char* message;
  };
  const Case cases[] = {
      {"%Y-%m", "must name the day"},
      {"%d/%m", "must name the year once"},
      {"%Y %y %m %d", "must name the year once"},
      {"%Y-%d", "must name the month once"},
      {"%Y-%m-%b-%d", "must name the month once"},
      {"%Y-%m-%d %H", "hour and minute together"},
      {"%Y-%m-%d %M", "hour and minute together"},
      {"%Y-%m-%d %I:%M", "%I and %p together"},
      {"%Y-%m-%d %H:%M %p", "%I and %p together"},
      {"%Y-%m-%d %H %I:%M %p", "the hour twice"},
      {"%Y-%m-%d %S", "seconds without hour"},
      {"%Y-%m-%d %z", "without hour and minute"},
      {"%Y-%m-%d %Y", "'%Y' twice"},
      {"%Y-%m-%d %Q", "'%Q'"},
      {"%Y-%m-%d %", "has '%'"},
      {"yesterday", "must name the year once"},
  };
  for (const Case& c : cases) {
    const auto items = CompileTimeFormat(c.format);
    ASSERT_FALSE(items.ok()) << c.format;
    EXPECT_EQ(items.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_NE(std::string(items.status().message()).find(c.message), std::string::npos)
        << c.format << ": " << items.status();
  }
  EXPECT_FALSE(CompileTimeFormat("%Y-%m-%d" + std::string(kMaxTimeFormatBytes, 'x')).ok());
}

}  // namespace
}  // namespace strata
