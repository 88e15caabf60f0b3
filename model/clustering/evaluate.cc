#include "model/clustering/evaluate.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace strata {
namespace {

constexpr size_t kChunkBlocks = 64;     // 2^14 customers: their weighted sums fit 63 bits
constexpr size_t kBlocksInOneGo = 256;  // fewer are not worth other threads: starts and trials run beside one another

// Sums of a chunk, in 64 bits: |sum of w q| <= 2^14 2^16 2^22, twice where it moves from slot to slot.
struct ChunkSums {
  ChunkSums(size_t k, const PointBlocks& points) : sums(k, points.d(), points.levels()), rows(k * points.d()) {}

  // Of a customer that leaves `before` for `now`; kNoSlot: outside of all.
  void Move(const PointBlocks& points, const BlockView& block, size_t b, size_t i, uint8_t before, uint8_t now) {
    const int64_t w = points.weight(b * kKernelBlock + i);
    if (before != kNoSlot) Count(block, i, before, -1, -w);
    if (now != kNoSlot) Count(block, i, now, 1, w);
  }
  // The same for its square, which matters where customers join or leave all slots.
  void MoveSquare(const PointBlocks& points, const BlockView& block, size_t b, size_t i, uint8_t before, uint8_t now) {
    if ((before == kNoSlot) == (now == kNoSlot)) return;
    Int128 square = 0;
    for (size_t j = 0; j < points.d(); ++j) {
      const int64_t q = static_cast<int64_t>(block.points[j * block.stride + i]);
      square += q * q;
    }
    const int64_t w = points.weight(b * kKernelBlock + i);
    sums.squares += square * (before == kNoSlot ? w : -w);
  }

  ClusterSums Take() {
    for (size_t i = 0; i < rows.size(); ++i) sums.sums[i] += rows[i];
    return std::move(sums);
  }

  ClusterSums sums;
  std::vector<int64_t> rows;

 private:
  void Count(const BlockView& block, size_t i, uint8_t slot, int64_t customers, int64_t w) {
    sums.count[slot] += customers;
    sums.weight[slot] += w;
    int64_t* const row = rows.data() + slot * sums.d;
    for (size_t j = 0; j < sums.d; ++j) row[j] += w * static_cast<int64_t>(block.points[j * block.stride + i]);
    const size_t width = sums.categories();
    for (size_t f = 0; f < width; ++f) sums.levels[slot * width + f][block.codes[f * block.stride + i]] += w;
  }
};

void AddFarthest(const PointBlocks& points, size_t b, const int64_t* distances, const uint8_t* labels,
                 FarthestCustomers* farthest) {
  const size_t n = points.block(b).n;
  for (size_t i = 0; i < n; ++i) {
    const size_t customer = b * kKernelBlock + i;
    if (labels[i] == kNoSlot || !farthest->Wants(distances[i]) || points.weight(customer) == 0) continue;
    farthest->Insert({distances[i], points.point(customer)});
  }
}

// How an evaluation is carried out; the same for every chunk.
struct Work {
  const PointBlocks& points;
  const EvaluationRequest& request;
  const Kernels& kernels;
  CentreView view;
  uint8_t* labels;  // of the last evaluation, or all kNoSlot; then of this one
  float* best;      // null: ranks are not kept
  bool assign;      // else the labels hold already
  bool prune;       // only `moved` differ from the centres that labels and best belong to
  std::vector<uint8_t> moved;
};

class Chunk {
 public:
  explicit Chunk(const Work& work) : work_(work), sums_(work.view.k, work.points) {
    result_.farthest.wanted = work.request.farthest_wanted;
    if (work.request.bracket.has_value()) result_.trim.bins.assign(work.request.bracket->bins(), 0);
  }

  void Add(size_t b) {
    const BlockView block = work_.points.block(b);
    uint8_t* const labels = work_.labels + b * kKernelBlock;
    float* const best = work_.best == nullptr ? nullptr : work_.best + b * kKernelBlock;
    const bool measured = work_.request.bracket.has_value() || work_.request.farthest_wanted > 0;
    alignas(64) std::array<uint8_t, kKernelBlock> now;
    alignas(64) std::array<int64_t, kKernelBlock> distances;
    const uint8_t* assigned = labels;
    if (work_.assign) {
      if (work_.prune) {
        std::memcpy(now.data(), labels, kKernelBlock);
        work_.kernels.cluster.nearest_of(work_.view, work_.moved.data(), work_.moved.size(), block, now.data(), best);
      } else {
        work_.kernels.cluster.nearest(work_.view, block, now.data(), best);
      }
      assigned = now.data();
    }
    if (measured) BlockDistances(work_.request.centres, block, assigned, work_.kernels, distances.data());
    if (work_.request.bracket.has_value()) Trim(b, block.n, distances.data(), now.data());
    if (work_.request.farthest_wanted > 0) {
      AddFarthest(work_.points, b, distances.data(), assigned, &result_.farthest);
    }
    if (!work_.assign) return;
    std::array<uint32_t, kKernelBlock> which;
    const size_t changed = work_.kernels.cluster.changed(labels, now.data(), block.n, which.data());
    if (changed == 0) return;
    for (size_t c = 0; c < changed; ++c) {
      const size_t i = which[c];
      sums_.Move(work_.points, block, b, i, labels[i], now[i]);
      if (work_.request.bracket.has_value()) sums_.MoveSquare(work_.points, block, b, i, labels[i], now[i]);
    }
    std::memcpy(labels, now.data(), kKernelBlock);
  }

