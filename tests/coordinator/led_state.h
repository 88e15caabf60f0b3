// A state and who leads it: metadata in SQLite that may be vague about its commits, objects in a local folder, a clock
// that stands still. The base of tests of what a coordinator does to a state. For one thread.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "coordinator/state_seams.h"
#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/coordinator/vague_metadata.h"

namespace strata {

class LedState : public testing::Test {
 protected:
  LedState()
      : files_(NewPosixFileSystem()),
        real_(*OpenSqliteMetadata(folder_.Under("metadata.db"), &clock_)),
        metadata_(std::make_unique<VagueMetadata>(real_.get())),
        objects_(*NewLocalObjectStore(files_.get(), folder_.Under("objects"))) {
    seams_ = {.sources = files_.get(), .objects = objects_.get(), .metadata = metadata_.get(), .clock = &clock_};
    leadership_ = *real_->Campaign("test", kTimeoutMs);
  }

  // Under the token in force, and surely.
  void Write(const std::string& key, const std::string& value) {
    const CommitRequest commit{.compares = {}, .puts = {{key, value}}, .deletes = {}, .token = leadership_.token};
    ASSERT_TRUE(std::holds_alternative<Committed>(*real_->Commit(commit)));
  }
  // Of objects with this prefix, sorted.
  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    const std::vector<ObjectInfo> listed = *objects_->List(prefix);
    for (const ObjectInfo& object : listed) keys.push_back(object.key);
    return keys;
  }
  // Somebody else leads from now on; what led until now, with its token, is deposed.
  Leadership LeadAnew() {
    EXPECT_THAT(real_->Resign(leadership_), IsOk());
    Leadership before = leadership_;
    leadership_ = *real_->Campaign("another", kTimeoutMs);
    return before;
  }

  static constexpr int64_t kTimeoutMs = 1000;
  TemporaryFolder folder_;
  FakeClock clock_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Metadata> real_;
  std::unique_ptr<VagueMetadata> metadata_;
  std::unique_ptr<ObjectStore> objects_;
  StateSeams seams_;
  Leadership leadership_;
};

}  // namespace strata
