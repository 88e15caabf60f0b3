#include "model/trees/ensemble.h"

#include <algorithm>
#include <cmath>

#include "model/trees/feature_bins.h"

namespace strata {
namespace {

constexpr size_t kMaxNodes = 2 * kMaxLeaves - 1;

bool IsBounded(int64_t value) { return -kMaxLeafValue <= value && value <= kMaxLeafValue; }

// Every node but the root is the child of one earlier node.
bool IsTree(const std::vector<TreeNode>& nodes) {
  if (nodes.empty() || nodes.size() > kMaxNodes) return false;
  std::vector<int> parents(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const TreeNode& node = nodes[i];
    if (!std::isfinite(node.gain) || node.cover < 0 || !IsBounded(node.value)) return false;
    if (node.left < 0 && node.right < 0) continue;
    for (const int32_t child : {node.left, node.right}) {
      if (child <= static_cast<int32_t>(i) || static_cast<size_t>(child) >= nodes.size()) return false;
      ++parents[static_cast<size_t>(child)];
    }
  }
  return std::all_of(parents.begin() + 1, parents.end(), [](int count) { return count == 1; });
}

bool IsOf(const Tree& tree, const std::vector<FeatureBins>& bins) {
  return std::all_of(tree.nodes.begin(), tree.nodes.end(), [&bins](const TreeNode& node) {
    if (node.is_leaf()) return true;
    return node.feature < bins.size() && (bins[node.feature].is_category || node.last_bin < bins[node.feature].bins());
  });
}

bool IsPossible(const FeatureBins& bins) {
  if (bins.bins() > kMaxBins || bins.monotone < -1 || bins.monotone > 1) return false;
  if (bins.is_category) return bins.last_code.empty() && bins.levels <= kMaxTreeLevels;
  return bins.levels == 0 && std::adjacent_find(bins.last_code.begin(), bins.last_code.end(), std::greater_equal<>()) ==
                                 bins.last_code.end();
}

}  // namespace

uint8_t FeatureBins::BinOf(uint16_t code) const {
  if (code == kNoCode) return 0;
  if (is_category) return code < levels ? static_cast<uint8_t>(1 + code) : 0;
  if (last_code.empty()) return 0;
  const auto at = std::lower_bound(last_code.begin(), last_code.end() - 1, code);
  return static_cast<uint8_t>(1 + (at - last_code.begin()));
}

void FeatureBins::Encode(ByteWriter* writer) const {
  writer->Array(last_code);
  writer->U8(is_category ? 1 : 0);
  writer->U32(levels);
  writer->U8(static_cast<uint8_t>(monotone));
}

FeatureBins FeatureBins::Decode(ByteReader* reader) {
  FeatureBins result;
  result.last_code = reader->Array<uint16_t>();
  result.is_category = reader->U8() != 0;
  result.levels = reader->U32();
  result.monotone = static_cast<int8_t>(reader->U8());
  if (reader->ok() && !IsPossible(result)) reader->Fail();
  return reader->ok() ? result : FeatureBins();
}

void Tree::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(nodes.size()));
  for (const TreeNode& node : nodes) {
    writer->I32(node.left);
    writer->I32(node.right);
    writer->U32(node.feature);
    writer->U8(node.last_bin);
    writer->U8(node.missing_left ? 1 : 0);
    writer->U64(node.mask);
    writer->I64(node.value);
    writer->I64(node.cover);
    writer->F64(node.gain);
  }
}

Tree Tree::Decode(ByteReader* reader) {
  Tree result;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    TreeNode node;
    node.left = reader->I32();
    node.right = reader->I32();
    const uint32_t feature = reader->U32();
    node.feature = static_cast<uint16_t>(feature);
    node.last_bin = reader->U8();
    node.missing_left = reader->U8() != 0;
    node.mask = reader->U64();
    node.value = reader->I64();
    node.cover = reader->I64();
    node.gain = reader->F64();
    if (feature > UINT16_MAX) reader->Fail();
    result.nodes.push_back(node);
  }
  if (reader->ok() && !IsTree(result.nodes)) reader->Fail();
  return reader->ok() ? result : Tree();
}

void Ensemble::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(bins.size()));
  for (const FeatureBins& feature : bins) feature.Encode(writer);
  writer->I64(start);
  writer->U32(static_cast<uint32_t>(trees.size()));
  for (const Tree& tree : trees) tree.Encode(writer);
  writer->I64(rows);
}

Ensemble Ensemble::Decode(ByteReader* reader) {
  Ensemble result;
  const uint32_t features = reader->U32();
  for (uint32_t i = 0; i < features && reader->ok(); ++i) result.bins.push_back(FeatureBins::Decode(reader));
  result.start = reader->I64();
  const uint32_t count = reader->U32();
  if (reader->ok() && (count > kMaxTrees || !IsBounded(result.start))) reader->Fail();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    result.trees.push_back(Tree::Decode(reader));
    if (reader->ok() && !IsOf(result.trees.back(), result.bins)) reader->Fail();
  }
  result.rows = reader->I64();
  return reader->ok() ? result : Ensemble();
}

}  // namespace strata
