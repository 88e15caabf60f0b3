// The fixture of every Metadata conformance test.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "store/metadata.h"
#include "tests/base/fake_clock.h"
#include "tests/base/status_matchers.h"

namespace strata {

// One new state; any number of objects may be opened on it, as by several processes, each with its own clock.
class MetadataWorld {
 public:
  virtual ~MetadataWorld() = default;
  virtual std::unique_ptr<Metadata> Open(const Clock* clock) = 0;
};
using MetadataWorldFactory = std::function<std::unique_ptr<MetadataWorld>()>;

class MetadataConformance : public testing::TestWithParam<MetadataWorldFactory> {
 protected:
  CommitOutcome Commit(const CommitRequest& request) {
    const auto outcome = metadata_->Commit(request);
    EXPECT_OK(outcome);
    return outcome.ok() ? *outcome : CommitOutcome(Unknown{outcome.status()});
  }
  // The revision of a commit that must succeed.
  int64_t CommittedRevision(const CommitRequest& request) {
    const CommitOutcome outcome = Commit(request);
    EXPECT_TRUE(std::holds_alternative<Committed>(outcome)) << ConflictKey(outcome);
    return std::holds_alternative<Committed>(outcome) ? std::get<Committed>(outcome).revision : -1;
  }
  // Empty: committed.
  static std::string ConflictKey(const CommitOutcome& outcome) {
    if (std::holds_alternative<Committed>(outcome)) return "";
    if (std::holds_alternative<Conflict>(outcome)) return std::get<Conflict>(outcome).key;
    return "unknown: " + std::get<Unknown>(outcome).cause.ToString();
  }
  std::string Value(const std::string& key) {
    const auto entry = metadata_->Get(key);
    if (!entry.ok()) return entry.status().ToString();
    return entry->has_value() ? (*entry)->value : "(none)";
  }
  std::vector<std::string> Keys(const std::string& prefix) {
    std::vector<std::string> keys;
    const auto entries = metadata_->List(prefix);
    if (!entries.ok()) return {entries.status().ToString()};
    for (const KeyValue& entry : *entries) keys.push_back(entry.key);
    return keys;
  }

  FakeClock clock_;
  std::unique_ptr<MetadataWorld> world_ = GetParam()();
  std::unique_ptr<Metadata> metadata_ = world_->Open(&clock_);
};

}  // namespace strata
