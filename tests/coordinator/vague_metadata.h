// Metadata that does not say how commits ended, over a real one. For one thread.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/metadata.h"
#include "tests/base/status_matchers.h"

namespace strata {

// Metadata whose next commits are held back, or done, or lost, each answered as unknown.
class VagueMetadata final : public Metadata {
 public:
  enum class Fate { kLost, kDone, kLate };
  explicit VagueMetadata(Metadata* real) : real_(real) {}
  void Next(Fate fate) { fates_.push_back(fate); }
  // What was held back takes effect now, or is refused.
  void Arrive() {
    for (const CommitRequest& request : std::exchange(late_, {})) ASSERT_THAT(real_->Commit(request), IsOk());
  }

  absl::StatusOr<CommitOutcome> Commit(const CommitRequest& request) override {
    if (++commits == before_ && what_) std::exchange(what_, nullptr)();
    if (fates_.empty()) return real_->Commit(request);
    const Fate fate = fates_.front();
    fates_.pop_front();
    if (fate == Fate::kDone) return Unknowing(real_->Commit(request));
    if (fate == Fate::kLate) late_.push_back(request);
    return Unknowing(CommitOutcome());
  }
  absl::StatusOr<std::optional<KeyValue>> Get(const std::string& key) override {
    if (away_ > 0) {
      --away_;
      return MakeError(absl::StatusCode::kUnavailable, "METADATA_BUSY", "no answer");
    }
    auto entry = real_->Get(key);
    if (key == read_ && after_read_) std::exchange(after_read_, nullptr)();
    return entry;
  }
  absl::StatusOr<std::vector<KeyValue>> List(const std::string& prefix) override { return real_->List(prefix); }
  absl::StatusOr<Leadership> Campaign(const std::string& holder, int64_t timeout_ms) override {
    if (busy_ > 0) {
      --busy_;
      return MakeError(absl::StatusCode::kUnavailable, "METADATA_BUSY", "the file is locked");
    }
    return real_->Campaign(holder, timeout_ms);
  }
  absl::Status Renew(const Leadership& leadership) override { return real_->Renew(leadership); }
  absl::Status Resign(const Leadership& leadership) override { return real_->Resign(leadership); }

  // Reads fail so often.
  void BeAway(int reads) { away_ = reads; }

  // Somebody stands in the middle of a commit for so many calls of Campaign.
  void BeBusy(int campaigns) { busy_ = campaigns; }

  // Calls `what` before the commit that is the so-maniest from now.
  void BeforeCommit(int number, std::function<void()> what) {
    before_ = commits + number;
    what_ = std::move(what);
  }

  // Calls `what` as soon as the key has been read, once.
  void AfterRead(std::string key, std::function<void()> what) {
    read_ = std::move(key);
    after_read_ = std::move(what);
  }

  int commits = 0;

 private:
  static absl::StatusOr<CommitOutcome> Unknowing(const absl::StatusOr<CommitOutcome>& outcome) {
    EXPECT_THAT(outcome, IsOk());
    return CommitOutcome(Unknown{MakeError(absl::StatusCode::kUnavailable, "METADATA_BUSY", "no answer")});
  }

  Metadata* real_;
  int away_ = 0;
  int busy_ = 0;
  int before_ = 0;
  std::function<void()> what_;
  std::string read_;
  std::function<void()> after_read_;
  std::deque<Fate> fates_;
  std::vector<CommitRequest> late_;
};

}  // namespace strata
