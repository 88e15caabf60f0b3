#include "model/trees/node_histogram.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>

namespace strata {
namespace {

// Packed sums of so many features stay in a first cache of 48 KB: 20 x 256 x 8 bytes.
constexpr size_t kFeaturesAtOnce = 20;
constexpr size_t kWidthUnit = 4;  // bins that are read at once
// Rows that one thread counts rather than sharing: sharing costs about as much as 2,000 rows.
constexpr size_t kSharedRowsMin = 8192;
constexpr size_t kPrefetchRows = 16;  // ahead: about the latency of the third cache

using PackedBlock = std::array<uint64_t, kFeaturesAtOnce * kMaxBins>;

template <size_t kWords>
void AddRow(const uint8_t* bins, uint64_t packed, uint64_t* sums) {
  for (size_t word = 0; word < kWords; ++word) {
    uint32_t four;
    std::memcpy(&four, bins + word * kWidthUnit, sizeof(four));
    uint64_t* const to = sums + word * kWidthUnit * kMaxBins;
    to[four & 0xff] += packed;
    to[kMaxBins + (four >> 8 & 0xff)] += packed;
    to[2 * kMaxBins + (four >> 16 & 0xff)] += packed;
    to[3 * kMaxBins + (four >> 24)] += packed;
  }
}

struct ExactSums {
  int64_t g = 0, h = 0;
};

// Adds at most kPackedRowsMax rows to the packed sums of kWords * 4 features that begin at `bins`.
template <size_t kWords>
ExactSums AddRows(const uint8_t* bins, size_t width, const GradientRow* gradients, const uint32_t* which, size_t begin,
                  size_t end, uint64_t* sums) {
  ExactSums exact;
  const auto add = [&](size_t row) {
    AddRow<kWords>(bins + row * width, gradients[row].packed, sums);
    exact.g += gradients[row].g;
    exact.h += gradients[row].h;
  };
  if (which == nullptr) {
    for (size_t i = begin; i < end; ++i) add(i);
    return exact;
  }
  const size_t ahead_end = end - std::min(end - begin, kPrefetchRows);
  for (size_t i = begin; i < ahead_end; ++i) {
    const size_t ahead = which[i + kPrefetchRows];
    __builtin_prefetch(bins + ahead * width);
    __builtin_prefetch(gradients + ahead);
    add(which[i]);
  }
  for (size_t i = ahead_end; i < end; ++i) add(which[i]);
  return exact;
}

using Adder = ExactSums (*)(const uint8_t*, size_t, const GradientRow*, const uint32_t*, size_t, size_t, uint64_t*);
constexpr Adder kAdders[] = {AddRows<1>, AddRows<2>, AddRows<3>, AddRows<4>, AddRows<5>};
static_assert(std::size(kAdders) * kWidthUnit == kFeaturesAtOnce);

// Takes packed sums apart and adds them; the packed ones are zeros then.
void Unpack(size_t cells, uint64_t* packed, int64_t* n, int64_t* g, int64_t* h) {
  constexpr uint64_t kField = (uint64_t{1} << kPackedGradientShift) - 1;
  constexpr uint64_t kHalfField = uint64_t{1} << (kPackedGradientShift - 1);
  for (size_t i = 0; i < cells; ++i) {
    // With gradients that are not negative no field borrows from the next.
    const uint64_t word = packed[i] + (kHalfField << kPackedGradientShift);
    n[i] += static_cast<int64_t>(word >> kPackedCountShift);
    g[i] += static_cast<int64_t>(word >> kPackedGradientShift & kField) - static_cast<int64_t>(kHalfField);
    h[i] += static_cast<int64_t>(word & kField);
    packed[i] = 0;
  }
}

void CountChunk(const RowMajorBins& bins, const GradientRow* gradients, const uint32_t* which, size_t begin, size_t end,
                PackedBlock* packed, NodeHistogram* histogram) {
  for (size_t first = 0; first < bins.features(); first += kFeaturesAtOnce) {
    const size_t features = std::min(kFeaturesAtOnce, bins.features() - first);
    const Adder adder = kAdders[(features + kWidthUnit - 1) / kWidthUnit - 1];
    const ExactSums exact = adder(bins.row(0) + first, bins.width(), gradients, which, begin, end, packed->data());
    const size_t cell = first * kMaxBins;
    Unpack(features * kMaxBins, packed->data(), &histogram->n[cell], &histogram->g[cell], &histogram->h[cell]);
    std::fill(packed->begin() + static_cast<std::ptrdiff_t>(features * kMaxBins), packed->end(), 0);
    if (first == 0) histogram->g_exact += exact.g, histogram->h_exact += exact.h;
  }
}

}  // namespace

NodeHistogram::NodeHistogram(size_t features)
    : n(features * kMaxBins), g(features * kMaxBins), h(features * kMaxBins) {}

GradientSums NodeHistogram::at(size_t feature, size_t bin) const {
  const size_t cell = feature * kMaxBins + bin;
  return {n[cell], g[cell], h[cell]};
}

GradientSums NodeHistogram::Total() const {
  GradientSums total;
  for (size_t bin = 0; bin < kMaxBins && !n.empty(); ++bin) total.Add(at(0, bin));
  return total;
}

void NodeHistogram::Merge(const NodeHistogram& other) {
  if (n.empty()) {
    *this = other;
    return;
  }
  for (size_t i = 0; i < other.n.size(); ++i) n[i] += other.n[i];
  for (size_t i = 0; i < other.g.size(); ++i) g[i] += other.g[i];
  for (size_t i = 0; i < other.h.size(); ++i) h[i] += other.h[i];
  g_exact += other.g_exact;
  h_exact += other.h_exact;
}

void NodeHistogram::Subtract(const NodeHistogram& child) {
  for (size_t i = 0; i < child.n.size(); ++i) n[i] -= child.n[i];
  for (size_t i = 0; i < child.g.size(); ++i) g[i] -= child.g[i];
  for (size_t i = 0; i < child.h.size(); ++i) h[i] -= child.h[i];
  g_exact -= child.g_exact;
  h_exact -= child.h_exact;
}

void NodeHistogram::Encode(ByteWriter* writer) const {
  writer->Array(n);
  writer->Array(g);
  writer->Array(h);
  writer->I128(g_exact);
  writer->I128(h_exact);
}

NodeHistogram NodeHistogram::Decode(ByteReader* reader) {
  NodeHistogram result;
  result.n = reader->Array<int64_t>();
  result.g = reader->Array<int64_t>();
  result.h = reader->Array<int64_t>();
  result.g_exact = reader->I128();
  result.h_exact = reader->I128();
  const bool even = result.n.size() == result.g.size() && result.n.size() == result.h.size();
  if (reader->ok() && (!even || result.n.size() % kMaxBins != 0)) reader->Fail();
  return reader->ok() ? result : NodeHistogram();
}

RowMajorBins::RowMajorBins(const uint8_t* bins, size_t stride, size_t rows, size_t features)
    : width_((features + kWidthUnit - 1) / kWidthUnit * kWidthUnit), features_(features), bins_(rows * width_) {
  constexpr size_t kRowsAtOnce = 4096;  // whose rows stay in the second cache while columns are read
  tbb::parallel_for(size_t{0}, (rows + kRowsAtOnce - 1) / kRowsAtOnce, [&](size_t block) {
    const size_t end = std::min(rows, (block + 1) * kRowsAtOnce);
    for (size_t j = 0; j < features; ++j) {
      for (size_t i = block * kRowsAtOnce; i < end; ++i) bins_[i * width_ + j] = bins[j * stride + i];
    }
  });
}

NodeHistogram CountRows(const RowMajorBins& bins, std::span<const GradientRow> gradients, const uint32_t* which,
                        size_t count) {
  const auto threads = count < kSharedRowsMin ? 1 : static_cast<size_t>(tbb::this_task_arena::max_concurrency());
  // As many for every thread, of equal lengths.
  const size_t chunks = ((count + kPackedRowsMax - 1) / kPackedRowsMax + threads - 1) / threads * threads;
  const size_t length = chunks == 0 ? 0 : (count + chunks - 1) / chunks;
  std::atomic<size_t> next = 0;
  const auto count_some = [&](NodeHistogram* histogram) {
    const auto packed = std::make_unique<PackedBlock>();
    for (size_t chunk = next++; chunk < chunks; chunk = next++) {
      const size_t end = std::min(count, (chunk + 1) * length);
      CountChunk(bins, gradients.data(), which, std::min(end, chunk * length), end, packed.get(), histogram);
    }
  };
  NodeHistogram all(bins.features());
  if (threads == 1) {
    count_some(&all);
    return all;
  }
  // Sums of integers: who counted what is not to be seen in them.
  std::vector<NodeHistogram> others(threads - 1);
  tbb::parallel_for(size_t{0}, others.size() + 1, [&](size_t i) {
    if (i > 0) others[i - 1] = NodeHistogram(bins.features());
    count_some(i == 0 ? &all : &others[i - 1]);
  });
  for (const NodeHistogram& other : others) all.Merge(other);
  return all;
}

}  // namespace strata
