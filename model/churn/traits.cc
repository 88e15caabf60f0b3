#include "model/churn/traits.h"

#include <fmt/format.h>

#include <cmath>

#include "base/column_type.h"
#include "model/churn/codes.h"

namespace strata {
namespace {

constexpr int64_t kValueEnd = int64_t{1} << 47;  // of ExactMoments
using Pair = std::array<int64_t, 2>;

void AddTo(Pair* sum, const Pair& more) {
  (*sum)[0] += more[0];
  (*sum)[1] += more[1];
}

void EncodePair(const Pair& pair, ByteWriter* writer) {
  writer->I64(pair[0]);
  writer->I64(pair[1]);
}

Pair DecodePair(ByteReader* reader) {
  const int64_t first = reader->I64();
  return {first, reader->I64()};
}

double SquaresOf(const ExactMoments& moments) {
  const double deviation = moments.Deviation();
  return deviation * deviation * static_cast<double>(moments.count);
}

// With those of both groups.
template <typename ByKey>
Pair TotalsOf(const ByKey& by_key) {
  Pair totals = {0, 0};
  for (const auto& [key, counts] : by_key) AddTo(&totals, counts);
  return totals;
}

}  // namespace

absl::Status NumberTrait::Add(bool is_lost, int64_t value) {
  const size_t place = is_lost ? 1 : 0;
  if (value == kNoWhole) {
    ++missing[place];
    return absl::OkStatus();
  }
  if (value <= -kValueEnd || value >= kValueEnd) {
    return MakeError(absl::StatusCode::kOutOfRange, "TRAIT_OVERFLOW",
                     fmt::format("a value of {} is too large to be squared; allowed is below 2^47", value));
  }
  moments[place].Add(value);
  ++by_code[CodeOf(value)][place];
  return absl::OkStatus();
}

void NumberTrait::Merge(const NumberTrait& other) {
  for (size_t i = 0; i < moments.size(); ++i) moments[i].Merge(other.moments[i]);
  AddTo(&missing, other.missing);
  for (const auto& [code, counts] : other.by_code) AddTo(&by_code[code], counts);
}

void NumberTrait::Encode(ByteWriter* writer) const {
  for (const ExactMoments& of_group : moments) of_group.Encode(writer);
  EncodePair(missing, writer);
  writer->U32(static_cast<uint32_t>(by_code.size()));
  for (const auto& [code, counts] : by_code) {
    writer->U32(code);
    EncodePair(counts, writer);
  }
}

NumberTrait NumberTrait::Decode(ByteReader* reader) {
  NumberTrait decoded;
  for (ExactMoments& of_group : decoded.moments) of_group = ExactMoments::Decode(reader);
  decoded.missing = DecodePair(reader);
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    const auto code = static_cast<uint16_t>(reader->U32());
    decoded.by_code[code] = DecodePair(reader);
  }
  return decoded;
}

std::optional<NumberEffect> EffectOf(const NumberTrait& trait) {
  const ExactMoments& kept = trait.moments[0];
  const ExactMoments& lost = trait.moments[1];
  if (kept.count == 0 || lost.count == 0) return std::nullopt;
  NumberEffect effect = {.lost = lost.Mean(), .kept = kept.Mean()};
  const int64_t freedom = kept.count + lost.count - 2;
  const double squares = SquaresOf(kept) + SquaresOf(lost);
  if (freedom > 0 && squares > 0) {
    effect.d = (effect.lost - effect.kept) / std::sqrt(squares / static_cast<double>(freedom));
  }
  Int128 twice = 0;  // pairs in which the lost one has more, ties half
  int64_t kept_below = 0;
  for (const auto& [code, counts] : trait.by_code) {
    twice += static_cast<Int128>(counts[1]) * (2 * kept_below + counts[0]);
    kept_below += counts[0];
  }
  effect.auc = ToDouble(twice) / (2 * ToDouble(static_cast<Int128>(kept.count) * lost.count));
  return effect;
}

void WordTrait::Merge(const WordTrait& other) {
  for (const auto& [word, counts] : other.by_word) AddTo(&by_word[word], counts);
  AddTo(&missing, other.missing);
}

void WordTrait::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(by_word.size()));
  for (const auto& [word, counts] : by_word) {
    writer->Text(word);
    EncodePair(counts, writer);
  }
  EncodePair(missing, writer);
}

WordTrait WordTrait::Decode(ByteReader* reader) {
  WordTrait decoded;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    std::string word(reader->Text());
    decoded.by_word[std::move(word)] = DecodePair(reader);
  }
  decoded.missing = DecodePair(reader);
  return decoded;
}

std::map<std::string, WordEffect> EffectsOf(const WordTrait& trait) {
  std::map<std::string, WordEffect> effects;
  const Pair totals = TotalsOf(trait.by_word);
  if (totals[0] == 0 || totals[1] == 0) return effects;
  for (const auto& [word, counts] : trait.by_word) {
    effects[word] = {.lost = static_cast<double>(counts[1]) / static_cast<double>(totals[1]),
                     .kept = static_cast<double>(counts[0]) / static_cast<double>(totals[0])};
  }
  return effects;
}

std::optional<double> CramersV(const WordTrait& trait) {
  const Pair totals = TotalsOf(trait.by_word);
  if (totals[0] == 0 || totals[1] == 0 || trait.by_word.size() < 2) return std::nullopt;
  const auto all = static_cast<double>(totals[0] + totals[1]);
  double chi_squared = 0;
  for (const auto& [word, counts] : trait.by_word) {
    const auto of_word = static_cast<double>(counts[0] + counts[1]);
    for (size_t group = 0; group < totals.size(); ++group) {
      const double expected = of_word * static_cast<double>(totals[group]) / all;
      const double off = static_cast<double>(counts[group]) - expected;
      chi_squared += off * off / expected;
    }
  }
  return std::sqrt(chi_squared / all);  // two groups: the lesser dimension less 1 is 1
}

}  // namespace strata
