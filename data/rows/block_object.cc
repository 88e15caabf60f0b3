#include "data/rows/block_object.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace strata {
namespace {

constexpr uint64_t kCheckedHeaderBytes = 8 + 4 + 4 + 8;
constexpr uint64_t kHeaderBytes = kCheckedHeaderBytes + 8;
constexpr uint64_t kEntryBytes = 24;

absl::Status Corrupt(const BlockFormat& format, const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, format.reason, fmt::format("{}: {}", format.name, message));
}

uint64_t EntryChecksum(uint64_t offset, std::string_view block) {
  ByteWriter writer;
  writer.U64(offset);
  writer.U64(block.size());
  writer.U64(Hash64(block));
  return Hash64(writer.bytes());
}

// Reads the header: how many shards the index has, all of which is there.
absl::StatusOr<uint32_t> ShardsOf(const BlockFormat& format, std::string_view object) {
  ByteReader header(object.substr(0, kHeaderBytes));
  const uint64_t magic = header.U64();
  const uint32_t version = header.U32();
  const uint32_t shards = header.U32();
  const uint64_t size = header.U64();
  const uint64_t checksum = header.U64();
  if (!header.ok() || magic != format.magic) return Corrupt(format, "the object does not begin as one");
  if (checksum != Hash64(object.substr(0, kCheckedHeaderBytes))) {
    return Corrupt(format, "the checksum of the header differs");
  }
  if (version != format.version) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("{}: format version {}, this build reads {}", format.name, version, format.version));
  }
  if (size != object.size()) {
    return Corrupt(format, fmt::format("has {} bytes, written were {}", object.size(), size));
  }
  if (kHeaderBytes + kEntryBytes * shards > size) return Corrupt(format, "the index is cut");
  return shards;
}

}  // namespace

std::string EncodeBlocks(const BlockFormat& format, uint32_t shards,
                         const std::function<void(uint32_t shard, std::string* object)>& append) {
  std::string object(kHeaderBytes + kEntryBytes * shards, '\0');  // the header comes last: it needs the checksums
  ByteWriter index;
  for (uint32_t shard = 0; shard < shards; ++shard) {
    const size_t offset = object.size();
    append(shard, &object);
    const std::string_view block = std::string_view(object).substr(offset);
    index.U64(offset);
    index.U64(block.size());
    index.U64(EntryChecksum(offset, block));
  }
  ByteWriter header;
  header.U64(format.magic);
  header.U32(format.version);
  header.U32(shards);
  header.U64(object.size());
  header.U64(Hash64(header.bytes()));
  object.replace(0, kHeaderBytes, header.bytes());
  object.replace(kHeaderBytes, index.bytes().size(), index.bytes());
  return object;
}

absl::StatusOr<Block> FindBlock(const BlockFormat& format, std::string_view object, uint32_t shard) {
  STRATA_ASSIGN_OR_RETURN(const uint32_t shards, ShardsOf(format, object));
  if (shard >= shards) return Corrupt(format, fmt::format("shard {} of {}", shard, shards));
  ByteReader entry(object.substr(kHeaderBytes + kEntryBytes * shard, kEntryBytes));
  const uint64_t offset = entry.U64();
  const uint64_t size = entry.U64();
  const uint64_t checksum = entry.U64();
  if (offset > object.size() || size > object.size() - offset) {
    return Corrupt(format, fmt::format("shard {} lies outside", shard));
  }
  const std::string_view block = object.substr(offset, size);
  if (checksum != EntryChecksum(offset, block)) {
    return Corrupt(format, fmt::format("the checksum of shard {} differs", shard));
  }
  return Block{.bytes = block, .shards = shards};
}

absl::Status AddBlockSizes(const BlockFormat& format, std::string_view object, std::vector<uint64_t>* bytes_by_shard) {
  STRATA_ASSIGN_OR_RETURN(const uint32_t shards, ShardsOf(format, object));
  if (shards != bytes_by_shard->size()) {
    return Corrupt(format, fmt::format("it is of {} shards, wanted are {}", shards, bytes_by_shard->size()));
  }
  ByteReader index(object.substr(kHeaderBytes, kEntryBytes * shards));
  uint64_t end = kHeaderBytes + kEntryBytes * shards;
  for (uint32_t shard = 0; shard < shards; ++shard) {
    const uint64_t offset = index.U64();
    const uint64_t size = index.U64();
    index.U64();  // the checksum of the block, which stays unread
    if (offset != end || size > object.size() - end) {
      return Corrupt(format,
                     fmt::format("shard {} does not begin where the one before it ends, or lies outside", shard));
    }
    end += size;
    (*bytes_by_shard)[shard] += size;
  }
  if (end != object.size()) {
    return Corrupt(format, fmt::format("has {} bytes, its shards make {}", object.size(), end));
  }
  return absl::OkStatus();
}

}  // namespace strata
