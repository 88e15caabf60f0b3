// What a view of a table shows as of a date, against the rules said again.
#include "data/rows/table_shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/rows/living_table.h"
#include "tests/data/rows/raw_table.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 40;

std::string WordOr(const TableShard& shard, int column, size_t row) {
  const int32_t code = shard.code(column)[row];
  return code < 0 ? "" : std::string(shard.word(column, code));
}

std::vector<ShownRow> RowsOf(const TableShard& shard, size_t begin, size_t end, uint64_t hash, std::string_view id) {
  std::vector<ShownRow> rows;
  const int region = shard.Column("region"), product = shard.Column("product"), amount = shard.Column("amount");
  for (size_t row = begin; row < end; ++row) {
    rows.emplace_back(hash, std::string(id), shard.day()[row], shard.minute()[row], WordOr(shard, region, row),
                      WordOr(shard, product, row), shard.whole(amount)[row]);
  }
  return rows;
}

std::vector<ShownRow> RowsOf(const TableShard& shard) {
  std::vector<ShownRow> rows;
  size_t next = 0;
  for (const TableShard::Owner& owner : shard.owners()) {
    EXPECT_EQ(owner.begin, next) << "owners' rows follow one another";
    EXPECT_LT(owner.begin, owner.end);
    next = owner.end;
    for (ShownRow& row : RowsOf(shard, owner.begin, owner.end, owner.hash, owner.id)) rows.push_back(std::move(row));
  }
  EXPECT_EQ(next, shard.rows());
  return rows;
}

// The latest row of each entity, ties by the greatest row hash; with `by_region` an entity is a customer's region.
std::vector<RawTableRow> Applying(const std::vector<RawTableRow>& rows, bool by_region) {
  std::map<std::pair<std::string, std::string>, RawTableRow> latest;
  for (const RawTableRow& row : rows) {
    const auto [place, is_new] = latest.emplace(std::pair(row.id, by_region ? row.region : ""), row);
    RawTableRow& best = place->second;
    if (!is_new && std::pair(best.day, best.RowHash()) < std::pair(row.day, row.RowHash())) best = row;
  }
  std::vector<RawTableRow> applying;
  for (const auto& [entity, row] : latest) applying.push_back(row);
  return applying;
}

std::vector<ShownRow> Sorted(const std::vector<RawTableRow>& rows) {
  std::vector<ShownRow> shown;
  for (const RawTableRow& row : rows) shown.push_back(row.Shown());
  std::sort(shown.begin(), shown.end());
  return shown;
}

std::vector<ShownRow> Sorted(std::vector<ShownRow> rows) {
  std::sort(rows.begin(), rows.end());
  return rows;
}

// A night per file, so that rows of a customer lie in several segments.
LivingTable NightsOf(const std::vector<RawTableRow>& rows, const TableLayout& layout) {
  LivingTable living(layout);
  for (int32_t file = 0; file < 5; ++file) {
    std::vector<RawTableRow> night;
    for (const RawTableRow& row : rows) {
      if (row.file == file) night.push_back(row);
    }
    living.Add({ToTableBatch(night, layout.has_key)});
  }
  return living;
}

TEST(TableShards, ShowWhatCountsAsOfTheDate) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const TableLayout& layout : {RawLayout(true), RawLayout(false), RawLayout(true, Effect::kVersion),
                                      RawLayout(true, Effect::kVersion, {0})}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << (layout.has_key ? " with key" : " without key")
                                      << (layout.effect == Effect::kVersion ? ", versions" : ", events")
                                      << (layout.entity.empty() ? "" : " by region"));
      const std::vector<RawTableRow> rows = RandomTableRows(seed, 300, seed % 4 == 0 ? 0 : 30);
      const LivingTable living = NightsOf(rows, layout);
      const auto as_of = static_cast<Day>(9000 + seed);
      std::vector<RawTableRow> up_to;
      int64_t after = 0;
      std::map<int32_t, int64_t> after_by_file;
      for (const RawTableRow& row : SettleRaw(rows, layout).rows) {
        if (row.day <= as_of) {
          up_to.push_back(row);
        } else {
          ++after;
          ++after_by_file[row.file];
        }
      }
      const TableShard all = living.Read(as_of, Versions::kAll);
      EXPECT_EQ(Sorted(RowsOf(all)), Sorted(up_to));
      const TableShard applying = living.Read(as_of);
      if (layout.effect == Effect::kVersion) {
        EXPECT_EQ(Sorted(RowsOf(applying)), Sorted(Applying(up_to, !layout.entity.empty())));
      } else {
        EXPECT_EQ(RowsOf(applying), RowsOf(all));
      }
      EXPECT_EQ(applying.after_as_of(), after);
      EXPECT_EQ(applying.after_as_of_by_file(), after_by_file);
    }
  }
}

