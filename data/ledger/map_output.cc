// The object: header {magic, version, shards, size, checksum of these}; one index entry per shard {offset, size,
// checksum over both and the block}; blocks. A block: {rows, bytes of ids, has transactions}, then the columns, widest
// first.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/bytes.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/ledger.h"
#include "data/ledger/map_output_size.h"

namespace strata {
namespace {

constexpr uint64_t kMagic = 0x54554f50414d5453;  // "STMAPOUT"
constexpr uint64_t kCheckedHeaderBytes = 8 + 4 + 4 + 8;
constexpr uint64_t kHeaderBytes = kCheckedHeaderBytes + 8;
constexpr uint64_t kEntryBytes = 24;
constexpr uint64_t kBlockHeaderBytes = 8 + 8 + 4 + 4;
constexpr uint64_t kRowBytes = 8 + 8 + 4 + 4 + 2 + 1;            // hash, net, bytes of id, day, minute, is_return
constexpr uint64_t kFileBytes = 4;                               // where the rows are of several files
constexpr uint64_t kTransactionBytes = sizeof(Hash128) + 8 + 8;  // transaction, updated_at_us, row_hash

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "MAP_OUTPUT_CORRUPT", "map output: " + message);
}

template <typename T>
void AppendColumn(const std::vector<T>& column, std::string* bytes) {
  static_assert(std::has_unique_object_representations_v<T>, "padding would make equal rows differ");
  if (!column.empty()) bytes->append(reinterpret_cast<const char*>(column.data()), column.size() * sizeof(T));
}

// Precondition: `rest` holds at least `count` values.
template <typename T>
std::vector<T> TakeColumn(uint64_t count, std::string_view* rest) {
  std::vector<T> column(count);
  if (count > 0) std::memcpy(column.data(), rest->data(), count * sizeof(T));
  rest->remove_prefix(count * sizeof(T));
  return column;
}

std::vector<uint32_t> IdSizes(const TextColumn& ids) {
  std::vector<uint32_t> sizes(ids.size());
  uint64_t begin = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = static_cast<uint32_t>(ids.ends()[i] - begin);
    begin = ids.ends()[i];
  }
  return sizes;
}

std::vector<uint64_t> EndsOf(const std::vector<uint32_t>& sizes) {
  std::vector<uint64_t> ends(sizes.size());
  uint64_t end = 0;
  for (size_t i = 0; i < sizes.size(); ++i) ends[i] = end += sizes[i];
  return ends;
}

// The file of all rows, as nearly always; -1 when there are several.
int32_t OneFile(const RowBatch& batch) {
  const int32_t file = batch.file.front();
  return std::all_of(batch.file.begin(), batch.file.end(), [file](int32_t f) { return f == file; }) ? file : -1;
}

uint64_t RowBytes(bool has_transactions, bool one_file) {
  return kRowBytes + (has_transactions ? kTransactionBytes : 0) + (one_file ? 0 : kFileBytes);
}

// At most so many.
uint64_t BlockBytes(const RowBatch& batch) {
  if (batch.size() == 0) return 0;
  return kBlockHeaderBytes + batch.id.bytes().size() + batch.size() * RowBytes(!batch.transaction.empty(), false);
}

void AppendBlock(const RowBatch& batch, std::string* bytes) {
  ByteWriter header;
  header.U64(batch.size());
  header.U64(batch.id.bytes().size());
  const int32_t file = OneFile(batch);
  header.U32(batch.transaction.empty() ? 0 : 1);
  header.I32(file);
  bytes->append(header.bytes());
  AppendColumn(batch.transaction, bytes);
  AppendColumn(batch.updated_at_us, bytes);
  AppendColumn(batch.row_hash, bytes);
  AppendColumn(batch.hash, bytes);
  AppendColumn(batch.net_micros, bytes);
  AppendColumn(IdSizes(batch.id), bytes);
  AppendColumn(batch.day, bytes);
  if (file < 0) AppendColumn(batch.file, bytes);
  AppendColumn(batch.minute, bytes);
  AppendColumn(batch.is_return, bytes);
  bytes->append(batch.id.bytes());
}

uint64_t EntryChecksum(uint64_t offset, std::string_view block) {
  ByteWriter writer;
  writer.U64(offset);
  writer.U64(block.size());
  writer.U64(Hash64(block));
  return Hash64(writer.bytes());
}

