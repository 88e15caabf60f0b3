// Gradient-boosted trees as plain values: what a fit gives, what is stored, and what scoring and explanation read.
// Features are seen by bin alone: bin 0 is "missing", the others are runs of codes (model/churn/codes.h) or levels of
// a category. Margins are log-odds on the grid 2^-kMarginGridBits, so that sums over trees are exact in any order.
// Immutable once made; thread-safe to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace strata {

inline constexpr int kMarginGridBits = 40;
inline constexpr size_t kMaxLeaves = 64;  // a set of leaves is one word
inline constexpr size_t kMaxBins = 256;   // a bin is one byte; bin 0: missing
// Of a leaf and of the start: 1,024 log-odds. With so many trees a margin is below 2^63 in magnitude.
inline constexpr int64_t kMaxLeafValue = int64_t{1} << (10 + kMarginGridBits);
inline constexpr size_t kMaxTrees = 4096;

// How a feature's codes become bins.
struct FeatureBins {
  // Of numbers: bin 1 + i ends with last_code[i], ascending; codes above the last one belong to the last bin.
  std::vector<uint16_t> last_code;
  bool is_category = false;
  uint32_t levels = 0;  // of a category: code c < levels has bin 1 + c, every other code bin 0
  int8_t monotone = 0;  // +1: the margin never falls as the feature rises; -1: never rises; 0: free

  // The missing code has bin 0.
  uint8_t BinOf(uint16_t code) const;
  // Bins in use, that of missing values included.
  size_t bins() const { return 1 + (is_category ? levels : last_code.size()); }
  void Encode(ByteWriter* writer) const;
  static FeatureBins Decode(ByteReader* reader);
  bool operator==(const FeatureBins&) const = default;
};

struct TreeNode {
  int32_t left = -1, right = -1;  // places in the tree; left < 0: a leaf
  uint16_t feature = 0;
  uint8_t last_bin = 0;       // numbers: bins 1..last_bin go left
  bool missing_left = false;  // where bin 0 goes
  uint64_t mask = 0;          // categories: bit b: bin b goes left (b >= 1; bin 0 as missing_left says)
  int64_t value = 0;          // of a leaf: what it adds to the margin, units of 2^-kMarginGridBits
  int64_t cover = 0;          // training rows through the node
  double gain = 0;            // of the split; 0 for a leaf

  bool is_leaf() const { return left < 0; }
  bool operator==(const TreeNode&) const = default;
};

struct Tree {
  std::vector<TreeNode> nodes;  // the root first; children after their parent

  void Encode(ByteWriter* writer) const;
  static Tree Decode(ByteReader* reader);
  bool operator==(const Tree&) const = default;
};

struct Ensemble {
  std::vector<FeatureBins> bins;  // by feature
  int64_t start = 0;              // margin before the first tree, units of 2^-kMarginGridBits
  std::vector<Tree> trees;
  int64_t rows = 0;  // of the fit

  void Encode(ByteWriter* writer) const;
  // Trees that are none, or that ask for a feature or bin that is not there, fail the reader as missing bytes do.
  static Ensemble Decode(ByteReader* reader);
  bool operator==(const Ensemble&) const = default;
};

}  // namespace strata
