#include "model/lifetime/covariate_coding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/fixed_point.h"
#include "model/lifetime/covariates.h"

namespace strata {
namespace {

constexpr int64_t kMissingCode = kNoWhole;
// Micros and millionths are counted in steps of 64, so that money up to nine billion has exact moments.
constexpr int64_t kMicrosOfStep = 64;
constexpr int64_t kStepsMax = int64_t{1} << 47;

bool IsMicros(ColumnType type) { return type == ColumnType::kMoney || type == ColumnType::kShare; }

bool CanBeCovariate(ColumnType type) { return type != ColumnType::kNumber; }

int64_t StepOf(ColumnType type) { return IsMicros(type) ? kMicrosOfStep : 1; }

absl::Status NoSuchColumn(std::string_view name) {
  return MakeError(absl::StatusCode::kInternal, "COVARIATE_COLUMN",
                   fmt::format("covariate {}: customers have no such column of whole numbers or words", name),
                   {{"column", std::string(name)}});
}

const Column* Usable(const ColumnSet* profile, const std::string& name) {
  const Column* column = profile == nullptr ? nullptr : profile->Find(name);
  return column != nullptr && CanBeCovariate(column->type) ? column : nullptr;
}

std::vector<int64_t> NumberCodes(const CovariateSource& source, const Column& column) {
  std::vector<int64_t> codes;
  codes.reserve(column.whole.size());
  for (const int64_t whole : column.whole) {
    if (whole == kNoWhole) {
      codes.push_back(kMissingCode);
      continue;
    }
    const double z = (static_cast<double>(whole) / source.unit - source.centre) / source.deviation;
    // A value of another world keeps its sign and stays a number: no deviation is that many away.
    codes.push_back(ToGrid(std::clamp(z, -0x1.0p40, 0x1.0p40), kTraitGridBits));
  }
  return codes;
}

// 0: the reference, or nothing that the fit knows; else 1 + place among levels, other, missing.
std::vector<int64_t> CategoryCodes(const CovariateSource& source, const Column& column) {
  const auto levels = static_cast<int64_t>(source.levels.size());
  const int64_t other = source.has_other ? levels + 1 : 0;
  const int64_t missing = source.has_missing ? levels + (source.has_other ? 2 : 1) : 0;
  std::vector<int64_t> of_word;
  for (const std::string& word : column.words) {
    const auto found = std::lower_bound(source.levels.begin(), source.levels.end(), word);
    if (word == source.reference) {
      of_word.push_back(0);
    } else if (found != source.levels.end() && *found == word) {
      of_word.push_back(1 + (found - source.levels.begin()));
    } else {
      of_word.push_back(other);
    }
  }
  std::vector<int64_t> codes;
  codes.reserve(column.code.size());
  for (const int32_t code : column.code) codes.push_back(code < 0 ? missing : of_word[static_cast<size_t>(code)]);
  return codes;
}

size_t TraitCount(const CovariateSource& source) {
  return (source.is_category ? source.levels.size() + (source.has_other ? 1 : 0) : 1) + (source.has_missing ? 1 : 0);
}

}  // namespace

std::vector<std::string> CovariateColumns(const CovariateSettings& settings) {
  std::vector<std::string> columns;
  for (const std::vector<std::string>* names : {&settings.rate, &settings.dropout}) {
    for (const std::string& name : *names) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
    }
  }
  return columns;
}

CovariateCensus CovariateCensus::Of(const std::vector<std::string>& columns, const ShardFeatures& shard) {
  CovariateCensus census;
  for (const std::string& name : columns) {
    const Column* column = Usable(shard.profile, name);
    if (column == nullptr) {
      if (shard.today.size() == 0) continue;
      if (census.unusable_.empty() || name < census.unusable_) census.unusable_ = name;
      continue;
    }
    Counts counts;
    counts.is_category = column->type == ColumnType::kText;
    counts.unit = IsMicros(column->type) ? 1e6 : 1;
    std::vector<int64_t> of_word(column->words.size(), 0);
    const int64_t step = StepOf(column->type);
    for (size_t i = 0; i < shard.today.size(); ++i) {
      if (shard.today.purchase_days[i] == 0) continue;
      if (counts.is_category) {
        ++(column->code[i] < 0 ? counts.missing : of_word[static_cast<size_t>(column->code[i])]);
      } else if (column->whole[i] == kNoWhole) {
        ++counts.missing;
      } else if (const int64_t steps = column->whole[i] / step; steps > -kStepsMax && steps < kStepsMax) {
        counts.moments.Add(steps);
      } else {
        ++counts.too_large;
      }
    }
    for (size_t w = 0; w < of_word.size(); ++w) {
      if (of_word[w] > 0) counts.levels.emplace(column->words[w], of_word[w]);
    }
    counts.Bound();
    census.columns_.emplace(name, std::move(counts));
  }
  return census;
}

