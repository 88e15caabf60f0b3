#include "model/lifetime/covariate_model.h"

#include <fmt/format.h>

#include "model/lifetime/covariate_coding.h"

namespace strata {

std::vector<bool> SourcesInUse(const CovariateModel& model) {
  std::vector<bool> in_use(model.sources.size(), false);
  const CovariateEffects& kept = model.fit.kept;
  for (const auto* effects : {&kept.rate, &kept.dropout, &kept.strength}) {
    for (const size_t trait : *effects) in_use[model.traits[trait].source] = true;
  }
  return in_use;
}

std::string TraitName(const CovariateModel& model, const CovariateTrait& trait) {
  const CovariateSource& source = model.sources[trait.source];
  switch (trait.coding) {
    case CovariateTrait::Coding::kLevel:
      return fmt::format("{} = {}", source.column, trait.level);
    case CovariateTrait::Coding::kOther:
      return source.column + " (other)";
    case CovariateTrait::Coding::kMissing:
      return source.column + " (missing)";
    case CovariateTrait::Coding::kNumber:
      break;
  }
  return source.told_per == 1 ? source.column : fmt::format("{} per {}", source.column, source.told_per);
}

const char* Name(CovariateCoefficient::On on) {
  switch (on) {
    case CovariateCoefficient::On::kRate:
      return "rate";
    case CovariateCoefficient::On::kDropOut:
      return "drop-out";
    case CovariateCoefficient::On::kStrength:
      return "strength";
  }
  return "";
}

void EncodeSources(const std::vector<CovariateSource>& sources, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(sources.size()));
  for (const CovariateSource& source : sources) {
    writer->Text(source.column);
    writer->U8(source.is_category ? 1 : 0);
    writer->U8(source.has_missing ? 1 : 0);
    writer->F64(source.unit);
    writer->F64(source.centre);
    writer->F64(source.deviation);
    writer->F64(source.told_per);
    writer->Text(source.reference);
    writer->U32(static_cast<uint32_t>(source.levels.size()));
    for (const std::string& level : source.levels) writer->Text(level);
    writer->U8(source.has_other ? 1 : 0);
  }
}

std::vector<CovariateSource> DecodeSources(ByteReader* reader) {
  std::vector<CovariateSource> sources;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    CovariateSource source;
    source.column = reader->Text();
    source.is_category = reader->U8() != 0;
    source.has_missing = reader->U8() != 0;
    source.unit = reader->F64();
    source.centre = reader->F64();
    source.deviation = reader->F64();
    source.told_per = reader->F64();
    source.reference = reader->Text();
    const uint32_t levels = reader->U32();
    for (uint32_t l = 0; l < levels && reader->ok(); ++l) source.levels.emplace_back(reader->Text());
    source.has_other = reader->U8() != 0;
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace strata