absl::StatusOr<RowBatch> DecodeBlock(std::string_view block) {
  RowBatch batch;
  if (block.empty()) return batch;
  ByteReader header(block.substr(0, kBlockHeaderBytes));
  const uint64_t rows = header.U64();
  const uint64_t id_bytes = header.U64();
  const uint32_t has_transactions = header.U32();
  const int32_t file = header.I32();
  if (!header.ok() || rows == 0 || has_transactions > 1) return Corrupt("a block without a header");
  std::string_view rest = block.substr(kBlockHeaderBytes);
  const uint64_t row_bytes = RowBytes(has_transactions != 0, file >= 0);
  if (id_bytes > rest.size() || rows != (rest.size() - id_bytes) / row_bytes ||
      (rest.size() - id_bytes) % row_bytes != 0) {
    return Corrupt(fmt::format("{} rows with {} bytes of ids do not make {} bytes", rows, id_bytes, block.size()));
  }
  const uint64_t identities = has_transactions * rows;
  batch.transaction = TakeColumn<Hash128>(identities, &rest);
  batch.updated_at_us = TakeColumn<int64_t>(identities, &rest);
  batch.row_hash = TakeColumn<uint64_t>(identities, &rest);
  batch.hash = TakeColumn<uint64_t>(rows, &rest);
  batch.net_micros = TakeColumn<int64_t>(rows, &rest);
  const std::vector<uint32_t> id_sizes = TakeColumn<uint32_t>(rows, &rest);
  batch.day = TakeColumn<Day>(rows, &rest);
  batch.file = file >= 0 ? std::vector<int32_t>(rows, file) : TakeColumn<int32_t>(rows, &rest);
  batch.minute = TakeColumn<int16_t>(rows, &rest);
  batch.is_return = TakeColumn<uint8_t>(rows, &rest);
  batch.id = TextColumn::FromParts(std::string(rest), EndsOf(id_sizes));
  STRATA_RETURN_IF_ERROR(CheckBatch(batch));
  return batch;
}

// Reads the header: how many shards the index has, all of which is there.
absl::StatusOr<uint32_t> ShardsOf(std::string_view object) {
  ByteReader header(object.substr(0, kHeaderBytes));
  const uint64_t magic = header.U64();
  const uint32_t version = header.U32();
  const uint32_t shards = header.U32();
  const uint64_t size = header.U64();
  const uint64_t checksum = header.U64();
  if (!header.ok() || magic != kMagic) return Corrupt("not a map output");
  if (checksum != Hash64(object.substr(0, kCheckedHeaderBytes))) return Corrupt("checksum of the header differs");
  if (version != kLedgerFormatVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("map output: format version {}, this build reads {}", version, kLedgerFormatVersion));
  }
  if (size != object.size()) return Corrupt(fmt::format("has {} bytes, written were {}", object.size(), size));
  if (kHeaderBytes + kEntryBytes * shards > size) return Corrupt("the index is cut");
  return shards;
}

}  // namespace

std::string EncodeMapOutput(const std::vector<RowBatch>& shards) {
  const uint64_t blocks_begin = kHeaderBytes + kEntryBytes * shards.size();
  uint64_t room = blocks_begin;
  for (const RowBatch& batch : shards) room += BlockBytes(batch);
  std::string object;
  object.reserve(room);
  object.resize(blocks_begin);  // the header comes last: it needs the checksums
  ByteWriter index;
  for (const RowBatch& batch : shards) {
    const size_t offset = object.size();
    if (batch.size() > 0) AppendBlock(batch, &object);
    const std::string_view block = std::string_view(object).substr(offset);
    index.U64(offset);
    index.U64(block.size());
    index.U64(EntryChecksum(offset, block));
  }
  ByteWriter header;
  header.U64(kMagic);
  header.U32(kLedgerFormatVersion);
  header.U32(static_cast<uint32_t>(shards.size()));
  header.U64(object.size());
  header.U64(Hash64(header.bytes()));
  object.replace(0, kHeaderBytes, header.bytes());
  object.replace(kHeaderBytes, index.bytes().size(), index.bytes());
  return object;
}

absl::Status AddMapOutputSizes(std::string_view object, std::vector<uint64_t>* bytes_by_shard) {
  STRATA_ASSIGN_OR_RETURN(const uint32_t shards, ShardsOf(object));
  if (shards != bytes_by_shard->size()) {
    return Corrupt(fmt::format("it is of {} shards, wanted are {}", shards, bytes_by_shard->size()));
  }
  ByteReader index(object.substr(kHeaderBytes, kEntryBytes * shards));
  uint64_t end = kHeaderBytes + kEntryBytes * shards;
  for (uint32_t shard = 0; shard < shards; ++shard) {
    const uint64_t offset = index.U64();
    const uint64_t size = index.U64();
    index.U64();  // the checksum of the block, which stays unread
    if (offset != end || size > object.size() - end) {
      return Corrupt(fmt::format("shard {} does not begin where the one before it ends, or lies outside", shard));
    }
    end += size;
    (*bytes_by_shard)[shard] += size;
  }
  if (end != object.size()) return Corrupt(fmt::format("has {} bytes, its shards make {}", object.size(), end));
  return absl::OkStatus();
}

absl::StatusOr<RowBatch> DecodeMapOutput(std::string_view object, uint32_t shard) {
  STRATA_ASSIGN_OR_RETURN(const uint32_t shards, ShardsOf(object));
  if (shard >= shards) return Corrupt(fmt::format("shard {} of {}", shard, shards));
  ByteReader entry(object.substr(kHeaderBytes + kEntryBytes * shard, kEntryBytes));
  const uint64_t offset = entry.U64();
  const uint64_t block_bytes = entry.U64();
  const uint64_t block_checksum = entry.U64();
  if (offset > object.size() || block_bytes > object.size() - offset)
    return Corrupt(fmt::format("shard {} lies outside", shard));
  const std::string_view block = object.substr(offset, block_bytes);
  if (block_checksum != EntryChecksum(offset, block)) {
    return Corrupt(fmt::format("checksum of shard {} differs", shard));
  }
  absl::StatusOr<RowBatch> batch = DecodeBlock(block);
  if (!batch.ok()) return WithContext(batch.status(), fmt::format("shard {}", shard));
  return batch;
}

}  // namespace strata
