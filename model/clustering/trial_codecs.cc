// What travels of trials.
#include "model/clustering/trials.h"

namespace strata {
namespace {

void EncodeOptimum(const TrialOptimum& optimum, ByteWriter* writer) {
  optimum.centres.Encode(writer);
  writer->I128(optimum.inertia);
  writer->I64(optimum.threshold.distance);
  writer->U64(optimum.threshold.hash);
  writer->I32(optimum.iterations);
  writer->U8(optimum.converged ? 1 : 0);
}

TrialOptimum DecodeOptimum(ByteReader* reader) {
  TrialOptimum optimum;
  optimum.centres = CentreSet::Decode(reader);
  optimum.inertia = reader->I128();
  optimum.threshold.distance = reader->I64();
  optimum.threshold.hash = reader->U64();
  optimum.iterations = reader->I32();
  optimum.converged = reader->U8() != 0;
  return optimum;
}

}  // namespace

void TrialSettings::Encode(ByteWriter* writer) const {
  for (const int value : {k_first, k_last, references, starts, iterations_max}) writer->I32(value);
  writer->I64(trim);
  writer->I64(gamma);
  writer->U8(compare ? 1 : 0);
  writer->U64(seed);
}

TrialSettings TrialSettings::Decode(ByteReader* reader) {
  TrialSettings settings;
  for (int* value :
       {&settings.k_first, &settings.k_last, &settings.references, &settings.starts, &settings.iterations_max}) {
    *value = reader->I32();
  }
  settings.trim = reader->I64();
  settings.gamma = reader->I64();
  settings.compare = reader->U8() != 0;
  settings.seed = reader->U64();
  return settings;
}

void TrialResult::Encode(ByteWriter* writer) const {
  writer->Array(within);
  writer->U32(static_cast<uint32_t>(optima.size()));
  for (const TrialOptimum& optimum : optima) EncodeOptimum(optimum, writer);
  writer->Array(contingency);
  writer->U32(columns);
  quality.Encode(writer);
  writer->I128(total);
}

TrialResult TrialResult::Decode(ByteReader* reader) {
  TrialResult result;
  result.within = reader->Array<Int128>();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) result.optima.push_back(DecodeOptimum(reader));
  result.contingency = reader->Array<int64_t>();
  result.columns = reader->U32();
  result.quality = ClusterQuality::Decode(reader);
  result.total = reader->I128();
  return result;
}

void TrialsRequest::Encode(ByteWriter* writer) const {
  settings.Encode(writer);
  sample.Encode(writer);
  normal.Encode(writer);
  last.Encode(writer);
  writer->U32(first_unit);
  writer->U32(end_unit);
}

TrialsRequest TrialsRequest::Decode(ByteReader* reader) {
  TrialsRequest request;
  request.settings = TrialSettings::Decode(reader);
  request.sample = GridSample::Decode(reader);
  request.normal = ReferenceNormal::Decode(reader);
  request.last = CentreSet::Decode(reader);
  request.first_unit = reader->U32();
  request.end_unit = reader->U32();
  return request;
}

void TrialsPartial::Merge(const TrialsPartial& other) {
  twice = twice || other.twice;
  for (const auto& [unit, result] : other.results) twice = !results.emplace(unit, result).second || twice;
}

void TrialsPartial::Encode(ByteWriter* writer) const {
  writer->U8(twice ? 1 : 0);
  writer->U32(static_cast<uint32_t>(results.size()));
  for (const auto& [unit, result] : results) {
    writer->U32(unit);
    result.Encode(writer);
  }
}

TrialsPartial TrialsPartial::Decode(ByteReader* reader) {
  TrialsPartial partial;
  partial.twice = reader->U8() != 0;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const uint32_t unit = reader->U32();
    partial.results[unit] = TrialResult::Decode(reader);
  }
  return partial;
}

}  // namespace strata
