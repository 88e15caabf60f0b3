#include "tests/simulation/wrong_checkpoints.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "run/run_state.h"

namespace strata::simulation {
namespace {

constexpr size_t kHeaderBytes = 16;  // format, checksum of the plan, first round

// The answers of `other` as if they were to the parameters of `own`, which are told by a checksum before the answers of
// every round: those of a night that follows another snapshot differ from the first round on.
std::string AnswersOf(std::string_view other, std::string_view own) {
  ByteReader from(other);
  ByteReader asked(own);
  ByteWriter forged;
  for (uint64_t checksum = from.U64(); from.ok(); checksum = from.U64()) {
    const uint64_t own_checksum = asked.U64();
    forged.U64(asked.ok() ? own_checksum : checksum);
    const uint32_t answers = from.U32();
    forged.U32(answers);
    for (uint32_t i = 0; i < answers && from.ok(); ++i) forged.Text(from.Text());
    for (uint32_t left = asked.U32(); left > 0 && asked.ok(); --left) asked.Text();
  }
  return forged.Take();
}

}  // namespace

std::string WrongCheckpoints::Object(const std::string& key, std::string_view bytes) {
  ByteReader reader(bytes);
  reader.U32();
  Answers own{.plan = reader.U64(), .first_round = reader.U32(), .rounds = 0, .body = {}};
  own.body = bytes.substr(kHeaderBytes);
  const auto other = kept_.find(own.first_round);
  if (other == kept_.end() || other->second.plan == own.plan) {
    put_[key] = std::move(own);
    return std::string(bytes);
  }
  own.rounds = other->second.rounds;
  forged_[key] = std::string(bytes.substr(0, kHeaderBytes)) + AnswersOf(other->second.body, own.body);
  put_[key] = std::move(own);
  return forged_[key];
}

std::string WrongCheckpoints::Record(const std::string& record) {
  auto checkpoint = FitCheckpoint::Decode(record);
  if (!checkpoint.ok()) return record;
  const auto put = put_.find(checkpoint->answers.key);
  if (put == put_.end()) return record;
  const auto forged = forged_.find(checkpoint->answers.key);
  if (forged == forged_.end()) {
    put->second.rounds = checkpoint->rounds;
    kept_[checkpoint->first_round] = put->second;
    return record;
  }
  checkpoint->rounds = put->second.rounds;
  checkpoint->answers.checksum = Hash64(forged->second);
  checkpoint->answers.size_bytes = forged->second.size();
  return checkpoint->Encode();
}

}  // namespace strata::simulation
