// The section `segments` of a job file.
#include "run/job_segments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <string>

#include "run/job_file.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

// Line 1 to 13; whatever is appended begins on line 14.
constexpr char kHead[] = R"(name: shop
currency: EUR
sources:
  transactions:
    uri: t.csv
    columns: {customer_id: c, time: t, amount: a, quantity: q, category: k, order_id: o}
  customers:
    uri: c.csv
    columns: {customer_id: c, gender: g}
models:
  rfm: {grid: eight}
  value:
  life_cycle:
)";

absl::StatusOr<Job> WithSegments(const std::string& segments) { return ParseJob(kHead + segments, "job.yaml"); }

TEST(JobSegments, AreReadByName) {
  const auto job = WithSegments(R"yaml(segments:
  vip: grade = 'A' AND net >= 500
  lapsing:
    where: "purchase_days >= 3 AND NOT EXISTS (SELECT * FROM transactions WHERE days_ago < 60)"
    title: Lapsing
  tea: (SELECT count(*) FROM transactions WHERE category = 'tea' AND NOT is_return) >= 3
  both: segment('vip') AND customers.gender = 'female' AND rfm_segment <> 'lost'
)yaml");
  ASSERT_OK(job);
  ASSERT_EQ(job->segments.size(), 4u);
  EXPECT_EQ(job->segments[0].name, "both");
  EXPECT_EQ(job->segments[1].title, "Lapsing");
  EXPECT_EQ(job->segments[1].line, 17);
  EXPECT_EQ(job->segments[3].condition, "grade = 'A' AND net >= 500");
  EXPECT_EQ(job->segments[3].line, 15);
  const auto conditions = ConditionsOf(*job, "job.yaml");
  ASSERT_OK(conditions);
  EXPECT_EQ(conditions->at(0).name, "vip") << "it is used by the first one";
}

TEST(JobSegments, AJobWithoutThemHasNone) {
  const auto job = WithSegments("");
  ASSERT_OK(job);
  EXPECT_TRUE(job->segments.empty());
  EXPECT_TRUE(ConditionsOf(*job, "job.yaml")->empty());
}

TEST(JobSegments, ErrorsSayWhereAndWhatIsAllowed) {
  const std::tuple<const char*, const char*, const char*> kCases[] = {
      {"segments: 5\n", "JOB_INVALID", "job.yaml:14: segments: found '5'; allowed: a mapping from names to conditions"},
      {"segments:\n  a:\n", "JOB_INVALID", "job.yaml:15: segments.a"},
      {"segments:\n  a: {title: x}\n", "JOB_INVALID", "job.yaml:15: segments.a.where: the key is missing; allowed: a condition"},
      {"segments:\n  a: {where: TRUE, sql: x}\n", "JOB_INVALID", "job.yaml:15: segments.a.sql"},
      {"segments:\n  a: [net > 1]\n", "JOB_INVALID", "job.yaml:15: segments.a"},
      {"segments:\n  Bad name: net > 1\n", "SEGMENT_INVALID",
       "job.yaml:15: segments.Bad name: found this name; allowed"},
      {"segments:\n  champions: net > 1\n", "JOB_INVALID", "segments.champions: is the name of a segment that models make"},
      {"segments:\n  cluster-1: net > 1\n", "JOB_INVALID", "allowed: another name"},
      {"segments:\n  a: net > 1\n  b: net >\n", "SEGMENT_INVALID", "job.yaml:16: segments.b:1:6: "},
      {"segments:\n  a: gross_magrin > 1\n", "SEGMENT_INVALID",
       "job.yaml:15: segments.a:1:1: unknown column gross_magrin"},
      {"segments:\n  a: grade = 'E'\n", "SEGMENT_INVALID", "'E' is no word of grade"},
      {"segments:\n  a: grade > 5\n", "SEGMENT_INVALID", "compares text with integer"},
      {"segments:\n  a: customers.region = 'north'\n", "SEGMENT_INVALID", "sources.customers.columns.region"},
      {"segments:\n  a: customer_kind = 'quality' AND amount_level = 'low'\n", "SEGMENT_INVALID", "models.levels"},
      {"segments:\n  a: rfm_recency < 5\n", "SEGMENT_INVALID", "models.rfm.window"},
      {"segments:\n  a: rfm_segment = 'champions'\n", "SEGMENT_INVALID", "important_value"},
      {"segments:\n  a: p_alive > 0.5\n", "SEGMENT_INVALID", "models.lifetime"},
      {"segments:\n  a: EXISTS (SELECT * FROM cases)\n", "SEGMENT_INVALID", "sources.cases"},
      {"segments:\n  a: EXISTS (SELECT * FROM transactions WHERE channel = 'web')\n", "SEGMENT_INVALID",
       "sources.transactions.columns.channel"},
      {"segments:\n  a: segment('b')\n", "SEGMENT_INVALID", "unknown segment 'b'"},
      {"segments:\n  a: segment('b')\n  b: NOT segment('a')\n", "SEGMENT_INVALID", "a -> b -> a"},
      {"segments:\n  a:\n    where: |\n      net > 1 AND\n        wrong < 2\n", "SEGMENT_INVALID",
       "job.yaml:16: segments.a:2:3: unknown column wrong"},
  };
  for (const auto& [segments, reason, message] : kCases) {
    const auto job = WithSegments(segments);
    EXPECT_THAT(job, FailsWith(absl::StatusCode::kInvalidArgument, reason)) << segments;
    EXPECT_THAT(std::string(job.status().message()), HasSubstr(message)) << segments;
  }
}

TEST(JobSegments, TransactionsWithoutDetailsHaveNoEvents) {
  std::string yaml(kHead);
  yaml.replace(yaml.find("uri: t.csv"), 10, "lines: drop\n    uri: t.csv");
  const auto job = ParseJob(yaml + "segments:\n  a: EXISTS (SELECT * FROM transactions)\n", "job.yaml");
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(std::string(job.status().message()), HasSubstr("lines: keep"));
}

TEST(JobSegments, ThereAreAThousandAtMost) {
  std::string segments = "segments:\n";
  for (size_t i = 0; i < kMaxSegments; ++i) segments += fmt::format("  s{}: net>1\n", i);
  EXPECT_OK(WithSegments(segments));
  EXPECT_THAT(WithSegments(segments + "  another: net>1\n"),
              FailsWith(absl::StatusCode::kInvalidArgument, "JOB_INVALID"));
}

}  // namespace
}  // namespace strata
