// In what the lost differ from the kept: effect sizes from exact counts. Plain values and pure functions; thread-safe.
//   numbers     d = (mean of the lost - mean of the kept) / pooled standard deviation (Cohen 1988, section 2.2), and
//               P(a lost one has more than a kept one), ties counted half: the AUC of the number, by 16-bit codes
//   categories  difference of shares by level, and Cramer's V of the whole table (Cramer 1946, section 21.9)
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "model/statistics/exact_moments.h"

namespace strata {

// A number of both groups; place 0: the kept, 1: the lost.
struct NumberTrait {
  std::array<ExactMoments, 2> moments;
  std::array<int64_t, 2> missing = {0, 0};
  std::map<uint16_t, std::array<int64_t, 2>> by_code;  // model/churn/codes.h

  // kNoWhole: missing. OUT_OF_RANGE (TRAIT_OVERFLOW) for a number of 2^47 or more, whose squares could leave their sum.
  absl::Status Add(bool is_lost, int64_t value);
  void Merge(const NumberTrait& other);
  void Encode(ByteWriter* writer) const;
  static NumberTrait Decode(ByteReader* reader);
  bool operator==(const NumberTrait&) const = default;
};

struct NumberEffect {
  double lost = 0, kept = 0;  // means, in the value's own grid
  double d = 0;               // 0 where nothing varies
  double auc = 0.5;
};
// nullopt: a group has no value.
std::optional<NumberEffect> EffectOf(const NumberTrait& trait);

struct WordTrait {
  std::map<std::string, std::array<int64_t, 2>> by_word;  // kept, lost; missing ones under no word
  std::array<int64_t, 2> missing = {0, 0};

  void Add(bool is_lost, std::string_view word) { ++by_word[std::string(word)][is_lost ? 1 : 0]; }
  void Merge(const WordTrait& other);
  void Encode(ByteWriter* writer) const;
  static WordTrait Decode(ByteReader* reader);
  bool operator==(const WordTrait&) const = default;
};

struct WordEffect {
  double lost = 0, kept = 0;  // shares of the word among those with a word
  double difference() const { return lost - kept; }
};
// By word; empty: a group has nobody with a word.
std::map<std::string, WordEffect> EffectsOf(const WordTrait& trait);
// Of the table of words by groups, 0 to 1; nullopt: a group or all words but one are empty.
std::optional<double> CramersV(const WordTrait& trait);

}  // namespace strata
