#include "model/clustering/evaluate.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_reduce.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "model/clustering/evaluation_chunk.h"

namespace strata {
namespace {

constexpr size_t kBlocksInOneGo = 256;  // fewer are not worth other threads: starts and trials run beside one another

using Evaluations = std::vector<Evaluation>;

void MergeAll(Evaluations* sums, const Evaluations& others) {
  if (sums->size() < others.size()) sums->resize(others.size());
  for (size_t run = 0; run < others.size(); ++run) (*sums)[run].Merge(others[run]);
}

// All works on one chunk: a block stays in the first cache until every one has seen it.
Evaluations OfChunk(const std::vector<EvaluationWork>& works, size_t number, size_t blocks) {
  std::vector<EvaluationChunk> chunks(works.begin(), works.end());
  const size_t end = std::min(blocks, (number + 1) * kChunkBlocks);
  BlockReader reader(works.front().points, works.front().kernels);
  for (size_t b = number * kChunkBlocks; b < end; ++b) {
    const BlockView block = reader.block(b);
    for (EvaluationChunk& chunk : chunks) chunk.Add(b, block);
  }
  Evaluations sums;
  for (EvaluationChunk& chunk : chunks) sums.push_back(chunk.Take());
  return sums;
}

// The sums by what changed since the labels that the works begin with.
Evaluations Run(const std::vector<EvaluationWork>& works, size_t blocks) {
  Evaluations sums;
  for (const EvaluationWork& work : works) sums.push_back(EvaluationChunk(work).Take());  // of no points
  const size_t chunks = (blocks + kChunkBlocks - 1) / kChunkBlocks;
  if (blocks <= kBlocksInOneGo) {
    for (size_t number = 0; number < chunks; ++number) MergeAll(&sums, OfChunk(works, number, blocks));
    return sums;
  }
  MergeAll(&sums, tbb::parallel_reduce(
                      tbb::blocked_range<size_t>(0, chunks, 1), Evaluations{},
                      [&](const tbb::blocked_range<size_t>& range, Evaluations sum) {
                        for (size_t number = range.begin(); number < range.end(); ++number) {
                          MergeAll(&sum, OfChunk(works, number, blocks));
                        }
                        return sum;
                      },
                      [](Evaluations left, const Evaluations& right) {
                        MergeAll(&left, right);
                        return left;
                      }));
  return sums;
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

// How to go on from what the cache holds, which is made to hold what the work begins with.
EvaluationWork Prepare(const PointBlocks& points, const EvaluationRequest& request, const Kernels& kernels, bool keep,
                       RunCache* last) {
  const size_t size = points.blocks() * kKernelBlock;
  const size_t k = request.centres.size();
  const bool trims = request.bracket.has_value();
  const bool known =
      last->labels.size() == size && last->centres.size() == k && last->centres.gamma() == request.centres.gamma();
  EvaluationWork work{points, request, kernels, request.centres.view(), nullptr, nullptr, true, false, {}};
  work.moved = Moved(last->centres, request.centres);
  if (!known) {
    last->labels.assign(size, kNoSlot);
    last->sums = ClusterSums(k, points.d(), points.levels());
  }
  work.labels = last->labels.data();
  // With few moves the next evaluation may look at the moved centres alone: from then on ranks are worth their memory.
  const bool few = known && keep && !trims && 4 * work.moved.size() <= 3 * k;
  work.prune = few && 2 * work.moved.size() <= k && last->best.size() == size;
  work.assign = !(few && work.moved.empty());
  if (!few) last->best.clear();
  if (few && work.assign) {
    last->best.resize(size);
    work.best = last->best.data();
  }
  last->centres =
      CentreSet();  // until the sums are those of the labels: nobody goes on from what was given up half-way
  return work;
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

std::vector<Evaluation> EvaluateAll(const PointBlocks& points, std::span<const EvaluationRequest> requests,
                                    const Kernels& kernels, std::span<RunCache* const> caches) {
  std::vector<RunCache> none(requests.size());
  std::vector<RunCache*> last;
  std::vector<EvaluationWork> works;
  for (size_t run = 0; run < requests.size(); ++run) {
    const bool keep = run < caches.size() && caches[run] != nullptr;
    last.push_back(keep ? caches[run] : &none[run]);
    works.push_back(Prepare(points, requests[run], kernels, keep, last[run]));
  }
  if (works.empty()) return {};
  std::vector<Evaluation> results = Run(works, points.blocks());
  for (size_t run = 0; run < requests.size(); ++run) {
    last[run]->sums.Merge(results[run].sums);
    // Without trimming everybody is in the sums, and squares were not followed.
    if (!requests[run].bracket.has_value()) last[run]->sums.squares = points.total_squares();
    last[run]->centres = requests[run].centres;
    results[run].sums = last[run]->sums;
  }
  return results;
}

Evaluation Evaluate(const PointBlocks& points, const EvaluationRequest& request, const Kernels& kernels,
                    RunCache* cache) {
  return std::move(EvaluateAll(points, std::span(&request, 1), kernels, std::span(&cache, 1)).front());
}

}  // namespace strata
