#include "client/bench/key_chooser.h"

#include <fmt/format.h>

#include <charconv>

#include "base/hash.h"
#include "client/text/flag_words.h"

namespace strata {
namespace {

constexpr std::string_view kZipfPrefix = "zipf:";

}  // namespace

absl::Status ReadKeyLaw(const std::string& text, KeyOptions* options) {
  if (text == "uniform") {
    options->law = KeyLaw::kUniform;
    return absl::OkStatus();
  }
  if (text == "file") {
    options->law = KeyLaw::kInOrder;
    return absl::OkStatus();
  }
  if (text.starts_with(kZipfPrefix)) {
    const char* const begin = text.data() + kZipfPrefix.size();
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(begin, end, options->zipf_s);
    if (error == std::errc() && rest == end && options->zipf_s >= kZipfExponentMin &&
        options->zipf_s <= kZipfExponentMax) {
      options->law = KeyLaw::kZipf;
      return absl::OkStatus();
    }
  }
  return FlagInvalid("--keys", text,
                     fmt::format("allowed is uniform, file, or zipf:S with S from {} to {}, for example zipf:0.99",
                                 kZipfExponentMin, kZipfExponentMax));
}

std::string KeyLawWords(const KeyOptions& options) {
  switch (options.law) {
    case KeyLaw::kUniform:
      return "uniform";
    case KeyLaw::kZipf:
      return fmt::format("{}{}", kZipfPrefix, options.zipf_s);
    case KeyLaw::kInOrder:
      return "file";
  }
  return "uniform";
}

KeyChooser::KeyChooser(const KeyOptions& options, int64_t known, int64_t unknown)
    : options_(options), known_(known), unknown_(unknown) {
  if (options.law == KeyLaw::kZipf) zipf_.emplace(known, options.zipf_s);
}

Key KeyChooser::Choose(int64_t question) const {
  const auto identity = static_cast<uint64_t>(question);
  const auto uniform = [&](uint64_t round, int64_t size) {
    return static_cast<uint32_t>(UnitInterval(KeyedDraw(options_.seed, round, identity)) * static_cast<double>(size));
  };
  if (options_.unknown_ratio > 0 &&
      UnitInterval(KeyedDraw(options_.seed, kUnknownRound, identity)) < options_.unknown_ratio) {
    return {.index = uniform(kUnknownChoiceRound, unknown_), .unknown = true};
  }
  switch (options_.law) {
    case KeyLaw::kUniform:
      return {.index = uniform(kKnownRound, known_), .unknown = false};
    case KeyLaw::kZipf:
      return {.index = zipf_->Rank(KeyedDraw(options_.seed, kKnownRound, identity),
                                   KeyedDraw(options_.seed, kZipfShareRound, identity)),
              .unknown = false};
    case KeyLaw::kInOrder:
      break;
  }
  return {.index = static_cast<uint32_t>(question % known_), .unknown = false};
}

}  // namespace strata
