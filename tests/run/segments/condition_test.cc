#include "run/segments/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/base/status_matchers.h"
#include "tests/run/segments/sample_catalogue.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

absl::StatusOr<std::vector<Condition>> Parse(const std::vector<SegmentDefinition>& segments) {
  return ParseSegments(segments, SampleCatalogue(), "job.yaml");
}

SegmentDefinition Segment(std::string name, std::string condition, int line = 31) {
  return {.name = std::move(name), .title = "", .condition = std::move(condition), .line = line};
}

std::vector<std::string> NamesOf(const std::vector<Condition>& conditions) {
  std::vector<std::string> names;
  for (const Condition& condition : conditions) names.push_back(condition.name);
  return names;
}

std::string MessageOf(const absl::StatusOr<std::vector<Condition>>& parsed) {
  EXPECT_THAT(parsed, FailsWith(absl::StatusCode::kInvalidArgument, "SEGMENT_INVALID"));
  return std::string(parsed.status().message());
}

TEST(Segments, StandBehindTheOnesTheyUse) {
  const auto parsed = Parse({Segment("b", "rows > 1"), Segment("a", "segment('c') AND segment('b') OR segment('c')"),
                             Segment("c", "NOT segment('d')"), Segment("d", "TRUE")});
  ASSERT_OK(parsed);
  EXPECT_THAT(NamesOf(*parsed), ElementsAre("b", "d", "c", "a"));
  EXPECT_THAT(parsed->back().uses, ElementsAre("b", "c"));
  EXPECT_TRUE(parsed->front().uses.empty());
}

TEST(Segments, DoNotDependOnTheOrderTheyAreWrittenIn) {
  std::vector<SegmentDefinition> segments = {Segment("a", "segment('z')"), Segment("m", "segment('a')"),
                                             Segment("z", "TRUE")};
  const auto forward = Parse(segments);
  std::reverse(segments.begin(), segments.end());
  const auto backward = Parse(segments);
  ASSERT_OK(forward);
  ASSERT_OK(backward);
  EXPECT_EQ(NamesOf(*forward), NamesOf(*backward));
}

TEST(Segments, SayWhereTheirErrorIs) {
  const auto parsed = Parse({Segment("vip", "grade = 'A'\n  AND net >= 'x'")});
  EXPECT_EQ(MessageOf(parsed), "job.yaml:31: segments.vip:2:11: compares money with text; allowed: values of one type");
  EXPECT_THAT(DetailOf(parsed.status())->metadata,
              ElementsAre(Pair("column", "11"), Pair("file", "job.yaml"), Pair("line", "2"), Pair("segment", "vip")));
}

TEST(Segments, MayNotGoRoundInACircle) {
  const auto parsed = Parse({Segment("a", "TRUE AND segment('b')", 5), Segment("b", "segment('c')", 6),
                             Segment("c", "rows > 1 OR segment('b')", 7)});
  EXPECT_EQ(MessageOf(parsed),
            "job.yaml:7: segments.c:1:13: segments go round in a circle: b -> c -> b; allowed: segments that do not "
            "need themselves");
  EXPECT_EQ(MessageOf(Parse({Segment("a", "segment('a')", 5)})),
            "job.yaml:5: segments.a:1:1: segments go round in a circle: a -> a; allowed: segments that do not need "
            "themselves");
}

TEST(Segments, MustBeKnown) {
  EXPECT_EQ(MessageOf(Parse({Segment("lapsing", "TRUE"), Segment("vip", "NOT segment('lapsin')")})),
            "job.yaml:31: segments.vip:1:5: unknown segment 'lapsin'; did you mean 'lapsing'?; allowed: lapsing, vip");
}

TEST(Segments, AreNotAllListedWhereThereAreMany) {
  std::vector<SegmentDefinition> many = {Segment("a", "segment('zzzzzzzz')")};
  for (int i = 10; i < 50; ++i) many.push_back(Segment("s" + std::to_string(i), "TRUE"));
  const std::string message = MessageOf(Parse(many));
  EXPECT_THAT(message, ::testing::HasSubstr("allowed: a, s10, s11"));
  EXPECT_TRUE(message.ends_with("s28 and 21 more")) << message;
}

TEST(Segments, HaveNamesOfResources) {
  for (const char* name : {"", "Vip", "1a", "a b", "ä"}) {
    EXPECT_THAT(MessageOf(Parse({Segment(name, "TRUE")})), ::testing::HasSubstr("a small letter")) << name;
  }
  EXPECT_OK(Parse({Segment("a-1_b", "TRUE")}));
  EXPECT_OK(Parse({Segment(std::string(kMaxSegmentNameBytes, 'a'), "TRUE")}));
  EXPECT_THAT(MessageOf(Parse({Segment(std::string(kMaxSegmentNameBytes + 1, 'a'), "TRUE")})),
              ::testing::HasSubstr("a small letter"));
  EXPECT_THAT(MessageOf(Parse({Segment("a", "TRUE"), Segment("a", "FALSE")})), ::testing::HasSubstr("twice"));
}

TEST(Segments, HaveBoundsForNumberAndLength) {
  std::vector<SegmentDefinition> many;
  for (size_t i = 0; i < kMaxSegments; ++i) many.push_back(Segment("s" + std::to_string(i), "TRUE"));
  EXPECT_OK(Parse(many));
  many.push_back(Segment("one-more", "TRUE"));
  EXPECT_THAT(MessageOf(Parse(many)), ::testing::HasSubstr("found 1001 segments; allowed: 1000 at most"));
  const std::string blanks(kMaxConditionBytes - 4, ' ');
  EXPECT_OK(Parse({Segment("a", blanks + "TRUE")}));
  EXPECT_THAT(MessageOf(Parse({Segment("a", blanks + " TRUE")})),
              ::testing::HasSubstr("found a condition of 4097 bytes; allowed: 4096 at most"));
}

TEST(Segments, MayStandInALongRow) {
  std::vector<SegmentDefinition> row = {Segment("s0", "TRUE")};
  for (size_t i = 1; i < kMaxSegments; ++i) {
    row.push_back(Segment("s" + std::to_string(i), "segment('s" + std::to_string(i - 1) + "')"));
  }
  const auto parsed = Parse(row);
  ASSERT_OK(parsed);
  EXPECT_EQ(parsed->front().name, "s0");
  EXPECT_EQ(parsed->back().name, "s999");
}

TEST(Segments, ListTheirPercentilesOnce) {
  const auto parsed = Parse({Segment("a", "net > percentile_disc(net, 0.9) OR rows > percentile_disc(rows, 0)"),
                             Segment("b", "NOT (net < percentile_disc(net, 0.90) AND TRUE)"),
                             Segment("c", "net + 1 > percentile_disc(net, 0.5)")});
  ASSERT_OK(parsed);
  EXPECT_THAT(PercentilesOf(*parsed), ElementsAre(Pair("net", 500000), Pair("net", 900000), Pair("rows", 0)));
}

}  // namespace
}  // namespace strata