  Evaluation Take() {
    result_.sums = sums_.Take();
    std::sort(result_.trim.rows.begin(), result_.trim.rows.end());
    return std::move(result_);
  }

 private:
  // Takes what is not certainly kept out of the labels.
  void Trim(size_t b, size_t n, const int64_t* distances, uint8_t* labels) {
    const TrimBracket& bracket = *work_.request.bracket;
    TrimCounts& trim = result_.trim;
    for (size_t i = 0; i < n; ++i) {
      const size_t customer = b * kKernelBlock + i;
      const uint64_t hash = work_.points.hash(customer);
      const UInt128 key = TrimKey(distances[i], hash);
      if (key < bracket.low) continue;
      const uint8_t slot = std::exchange(labels[i], kNoSlot);
      if (key >= bracket.high) {
        ++trim.behind;
        continue;
      }
      ++trim.bins[bracket.BinOf(key)];
      if (!bracket.octaves)
        trim.rows.push_back({distances[i], hash, slot, work_.points.weight(customer), work_.points.point(customer)});
    }
  }

  const Work& work_;
  ChunkSums sums_;
  Evaluation result_;
};

// The sums by what changed since the labels that the work begins with.
Evaluation Run(const Work& work) {
  const size_t blocks = work.points.blocks();
  const auto chunk = [&work, blocks](size_t number) {
    Chunk sums(work);
    const size_t end = std::min(blocks, (number + 1) * kChunkBlocks);
    for (size_t b = number * kChunkBlocks; b < end; ++b) sums.Add(b);
    return sums.Take();
  };
  const size_t chunks = (blocks + kChunkBlocks - 1) / kChunkBlocks;
  Evaluation none;  // with bins and slots also where there are no points
  none.sums = ClusterSums(work.view.k, work.points.d(), work.points.levels());
  none.farthest.wanted = work.request.farthest_wanted;
  if (work.request.bracket.has_value()) none.trim.bins.assign(work.request.bracket->bins(), 0);
  if (blocks <= kBlocksInOneGo) {
    for (size_t number = 0; number < chunks; ++number) none.Merge(chunk(number));
    return none;
  }
  none.Merge(tbb::parallel_reduce(
      tbb::blocked_range<size_t>(0, chunks, 1), Evaluation{},
      [&](const tbb::blocked_range<size_t>& range, Evaluation sum) {
        for (size_t number = range.begin(); number < range.end(); ++number) sum.Merge(chunk(number));
        return sum;
      },
      [](Evaluation left, const Evaluation& right) {
        left.Merge(right);
        return left;
      }));
  return none;
}

// The slots whose centres differ; all where the sets do not compare.
std::vector<uint8_t> Moved(const CentreSet& before, const CentreSet& now) {
  const bool compare = before.size() == now.size() && before.gamma() == now.gamma();
  std::vector<uint8_t> moved;
  for (size_t slot = 0; slot < now.size(); ++slot) {
    if (!compare || before[slot] != now[slot]) moved.push_back(static_cast<uint8_t>(slot));
  }
  return moved;
}

}  // namespace

void EvaluationRequest::Encode(ByteWriter* writer) const {
  centres.Encode(writer);
  writer->U32(farthest_wanted);
  writer->U8(bracket.has_value() ? 1 : 0);
  if (bracket.has_value()) bracket->Encode(writer);
}

EvaluationRequest EvaluationRequest::Decode(ByteReader* reader) {
  EvaluationRequest read;
  read.centres = CentreSet::Decode(reader);
  read.farthest_wanted = reader->U32();
  if (reader->U8() != 0) read.bracket = TrimBracket::Decode(reader);
  return read;
}

void Evaluation::Merge(const Evaluation& other) {
  sums.Merge(other.sums);
  farthest.Merge(other.farthest);
  trim.Merge(other.trim);
}

void Evaluation::Encode(ByteWriter* writer) const {
  sums.Encode(writer);
  farthest.Encode(writer);
  trim.Encode(writer);
}

Evaluation Evaluation::Decode(ByteReader* reader) {
  Evaluation read;
  read.sums = ClusterSums::Decode(reader);
  read.farthest = FarthestCustomers::Decode(reader);
  read.trim = TrimCounts::Decode(reader);
  return read;
}

size_t RunCache::bytes() const { return labels.size() + best.size() * sizeof(float); }

size_t FitCache::bytes() const {
  size_t sum = points.has_value() ? points->bytes() : 0;
  for (const auto& [number, run] : runs) sum += run.bytes();
  return sum;
}

