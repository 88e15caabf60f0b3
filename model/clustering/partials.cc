// What travels in the rounds of the clustering.
#include <algorithm>
#include <memory>

#include "model/clustering/clustering_fitter.h"
#include "model/clustering/silhouette.h"

namespace strata {
namespace {

template <size_t kWidth>
void EncodeRows(const std::vector<std::array<int64_t, kWidth>>& rows, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(rows.size()));
  for (const auto& row : rows) {
    for (const int64_t value : row) writer->I64(value);
  }
}

template <size_t kWidth>
std::vector<std::array<int64_t, kWidth>> DecodeRows(ByteReader* reader) {
  std::vector<std::array<int64_t, kWidth>> rows;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    for (int64_t& value : rows.emplace_back()) value = reader->I64();
  }
  return rows;
}

using Parameters = ClusteringFitter::Parameters;
using Partial = ClusteringFitter::Partial;

void AddBlock(const std::vector<CentroidSet>& centroids, const PointBlock& block,
              const std::vector<std::optional<SilhouetteScorer>>& scorers, const Kernels& kernels, Partial* partial) {
  LabelBlock labels;
  for (size_t c = 0; c < centroids.size(); ++c) {
    if (centroids[c].size() == 0) continue;
    centroids[c].Assign(block, kernels, &labels);
    Partial::Candidate& candidate = partial->candidates[c];
    if (scorers[c].has_value()) {
      candidate.silhouette += scorers[c]->Sum(block, labels, kernels);
    } else {
      candidate.sums.Add(block, labels);
      candidate.farthest.Add(centroids[c], block, labels);
    }
  }
}

}  // namespace

void Parameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(stage));
  writer->U64(seed);
  for (const double mean : scaling.mean) writer->F64(mean);
  for (const double deviation : scaling.deviation) writer->F64(deviation);
  writer->U32(static_cast<uint32_t>(candidates.size()));
  for (const Candidate& candidate : candidates) {
    EncodeRows(candidate.centroids, writer);
    writer->U32(candidate.farthest_wanted);
    EncodeRows(candidate.sums.rows, writer);
  }
}

Parameters Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  parameters.stage = static_cast<Stage>(reader->U8());
  parameters.seed = reader->U64();
  for (double& mean : parameters.scaling.mean) mean = reader->F64();
  for (double& deviation : parameters.scaling.deviation) deviation = reader->F64();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Candidate& candidate = parameters.candidates.emplace_back();
    candidate.centroids = DecodeRows<kClusterFeatures>(reader);
    candidate.farthest_wanted = reader->U32();
    candidate.sums.rows = DecodeRows<kSumLanes>(reader);
  }
  return parameters;
}

void Partial::Merge(const Partial& other) {
  for (size_t j = 0; j < kClusterFeatures; ++j) moments[j].Merge(other.moments[j]);
  sample.Merge(other.sample);
  if (candidates.size() < other.candidates.size()) candidates.resize(other.candidates.size());
  for (size_t c = 0; c < other.candidates.size(); ++c) {
    candidates[c].sums.Merge(other.candidates[c].sums);
    candidates[c].farthest.Merge(other.candidates[c].farthest);
    candidates[c].silhouette += other.candidates[c].silhouette;
  }
}

void Partial::Encode(ByteWriter* writer) const {
  for (const ExactMoments& moment : moments) moment.Encode(writer);
  sample.Encode(writer);
  writer->U32(static_cast<uint32_t>(candidates.size()));
  for (const Candidate& candidate : candidates) {
    EncodeRows(candidate.sums.rows, writer);
    candidate.farthest.Encode(writer);
    writer->I64(candidate.silhouette);
  }
}

Partial Partial::Decode(ByteReader* reader) {
  Partial partial;
  for (ExactMoments& moment : partial.moments) moment = ExactMoments::Decode(reader);
  partial.sample = KeyedSample::Decode(reader);
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Candidate& candidate = partial.candidates.emplace_back();
    candidate.sums.rows = DecodeRows<kSumLanes>(reader);
    candidate.farthest = FarthestPoints::Decode(reader);
    candidate.silhouette = reader->I64();
  }
  return partial;
}

Partial ClusteringFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels) {
  const CustomerColumns& today = shard.today;
  const auto customers = std::make_unique<TransformedBlock>();
  Partial partial;
  if (parameters.stage == Stage::kMoments) {
    KeyedSampler sampler(parameters.seed, DrawPurpose::kClusteringSample, kClusteringSampleMax, kClusterFeatures);
    for (size_t row = 0; row < today.size();) {
      row = customers->Fill(today, row, kernels);
      for (size_t i = 0; i < customers->size; ++i) {
        const TransformedPoint point = customers->point(i);
        for (size_t j = 0; j < kClusterFeatures; ++j) partial.moments[j].Add(point[j]);
        const uint64_t hash = today.hash[customers->rows[i]];
        if (sampler.Wants(hash)) sampler.Add(hash, point);
      }
    }
    partial.sample = sampler.Take();
    return partial;
  }
  std::vector<CentroidSet> centroids;
  std::vector<std::optional<SilhouetteScorer>> scorers(parameters.candidates.size());
  for (size_t c = 0; c < parameters.candidates.size(); ++c) {
    const Parameters::Candidate& candidate = parameters.candidates[c];
    centroids.emplace_back(candidate.centroids);
    Partial::Candidate& sums = partial.candidates.emplace_back();
    if (parameters.stage == Stage::kLloyd) {
      sums.sums = CentroidSums(candidate.centroids.size());
      sums.farthest.wanted = candidate.farthest_wanted;
    } else if (candidate.sums.rows.size() == candidate.centroids.size()) {
      scorers[c].emplace(candidate.sums);
    }
  }
  const auto block = std::make_unique<PointBlock>();
  for (size_t row = 0; row < today.size();) {
    row = customers->Fill(today, row, kernels);
    block->Fill(*customers, parameters.scaling, kernels);
    AddBlock(centroids, *block, scorers, kernels, &partial);
  }
  return partial;
}

}  // namespace strata
