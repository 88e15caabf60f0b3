// The simulated seams are seams: they keep the same promises as the real ones. And what they add, power cuts, is as
// told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/keys.h"
#include "run/summary.h"
#include "tests/base/status_matchers.h"
#include "tests/simulation/sim_disk.h"
#include "tests/simulation/sim_metadata.h"
#include "tests/store/file_system_conformance.h"
#include "tests/store/leadership_conformance.h"
#include "tests/store/metadata_model.h"

namespace strata {
namespace {

using simulation::Options;
using simulation::Process;
using simulation::SimDisk;
using simulation::SimFileSystem;
using simulation::World;

class SimFilesWorld final : public FileSystemWorld {
 public:
  FileSystem& file_system() override { return files_; }
  std::string root() override { return "/disk"; }

 private:
  World world_{Options{}};
  SimDisk disk_ = MakeDisk();
  Process process_{&world_, "test"};
  SimFileSystem files_{&disk_, &world_, &process_};

  SimDisk MakeDisk() {
    SimDisk disk(&world_);
    disk.folders() = {"", "/disk"};
    return disk;
  }
};

INSTANTIATE_TEST_SUITE_P(Simulated, FileSystemConformance,
                         testing::Values(FileSystemWorldFactory([] { return std::make_unique<SimFilesWorld>(); })));

class SimStateWorld final : public MetadataWorld {
 public:
  std::unique_ptr<Metadata> Open(const Clock* clock) override {
    return std::make_unique<simulation::SimMetadata>(&server_, &world_, &process_, clock);
  }

 private:
  World world_{Options{}};
  Process process_{&world_, "test"};
  simulation::SimMetadataServer server_{&world_};
};

// Leadership and random histories; requests over the limits and threads are the real ones' matter.
INSTANTIATE_TEST_SUITE_P(Simulated, MetadataConformance,
                         testing::Values(MetadataWorldFactory([] { return std::make_unique<SimStateWorld>(); })));

// What a commit leaves in the trace.
uint64_t TraceOf(const CommitRequest& request) {
  World world{Options{}};
  simulation::SimMetadataServer(&world).Apply(request, "test");
  return world.trace_hash();
}

TEST(Trace, TellsCommitsApartByWhatTheyWriteAndRemove) {
  const CommitRequest one{.compares = {}, .puts = {{"key", "a"}}, .deletes = {}, .token = 0};
  CommitRequest value = one, key = one, removed = one;
  value.puts[0].value = "b";
  key.puts[0].key = "yek";
  removed.deletes = {"other"};
  EXPECT_EQ(TraceOf(one), TraceOf(one));
  for (const CommitRequest& other : {value, key, removed}) EXPECT_NE(TraceOf(one), TraceOf(other));
}

TEST(Trace, LeavesOutTheMemoryOfAProcessAndNothingElseOfARun) {
  const auto ended = [](int64_t peak_rss_bytes, int64_t customers) {
    RunSummary summary;
    summary.job = "shop";
    summary.run = 1;
    summary.peak_rss_bytes = peak_rss_bytes;
    summary.customers = customers;
    return CommitRequest{.compares = {}, .puts = {{RunKey("shop", 1), summary.ToJson()}}, .deletes = {}, .token = 0};
  };
  EXPECT_EQ(TraceOf(ended(1, 7)), TraceOf(ended(2, 7)));
  EXPECT_NE(TraceOf(ended(1, 7)), TraceOf(ended(1, 8)));
}

class PowerCut : public testing::TestWithParam<uint64_t> {
 protected:
  PowerCut() { disk_.folders() = {"", "/disk"}; }

  World world_{Options{.seed = GetParam()}};
  SimDisk disk_{&world_};
  Process process_{&world_, "test"};
  SimFileSystem files_{&disk_, &world_, &process_};
};

TEST_P(PowerCut, LeavesWhatWasSyncedAndOldOrNewOfTheRest) {
  ASSERT_OK(files_.WriteNew("/disk/synced", "whole", 0600));
  ASSERT_OK(files_.SyncFolder("/disk"));
  ASSERT_OK(files_.WriteNew("/disk/new", "whole", 0600));
  ASSERT_OK(files_.WriteNew("/disk/from", "whole", 0600));
  ASSERT_OK(files_.RenameNew("/disk/from", "/disk/to"));
  ASSERT_OK(files_.WriteNew("/disk/later", "whole", 0600));
  disk_.CutPower();
  for (const char* name : {"/disk/synced", "/disk/to", "/disk/new"}) {  // the rename synced the folder
    EXPECT_TRUE(files_.Stat(name).ok()) << name;
  }
  EXPECT_FALSE(files_.Stat("/disk/from").ok());
  if (files_.Stat("/disk/later").ok()) {
    EXPECT_EQ((*files_.Map("/disk/later"))->bytes(), "whole") << "a file is synced, its name is not";
  }
}

TEST_P(PowerCut, TakesWhatIsVolatileOrAPartOfItAndNothingElse) {
  ASSERT_OK(files_.WriteNew("/disk/synced", "whole", 0600));
  ASSERT_OK(files_.SyncFolder("/disk"));
  ASSERT_OK(files_.WriteVolatile("/disk/temporary", "/disk/volatile", "whole", 0600));
  EXPECT_FALSE(disk_.IsDurable("/disk/volatile"));
  ASSERT_OK(files_.SyncFolder("/disk"));  // the name, not the bytes
  EXPECT_FALSE(disk_.IsDurable("/disk/volatile"));
  disk_.CutPower();
  EXPECT_EQ((*files_.Map("/disk/synced"))->bytes(), "whole");
  if (!files_.Stat("/disk/volatile").ok()) return;
  const std::string left((*files_.Map("/disk/volatile"))->bytes());
  EXPECT_EQ(left, std::string("whole").substr(0, left.size()));
}

TEST_P(PowerCut, ARemovedNameMayComeBack) {
  ASSERT_OK(files_.WriteNew("/disk/a", "whole", 0600));
  ASSERT_OK(files_.SyncFolder("/disk"));
  ASSERT_OK(files_.Remove("/disk/a"));
  disk_.CutPower();
  const bool back = files_.Stat("/disk/a").ok();
  const bool again = files_.Stat("/disk/a").ok();
  EXPECT_EQ(back, again);
  disk_.CutPower();
  EXPECT_EQ(files_.Stat("/disk/a").ok(), back) << "what a power cut left is durable";
}

INSTANTIATE_TEST_SUITE_P(Seeds, PowerCut, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace strata