void CovariateCensus::Counts::Bound() {
  too_many = too_many || levels.size() > kLevelsCounted;
  if (too_many) levels.clear();
}

void CovariateCensus::Merge(const CovariateCensus& other) {
  if (unusable_.empty() || (!other.unusable_.empty() && other.unusable_ < unusable_)) unusable_ = other.unusable_;
  for (const auto& [name, counts] : other.columns_) {
    const auto [place, is_new] = columns_.emplace(name, counts);
    if (is_new) continue;
    Counts& mine = place->second;
    if (mine.is_category != counts.is_category || mine.unit != counts.unit) {  // shards of two jobs
      if (unusable_.empty() || name < unusable_) unusable_ = name;
      continue;
    }
    mine.missing += counts.missing;
    mine.too_large += counts.too_large;
    mine.moments.Merge(counts.moments);
    mine.too_many = mine.too_many || counts.too_many;
    for (const auto& [level, customers] : counts.levels) mine.levels[level] += customers;
    mine.Bound();
  }
}

void CovariateCensus::Encode(ByteWriter* writer) const {
  writer->Text(unusable_);
  writer->U32(static_cast<uint32_t>(columns_.size()));
  for (const auto& [name, counts] : columns_) {
    writer->Text(name);
    writer->U8(counts.is_category ? 1 : 0);
    writer->U8(counts.too_many ? 1 : 0);
    writer->I64(counts.missing);
    writer->I64(counts.too_large);
    writer->F64(counts.unit);
    counts.moments.Encode(writer);
    writer->U32(static_cast<uint32_t>(counts.levels.size()));
    for (const auto& [level, customers] : counts.levels) {
      writer->Text(level);
      writer->I64(customers);
    }
  }
}

CovariateCensus CovariateCensus::Decode(ByteReader* reader) {
  CovariateCensus census;
  census.unusable_ = reader->Text();
  const uint32_t columns = reader->U32();
  for (uint32_t i = 0; i < columns && reader->ok(); ++i) {
    const std::string name(reader->Text());
    Counts counts;
    counts.is_category = reader->U8() != 0;
    counts.too_many = reader->U8() != 0;
    counts.missing = reader->I64();
    counts.too_large = reader->I64();
    counts.unit = reader->F64();
    counts.moments = ExactMoments::Decode(reader);
    const uint32_t levels = reader->U32();
    for (uint32_t l = 0; l < levels && reader->ok(); ++l) {
      const std::string level(reader->Text());
      counts.levels[level] = reader->I64();
    }
    if (reader->ok()) census.columns_.emplace(name, std::move(counts));
  }
  return census;
}

absl::StatusOr<std::vector<CovariateSource>> CovariateCensus::Sources(const CovariateSettings& settings) const {
  if (!unusable_.empty()) return NoSuchColumn(unusable_);
  std::vector<CovariateSource> sources;
  for (const std::string& name : CovariateColumns(settings)) {
    const auto found = columns_.find(name);
    if (found == columns_.end()) return NoSuchColumn(name);
    STRATA_ASSIGN_OR_RETURN(CovariateSource source, SourceOf(name, found->second, settings));
    sources.push_back(std::move(source));
  }
  return sources;
}

absl::StatusOr<CovariateSource> CovariateCensus::SourceOf(const std::string& name, const Counts& counts,
                                                          const CovariateSettings& settings) const {
  const auto invalid = [&name](std::string_view reason, const std::string& words) {
    return MakeError(absl::StatusCode::kInvalidArgument, reason, fmt::format("covariate {}: {}", name, words),
                     {{"column", name}});
  };
  CovariateSource source{.column = name, .is_category = counts.is_category, .has_missing = counts.missing > 0};
  if (!counts.is_category) {
    if (counts.too_large > 0) {
      return invalid("COVARIATE_TOO_LARGE",
                     fmt::format("{} customers have numbers beyond what covariates may be (2^47; money and shares "
                                 "9,007,199,254)",
                                 counts.too_large));
    }
    const double step = (counts.unit > 1 ? kMicrosOfStep : 1) / counts.unit;
    source.unit = counts.unit;
    source.centre = counts.moments.Mean() * step;
    source.deviation = counts.moments.Deviation() > 0 ? counts.moments.Deviation() * step : 1;
    const auto told = settings.told_per.find(name);
    if (told != settings.told_per.end()) source.told_per = told->second;
    return source;
  }
  if (counts.too_many) {
    return invalid("COVARIATE_LEVELS",
                   fmt::format("it has more than {} different words: a name, not a category", kLevelsCounted));
  }
  int64_t most = 0;
  for (const auto& [level, customers] : counts.levels) {
    if (customers < kLevelCustomersMin) {
      source.has_other = true;
      continue;
    }
    source.levels.push_back(level);
    if (customers > most) source.reference = level;
    most = std::max(most, customers);
  }
  const auto asked = settings.reference.find(name);
  if (asked != settings.reference.end()) {
    if (!std::binary_search(source.levels.begin(), source.levels.end(), asked->second)) {
      return invalid("COVARIATE_REFERENCE",
                     fmt::format("the reference \"{}\" is no level that at least {} customers "
                                 "with a purchase have; those are: {}",
                                 asked->second, kLevelCustomersMin, fmt::join(source.levels, ", ")));
    }
    source.reference = asked->second;
  }
  std::erase(source.levels, source.reference);
  return source;
}

