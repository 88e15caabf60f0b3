// A snapshot opens whole and verified, or not at all.
#include "data/snapshot/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/snapshot/sample_snapshot.h"

namespace strata {
namespace {

std::string Message(const absl::Status& status) { return std::string(StdView(status.message())); }

std::vector<ObjectInfo> Objects(MemoryObjectStore& store) { return *store.List(""); }

TEST(Snapshot, FindsEveryCustomerOfEveryShard) {
  for (const uint32_t shards : {1u, 3u, 64u}) {
    MemoryObjectStore store;
    const std::vector<SampleCustomer> customers = RandomCustomers(shards, 500);
    SampleSnapshot sample(&store, customers, shards);
    const auto snapshot = sample.Open(sample.Publish());
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    for (const SampleCustomer& customer : customers) {
      const std::optional<CustomerScore> found = (*snapshot)->Find(customer.id);
      ASSERT_TRUE(found.has_value()) << customer.id;
      EXPECT_TRUE(SameScore(*found, customer.score));
      EXPECT_FALSE((*snapshot)->Find(customer.id + "?").has_value());
    }
    EXPECT_FALSE((*snapshot)->Find("").has_value());
    uint64_t rows = 0;
    for (const LookupPart& part : (*snapshot)->parts()) rows += part.size();
    EXPECT_EQ(rows, customers.size());
  }
}

TEST(Snapshot, FindsCustomersByMergedIdsToo) {
  MemoryObjectStore store;
  const std::vector<SampleCustomer> customers = RandomCustomers(1, 50);
  SampleSnapshot sample(&store, customers, 3);
  const std::vector<std::string> ids = {"old-0", "old-1", "gone"};
  std::vector<AliasEntry> entries = {{Hash64(ids[0]), ids[0], customers[7].id},
                                     {Hash64(ids[1]), ids[1], customers[9].id},
                                     {Hash64(ids[2]), ids[2], "somebody who never bought"}};
  sample.Add(kIdentitiesName, EncodeAliasTable(std::move(entries)), 3);
  const auto snapshot = sample.Open(sample.Publish());
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_TRUE(SameScore(*(*snapshot)->Find("old-0"), customers[7].score));
  EXPECT_TRUE(SameScore(*(*snapshot)->Find("old-1"), customers[9].score));
  EXPECT_TRUE(SameScore(*(*snapshot)->Find(customers[9].id), customers[9].score));
  EXPECT_FALSE((*snapshot)->Find("gone").has_value());
  EXPECT_FALSE((*snapshot)->Find("old-2").has_value());
}

TEST(Snapshot, ADamagedTableOfIdentitiesIsRefused) {
  MemoryObjectStore store;
  SampleSnapshot sample(&store, RandomCustomers(1, 5), 1);
  sample.Add(kIdentitiesName, "no table", 1);
  const auto snapshot = sample.Open(sample.Publish());
  ASSERT_FALSE(snapshot.ok());
  EXPECT_NE(Message(snapshot.status()).find("identities/aliases.table"), std::string::npos);
}

TEST(Snapshot, CarriesManifestModelsAndSegments) {
  MemoryObjectStore store;
  SampleSnapshot sample(&store, RandomCustomers(1, 10), 2);
  const auto snapshot = *sample.Open(sample.Publish());
  EXPECT_EQ(snapshot->manifest().number, SampleSnapshot::kNumber);
  EXPECT_EQ(snapshot->models().rfm->scores, 4);
  ASSERT_EQ(snapshot->segments().size(), 1u);
  EXPECT_EQ(snapshot->segments()[0].name, "loyal");
}

TEST(Snapshot, MembersAreOfAllShardsAndOfTheirCustomers) {
  const auto status = [](const auto& change) {
    MemoryObjectStore store;
    SampleSnapshot sample(&store, RandomCustomers(4, 40), 3);
    std::vector<int64_t> rows;
    for (uint32_t shard = 0; shard < 3; ++shard) rows.push_back(sample.manifest.entries[shard].rows);
    change(&sample, rows);
    return sample.Open(sample.Publish()).status();
  };
  const auto add = [](SampleSnapshot* sample, uint32_t shard, int64_t rows) {
    const MemberBits members{{"vip"}, {""}, {{0}}};
    sample->Add(MembersName(shard), *EncodeMembers(members, static_cast<size_t>(rows)), rows);
  };
  using Rows = std::vector<int64_t>;
  EXPECT_OK(status([&](SampleSnapshot* sample, const Rows& rows) {
    for (uint32_t shard = 0; shard < 3; ++shard) add(sample, shard, rows[shard]);
  }));
  const absl::Status missing = status([&](SampleSnapshot* sample, const Rows& rows) { add(sample, 0, rows[0]); });
  EXPECT_EQ(missing.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(missing), testing::HasSubstr("1 of members"));
  const absl::Status others = status([&](SampleSnapshot* sample, const Rows& rows) {
    for (uint32_t shard = 0; shard < 3; ++shard) add(sample, shard, rows[shard] + (shard == 1 ? 1 : 0));
  });
  EXPECT_EQ(others.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(others), testing::HasSubstr("shard 1 has"));
}

TEST(Snapshot, OutlivesTheObjectsOfItsStore) {
  MemoryObjectStore store;
  const std::vector<SampleCustomer> customers = RandomCustomers(1, 50);
  SampleSnapshot sample(&store, customers, 2);
  const auto snapshot = *sample.Open(sample.Publish());
  for (const ObjectInfo& object : Objects(store)) ASSERT_TRUE(store.Delete(object.key).ok());
  for (const SampleCustomer& customer : customers) EXPECT_TRUE(snapshot->Find(customer.id).has_value());
}

TEST(Snapshot, EveryFlippedByteIsRefusedAndItsObjectNamed) {
  MemoryObjectStore store;
  SampleSnapshot sample(&store, RandomCustomers(1, 12), 2);
  const uint64_t checksum = sample.Publish();
  ASSERT_TRUE(sample.Open(checksum).ok());
  for (const ObjectInfo& object : Objects(store)) {
    const std::string bytes(*store.Get(object.key, 0, object.size_bytes));
    for (size_t at = 0; at < bytes.size(); ++at) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
      store.Replace(object.key, flipped);
      const absl::Status status = sample.Open(checksum).status();
      ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << object.key << " byte " << at;
      ASSERT_THAT(Message(status), testing::HasSubstr(object.key));
    }
    store.Replace(object.key, bytes);
  }
  EXPECT_TRUE(sample.Open(checksum).ok());
}

TEST(Snapshot, EveryTruncationIsRefused) {
  MemoryObjectStore store;
  SampleSnapshot sample(&store, RandomCustomers(1, 12), 2);
  const uint64_t checksum = sample.Publish();
  for (const ObjectInfo& object : Objects(store)) {
    const std::string bytes(*store.Get(object.key, 0, object.size_bytes));
    for (size_t size = 0; size < bytes.size(); size += 5) {
      store.Replace(object.key, bytes.substr(0, size));
      EXPECT_EQ(sample.Open(checksum).status().code(), absl::StatusCode::kDataLoss) << object.key << " " << size;
    }
    ASSERT_TRUE(store.Delete(object.key).ok());
    EXPECT_EQ(sample.Open(checksum).status().code(), absl::StatusCode::kNotFound) << object.key;
    store.Replace(object.key, bytes);
  }
}

TEST(Snapshot, AManifestThatContradictsItsObjectsIsRefused) {
  struct Case {
    void (*change)(Manifest&);
    const char* message;
  };
  const Case cases[] = {
      {[](Manifest& m) { m.number = 4; }, "is of snapshot 4"},
      {[](Manifest& m) { m.job = "other"; }, "of job 'other'"},
      {[](Manifest& m) { m.customers += 1; }, "the manifest says 41"},
      {[](Manifest& m) { m.entries[0].rows += 1; }, "customers, the manifest says"},
      {[](Manifest& m) { m.entries[1].size_bytes += 1; }, "bytes, the manifest says"},
      {[](Manifest& m) { m.entries.erase(m.entries.begin()); }, "is no part of 2 shards or follows a missing one"},
      {[](Manifest& m) { m.entries.erase(m.entries.begin() + 1); },
       "1 lookup parts, 0 of members, 0 of moves and 0 Parquet parts for 2 shards"},
      {[](Manifest& m) { m.shards = 3; }, "2 lookup parts, 0 of members, 0 of moves and 0 Parquet parts for 3 shards"},
      {[](Manifest& m) { std::erase_if(m.entries, [](auto& e) { return e.name.ends_with("valuation.json"); }); },
       "models/valuation.json is missing"},
      {[](Manifest& m) { m.entries[2].name = "models/tarot.json"; }, "models/tarot.json: there is no model"},
      {[](Manifest& m) { m.entries[2].name = "models/rfm.txt"; }, "'models/rfm.txt', which is no model"},
  };
  for (const Case& c : cases) {
    MemoryObjectStore store;
    SampleSnapshot sample(&store, RandomCustomers(1, 40), 2);
    c.change(sample.manifest);
    const absl::Status status = sample.Open(sample.Publish()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << c.message;
    EXPECT_THAT(Message(status), testing::HasSubstr(c.message));
  }
}

TEST(Snapshot, ADigestThatIsNotThatOfTheEntriesIsRefused) {
  MemoryObjectStore store;
  SampleSnapshot sample(&store, RandomCustomers(1, 4), 2);
  sample.manifest.digest = std::string(32, '0');
  const absl::Status status = sample.Open(sample.PublishAsIs()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Message(status), testing::HasSubstr("digest is 00000000000000000000000000000000"));
}

TEST(Snapshot, OtherLayoutsAndVersionsAreRefused) {
  MemoryObjectStore store;
  SampleSnapshot sample(&store, RandomCustomers(1, 4), 2);
  sample.manifest.schema_fingerprint = "0000000000000000";
  const absl::Status status = sample.Open(sample.Publish()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(DetailOf(status)->reason, "FORMAT_UNKNOWN");
}

TEST(Snapshot, AWrongManifestChecksumIsRefused) {
  MemoryObjectStore store;
  SampleSnapshot sample(&store, RandomCustomers(1, 4), 2);
  EXPECT_EQ(sample.Open(sample.Publish() + 1).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace strata
