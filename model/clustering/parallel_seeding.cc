#include "model/clustering/parallel_seeding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/hash.h"
#include "model/clustering/potential.h"

namespace strata {
namespace {

constexpr int kReduceStarts = 8;
// Candidates are weighed in groups whose labels are bytes.
constexpr size_t kGroup = 128;
static_assert(kGroup <= kMaxSlots);

// True with probability min(1, kOversampling k w d^2 / phi), of 2^-64 at the finest.
bool Joins(uint64_t draw, Int128 part, int k, Int128 phi) {
  UInt128 numerator = static_cast<UInt128>(part) * static_cast<UInt128>(kOversampling * k);
  UInt128 denominator = static_cast<UInt128>(phi);
  if (numerator >= denominator) return true;
  for (; denominator >> 95 != 0; denominator >>= 1) numerator >>= 1;
  // floor(numerator 2^64 / denominator), by halves so that no step leaves 128 bits.
  const UInt128 high = (numerator << 32) / denominator;
  const UInt128 rest = (numerator << 32) % denominator;
  const UInt128 share = (high << 32) | ((rest << 32) / denominator);
  return static_cast<UInt128>(draw) < share;
}

std::vector<int64_t> RowOf(const Centre& point) {
  std::vector<int64_t> row(point.q.begin(), point.q.end());
  row.insert(row.end(), point.modes.begin(), point.modes.end());
  return row;
}

}  // namespace

void OversampleRequest::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(centres.size()));
  for (const Centre& centre : centres) {
    writer->Array(centre.q);
    writer->Array(centre.modes);
  }
  writer->I64(gamma);
  writer->I32(k);
  writer->I128(phi);
  writer->U64(seed);
  writer->U32(round);
}

OversampleRequest OversampleRequest::Decode(ByteReader* reader) {
  OversampleRequest read;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    Centre& centre = read.centres.emplace_back();
    centre.q = reader->Array<int32_t>();
    centre.modes = reader->Array<uint8_t>();
  }
  read.gamma = reader->I64();
  read.k = reader->I32();
  read.phi = reader->I128();
  read.seed = reader->U64();
  read.round = reader->U32();
  return read;
}

KeyedSample Oversample(const PointBlocks& points, const OversampleRequest& request, const Kernels& kernels) {
  if (points.size() == 0 || request.phi <= 0) return {};
  const size_t width = points.d() + points.categories();
  // The sampler's own draw has repetition 0.
  const uint64_t round = DrawRound(DrawPurpose::kClusteringParallel, request.round + 1);
  const uint32_t capacity = kCandidatesPerSlot * static_cast<uint32_t>(request.k);
  KeyedSampler sampler(request.seed, DrawPurpose::kClusteringParallel, capacity, static_cast<uint32_t>(width));
  Potential potential(points, request.gamma, kernels);
  for (const Centre& centre : request.centres) potential.Add(centre);
  for (size_t i = 0; i < points.size(); ++i) {
    const Int128 part = static_cast<Int128>(potential.PartOf(i));
    const uint64_t hash = points.hash(i);
    if (part == 0 || !Joins(KeyedDraw(request.seed, round, hash), part, request.k, request.phi)) continue;
    sampler.Add(hash, RowOf(points.point(i)));
  }
  return sampler.Take();
}

std::vector<Centre> CandidatesOf(const KeyedSample& sample, size_t d) {
  std::vector<Centre> candidates;
  for (size_t row = 0; row < sample.size(); ++row) {
    const std::span<const int64_t> values = sample.values(row);
    Centre& candidate = candidates.emplace_back();
    for (size_t j = 0; j < d; ++j) candidate.q.push_back(static_cast<int32_t>(values[j]));
    for (size_t j = d; j < values.size(); ++j) candidate.modes.push_back(static_cast<uint8_t>(values[j]));
  }
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  return candidates;
}

Int128 PotentialOf(const PointBlocks& points, const std::vector<Centre>& centres, int64_t gamma,
                   const Kernels& kernels) {
  if (points.size() == 0) return 0;
  Potential potential(points, gamma, kernels);
  for (const Centre& centre : centres) potential.Add(centre);
  return static_cast<Int128>(potential.total());
}

std::vector<Int128> CandidateWeights(const PointBlocks& points, const std::vector<Centre>& candidates, int64_t gamma,
                                     const Kernels& kernels) {
  std::vector<Int128> weights(candidates.size(), 0);
  std::vector<CentreSet> groups;
  for (size_t begin = 0; begin < candidates.size(); begin += kGroup) {
    const auto at = [&](size_t i) { return candidates.begin() + static_cast<std::ptrdiff_t>(i); };
    groups.emplace_back(std::vector<Centre>(at(begin), at(std::min(candidates.size(), begin + kGroup))), gamma);
  }
  std::vector<uint8_t> labels(kKernelBlock);
  std::vector<float> ranks(kKernelBlock);
  BlockReader reader(points, kernels);
  for (size_t b = 0; b < points.blocks(); ++b) {
    const BlockView block = reader.block(b);
    std::vector<float> best(kKernelBlock, std::numeric_limits<float>::infinity());
    std::vector<size_t> nearest(kKernelBlock, 0);
    for (size_t group = 0; group < groups.size(); ++group) {
      kernels.cluster.nearest(groups[group].view(), block, labels.data(), ranks.data());
      for (size_t i = 0; i < block.n; ++i) {
        if (ranks[i] >= best[i]) continue;
        best[i] = ranks[i];
        nearest[i] = group * kGroup + labels[i];
      }
    }
    for (size_t i = 0; i < block.n && !groups.empty(); ++i) weights[nearest[i]] += points.weight(b * kKernelBlock + i);
  }
  return weights;
}

CentreSet ReduceCandidates(const std::vector<Centre>& candidates, std::span<const Int128> weights, int k, int64_t gamma,
                           uint64_t seed, const Kernels& kernels) {
  // Down to what a customer may weigh; who has any weight keeps some.
  Int128 most = 1;
  for (const Int128 weight : weights) most = std::max(most, weight);
  int shift = 0;
  while ((most >> shift) > kCustomerWeightMax) ++shift;
  const size_t d = candidates.front().q.size();
  const size_t categories = candidates.front().modes.size();
  std::vector<int32_t> q, scaled;
  std::vector<uint8_t> codes;
  for (size_t i = 0; i < candidates.size(); ++i) {
    q.insert(q.end(), candidates[i].q.begin(), candidates[i].q.end());
    codes.insert(codes.end(), candidates[i].modes.begin(), candidates[i].modes.end());
    const int32_t rounded = static_cast<int32_t>(weights[i] >> shift);
    scaled.push_back(weights[i] > 0 ? std::max(rounded, 1) : 0);
  }
  const PointBlocks points =
      PointBlocks::OfGrid(d, categories, q, codes, std::vector<uint64_t>(candidates.size()), scaled);
  SolveOptions options;
  options.lloyd.k = k;
  options.gamma = gamma;
  options.starts = kReduceStarts;
  options.seed = seed;
  options.purpose = DrawPurpose::kClusteringParallel;
  const std::vector<Solution> solutions = SolveInMemory(points, options, kernels);
  return solutions.empty() ? CentreSet({candidates.front()}, gamma) : solutions.front().centres;
}

}  // namespace strata
