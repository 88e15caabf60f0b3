// An object of blocks, one per shard: header {magic, version, shards, size, checksum of these}; an index entry per
// shard {offset, size, checksum over both and the block}; the blocks, one after another. Whoever reads one shard
// verifies the header and that shard's block alone. Pure functions of bytes; thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

struct BlockFormat {
  std::string_view name;  // "table rows"
  uint64_t magic = 0;
  uint32_t version = 0;
  std::string_view reason;  // of the error when bytes are not as they must be
};

// `append` adds the block of a shard to the object; nothing for one that has none.
std::string EncodeBlocks(const BlockFormat& format, uint32_t shards,
                         const std::function<void(uint32_t shard, std::string* object)>& append);

struct Block {
  std::string_view bytes;
  uint32_t shards = 0;  // of the object
};
// DATA_LOSS (format.reason), FAILED_PRECONDITION (FORMAT_UNKNOWN).
absl::StatusOr<Block> FindBlock(const BlockFormat& format, std::string_view object, uint32_t shard);

// Adds the sizes of all blocks to those of their shards; they must fill the object and be as many as the vector has.
absl::Status AddBlockSizes(const BlockFormat& format, std::string_view object, std::vector<uint64_t>* bytes_by_shard);

}  // namespace strata