std::vector<CovariateTrait> TraitsOf(const std::vector<CovariateSource>& sources) {
  using Coding = CovariateTrait::Coding;
  std::vector<CovariateTrait> traits;
  for (size_t i = 0; i < sources.size(); ++i) {
    const CovariateSource& source = sources[i];
    if (!source.is_category) traits.push_back({.source = i, .coding = Coding::kNumber, .level = ""});
    for (const std::string& level : source.levels) {
      traits.push_back({.source = i, .coding = Coding::kLevel, .level = level});
    }
    if (source.has_other) traits.push_back({.source = i, .coding = Coding::kOther, .level = ""});
    if (source.has_missing) traits.push_back({.source = i, .coding = Coding::kMissing, .level = ""});
  }
  return traits;
}

CovariateEffects EffectsOf(const CovariateSettings& settings, const std::vector<CovariateSource>& sources,
                           const std::vector<CovariateTrait>& traits, LifetimeKind kind) {
  const auto traits_of = [&](const std::vector<std::string>& columns) {
    std::vector<size_t> places;
    for (const std::string& column : columns) {
      for (size_t t = 0; t < traits.size(); ++t) {
        if (sources[traits[t].source].column == column) places.push_back(t);
      }
    }
    return places;
  };
  CovariateEffects effects;
  effects.rate = traits_of(settings.rate);
  if (kind == LifetimeKind::kNbd) return effects;
  effects.dropout = traits_of(settings.dropout);
  if (kind == LifetimeKind::kParetoNbd) return effects;
  effects.common_factor = settings.common_factor;
  if (settings.strength && !settings.common_factor) effects.strength = effects.dropout;
  return effects;
}

absl::StatusOr<CodedCustomers> CodeCustomers(const std::vector<CovariateSource>& sources, const ColumnSet* profile) {
  CodedCustomers coded;
  coded.width = sources.size();
  std::vector<std::vector<int64_t>> by_source;
  for (const CovariateSource& source : sources) {
    const Column* column = Usable(profile, source.column);
    if (column == nullptr || (column->type == ColumnType::kText) != source.is_category) {
      return NoSuchColumn(source.column);
    }
    by_source.push_back(source.is_category ? CategoryCodes(source, *column) : NumberCodes(source, *column));
  }
  std::vector<uint32_t> order(by_source.front().size());
  std::iota(order.begin(), order.end(), 0);
  const auto difference = [&by_source](uint32_t a, uint32_t b) {
    for (const std::vector<int64_t>& codes : by_source) {
      if (codes[a] != codes[b]) return codes[a] < codes[b] ? -1 : 1;
    }
    return 0;
  };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return difference(a, b) < 0; });
  coded.pattern_of.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || difference(order[i - 1], order[i]) != 0) {
      for (const std::vector<int64_t>& codes : by_source) coded.codes.push_back(codes[order[i]]);
    }
    coded.pattern_of[order[i]] = static_cast<uint32_t>(coded.patterns() - 1);
  }
  return coded;
}

std::vector<double> TraitsOfPattern(const std::vector<CovariateSource>& sources, std::span<const int64_t> codes) {
  std::vector<double> traits;
  for (size_t i = 0; i < sources.size(); ++i) {
    const size_t first = traits.size();
    traits.resize(first + TraitCount(sources[i]), 0);
    if (sources[i].is_category) {
      if (codes[i] > 0) traits[first + static_cast<size_t>(codes[i] - 1)] = 1;
    } else if (codes[i] != kMissingCode) {
      traits[first] = FromGrid(codes[i], kTraitGridBits);
    } else if (sources[i].has_missing) {
      traits[first + 1] = 1;
    }
  }
  return traits;
}

LifetimeFit FitForTraits(const CovariateModel& model, std::span<const double> traits) {
  LifetimeFit fit;
  fit.fitted = true;
  fit.parameters = ParametersFor(model.fit, model.effects, traits);
  fit.asked = fit.parameters.kind;
  fit.covariance =
      CovariatePoint(fit.asked, fit.parameters.k, model.fit.kept).CovarianceOf(model.fit.covariance, traits);
  return fit;
}

}  // namespace strata
