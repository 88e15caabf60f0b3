#include "model/trees/grow_in_memory.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "model/trees/tree_grower.h"

namespace strata {
namespace {

constexpr size_t kChunkRows = 8192;  // that one thread tells apart at a time

size_t At(int32_t node) { return static_cast<size_t>(node); }

std::array<uint8_t, kMaxBins> GoesLeft(const TreeNode& node, const FeatureBins& bins) {
  std::array<uint8_t, kMaxBins> goes = {};
  goes[0] = node.missing_left ? 1 : 0;
  for (size_t bin = 1; bin < bins.bins(); ++bin) {
    goes[bin] = bins.is_category ? node.mask >> bin & 1 : bin <= node.last_bin;
  }
  return goes;
}

}  // namespace

void RowLists::Reset(std::span<const uint32_t> rows) {
  rows_.assign(rows.begin(), rows.end());
  left_.resize(rows.size());
  right_.resize(rows.size());
  ranges_ = {{0, rows.size()}};
}

std::span<const uint32_t> RowLists::rows(int32_t node) const {
  const Range& range = ranges_[At(node)];
  return std::span(rows_).subspan(range.begin, range.end - range.begin);
}

void RowLists::Split(int32_t node, int32_t left, int32_t right, const uint8_t* column, const uint8_t* goes_left) {
  const Range range = ranges_[At(node)];
  const size_t chunks = (range.end - range.begin + kChunkRows - 1) / kChunkRows;
  std::vector<size_t> lefts(chunks + 1);  // of the chunks before
  tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    const size_t begin = range.begin + chunk * kChunkRows, end = std::min(range.end, begin + kChunkRows);
    size_t l = begin, r = begin;
    for (size_t i = begin; i < end; ++i) {
      const uint32_t row = rows_[i];
      const size_t goes = goes_left[column[row]];
      left_[l] = right_[r] = row;
      l += goes;
      r += 1 - goes;
    }
    lefts[chunk + 1] = l - begin;
  });
  std::partial_sum(lefts.begin(), lefts.end(), lefts.begin());
  const size_t middle = range.begin + lefts.back();
  tbb::parallel_for(size_t{0}, chunks, [&](size_t chunk) {
    const size_t offset = chunk * kChunkRows, begin = range.begin + offset;
    const size_t count = std::min(kChunkRows, range.end - begin);
    const size_t count_left = lefts[chunk + 1] - lefts[chunk];
    std::copy_n(left_.data() + begin, count_left, rows_.data() + range.begin + lefts[chunk]);
    std::copy_n(right_.data() + begin, count - count_left, rows_.data() + middle + offset - lefts[chunk]);
  });
  ranges_.resize(std::max(ranges_.size(), At(std::max(left, right)) + 1));
  ranges_[At(left)] = {range.begin, middle};
  ranges_[At(right)] = {middle, range.end};
}

InMemoryGrower::InMemoryGrower(const BinnedRows& rows, std::span<const FeatureBins> bins)
    : rows_(rows), bins_(bins), by_row_(rows.bins(), rows.stride(), rows.rows(), rows.features()) {}

void InMemoryGrower::SplitRows(const Tree& partial, int32_t node) {
  const TreeNode& shape = partial.nodes[At(node)];
  const auto goes = GoesLeft(shape, bins_[shape.feature]);
  const uint8_t* const column = rows_.column(shape.feature).data();
  counted_.Split(node, shape.left, shape.right, column, goes.data());
  others_.Split(node, shape.left, shape.right, column, goes.data());
}

Tree InMemoryGrower::Grow(const TreeSettings& settings, std::span<const uint16_t> used_features,
                          std::span<const GradientRow> gradients, std::span<const uint32_t> counted,
                          std::span<const uint32_t> others) {
  counted_.Reset(counted);
  others_.Reset(others);
  TreeGrower grower(settings, bins_, used_features);
  for (auto wanted = grower.Want(1); !wanted.empty(); wanted = grower.Want(1)) {
    const int32_t node = wanted.front();
    if (node > 0) {  // children are made in pairs, after their parent
      const auto& nodes = grower.partial().nodes;
      const auto is_parent = [node](const TreeNode& of) { return of.left == node || of.right == node; };
      SplitRows(grower.partial(),
                static_cast<int32_t>(std::find_if(nodes.begin(), nodes.end(), is_parent) - nodes.begin()));
    }
    const std::span<const uint32_t> rows = counted_.rows(node);
    const bool all = rows.size() == rows_.rows();  // then they are 0, 1, ...
    grower.Absorb(node, CountRows(by_row_, gradients, all ? nullptr : rows.data(), rows.size()));
  }
  return grower.Take();
}

}  // namespace strata