Evaluation Evaluate(const PointBlocks& points, const EvaluationRequest& request, const Kernels& kernels,
                    RunCache* cache) {
  RunCache none;
  RunCache& last = cache == nullptr ? none : *cache;
  const size_t size = points.blocks() * kKernelBlock;
  const size_t k = request.centres.size();
  const bool trims = request.bracket.has_value();
  std::vector<uint8_t> moved = Moved(last.centres, request.centres);
  const bool known =
      last.labels.size() == size && last.centres.size() == k && last.centres.gamma() == request.centres.gamma();
  if (!known) {
    last.labels.assign(size, kNoSlot);
    last.best.clear();
    last.sums = ClusterSums(k, points.d(), points.levels());
    if (!trims) last.sums.squares = points.total_squares();
  }
  Work work{points, request, kernels, request.centres.view(), last.labels.data(), nullptr, true, false, {}};
  // With few moves the next evaluation may look at the moved centres alone: from then on ranks are worth their memory.
  const bool few = known && !trims && cache != nullptr && 4 * moved.size() <= 3 * k;
  work.prune = few && 2 * moved.size() <= k && last.best.size() == size;
  work.assign = !(few && moved.empty());
  if (!few) last.best.clear();
  if (few && work.assign) {
    last.best.resize(size);
    work.best = last.best.data();
  }
  work.moved = std::move(moved);
  Evaluation result = Run(work);
  last.sums.Merge(result.sums);
  last.centres = request.centres;
  result.sums = last.sums;
  return result;
}

void BlockDistances(const CentreSet& centres, const BlockView& block, const uint8_t* labels, const Kernels& kernels,
                    int64_t* out) {
  kernels.cluster.squared_distance(centres.view(), block, labels, out);
  if (centres.gamma() == 0) return;
  for (size_t f = 0; f < centres.categories(); ++f) {
    const uint8_t* const codes = block.codes + f * block.stride;
    for (size_t i = 0; i < block.n; ++i) out[i] += codes[i] == centres[labels[i]].modes[f] ? 0 : centres.gamma();
  }
}

std::vector<uint8_t> LabelsOf(const PointBlocks& points, const CentreSet& centres, const Kernels& kernels) {
  std::vector<uint8_t> labels(points.blocks() * kKernelBlock);
  const CentreView view = centres.view();
  for (size_t b = 0; b < points.blocks(); ++b) {
    kernels.cluster.nearest(view, points.block(b), labels.data() + b * kKernelBlock, nullptr);
  }
  labels.resize(points.size());
  return labels;
}

std::vector<int64_t> DistancesOf(const PointBlocks& points, const CentreSet& centres, std::span<const uint8_t> labels,
                                 const Kernels& kernels) {
  std::vector<int64_t> distances(points.blocks() * kKernelBlock);
  for (size_t b = 0; b < points.blocks(); ++b) {
    const size_t begin = b * kKernelBlock;
    BlockDistances(centres, points.block(b), labels.data() + begin, kernels, distances.data() + begin);
  }
  distances.resize(points.size());
  return distances;
}

TrimmedEvaluation EvaluateTrimmed(const PointBlocks& points, const CentreSet& centres, uint32_t farthest_wanted,
                                  int64_t trim, const Kernels& kernels) {
  TrimmedEvaluation result;
  result.labels = LabelsOf(points, centres, kernels);
  const std::vector<int64_t> distances = DistancesOf(points, centres, result.labels, kernels);
  std::vector<size_t> order(points.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Equal in distance and hash: by content.
  const auto before = [&](size_t a, size_t b) {
    const UInt128 key_a = TrimKey(distances[a], points.hash(a));
    const UInt128 key_b = TrimKey(distances[b], points.hash(b));
    if (key_a != key_b) return key_a < key_b;
    return TrimCounts::Row{distances[a], points.hash(a), result.labels[a], points.weight(a), points.point(a)} <
           TrimCounts::Row{distances[b], points.hash(b), result.labels[b], points.weight(b), points.point(b)};
  };
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(points.size()) - trim;
  std::nth_element(order.begin(), cut - 1, order.end(), before);
  const size_t last = *(cut - 1);
  result.threshold = {distances[last], points.hash(last)};
  for (auto outlier = cut; outlier != order.end(); ++outlier) result.labels[*outlier] = kNoSlot;
  ChunkSums sums(centres.size(), points);
  result.kept.farthest.wanted = farthest_wanted;
  for (size_t b = 0; b < points.blocks(); ++b) {
    const BlockView block = points.block(b);
    const size_t begin = b * kKernelBlock;
    if (b % kChunkBlocks == 0) result.kept.sums.Merge(std::exchange(sums, ChunkSums(centres.size(), points)).Take());
    for (size_t i = 0; i < block.n; ++i) {
      const uint8_t label = result.labels[begin + i];
      sums.Move(points, block, b, i, kNoSlot, label);
      sums.MoveSquare(points, block, b, i, kNoSlot, label);
    }
    AddFarthest(points, b, distances.data() + begin, result.labels.data() + begin, &result.kept.farthest);
  }
  result.kept.sums.Merge(sums.Take());
  return result;
}

}  // namespace strata
