#include "data/source/time_reader.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "base/date.h"

namespace strata {
namespace {

TimeReader ReaderFor(const std::string& zone, const std::string& format = "") {
  Job job;
  job.time_zone = zone;
  job.transactions.time_format = format;
  return TimeReader::ForJob(job).value();
}

Cell Text(std::string_view text) { return {.kind = Cell::Kind::kText, .text = text}; }

// "YYYY-MM-DD hh:mm:ss.nnnnnnnnn", or the number of the fault.
std::string Read(const TimeReader& reader, const Cell& cell) {
  LocalTime local;
  const FaultKind fault = reader.ReadLocal(cell, &local);
  if (fault != FaultKind::kNone)
    return fmt::format("fault {}", ReasonOf(fault, FieldNamed("time", "t", "", FieldRead::kTime)));
  const int64_t seconds = local.nanos / 1'000'000'000;
  std::string text =
      fmt::format("{} {:02}:{:02}:{:02}", FormatDay(local.day), seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (local.nanos % 1'000'000'000 != 0) text += fmt::format(".{:09}", local.nanos % 1'000'000'000);
  return text;
}

struct Case {
  const char* text;
  const char* expected;
};

TEST(TimeReader, ReadsIso8601) {
  const TimeReader reader = ReaderFor("UTC");
  const Case cases[] = {
      {"2024-02-29", "2024-02-29 00:00:00"},
      {" 2024-02-29 ", "2024-02-29 00:00:00"},
      {"2024-02-29T13:05", "2024-02-29 13:05:00"},
      {"2024-02-29 13:05:59", "2024-02-29 13:05:59"},
      {"2024-02-29T13:05:59.5", "2024-02-29 13:05:59.500000000"},
      {"2024-02-29T13:05:59.123456789", "2024-02-29 13:05:59.123456789"},
      {"2024-02-29T13:05:59.1234567890", "2024-02-29 13:05:59.123456789"},
      {"2024-02-29T13:05:59.1234567891", "fault TIME_TOO_PRECISE"},
      {"2024-02-29T13:05Z", "2024-02-29 13:05:00"},
      {"2024-02-29T23:05:00-01:30", "2024-03-01 00:35:00"},
      {"2024-02-29T13:05+0130", "2024-02-29 11:35:00"},
      {"2024-02-29 13:05:00+00", "2024-02-29 13:05:00"},
      {"2024-02-29 13:05:00.25 +02:00", "2024-02-29 11:05:00.250000000"},
      {"1900-01-01", "1900-01-01 00:00:00"},
      {"2199-12-31T23:59:59.999999999", "2199-12-31 23:59:59.999999999"},
      {"2099-06-01", "2099-06-01 00:00:00"},  // a future day is a valid row
      {"", "fault MISSING_TIME"},
      {" \t", "fault MISSING_TIME"},
      {"2023-02-29", "fault DATE_IMPOSSIBLE"},
      {"2024-02-31", "fault DATE_IMPOSSIBLE"},
      {"2024-13-01", "fault DATE_IMPOSSIBLE"},
      {"2024-00-10", "fault DATE_IMPOSSIBLE"},
      {"2024-01-00", "fault DATE_IMPOSSIBLE"},
      {"1899-12-31", "fault DATE_OUT_OF_RANGE"},
      {"2200-01-01", "fault DATE_OUT_OF_RANGE"},
      {"0000-01-01", "fault DATE_OUT_OF_RANGE"},
      {"2199-12-31T23:59-01:00", "fault DATE_OUT_OF_RANGE"},  // the next year where the job lives
      {"2024-01-01T24:00", "fault TIME_IMPOSSIBLE"},
      {"2024-01-01T23:60", "fault TIME_IMPOSSIBLE"},
      {"2016-12-31T23:59:60Z", "fault TIME_IMPOSSIBLE"},
      {"2024-01-01T12:00+19:00", "fault TIME_IMPOSSIBLE"},
      {"2024-01-01T12:00+01:60", "fault TIME_IMPOSSIBLE"},
      {"2024-1-1", "fault TIME_MALFORMED"},
      {"20240101", "fault TIME_MALFORMED"},
      {"24-01-01", "fault TIME_MALFORMED"},
      {"01/02/2024", "fault TIME_MALFORMED"},
      {"2024-01-01T", "fault TIME_MALFORMED"},
      {"2024-01-01T12", "fault TIME_MALFORMED"},
      {"2024-01-01T12:00:", "fault TIME_MALFORMED"},
      {"2024-01-01T12:00:00.", "fault TIME_MALFORMED"},
      {"2024-01-01  12:00", "fault TIME_MALFORMED"},
      {"2024-01-01T12:00 UTC", "fault TIME_MALFORMED"},
      {"2024-01-01T12:00+1", "fault TIME_MALFORMED"},
      {"2024-01-01T12:00Zx", "fault TIME_MALFORMED"},
      {"2024-01-01Z", "fault TIME_MALFORMED"},
      {"now", "fault TIME_MALFORMED"},
  };
  for (const Case& c : cases) EXPECT_EQ(Read(reader, Text(c.text)), c.expected) << c.text;
}

TEST(TimeReader, ConvertsInstantsToTheJobsZoneAndLeavesLocalTimesAlone) {
  const TimeReader berlin = ReaderFor("Europe/Berlin");
  const Case cases[] = {
      {"2024-01-15T23:30Z", "2024-01-16 00:30:00"},     // winter, +01:00
      {"2024-07-15T22:30Z", "2024-07-16 00:30:00"},     // summer, +02:00
      {"2024-07-15T22:30", "2024-07-15 22:30:00"},      // as written
      {"2024-03-31T02:30", "2024-03-31 02:30:00"},      // skipped by the change, taken at face value
      {"2024-03-31T00:59:59Z", "2024-03-31 01:59:59"},  // the last second before the change
      {"2024-03-31T01:00:00Z", "2024-03-31 03:00:00"}, {"2024-10-27T00:30Z", "2024-10-27 02:30:00"},  // shown twice
      {"2024-10-27T01:30Z", "2024-10-27 02:30:00"},
  };
  for (const Case& c : cases) EXPECT_EQ(Read(berlin, Text(c.text)), c.expected) << c.text;
}

TEST(TimeReader, ReadsByFormat) {
  struct FormatCase {
    const char* format;
    const char* text;
    const char* expected;
  };
  const FormatCase cases[] = {
      {"%d/%m/%Y", "01/02/2024", "2024-02-01 00:00:00"},
      {"%d/%m/%Y", "1/2/2024", "2024-02-01 00:00:00"},
      {"%d/%m/%Y", "31/02/2024", "fault DATE_IMPOSSIBLE"},
      {"%d/%m/%Y", "2024-02-01", "fault TIME_MALFORMED"},
      {"%d/%m/%Y", "01/02/24", "fault TIME_MALFORMED"},
      {"%d/%m/%Y", "01/02/2024x", "fault TIME_MALFORMED"},
      {"%Y%m%d", "20240201", "2024-02-01 00:00:00"},
      {"%m/%d/%y %H:%M", "12/1/10 8:26", "2010-12-01 08:26:00"},
      {"%m/%d/%y", "12/31/69", "1969-12-31 00:00:00"},
      {"%m/%d/%y", "12/31/68", "2068-12-31 00:00:00"},
      {"%d-%b-%Y", "07-MAR-2021", "2021-03-07 00:00:00"},
      {"%d %b %Y", "7 March 2021", "2021-03-07 00:00:00"},
      {"%d %b %Y", "7 May 2021", "2021-05-07 00:00:00"},
      {"%d %b %Y", "7 Mrz 2021", "fault TIME_MALFORMED"},
      {"%Y-%m-%d %I:%M:%S %p", "2024-02-01 12:00:05 AM", "2024-02-01 00:00:05"},
      {"%Y-%m-%d %I:%M %p", "2024-02-01   12:30 pm", "2024-02-01 12:30:00"},
      {"%Y-%m-%d %I:%M %p", "2024-02-01 11:59 PM", "2024-02-01 23:59:00"},
      {"%Y-%m-%d %I:%M %p", "2024-02-01 13:00 PM", "fault TIME_IMPOSSIBLE"},
      {"%Y-%m-%d %I:%M %p", "2024-02-01 0:30 AM", "fault TIME_IMPOSSIBLE"},
      {"%Y-%m-%d %H:%M:%S UTC", "2019-10-01 00:00:01 UTC", "2019-10-01 00:00:01"},
      {"%Y-%m-%dT%H:%M:%S%z", "2019-10-01T23:00:01.5-02:00", "2019-10-02 01:00:01.500000000"},
      {"%H:%M %d.%m.%Y", "25:00 01.01.2024", "fault TIME_IMPOSSIBLE"},
      {"100%% %d.%m.%Y", "100% 01.01.2024", "2024-01-01 00:00:00"},
  };
  for (const FormatCase& c : cases) {
    EXPECT_EQ(Read(ReaderFor("UTC", c.format), Text(c.text)), c.expected) << c.format << " of " << c.text;
  }
}

TEST(TimeReader, ReadsTypedTimesWhateverTheFormat) {
  const TimeReader berlin = ReaderFor("Europe/Berlin", "%d/%m/%Y");
  const auto typed = [](Cell::Kind kind, int64_t seconds) {
    return Cell{.kind = kind, .nanos = 5, .seconds = seconds};
  };
  EXPECT_EQ(Read(berlin, typed(Cell::Kind::kLocalTime, 86'399)), "1970-01-01 23:59:59.000000005");
  EXPECT_EQ(Read(berlin, typed(Cell::Kind::kInstant, 86'399)), "1970-01-02 00:59:59.000000005");
  EXPECT_EQ(Read(berlin, typed(Cell::Kind::kLocalTime, -1)), "1969-12-31 23:59:59.000000005");
  for (const int64_t absurd : {INT64_MIN, INT64_MAX, int64_t{8'000'000'000}, int64_t{-3'000'000'000}}) {
    EXPECT_EQ(Read(berlin, typed(Cell::Kind::kInstant, absurd)), "fault DATE_OUT_OF_RANGE") << absurd;
    EXPECT_EQ(Read(berlin, typed(Cell::Kind::kLocalTime, absurd)), "fault DATE_OUT_OF_RANGE") << absurd;
    EXPECT_FALSE(DescribeTime(typed(Cell::Kind::kInstant, absurd)).empty());
  }
  EXPECT_EQ(Read(berlin, Cell{}), "fault MISSING_TIME");
  // The last second that is allowed, and the next one.
  const int64_t last = int64_t{ParseDay("2199-12-31").value()} * 86'400 + 86'399;
  EXPECT_EQ(Read(berlin, typed(Cell::Kind::kLocalTime, last)), "2199-12-31 23:59:59.000000005");
  EXPECT_EQ(Read(berlin, typed(Cell::Kind::kLocalTime, last + 1)), "fault DATE_OUT_OF_RANGE");
  EXPECT_EQ(Read(berlin, typed(Cell::Kind::kInstant, last)), "fault DATE_OUT_OF_RANGE");  // the next year in Berlin
}

TEST(TimeReader, InstantsForUpdatedAt) {
  const TimeReader berlin = ReaderFor("Europe/Berlin");
  struct InstantCase {
    const char* text;
    const char* utc;
  };
  const InstantCase cases[] = {
      {"2024-01-15T12:00:00.0000019", "2024-01-15T11:00:00.000001Z"},  // finer than a microsecond: rounded down
      {"2024-07-15T12:00", "2024-07-15T10:00Z"},
      {"2024-07-15T12:00-03:00", "2024-07-15T15:00Z"},
      {"2024-10-27T02:30", "2024-10-27T00:30Z"},  // shown twice: the first
      {"2024-10-27T01:30Z", "2024-10-27T01:30Z"},
      {"2024-03-31T02:30", "2024-03-31T01:00Z"},  // skipped: the change
  };
  for (const InstantCase& c : cases) {
    int64_t micros = 0;
    int64_t expected = 0;
    ASSERT_EQ(berlin.ReadInstantMicros(Text(c.text), &micros), FaultKind::kNone) << c.text;
    ASSERT_EQ(ReaderFor("UTC").ReadInstantMicros(Text(c.utc), &expected), FaultKind::kNone);
    EXPECT_EQ(micros, expected) << c.text;
  }
}

TEST(TimeReader, EveryDayOfTheCalendarAndNoOther) {
  const TimeReader reader = ReaderFor("UTC");
  for (int year : {1900, 1999, 2000, 2023, 2024, 2100}) {
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= 31; ++day) {
        const std::string text = fmt::format("{:04}-{:02}-{:02}", year, month, day);
        LocalTime local;
        const bool read = reader.ReadLocal(Text(text), &local) == FaultKind::kNone;
        ASSERT_EQ(read, ParseDay(text).ok()) << text;
        if (read) {
          ASSERT_EQ(FormatDay(local.day), text);
        }
      }
    }
  }
}

}  // namespace
}  // namespace strata
