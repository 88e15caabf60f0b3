// What is deleted of a ledger, and what is not.
#include "coordinator/ledger_collection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/ledger/ledger_state.h"
#include "run/keys.h"
#include "run/snapshot_record.h"
#include "tests/coordinator/led_state.h"

namespace strata {
namespace {

class LedgerCollectionTest : public LedState {
 protected:
  ObjectRef Segment(const std::string& content) {
    const ObjectRef ref{SegmentObject("shop", 0, Hash64(content)), Hash64(content), content.size()};
    EXPECT_THAT(objects_->Put(ref.key, content), IsOk());
    return ref;
  }
  // A version of one shard with these segments.
  void CommitVersion(int64_t number, const std::vector<ObjectRef>& segments) {
    LedgerRegistry registry{.segments = {{}}, .rows = number};
    for (const ObjectRef& segment : segments) registry.segments[0].push_back({.object = segment, .version = number});
    CommitRegistry(number, registry);
  }
  void CommitRegistry(int64_t number, const LedgerRegistry& registry) {
    const std::string bytes = registry.Encode();
    const ObjectRef ref{RegistryObject("shop", Hash64(bytes)), Hash64(bytes), bytes.size()};
    ASSERT_THAT(objects_->Put(ref.key, bytes), IsOk());
    Write(LedgerVersionKey("shop", number), LedgerVersion{.version = number, .registry = ref}.ToJson());
    Write(LedgerHeadKey("shop"), std::to_string(number));
  }
  // As CommitVersion, with one segment of products and none of days.
  void CommitTableVersion(int64_t number, const ObjectRef& segment) {
    LedgerRegistry registry{.segments = {{}}, .rows = number};
    registry.TableOf(TableId::kProducts).segments = {{}, {{.object = segment, .version = number}}};
    CommitRegistry(number, registry);
  }
  void PublishSnapshot(int64_t number, int64_t ledger_version) {
    Write(SnapshotRecordKey("shop", number),
          SnapshotRecord{.number = number, .ledger_version = ledger_version}.ToJson());
  }
  std::vector<std::string> Segments() { return Keys(LedgerFolder("shop") + "/segments/"); }
};

TEST_F(LedgerCollectionTest, KeepsWhatTheNewestVersionAndSnapshotsNeed) {
  const ObjectRef base = Segment("base"), first = Segment("first night"), second = Segment("second night"),
                  merged = Segment("both nights"), of_a_lost_run = Segment("lost");
  CommitVersion(1, {base});
  CommitVersion(2, {base, first});
  CommitVersion(3, {base, first, second});
  CommitVersion(4, {base, merged});
  PublishSnapshot(7, 2);
  ASSERT_THAT(CollectLedger(seams_, leadership_, "shop"), IsOk());
  EXPECT_THAT(Segments(), testing::UnorderedElementsAre(base.key, first.key, merged.key));
  EXPECT_FALSE(ReadLedgerVersion(*metadata_, "shop", 1)->has_value());
  EXPECT_FALSE(ReadLedgerVersion(*metadata_, "shop", 3)->has_value());
  for (const int64_t kept : {2, 4}) {
    const auto version = ReadLedgerVersion(*metadata_, "shop", kept);
    ASSERT_THAT(version, IsOk());
    ASSERT_TRUE(version->has_value());
    EXPECT_THAT(ReadRegistry(*objects_, **version), IsOk());
  }
  EXPECT_EQ(objects_->List(LedgerFolder("shop") + "/registry")->size(), 2u);
  ASSERT_THAT(CollectLedger(seams_, leadership_, "shop"), IsOk()) << "a second time there is nothing to do";
  EXPECT_EQ(Segments().size(), 3u);
}

TEST_F(LedgerCollectionTest, KeepsTheSegmentsOfTables) {
  const auto of_products = [this](const std::string& content) {
    const ObjectRef ref{TableSegmentObject("shop", TableId::kProducts, 1, Hash64(content)), Hash64(content),
                        content.size()};
    EXPECT_THAT(objects_->Put(ref.key, content), IsOk());
    return ref;
  };
  const ObjectRef first = of_products("first"), second = of_products("second"), third = of_products("third");
  CommitTableVersion(1, first);
  CommitTableVersion(2, second);
  CommitTableVersion(3, third);
  PublishSnapshot(7, 1);
  ASSERT_THAT(CollectLedger(seams_, leadership_, "shop"), IsOk());
  EXPECT_THAT(Keys(LedgerFolder("shop") + "/tables/"), testing::UnorderedElementsAre(first.key, third.key));
}

TEST_F(LedgerCollectionTest, ADeposedCoordinatorDeletesNothing) {
  CommitVersion(1, {Segment("base")});
  Segment("of the run of its successor");
  const Leadership old = LeadAnew();
  EXPECT_THAT(CollectLedger(seams_, old, "shop"), FailsWith(absl::StatusCode::kAborted, "LEADERSHIP_LOST"));
  EXPECT_EQ(Segments().size(), 2u);
}

TEST_F(LedgerCollectionTest, AJobWithoutALedgerHasNothingToCollect) {
  EXPECT_THAT(CollectLedger(seams_, leadership_, "shop"), IsOk());
}

}  // namespace
}  // namespace strata
