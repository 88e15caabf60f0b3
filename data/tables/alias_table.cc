#include "data/tables/alias_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "base/bytes.h"
#include "base/hash.h"

namespace strata {
namespace {

constexpr uint64_t kMagic = 0x5345534149544153;  // "SATIASES"
constexpr uint32_t kVersion = 1;
constexpr uint64_t kHeaderBytes = 8 + 4 + 4 + 8 + 8;
constexpr int kMaxBits = 30;     // begins are 32 bits wide
constexpr size_t kIdsShown = 5;  // of those that changed
constexpr size_t kIdBytesShown = 64;

absl::Status Corrupt(std::string_view problem) {
  return MakeError(absl::StatusCode::kDataLoss, "TABLE_CORRUPT", fmt::format("merged identities: {}", problem));
}

size_t BucketOf(uint64_t hash, uint32_t bits) { return bits == 0 ? 0 : hash >> (64 - bits); }

// Begins are padded to whole words, so that what follows is aligned.
uint64_t BeginsBytes(uint32_t bits) { return ((uint64_t{1} << bits) + 1 + 1) / 2 * 8; }

// What moved from one customer to another without being an alias of it.
struct Changed {
  std::string id, before, after;
  bool operator<(const Changed& other) const { return id < other.id; }
};

absl::Status AliasesChanged(const std::set<Changed>& shown, size_t changed) {
  std::string list;
  for (const Changed& change : shown) {
    list += fmt::format("{}'{}' was '{}' and is '{}' now", list.empty() ? "" : "; ", change.id, change.before,
                        change.after);
  }
  if (changed > shown.size()) list += fmt::format("; and {} more", changed - shown.size());
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "ALIASES_CHANGED",
      fmt::format("sources.aliases: {} id(s) belong to another customer than when rows came into the ledger: {}. Rows "
                  "do not keep the id they came with: put these aliases back, or build the ledger anew from the "
                  "sources with --rebuild-ledger",
                  changed, list),
      {{"ids", std::to_string(changed)}, {"id", shown.begin()->id}});
}

}  // namespace

absl::StatusOr<AliasTable> AliasTable::Open(std::string_view bytes) {
  ByteReader header(bytes.substr(0, kHeaderBytes));
  if (header.U64() != kMagic) return Corrupt("the object does not begin as one");
  if (const uint32_t version = header.U32(); version != kVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("merged identities of version {}, this build reads {}", version, kVersion));
  }
  AliasTable table;
  table.bytes_ = bytes;
  table.bits_ = header.U32();
  table.entries_ = header.U64();
  const uint64_t text_bytes = header.U64();
  if (!header.ok() || table.bits_ > kMaxBits || table.entries_ > bytes.size() || text_bytes > bytes.size()) {
    return Corrupt("the header is impossible");
  }
  table.begins_ = kHeaderBytes;
  table.hashes_ = table.begins_ + BeginsBytes(table.bits_);
  table.ends_ = table.hashes_ + table.entries_ * sizeof(uint64_t);
  table.texts_ = table.ends_ + 2 * table.entries_ * sizeof(uint64_t);
  if (table.texts_ + text_bytes != bytes.size()) return Corrupt("the object is not as long as its header says");
  return table;
}

AliasEntry AliasTable::At(size_t i) const {
  const uint64_t begin = i == 0 ? 0 : Load<uint64_t>(ends_, 2 * i - 1);
  const uint64_t middle = Load<uint64_t>(ends_, 2 * i);
  const uint64_t end = Load<uint64_t>(ends_, 2 * i + 1);
  return {.hash = HashAt(i),
          .id = bytes_.substr(texts_ + begin, middle - begin),
          .target = bytes_.substr(texts_ + middle, end - middle)};
}

std::optional<std::string_view> AliasTable::Find(uint64_t hash, std::string_view id) const {
  const size_t bucket = BucketOf(hash, bits_);
  const uint32_t end = Load<uint32_t>(begins_, bucket + 1);
  for (uint32_t i = Load<uint32_t>(begins_, bucket); i < end; ++i) {
    if (HashAt(i) != hash) continue;
    const AliasEntry entry = At(i);
    if (entry.id == id) return entry.target;
  }
  return std::nullopt;
}

std::string_view AliasTable::Resolve(std::string_view id) const { return Find(Hash64(id), id).value_or(id); }

std::string EncodeAliasTable(std::vector<AliasEntry> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const AliasEntry& a, const AliasEntry& b) { return a.hash != b.hash ? a.hash < b.hash : a.id < b.id; });
  const auto bits = static_cast<uint32_t>(std::min(static_cast<int>(std::bit_width(entries.size())), kMaxBits));
  std::vector<uint32_t> begins((size_t{1} << bits) + 1);
  uint64_t text_bytes = 0;
  for (const AliasEntry& entry : entries) {
    ++begins[BucketOf(entry.hash, bits) + 1];
    text_bytes += entry.id.size() + entry.target.size();
  }
  for (size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  ByteWriter writer;
  writer.U64(kMagic);
  writer.U32(kVersion);
  writer.U32(bits);
  writer.U64(entries.size());
  writer.U64(text_bytes);
  for (const uint32_t begin : begins) writer.U32(begin);
  if (begins.size() % 2 != 0) writer.U32(0);
  for (const AliasEntry& entry : entries) writer.U64(entry.hash);
  uint64_t end = 0;
  for (const AliasEntry& entry : entries) {
    writer.U64(end += entry.id.size());
    writer.U64(end += entry.target.size());
  }
  std::string bytes = writer.Take();
  bytes.reserve(bytes.size() + text_bytes);
  for (const AliasEntry& entry : entries) {
    bytes.append(entry.id);
    bytes.append(entry.target);
  }
  return bytes;
}

std::string ShownId(std::string_view id) {
  if (id.size() <= kIdBytesShown) return std::string(id);
  size_t end = kIdBytesShown;
  while (end > 0 && (static_cast<uint8_t>(id[end]) & 0xC0) == 0x80) --end;
  return std::string(id.substr(0, end)) + "…";
}

absl::StatusOr<AliasMoves> MovesBetween(const AliasTable& before, const AliasTable& after, uint32_t shards) {
  std::set<Changed> shown;
  size_t changed = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    const AliasEntry entry = before.At(i);
    const std::string_view now = after.Find(entry.hash, entry.id).value_or(entry.id);
    if (now == after.Resolve(entry.target)) continue;
    ++changed;
    shown.insert({ShownId(entry.id), ShownId(entry.target), ShownId(now)});
    if (shown.size() > kIdsShown) shown.erase(std::prev(shown.end()));
  }
  if (changed > 0) return AliasesChanged(shown, changed);
  AliasMoves moves;
  std::vector<bool> leaving(shards);
  for (size_t i = 0; i < after.size(); ++i) {
    const AliasEntry entry = after.At(i);
    if (before.Find(entry.hash, entry.id).has_value()) continue;
    moves.entries.push_back(entry);
    leaving[ShardOf(entry.hash, shards)] = true;
  }
  for (uint32_t shard = 0; shard < shards; ++shard) {
    if (leaving[shard]) moves.shards.push_back(shard);
  }
  return moves;
}

}  // namespace strata
