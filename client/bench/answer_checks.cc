#include "client/bench/answer_checks.h"

#include <fmt/format.h>
#include <grpcpp/support/status.h>

#include <algorithm>

#include "base/hash.h"
#include "client/text/table.h"
#include "strata/v1/score_service.pb.h"
#include "wire/errors.h"

namespace strata {

const char* Name(LoadMethod method) { return method == LoadMethod::kGet ? "get" : "lookup"; }

void CheckResult::AddWrong(std::string example) {
  ++wrong;
  if (examples.size() < kExamplesMax) examples.push_back(std::move(example));
}

void CheckResult::Merge(CheckResult other) {
  for (auto& [number, seen] : other.snapshots) {
    const auto [mine, inserted] = snapshots.try_emplace(number, seen);
    if (inserted) continue;
    SnapshotSeen& sum = mine->second;
    if (!sum.digest.empty() && !seen.digest.empty() && sum.digest != seen.digest) {
      AddWrong(fmt::format("snapshot {} answered with digest {} and with digest {}", number, sum.digest, seen.digest));
    }
    if (sum.digest.empty()) sum.digest = seen.digest;
    sum.answers += seen.answers;
    sum.first_ns = std::min(sum.first_ns, seen.first_ns);
    sum.last_ns = std::max(sum.last_ns, seen.last_ns);
  }
  switches += other.switches;
  found += other.found;
  not_found += other.not_found;
  wrong += other.wrong;
  for (std::string& example : other.examples) {
    if (examples.size() < kExamplesMax) examples.push_back(std::move(example));
  }
  for (KeptAnswer& answer : other.kept) kept.push_back(std::move(answer));
  absent_not_kept += other.absent_not_kept;
}

AnswerChecks::AnswerChecks(const LoadPlan& plan, const IdPool* ids, int connections)
    : asked_(plan.snapshot),
      ids_(ids),
      seed_(plan.keys.seed),
      verify_(plan.verify),
      last_(static_cast<size_t>(connections)) {}

const std::string& AnswerChecks::IdOf(Key key) const { return (key.unknown ? ids_->unknown : ids_->known)[key.index]; }

int64_t AnswerChecks::TakeSnapshot(const std::string& name, const std::string* digest, int connection, int64_t now_ns) {
  Last& last = last_[static_cast<size_t>(connection)];
  if (last.seen == nullptr || last.name != name) {
    const auto parsed = ParseNumberedSnapshotName("info.snapshot", name);
    const bool right =
        parsed.ok() && parsed->job == asked_.job && (asked_.is_current() || parsed->number == asked_.number);
    if (!right) {
      result_.AddWrong(
          fmt::format("asked {} and was answered by '{}'",
                      asked_.is_current() ? JobResource(asked_.job) : SnapshotResource(asked_.job, asked_.number),
                      Printable(name)));
      return 0;
    }
    result_.switches += last.seen != nullptr;
    const auto [seen, inserted] = result_.snapshots.try_emplace(parsed->number);
    if (inserted) seen->second.first_ns = now_ns;
    last = {.name = name, .number = parsed->number, .seen = &seen->second};
  }
  ++last.seen->answers;
  last.seen->last_ns = now_ns;
  if (digest != nullptr && last.seen->digest != *digest) {
    if (last.seen->digest.empty()) {
      last.seen->digest = *digest;
    } else {
      result_.AddWrong(fmt::format("snapshot {} answered with digest {} and with digest {}", last.number,
                                   last.seen->digest, Printable(*digest)));
    }
  }
  return last.number;
}

void AnswerChecks::TakeFound(int64_t question, Key key, int64_t snapshot, const v1::Score& score) {
  ++result_.found;
  if (!verify_) return;
  if (key.unknown) {
    result_.AddWrong(fmt::format("snapshot {} has a score for '{}', an id that does not exist", snapshot, IdOf(key)));
    return;
  }
  const uint64_t draw = KeyedDraw(seed_, kSampleRound, static_cast<uint64_t>(question));
  if (draw > keep_up_to_) return;
  sample_.push_back({.snapshot = snapshot,
                     .known_index = key.index,
                     .found = true,
                     .score = score.SerializeAsString(),
                     .draw = draw});
  if (sample_.size() <= kKeptMax) return;
  keep_up_to_ /= 2;
  std::erase_if(sample_, [this](const KeptAnswer& answer) { return answer.draw > keep_up_to_; });
}

void AnswerChecks::TakeNotFound(Key key, int64_t snapshot) {
  ++result_.not_found;
  if (!verify_ || key.unknown) return;
  if (snapshot == ids_->snapshot) {
    result_.AddWrong(fmt::format("snapshot {} has customer '{}', but was not found", snapshot, Printable(IdOf(key))));
  } else if (result_.kept.size() < kKeptAbsentMax) {
    result_.kept.push_back({.snapshot = snapshot, .known_index = key.index, .found = false, .score = {}, .draw = 0});
  } else {
    ++result_.absent_not_kept;
  }
}

bool AnswerChecks::TakeGet(int64_t question, Key key, int connection, int64_t now_ns, const grpc::Status& status,
                           const v1::GetScoreResponse& response) {
  if (status.ok()) {
    const int64_t snapshot = TakeSnapshot(response.info().snapshot(), &response.info().digest(), connection, now_ns);
    if (snapshot == 0) return true;
    if (response.has_score()) {
      TakeFound(question, key, snapshot, response.score());
    } else {
      result_.AddWrong(fmt::format("snapshot {} answered '{}' without a score", snapshot, Printable(IdOf(key))));
    }
    return true;
  }
  if (status.error_code() != grpc::StatusCode::NOT_FOUND) return false;
  const auto detail = DetailOf(FromGrpcStatus(status));
  if (!detail.has_value() || detail->reason != "CUSTOMER_UNKNOWN") return false;
  const auto named = detail->metadata.find("snapshot");
  const int64_t snapshot =
      TakeSnapshot(named == detail->metadata.end() ? "" : named->second, nullptr, connection, now_ns);
  if (snapshot != 0) TakeNotFound(key, snapshot);
  return true;
}

bool AnswerChecks::TakeLookup(int64_t first_question, std::span<const Key> keys, int connection, int64_t now_ns,
                              const grpc::Status& status, const v1::LookupScoresResponse& response) {
  if (!status.ok()) return false;
  const int64_t snapshot = TakeSnapshot(response.info().snapshot(), &response.info().digest(), connection, now_ns);
  if (snapshot == 0) return true;
  if (static_cast<size_t>(response.results_size()) != keys.size()) {
    result_.AddWrong(
        fmt::format("snapshot {} gave {} results for {} ids", snapshot, response.results_size(), keys.size()));
    return true;
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    const v1::LookupResult& result = response.results(static_cast<int>(i));
    if (result.status() == v1::LOOKUP_STATUS_FOUND && result.has_score()) {
      TakeFound(first_question + static_cast<int64_t>(i), keys[i], snapshot, result.score());
    } else if (result.status() == v1::LOOKUP_STATUS_NOT_FOUND && !result.has_score()) {
      TakeNotFound(keys[i], snapshot);
    } else {
      result_.AddWrong(fmt::format("snapshot {} answered '{}' with {} and {} score", snapshot, Printable(IdOf(keys[i])),
                                   v1::LookupStatus_Name(result.status()), result.has_score() ? "a" : "no"));
    }
  }
  return true;
}

CheckResult AnswerChecks::TakeResult() {
  for (KeptAnswer& answer : sample_) result_.kept.push_back(std::move(answer));
  sample_.clear();
  return std::move(result_);
}

}  // namespace strata
