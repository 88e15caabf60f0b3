#include "coordinator/night/fit_checkpoints.h"

#include <fmt/format.h>

#include <utility>

#include "coordinator/sure_commit.h"
#include "run/keys.h"

namespace strata {
namespace {

constexpr uint32_t kFormat = 1;

absl::Status Unusable(std::string_view why) {
  return MakeError(absl::StatusCode::kDataLoss, "CHECKPOINT_UNUSABLE", why);
}

bool SaysLeadershipLost(const absl::Status& status) {
  const auto detail = DetailOf(status);
  return detail.has_value() && detail->reason == "LEADERSHIP_LOST";
}

}  // namespace

FitCheckpoints::FitCheckpoints(Seams seams, std::string job, int64_t run, int64_t token, ObjectRef plan)
    : seams_(std::move(seams)),
      job_(std::move(job)),
      run_(run),
      token_(token),
      plan_(std::move(plan)),
      written_ms_(seams_.clock->MonotonicMs()) {}

void FitCheckpoints::Log(LogLevel level, const std::string& message, const char* what, std::string reason) const {
  if (!seams_.log) return;
  seams_.log({level,
              message,
              {Field("run", run_), Field("job", job_), Field("stage", Name(Stage::kFit)), Field("checkpoint", what),
               Field("reason", std::move(reason))}});
}

absl::StatusOr<std::vector<FitCheckpoints::Round>> FitCheckpoints::Read(const FitCheckpoint& checkpoint) const {
  if (checkpoint.plan != plan_) return Unusable(fmt::format("it is of another plan ({})", checkpoint.plan.key));
  STRATA_ASSIGN_OR_RETURN(const auto view,
                          MapVerified(*seams_.objects, checkpoint.answers.key, checkpoint.answers.checksum));
  ByteReader reader(view->bytes());
  const uint32_t format = reader.U32();
  const uint64_t plan = reader.U64();
  const uint32_t first_round = reader.U32();
  if (format != kFormat || plan != plan_.checksum || first_round != checkpoint.first_round) {
    return Unusable(fmt::format("its object has format {} and round {} of plan {}", format, first_round, Hex(plan)));
  }
  std::vector<Round> rounds;
  for (uint32_t i = 0; i < checkpoint.rounds && reader.ok(); ++i) {
    Round& round = rounds.emplace_back();
    round.request_checksum = reader.U64();
    const uint32_t answers = reader.U32();
    for (uint32_t k = 0; k < answers && reader.ok(); ++k) round.answers.emplace_back(reader.Text());
  }
  STRATA_RETURN_IF_ERROR(reader.Finish("checkpoint of a fit"));
  return rounds;
}

absl::Status FitCheckpoints::Apply(const std::vector<Round>& rounds, NightFit* fit) const {
  for (const Round& round : rounds) {
    const auto request = fit->Next();
    if (!request.has_value() || Hash64(*request) != round.request_checksum) {
      return Unusable("it answers other parameters than this fit asks with");
    }
    STRATA_RETURN_IF_ERROR(fit->Absorb(round.answers));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<NightFit>> FitCheckpoints::Resume(const std::function<std::unique_ptr<NightFit>()>& make,
                                                                 uint32_t* next_round) {
  const std::string prefix = RunStateKey(job_, run_, FitCheckpoint::kPrefix);
  STRATA_ASSIGN_OR_RETURN(const std::vector<KeyValue> records, seams_.metadata->List(prefix));
  // Where two terms wrote down the same round, the newer one had reason to.
  std::multimap<uint32_t, FitCheckpoint> by_round;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    const auto checkpoint = FitCheckpoint::Decode(record->value);
    if (checkpoint.ok()) {
      by_round.emplace(checkpoint->first_round, *checkpoint);
    } else {
      Log(LogLevel::kWarn, "the record of a checkpoint is passed over", "ignored",
          std::string(StdView(checkpoint.status().message())));
    }
  }
  std::unique_ptr<NightFit> fit = make();
  uint32_t round = 0;
  for (auto found = by_round.find(round); found != by_round.end();) {
    const auto rounds = Read(found->second);
    if (rounds.ok() && !rounds->empty()) {
      const absl::Status applied = Apply(*rounds, fit.get());
      if (!applied.ok()) {  // nobody knows what the fit has become
        Log(LogLevel::kWarn, fmt::format("the fit begins anew: the checkpoint of round {} does not fit", round),
            "ignored", std::string(StdView(applied.message())));
        fit = make();
        round = 0;
        break;
      }
      round += static_cast<uint32_t>(rounds->size());
      found = by_round.find(round);
      continue;
    }
    Log(LogLevel::kWarn, fmt::format("the checkpoint of round {} is passed over", round), "ignored",
        rounds.ok() ? "it is empty" : std::string(StdView(rounds.status().message())));
    if (++found != by_round.end() && found->first != round) break;
  }
  first_round_ = *next_round = round;
  if (round > 0) Log(LogLevel::kInfo, fmt::format("the fit goes on with round {}", round), "resumed", "");
  return fit;
}

absl::Status FitCheckpoints::Keep(uint64_t request_checksum, const std::vector<std::string>& answers, bool now) {
  if (given_up_) return absl::OkStatus();
  size_t bytes = waiting_bytes_;
  for (const std::string& answer : answers) bytes += answer.size();
  if (bytes > kMaxCheckpointBytes || written_ >= kMaxCheckpoints) {
    given_up_ = true;
    Log(LogLevel::kWarn, fmt::format("rounds of the fit from {} on are not kept", first_round_), "given up",
        fmt::format("{} bytes in {} checkpoints; allowed are {} bytes in {}", bytes, written_, kMaxCheckpointBytes,
                    kMaxCheckpoints));
    Forget(static_cast<uint32_t>(waiting_.size()));
    return absl::OkStatus();
  }
  ByteWriter round;
  round.U64(request_checksum);
  round.U32(static_cast<uint32_t>(answers.size()));
  for (const std::string& answer : answers) round.Text(answer);
  waiting_.push_back(round.Take());
  waiting_bytes_ += waiting_.back().size();
  if (!now && seams_.clock->MonotonicMs() - written_ms_ < kCheckpointMs) return absl::OkStatus();
  const absl::Status written = Write();
  written_ms_ = seams_.clock->MonotonicMs();
  if (written.ok()) return written;
  if (SaysLeadershipLost(written)) return written;
  Log(LogLevel::kWarn, "rounds of the fit could not be kept; they are tried again with the next ones", "failed",
      std::string(StdView(written.message())));
  return absl::OkStatus();
}

absl::Status FitCheckpoints::Write() {
  ByteWriter header;
  header.U32(kFormat);
  header.U64(plan_.checksum);
  header.U32(first_round_);
  std::string bytes = header.Take();
  bytes.reserve(bytes.size() + waiting_bytes_);
  for (const std::string& round : waiting_) bytes += round;
  const auto rounds = static_cast<uint32_t>(waiting_.size());
  FitCheckpoint checkpoint{.plan = plan_, .first_round = first_round_, .rounds = rounds, .answers = {}};
  checkpoint.answers = {.key = CheckpointObject(job_, run_, first_round_, Hash64(bytes)),
                        .checksum = Hash64(bytes),
                        .size_bytes = bytes.size()};
  STRATA_RETURN_IF_ERROR(seams_.objects->Put(checkpoint.answers.key, bytes));
  const std::string key = RunStateKey(job_, run_, FitCheckpoint::NameOf(first_round_, token_));
  const absl::Status written = CommitSurely(
      *seams_.metadata, {.compares = {{key, 0}}, .puts = {{key, checkpoint.Encode()}}, .deletes = {}, .token = token_},
      "keeping rounds of the fit");
  if (const auto detail = DetailOf(written); detail.has_value() && detail->reason == "COMMIT_CONFLICT") {
    return PassWritten(key);
  }
  STRATA_RETURN_IF_ERROR(written);
  Forget(rounds);
  ++written_;
  return absl::OkStatus();
}

// An attempt of unknown outcome, with fewer rounds than wait now, took effect late: the rest goes behind it.
absl::Status FitCheckpoints::PassWritten(const std::string& key) {
  STRATA_ASSIGN_OR_RETURN(const auto record, seams_.metadata->Get(key));
  if (!record.has_value()) return Unusable(fmt::format("{} was there and is not", key));
  STRATA_ASSIGN_OR_RETURN(const FitCheckpoint before, FitCheckpoint::Decode(record->value));
  if (before.plan != plan_ || before.first_round != first_round_ || before.rounds > waiting_.size()) {
    return Unusable(fmt::format("{} is not of this term", key));
  }
  Forget(before.rounds);
  ++written_;
  return absl::OkStatus();
}

// The first of those that wait.
void FitCheckpoints::Forget(uint32_t rounds) {
  first_round_ += rounds;
  for (; rounds > 0; --rounds) {
    waiting_bytes_ -= waiting_.front().size();
    waiting_.pop_front();
  }
}

}  // namespace strata
