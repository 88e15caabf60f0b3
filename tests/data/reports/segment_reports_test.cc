// The reports on a job's own segments: their laws, and their tables against counting customer by customer.
#include <gtest/gtest.h>

#include <deque>

#include <map>
#include <random>
#include <set>
#include <string>

#include "data/reports/reports.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;

// Shards of random customers with members of "a", "b" and "c"; the followed snapshot had "a", with another condition,
// and "b".
class SegmentBase {
 public:
  SegmentBase(uint64_t seed, size_t shards) {
    std::mt19937_64 random(seed);
    job_.segments = {{"a", "Those of a", "net > 1", 1}, {"b", "", "net > 2", 2}, {"c", "", "net > 3", 3}};
    for (size_t i = 0; i < shards; ++i) {
      Part& part = parts_.emplace_back();
      const size_t customers = i == 1 ? 0 : random() % 300;
      for (size_t row = 0; row < customers; ++row) part.net.push_back(static_cast<int64_t>(random() % 1'000'000'000));
      part.hash.assign(customers, 0);
      part.now = Bits({"a", "b", "c"}, {"a2", "b1", "c1"}, customers, &random);
      part.before = Bits({"a", "b"}, {"a1", "b1"}, customers, &random);
      part.left = {static_cast<int64_t>(random() % 9), static_cast<int64_t>(random() % 9), kNoWhole};
      part.today.hash = part.hash;
      part.today.net_micros = part.net;
      customers_ += static_cast<int64_t>(customers);
    }
    for (Part& part : parts_) {
      ReportShard& shard = shards_.emplace_back();
      shard.as_of = kAsOf;
      shard.job = &job_;
      shard.today = &part.today;
      shard.members = &part.now;
      shard.members_before = &part.before;
      shard.left_by_segment = part.left;
    }
  }
  SegmentBase(const SegmentBase&) = delete;
  SegmentBase& operator=(const SegmentBase&) = delete;

  struct Part {
    std::vector<uint64_t> hash;
    std::vector<int64_t> net, left;
    CustomerColumns today;
    MemberBits now, before;
  };
  const std::deque<Part>& parts() const { return parts_; }
  const std::vector<ReportShard>& shards() const { return shards_; }
  ReportFacts facts() const { return {.as_of = kAsOf, .job = &job_, .customers = customers_}; }

 private:
  static MemberBits Bits(std::vector<std::string> names, std::vector<std::string> definitions, size_t customers,
                         std::mt19937_64* random) {
    MemberBits members{std::move(names), std::move(definitions), {}};
    for (size_t i = 0; i < members.names.size(); ++i) {
      std::vector<uint64_t>& bits = members.bits.emplace_back((customers + 63) / 64);
      for (size_t row = 0; row < customers; ++row) bits[row / 64] |= uint64_t{(*random)() % (i + 2) == 0} << row % 64;
    }
    return members;
  }

  Job job_;
  std::deque<Part> parts_;
  std::vector<ReportShard> shards_;
  int64_t customers_ = 0;
};

ReportTable TableOf(const RegisteredReport& report, const SegmentBase& base) {
  std::vector<std::string> blobs;
  for (const ReportShard& shard : base.shards()) {
    const auto blob = AccumulateReports({&report}, shard);
    EXPECT_OK(blob);
    blobs.push_back(*blob);
  }
  const auto tables = FinishReports({&report}, blobs, base.facts());
  EXPECT_OK(tables);
  return tables.ok() ? tables->front() : ReportTable();
}

// The partial of several shards is that of one after the other, in any order and grouping.
void ExpectMergesAlike(const RegisteredReport& report, const SegmentBase& base) {
  std::vector<std::string> partials;
  for (const ReportShard& shard : base.shards()) {
    const auto partial = report.accumulate(shard);
    ASSERT_OK(partial);
    partials.push_back(*partial);
    EXPECT_EQ(*report.merge({*partial}), *partial) << "encoding loses nothing, the empty partial is neutral";
  }
  const std::string all = *report.merge({partials.begin(), partials.end()});
  const std::string left = *report.merge({*report.merge({partials[0], partials[1]}), partials[2]});
  const std::string right = *report.merge({*report.merge({partials[2], partials[1]}), partials[0]});
  EXPECT_EQ(left, all);
  EXPECT_EQ(right, all);
  for (size_t size = 0; size < all.size(); size += 1 + all.size() / 40) {
    EXPECT_FALSE(report.merge({std::string_view(all).substr(0, size)}).ok()) << size << " bytes of " << all.size();
  }
}

TEST(UserSegments, KeepsTheLaws) { ExpectMergesAlike(UserSegmentsReport(), SegmentBase(1, 3)); }
TEST(SegmentOverlap, KeepsTheLaws) { ExpectMergesAlike(SegmentOverlapReport(), SegmentBase(1, 3)); }

TEST(UserSegments, CountsMembersOneByOne) {
  const SegmentBase base(2, 5);
  const ReportTable table = TableOf(UserSegmentsReport(), base);
  ASSERT_EQ(table.rows, 3u);
  for (size_t i = 0; i < 3; ++i) {
    int64_t customers = 0, net = 0, entered = 0, left = 0;
    for (const SegmentBase::Part& part : base.parts()) {
      left += part.left[i];
      for (size_t row = 0; row < part.net.size(); ++row) {
        if (!part.now.Has(i, row)) continue;
        ++customers;
        net += part.net[row];
        if (i < 2) entered += part.before.Has(i, row) ? 0 : 1;
      }
    }
    ASSERT_GT(customers, 0);
    EXPECT_EQ(table.text[0][i], std::string(1, static_cast<char>('a' + i)));
    EXPECT_EQ(table.whole[2][i], customers);
    EXPECT_DOUBLE_EQ(table.number[3][i], static_cast<double>(customers) / static_cast<double>(base.facts().customers));
    EXPECT_EQ(table.whole[4][i], i < 2 ? entered : kNoWhole);
    EXPECT_EQ(table.whole[5][i], i < 2 ? left : kNoWhole);
    EXPECT_EQ(table.whole[6][i], i == 0 ? 1 : (i == 1 ? 0 : kNoWhole)) << "a was redefined, c was not there";
    EXPECT_EQ(table.whole[7][i], net);
    EXPECT_DOUBLE_EQ(table.number[8][i], static_cast<double>(net) / 1e6 / static_cast<double>(customers));
    EXPECT_EQ(table.text[9][i], base.facts().job->segments[i].condition);
  }
  EXPECT_EQ(table.text[1][0], "Those of a");
  EXPECT_EQ(table.text[1][1], std::nullopt);
}

TEST(SegmentOverlap, CountsPairsOneByOne) {
  const SegmentBase base(3, 5);
  const ReportTable table = TableOf(SegmentOverlapReport(), base);
  std::map<std::pair<std::string, std::string>, std::pair<int64_t, int64_t>> expected;  // both, either
  for (const SegmentBase::Part& part : base.parts()) {
    for (size_t row = 0; row < part.net.size(); ++row) {
      for (size_t a = 0; a < 3; ++a) {
        for (size_t b = a + 1; b < 3; ++b) {
          const bool in_a = part.now.Has(a, row), in_b = part.now.Has(b, row);
          auto& [both, either] = expected[{part.now.names[a], part.now.names[b]}];
          both += in_a && in_b ? 1 : 0;
          either += in_a || in_b ? 1 : 0;
        }
      }
    }
  }
  ASSERT_EQ(table.rows, 3u);
  for (size_t i = 0; i < table.rows; ++i) {
    const auto& [both, either] = expected.at({*table.text[0][i], *table.text[1][i]});
    ASSERT_GT(both, 0);
    EXPECT_EQ(table.whole[2][i], both);
    EXPECT_DOUBLE_EQ(table.number[3][i], static_cast<double>(both) / static_cast<double>(either));
  }
}

}  // namespace
}  // namespace strata
