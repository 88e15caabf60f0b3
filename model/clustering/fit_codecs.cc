// What travels in the rounds of the clustering, as bytes.
#include "model/clustering/fit_stages.h"
#include "model/statistics/shard_error.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

// Any number of them: candidates are many more than slots.
void EncodeCentres(const std::vector<Centre>& centres, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(centres.size()));
  for (const Centre& centre : centres) {
    writer->Array(centre.q);
    writer->Array(centre.modes);
  }
}

std::vector<Centre> DecodeCentres(ByteReader* reader) {
  const uint32_t count = reader->U32();
  std::vector<Centre> centres;
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Centre& centre = centres.emplace_back();
    centre.q = reader->Array<int32_t>();
    centre.modes = reader->Array<uint8_t>();
    if (centre.q.size() != centres.front().q.size() || centre.modes.size() != centres.front().modes.size()) return {};
  }
  return centres;
}

}  // namespace

void Placement::Encode(ByteWriter* writer) const {
  space.Encode(writer);
  centres.Encode(writer);
  writer->U8(threshold.has_value() ? 1 : 0);
  if (!threshold.has_value()) return;
  writer->I64(threshold->distance);
  writer->U64(threshold->hash);
}

Placement Placement::Decode(ByteReader* reader) {
  Placement placement;
  placement.space = ClusterSpace::Decode(reader);
  placement.centres = CentreSet::Decode(reader);
  if (reader->U8() != 0) {
    TrimThreshold& threshold = placement.threshold.emplace();
    threshold.distance = reader->I64();
    threshold.hash = reader->U64();
  }
  return placement;
}

void SeedingRequest::Encode(ByteWriter* writer) const {
  space.Encode(writer);
  writer->U8(oversample.has_value() ? 1 : 0);
  if (oversample.has_value()) oversample->Encode(writer);
  EncodeCentres(candidates, writer);
  writer->I64(gamma);
}

SeedingRequest SeedingRequest::Decode(ByteReader* reader) {
  SeedingRequest request;
  request.space = ClusterSpace::Decode(reader);
  if (reader->U8() != 0) request.oversample = OversampleRequest::Decode(reader);
  request.candidates = DecodeCentres(reader);
  request.gamma = reader->I64();
  return request;
}

void SeedingPartial::Merge(const SeedingPartial& other) {
  candidates.Merge(other.candidates);
  AddInto(&weights, other.weights);
  MergeShardError(&error, other.error);
}

void SeedingPartial::Encode(ByteWriter* writer) const {
  candidates.Encode(writer);
  writer->Array(weights);
  writer->Text(error);
}

SeedingPartial SeedingPartial::Decode(ByteReader* reader) {
  SeedingPartial partial;
  partial.candidates = KeyedSample::Decode(reader);
  partial.weights = reader->Array<Int128>();
  partial.error = std::string(reader->Text());
  return partial;
}

void LloydRequest::Encode(ByteWriter* writer) const {
  space.Encode(writer);
  writer->U32(static_cast<uint32_t>(runs.size()));
  for (const auto& [number, run] : runs) {
    writer->U32(number);
    run.Encode(writer);
  }
}

LloydRequest LloydRequest::Decode(ByteReader* reader) {
  LloydRequest request;
  request.space = ClusterSpace::Decode(reader);
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const uint32_t number = reader->U32();
    request.runs[number] = EvaluationRequest::Decode(reader);
  }
  return request;
}

void LloydPartial::Merge(const LloydPartial& other) {
  for (const auto& [number, run] : other.runs) runs[number].Merge(run);
  MergeShardError(&error, other.error);
}

void LloydPartial::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(runs.size()));
  for (const auto& [number, run] : runs) {
    writer->U32(number);
    run.Encode(writer);
  }
  writer->Text(error);
}

LloydPartial LloydPartial::Decode(ByteReader* reader) {
  LloydPartial partial;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const uint32_t number = reader->U32();
    partial.runs[number] = Evaluation::Decode(reader);
  }
  partial.error = std::string(reader->Text());
  return partial;
}

void ConfirmRequest::Encode(ByteWriter* writer) const {
  placement.Encode(writer);
  writer->Array(last_ids);
}

ConfirmRequest ConfirmRequest::Decode(ByteReader* reader) {
  ConfirmRequest request;
  request.placement = Placement::Decode(reader);
  request.last_ids = reader->Array<int>();
  return request;
}

void ConfirmPartial::Merge(const ConfirmPartial& other) {
  customers += other.customers;
  totals.Merge(other.totals);
  weighted.Merge(other.weighted);
  within += other.within;
  AddInto(&squares, other.squares);
  AddInto(&net_micros, other.net_micros);
  AddInto(&contingency, other.contingency);
  MergeShardError(&error, other.error);
}

void ConfirmPartial::Encode(ByteWriter* writer) const {
  writer->I64(customers);
  totals.Encode(writer);
  weighted.Encode(writer);
  writer->I128(within);
  writer->Array(squares);
  writer->Array(net_micros);
  writer->Array(contingency);
  writer->Text(error);
}

ConfirmPartial ConfirmPartial::Decode(ByteReader* reader) {
  ConfirmPartial partial;
  partial.customers = reader->I64();
  partial.totals = ClusterTotals::Decode(reader);
  partial.weighted = ClusterTotals::Decode(reader);
  partial.within = reader->I128();
  partial.squares = reader->Array<Int128>();
  partial.net_micros = reader->Array<Int128>();
  partial.contingency = reader->Array<int64_t>();
  partial.error = std::string(reader->Text());
  return partial;
}

void QualityRequest::Encode(ByteWriter* writer) const {
  placement.Encode(writer);
  totals.Encode(writer);
}

QualityRequest QualityRequest::Decode(ByteReader* reader) {
  QualityRequest request;
  request.placement = Placement::Decode(reader);
  request.totals = ClusterTotals::Decode(reader);
  return request;
}

void QualityPartial::Merge(const QualityPartial& other) {
  quality.Merge(other.quality);
  MergeShardError(&error, other.error);
}

void QualityPartial::Encode(ByteWriter* writer) const {
  quality.Encode(writer);
  writer->Text(error);
}

QualityPartial QualityPartial::Decode(ByteReader* reader) {
  QualityPartial partial;
  partial.quality = ClusterQuality::Decode(reader);
  partial.error = std::string(reader->Text());
  return partial;
}

}  // namespace strata
