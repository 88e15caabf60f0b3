#include "tests/simulation/wrong_checkpoints.h"

#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "run/run_state.h"

namespace strata::simulation {
namespace {

constexpr size_t kHeaderBytes = 16;  // format, checksum of the plan, first round

}  // namespace

std::string WrongCheckpoints::Object(const std::string& key, std::string_view bytes) {
  ByteReader reader(bytes.substr(kHeaderBytes));
  ByteWriter round;
  round.U64(reader.U64());  // checksum of what was asked
  const uint32_t answers = reader.U32();
  round.U32(answers);
  std::vector<std::string_view> texts;
  for (uint32_t i = 0; i < answers && reader.ok(); ++i) texts.push_back(reader.Text());
  if (texts.size() < 2) return std::string(bytes);
  texts.back() = texts.front();
  for (const std::string_view text : texts) round.Text(text);
  return forged_[key] = std::string(bytes.substr(0, kHeaderBytes)) + round.Take();
}

std::string WrongCheckpoints::Record(const std::string& record) {
  auto checkpoint = FitCheckpoint::Decode(record);
  if (!checkpoint.ok()) return record;
  const auto forged = forged_.find(checkpoint->answers.key);
  if (forged == forged_.end()) return record;
  checkpoint->rounds = 1;
  checkpoint->answers.checksum = Hash64(forged->second);
  checkpoint->answers.size_bytes = forged->second.size();
  return checkpoint->Encode();
}

}  // namespace strata::simulation