// However the rows came in, a reader sees the same rows in the same order with the same codes.
TEST(TableShards, NightsAndNumbersOfFilesDoNotShow) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const TableLayout layout = RawLayout(false);
    std::vector<RawTableRow> rows = RandomTableRows(seed, 200, 10);
    const LivingTable nights = NightsOf(rows, layout);
    for (RawTableRow& row : rows) row.file = 4 - row.file;
    LivingTable once(layout);
    once.Add({ToTableBatch(rows, false)});
    const TableShard one = once.Read(9020), other = nights.Read(9020);
    EXPECT_EQ(RowsOf(one), RowsOf(other));
    EXPECT_TRUE(std::equal(one.code(0).begin(), one.code(0).end(), other.code(0).begin(), other.code(0).end()));
    for (int column = 0; column < 2; ++column) {
      for (size_t word = 1; word < one.words(column); ++word) {
        EXPECT_LT(one.word(column, static_cast<int32_t>(word) - 1), one.word(column, static_cast<int32_t>(word)));
      }
    }
  }
}

TEST(TableShards, AreAlignedToAnyListOfCustomers) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    const std::vector<RawTableRow> rows = RandomTableRows(seed, 200, 30);
    LivingTable living(RawLayout(false));
    living.Add({ToTableBatch(rows, false)});
    TableShard shard = living.Read(9020);
    std::set<std::pair<uint64_t, std::string>> wanted;
    for (int i = 0; i < 40; ++i) {  // some have no rows
      const std::string id = "customer-" + std::to_string(random() % 60);
      wanted.emplace(Hash64(id), id);
    }
    const std::vector<std::pair<uint64_t, std::string>> customers(wanted.begin(), wanted.end());
    std::vector<uint64_t> hashes;
    for (const auto& [hash, id] : customers) hashes.push_back(hash);
    shard.Align(hashes, [&customers](size_t i) { return std::string_view(customers[i].second); });
    int64_t orphans = 0;
    std::map<std::string, std::vector<RawTableRow>> by_id;
    for (const RawTableRow& row : rows) {
      if (row.day > 9020) continue;
      orphans += !wanted.contains({row.CustomerHash(), row.id});
      by_id[row.id].push_back(row);
    }
    EXPECT_EQ(shard.orphans(), orphans);
    for (size_t i = 0; i < customers.size(); ++i) {
      const auto& [hash, id] = customers[i];
      EXPECT_EQ(Sorted(RowsOf(shard, shard.begin(i), shard.end(i), hash, id)), Sorted(by_id[id])) << id;
    }
  }
}

TEST(TableShards, WithoutSegmentsHaveColumnsAndNoRows) {
  const auto shard = TableShard::Open(RawLayout(true), {}, {}, 100);
  ASSERT_OK(shard);
  EXPECT_EQ(shard->rows(), 0u);
  EXPECT_EQ(shard->Column("amount"), 2);
  EXPECT_EQ(shard->Column("colour"), -1);
  EXPECT_TRUE(shard->whole(2).empty());
  EXPECT_EQ(shard->words(0), 0u);
}

// Customers whose hashes meet are told apart by their ids; a fold of two hashes shows it without finding such ids.
TEST(TableShards, CustomersOfOneHashAreTwo) {
  TableBatch batch = ToTableBatch(
      {{.id = "b", .day = 1, .amount = 1}, {.id = "a", .day = 2, .amount = 2}, {.id = "b", .day = 3, .amount = 3}},
      false);
  batch.hash = {9, 9, 9};
  LivingTable living(RawLayout(false));
  living.Add({batch});
  EXPECT_EQ(living.totals().customers, 2);
  batch.hash = {9, 9, 9};
  living.Add({batch});
  EXPECT_EQ(living.totals().customers, 2);
  EXPECT_EQ(living.totals().rows, 6);
  const TableShard shard = living.Read(10);
  ASSERT_EQ(shard.owners().size(), 2u);
  EXPECT_EQ(shard.owners()[0].id, "a");
  EXPECT_EQ(shard.owners()[1].id, "b");
  EXPECT_EQ(shard.owners()[1].end - shard.owners()[1].begin, 4u);
}

}  // namespace
}  // namespace strata
