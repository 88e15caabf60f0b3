#include "tests/simulation/sim_metadata.h"

#include <fmt/format.h>

#include "run/summary.h"

namespace strata::simulation {
namespace {

absl::Status Away() {
  return MakeError(absl::StatusCode::kUnavailable, "METADATA_BUSY", "the metadata does not answer");
}

// A run says how much memory its process used: alone of all that is recorded no function of the seed.
std::string WithoutMemory(const Put& put) {
  if (put.key.find("/runs/") == std::string::npos) return put.value;
  auto summary = RunSummary::FromJson(put.value);
  if (!summary.ok()) return put.value;
  summary->peak_rss_bytes = 0;
  return summary->ToJson();
}

uint64_t HashOf(const CommitRequest& request) {
  uint64_t hash = 0;
  const auto add = [&hash](std::string_view text) { hash = Mix(hash ^ Hash64(text)); };
  for (const Put& put : request.puts) {
    add(put.key);
    add(WithoutMemory(put));
  }
  add("deletes");
  for (const std::string& key : request.deletes) add(key);
  return hash;
}

}  // namespace

CommitOutcome SimMetadataServer::Apply(const CommitRequest& request, const std::string& actor) {
  const Bug bug = world_->options().bug;
  const bool stale = request.token != 0 && (!held_ || request.token != token_);
  if (stale) {
    world_->Count("commits of a deposed coordinator");
    if (bug != Bug::kTokenIgnored) return Conflict{kLeadershipKey};
  }
  for (const Compare& compare : request.compares) {
    const auto found = entries_.find(compare.key);
    const int64_t revision = found == entries_.end() ? 0 : found->second.revision;
    if (revision == compare.expected_revision) continue;
    world_->Count("commits refused by a compare");
    if (bug != Bug::kComparesIgnored) return Conflict{compare.key};
  }
  if (request.puts.empty() && request.deletes.empty()) return Committed{revision_};
  if (bug == Bug::kReadsGoBack) before_ = entries_;
  const std::string& known = actors_.emplace(request.token, actor).first->second;
  if (known != actor) {
    world_->Violation(fmt::format("{} and {} both act under token {}", known, actor, request.token));
  }
  ++revision_;
  for (const Put& put : request.puts) entries_[put.key] = {put.key, put.value, revision_};
  for (const std::string& key : request.deletes) entries_.erase(key);
  std::string keys;
  if (world_->log) {
    for (const Put& put : request.puts) keys += " +" + put.key;
    for (const std::string& key : request.deletes) keys += " -" + key;
  }
  world_->Trace("commit " + Hex(HashOf(request)), keys);
  if (on_commit) on_commit(request);
  return Committed{revision_};
}

std::string SimMetadata::Actor() const { return fmt::format("{} ({})", process_->name(), process_->life()); }

void SimMetadata::Travel() { process_->Sleep(static_cast<int64_t>(world_->Draw(3))); }

absl::Status SimMetadata::Reach() {
  world_->MayCrash(process_);
  Travel();
  if (!server_->away()) return absl::OkStatus();
  world_->Count("metadata away");
  process_->Sleep(1000);
  return Away();
}

const std::map<std::string, KeyValue>& SimMetadata::Readable() const {
  const bool old = world_->options().bug == Bug::kReadsGoBack && world_->faults() && world_->Draw(8) == 0;
  return old ? server_->before_ : server_->entries_;
}

absl::StatusOr<std::optional<KeyValue>> SimMetadata::Get(const std::string& key) {
  STRATA_RETURN_IF_ERROR(Reach());
  const auto& entries = Readable();
  const auto found = entries.find(key);
  std::optional<KeyValue> entry;
  if (found != entries.end()) entry = found->second;
  if (world_->options().bug == Bug::kPinForgotten && key.ends_with("/sources")) entry.reset();
  Travel();
  return entry;
}

absl::StatusOr<std::vector<KeyValue>> SimMetadata::List(const std::string& prefix) {
  STRATA_RETURN_IF_ERROR(Reach());
  std::vector<KeyValue> list;
  const auto& entries = Readable();
  for (auto it = entries.lower_bound(prefix); it != entries.end() && it->first.starts_with(prefix); ++it) {
    list.push_back(it->second);
  }
  if (world_->options().bug == Bug::kListForgets && list.size() > 1 && world_->Draw(3) == 0) list.pop_back();
  Travel();
  return list;
}

absl::StatusOr<CommitOutcome> SimMetadata::Commit(const CommitRequest& asked) {
  world_->MayCrash(process_);
  if (Fiber::Current() != nullptr && world_->OfThousand(world_->options().pause_in_commit)) {
    world_->Count("coordinators paused as they commit");
    world_->Pause(process_, static_cast<int64_t>(1000 + world_->Draw(40'000)));
    process_->Sleep(1);  // goes on where it was, when others may have gone on without it
  }
  Travel();
  const Bug bug = world_->options().bug;
  CommitRequest request = asked;
  for (Put& put : request.puts) {
    if (bug != Bug::kWrongCheckpoint || put.key.find("/fit-") == std::string::npos) continue;
    put.value = world_->wrong_checkpoints.Record(put.value);
  }
  for (std::string& key : request.deletes) {
    if (bug == Bug::kWrongSnapshotGoes && key.starts_with("jobs/") && key.find("/snapshots/") != key.npos) ++key.back();
  }
  if (server_->away() || world_->OfThousand(world_->options().commit_unknown)) {
    const uint64_t fate = server_->away() ? 0 : world_->Draw(3);
    world_->Count(fate == 0   ? "unknown commits that were lost"
                  : fate == 1 ? "unknown commits in force"
                              : "unknown commits that came late");
    if (fate == 1) server_->Apply(request, Actor());
    if (fate == 2) {
      world_->At(static_cast<int64_t>(1 + world_->Draw(world_->Draw(2) == 0 ? 8 : 3000)), nullptr,
                 [server = server_, request, actor = Actor()] { server->Apply(request, actor); });
    }
    process_->Sleep(static_cast<int64_t>(world_->Draw(1000)));
    if (bug == Bug::kUnknownIsSuccess) return CommitOutcome(Committed{});
    return CommitOutcome(Unknown{Away()});
  }
  if (bug == Bug::kCommitForgotten && world_->faults() && world_->Draw(30) == 0) return CommitOutcome(Committed{});
  CommitOutcome outcome = server_->Apply(request, Actor());
  world_->MayCrash(process_);  // it took effect, and the process never knew
  Travel();
  return outcome;
}

absl::StatusOr<Leadership> SimMetadata::Campaign(const std::string& holder, int64_t timeout_ms) {
  if (timeout_ms <= 0) return MakeError(absl::StatusCode::kInvalidArgument, "TIMEOUT_INVALID", "must be positive");
  if (holder.empty() || holder.size() > 256) {
    return MakeError(absl::StatusCode::kInvalidArgument, "HOLDER_INVALID", "must have 1 to 256 bytes");
  }
  STRATA_RETURN_IF_ERROR(Reach());
  if (server_->held_) {
    const int64_t now_ms = clock_->MonotonicMs();
    const bool unchanged = watched_token_ == server_->token_ && watched_renewals_ == server_->renewals_;
    if (!unchanged) {
      watched_token_ = server_->token_;
      watched_renewals_ = server_->renewals_;
      watched_since_ms_ = now_ms;
    }
    if (!unchanged || now_ms - watched_since_ms_ < timeout_ms || world_->options().bug == Bug::kLeadNeverExpires) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "STATE_HELD",
                       fmt::format("the state is held by {}", server_->holder_), {{"holder", server_->holder_}});
    }
  }
  if (world_->options().bug != Bug::kTokenRepeats || server_->token_ == 0) ++server_->token_;
  server_->held_ = true;
  server_->renewals_ = 0;
  server_->holder_ = holder;
  world_->Count("leads taken");
  const Leadership won{.token = server_->token_};
  Travel();
  return won;
}

absl::Status SimMetadata::CheckLead(const Leadership& leadership) const {
  if (server_->held_ && server_->token_ == leadership.token) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "LEADERSHIP_LOST",
                   fmt::format("token {} is no longer in force; {} leads", leadership.token, server_->holder_));
}

absl::Status SimMetadata::Renew(const Leadership& leadership) {
  STRATA_RETURN_IF_ERROR(Reach());
  const absl::Status leads = CheckLead(leadership);
  if (!leads.ok()) {
    world_->Count("renewals of a deposed coordinator");
    return leads;
  }
  ++server_->renewals_;
  return absl::OkStatus();
}

absl::Status SimMetadata::Resign(const Leadership& leadership) {
  STRATA_RETURN_IF_ERROR(Reach());
  STRATA_RETURN_IF_ERROR(CheckLead(leadership));
  server_->held_ = false;
  return absl::OkStatus();
}

}  // namespace strata::simulation
