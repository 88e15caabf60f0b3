// The worker's side of the clustering's rounds, and their bytes.
#include <type_traits>

#include "base/hash.h"
#include "model/clustering/clustering_fitter.h"

namespace strata {
namespace {

using Parameters = ClusteringFitter::Parameters;
using Partial = ClusteringFitter::Partial;

template <typename T>
void EncodeStage(const std::optional<T>& stage, ByteWriter* writer) {
  writer->U8(stage.has_value() ? 1 : 0);
  if (stage.has_value()) stage->Encode(writer);
}

template <typename T>
void DecodeStage(ByteReader* reader, std::optional<T>* stage) {
  if (reader->U8() != 0) *stage = T::Decode(reader);
}

template <typename T>
void MergeStage(std::optional<T>* stage, const std::optional<T>& other) {
  if (!other.has_value()) return;
  if (!stage->has_value()) stage->emplace();
  (*stage)->Merge(*other);
}

// Every stage of parameters or of a partial, in one order.
template <typename Stages, typename Visit>
void ForEachStage(Stages& stages, const Visit& visit) {
  visit(stages.drift);
  visit(stages.space);
  visit(stages.trials);
  visit(stages.seeding);
  visit(stages.lloyd);
  visit(stages.confirm);
  visit(stages.quality);
}

}  // namespace

void Parameters::Encode(ByteWriter* writer) const {
  ForEachStage(*this, [writer](const auto& stage) { EncodeStage(stage, writer); });
}

Parameters Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  ForEachStage(parameters, [reader](auto& stage) { DecodeStage(reader, &stage); });
  return parameters;
}

void Partial::Merge(const Partial& other) {
  MergeStage(&drift, other.drift);
  MergeStage(&space, other.space);
  MergeStage(&trials, other.trials);
  MergeStage(&seeding, other.seeding);
  MergeStage(&lloyd, other.lloyd);
  MergeStage(&confirm, other.confirm);
  MergeStage(&quality, other.quality);
}

void Partial::Encode(ByteWriter* writer) const {
  ForEachStage(*this, [writer](const auto& stage) { EncodeStage(stage, writer); });
}

Partial Partial::Decode(ByteReader* reader) {
  Partial partial;
  ForEachStage(partial, [reader](auto& stage) { DecodeStage(reader, &stage); });
  return partial;
}

Partial ClusteringFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels) {
  Partial partial;
  if (parameters.drift.has_value()) partial.drift = CountDriftFrom(*parameters.drift, shard, kernels);
  if (parameters.space.has_value()) partial.space = CountSpace(*parameters.space, shard, kernels);
  if (parameters.trials.has_value()) partial.trials = RunTrials(*parameters.trials, shard, kernels);
  if (parameters.seeding.has_value()) partial.seeding = CountSeeding(*parameters.seeding, shard, kernels);
  if (parameters.lloyd.has_value()) partial.lloyd = CountLloyd(*parameters.lloyd, shard, kernels);
  if (parameters.confirm.has_value()) partial.confirm = CountConfirm(*parameters.confirm, shard, kernels);
  if (parameters.quality.has_value()) partial.quality = CountQuality(*parameters.quality, shard, kernels);
  return partial;
}

uint64_t ClusterFitSettings::Checksum() const {
  ByteWriter writer;
  const std::vector<ClusterFeatureSettings>& of = features.empty() ? DefaultClusterFeatures() : features;
  for (const ClusterFeatureSettings& feature : of) {
    writer.Text(feature.column);
    writer.Text(feature.name);
    writer.U8(static_cast<uint8_t>(feature.transform));
    writer.U8(static_cast<uint8_t>(feature.scale));
    writer.U8(static_cast<uint8_t>(feature.missing));
    writer.F64(feature.weight);
    writer.U8(feature.winsorise.has_value() ? 1 : 0);
    if (feature.winsorise.has_value()) {
      for (const int64_t share : *feature.winsorise) writer.I64(share);
    }
  }
  writer.Text(weight);
  writer.I32(k.value_or(0));
  writer.I32(k.has_value() ? 0 : k_max);
  writer.I64(trim);
  writer.F64(gamma.value_or(0));
  writer.U8(gamma_huang ? 1 : 0);
  return Hash64(writer.bytes());
}

}  // namespace strata
