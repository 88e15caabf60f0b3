// Which customer question number n is about: a pure function of the seed and n, so that a run asks the same whatever
// the server does. Questions are numbered through all requests: item i of request r is question r * batch + i.
// Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/status.h"
#include "client/bench/zipf_table.h"

namespace strata {

// Rounds of KeyedDraw that tell the bench's draws apart; 1 is kArrivalRound.
inline constexpr uint64_t kKnownRound = 2;
inline constexpr uint64_t kZipfShareRound = 3;
inline constexpr uint64_t kUnknownRound = 4;
inline constexpr uint64_t kUnknownChoiceRound = 5;
inline constexpr uint64_t kSampleRound = 6;
inline constexpr uint64_t kUnknownIdRound = 7;

enum class KeyLaw {
  kUniform,  // every known id alike
  kZipf,     // id of rank k (from 1) in proportion to 1 / k^s
  kInOrder,  // the ids in their order, over and over: a recorded sequence is replayed
};

struct KeyOptions {
  KeyLaw law = KeyLaw::kUniform;
  double zipf_s = 0;
  double unknown_ratio = 0;  // share of questions about ids that do not exist, 0 to 1
  uint64_t seed = 1;
  bool operator==(const KeyOptions&) const = default;
};

// "uniform", "zipf:S" or "file". INVALID_ARGUMENT (FLAG_INVALID) says what is allowed.
absl::Status ReadKeyLaw(const std::string& text, KeyOptions* options);
std::string KeyLawWords(const KeyOptions& options);  // as ReadKeyLaw takes it

struct Key {
  uint32_t index = 0;  // of the known ids, or of the unknown ones
  bool unknown = false;
  bool operator==(const Key&) const = default;
};

class KeyChooser {
 public:
  // Precondition: known >= 1, unknown >= 1 where unknown_ratio > 0; both below 2^32.
  KeyChooser(const KeyOptions& options, int64_t known, int64_t unknown);

  Key Choose(int64_t question) const;

 private:
  KeyOptions options_;
  int64_t known_;
  int64_t unknown_;
  std::optional<ZipfTable> zipf_;
};

}  // namespace strata
