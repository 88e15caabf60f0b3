#include "data/ledger/moved_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "data/ledger/customer_rows.h"
#include "data/ledger/merged_rows.h"
#include "data/ledger/segment_columns.h"

namespace strata {
namespace {

constexpr uint64_t kMagic = 0x5345564f4d525453;  // "STRMOVES"
constexpr uint32_t kVersion = 2;
constexpr uint64_t kHeaderBytes = 8 + 4 + 4;
constexpr uint64_t kEntryBytes = 4 + 8 + 8 + 8;
constexpr uint64_t kChecksumBytes = 8;
constexpr uint64_t kAlignment = 64;  // as segments lie in files of their own

absl::Status Corrupt(std::string_view problem) {
  return MakeError(absl::StatusCode::kDataLoss, "MOVED_ROWS_CORRUPT", fmt::format("rows that moved: {}", problem));
}

// Who moves, and which part of what was collected is theirs.
struct Mover {
  uint32_t shard = 0;
  uint64_t hash = 0;
  std::string_view target;
  size_t begin = 0;
  size_t end = 0;

  auto Key() const { return std::tie(shard, hash, target); }
};

// All movers of a shard: days where there are no lines, else lines alone.
struct Collected {
  std::vector<Mover> movers;
  std::vector<LedgerDay> days;
  std::vector<LedgerLine> lines;
};

absl::StatusOr<Collected> Collect(const LedgerShard& from, const AliasTable& moves, uint32_t shards) {
  std::vector<SegmentSpans> segments;
  for (const LedgerSegment& segment : from.segments) segments.push_back(segment.columns());
  Collected collected;
  MergedRows rows(std::move(segments), from.removed_files);
  while (rows.Next()) {
    const auto target = moves.Find(rows.hash(), rows.id());
    if (!target.has_value()) continue;
    Mover mover{.hash = Hash64(*target), .target = *target};
    mover.shard = ShardOf(mover.hash, shards);
    if (rows.has_lines()) {
      mover.begin = collected.lines.size();
      rows.AppendStored(&collected.lines);
      mover.end = collected.lines.size();
    } else {
      mover.begin = collected.days.size();
      const DaySpans& days = rows.days();
      for (size_t i = 0; i < days.size(); ++i) {
        collected.days.push_back({days.day[i], days.file[i], days.net_micros[i], days.rows[i], days.return_rows[i]});
      }
      mover.end = collected.days.size();
    }
    collected.movers.push_back(mover);
  }
  STRATA_RETURN_IF_ERROR(rows.status());
  std::sort(collected.movers.begin(), collected.movers.end(),
            [](const Mover& a, const Mover& b) { return a.Key() < b.Key(); });
  return collected;
}

// The movers [begin, end) of one shard, several of which may become one customer.
absl::StatusOr<std::string> SegmentOf(const Collected& collected, size_t begin, size_t end, bool has_lines) {
  SegmentColumns columns;
  CustomerRows rows;
  for (size_t i = begin; i < end;) {
    const Mover& first = collected.movers[i];
    rows.Clear();
    for (; i < end && collected.movers[i].Key() == first.Key(); ++i) {
      const Mover& mover = collected.movers[i];
      for (size_t k = mover.begin; k < mover.end; ++k) {
        if (has_lines) {
          rows.AddLine(collected.lines[k]);
        } else {
          rows.AddDay(collected.days[k]);
        }
      }
    }
    STRATA_RETURN_IF_ERROR(rows.Settle(first.hash, has_lines));
    columns.AddDays(rows.days());
    for (const LedgerLine& line : rows.stored()) columns.AddLine(line);
    STRATA_RETURN_IF_ERROR(columns.EndCustomer(first.hash, first.target));
  }
  return EncodeSegment(columns, has_lines);
}

uint64_t Aligned(uint64_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

std::string Pack(const std::vector<std::pair<uint32_t, std::string>>& segments) {
  ByteWriter header;
  header.U64(kMagic);
  header.U32(kVersion);
  header.U32(static_cast<uint32_t>(segments.size()));
  uint64_t offset = Aligned(kHeaderBytes + segments.size() * kEntryBytes + kChecksumBytes);
  for (const auto& [shard, segment] : segments) {
    header.U32(shard);
    header.U64(offset);
    header.U64(segment.size());
    header.U64(Hash64(segment));
    offset = Aligned(offset + segment.size());
  }
  header.U64(Hash64(header.bytes()));
  std::string object = header.Take();
  object.reserve(offset);
  for (const auto& [shard, segment] : segments) {
    object.resize(Aligned(object.size()));
    object.append(segment);
  }
  return object;
}

struct Entry {
  uint32_t shard = 0;
  uint64_t offset = 0;
  uint64_t size = 0;
  uint64_t checksum = 0;
};

// Verified: an entry that damage gave to another shard would be missed in silence.
absl::StatusOr<std::vector<Entry>> EntriesOf(std::string_view object) {
  ByteReader reader(object);
  if (reader.U64() != kMagic) return Corrupt("the object does not begin as one");
  if (const uint32_t version = reader.U32(); version != kVersion) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("rows that moved of version {}, this build reads {}", version, kVersion));
  }
  const uint32_t segments = reader.U32();
  const uint64_t end = kHeaderBytes + segments * kEntryBytes;
  if (end + kChecksumBytes > object.size()) return Corrupt("the object ends in its header");
  std::vector<Entry> entries(segments);
  for (Entry& entry : entries) {
    entry = {.shard = reader.U32(), .offset = reader.U64(), .size = reader.U64(), .checksum = reader.U64()};
    if (entry.offset > object.size() || entry.size > object.size() - entry.offset) {
      return Corrupt("a segment lies outside the object");
    }
  }
  if (reader.U64() != Hash64(object.substr(0, end))) return Corrupt("the checksum of the header differs");
  return entries;
}

}  // namespace

absl::StatusOr<MovedRows> CollectMoved(const LedgerShard& from, const AliasTable& moves, uint32_t shards,
                                       bool has_transaction_id) {
  STRATA_RETURN_IF_ERROR(CheckKind(from.segments, has_transaction_id));
  STRATA_ASSIGN_OR_RETURN(const Collected collected, Collect(from, moves, shards));
  std::vector<std::pair<uint32_t, std::string>> segments;
  const std::vector<Mover>& movers = collected.movers;
  for (size_t begin = 0; begin < movers.size();) {
    size_t end = begin;
    while (end < movers.size() && movers[end].shard == movers[begin].shard) ++end;
    STRATA_ASSIGN_OR_RETURN(std::string segment, SegmentOf(collected, begin, end, has_transaction_id));
    segments.emplace_back(movers[begin].shard, std::move(segment));
    begin = end;
  }
  MovedRows moved{.object = {}, .customers = static_cast<int64_t>(movers.size())};
  if (!segments.empty()) moved.object = Pack(segments);
  return moved;
}

absl::StatusOr<std::string_view> MovedInto(std::string_view object, uint32_t shard) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<Entry> entries, EntriesOf(object));
  for (const Entry& entry : entries) {
    if (entry.shard != shard) continue;
    const std::string_view segment = object.substr(entry.offset, entry.size);
    if (entry.checksum == Hash64(segment)) return segment;
    return Corrupt(fmt::format("the checksum of shard {} differs", shard));
  }
  return std::string_view();
}

absl::Status AddMovedSizes(std::string_view object, std::vector<uint64_t>* bytes_by_shard) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<Entry> entries, EntriesOf(object));
  for (const Entry& entry : entries) {
    if (entry.shard >= bytes_by_shard->size()) {
      return Corrupt(fmt::format("found shard {} of {}", entry.shard, bytes_by_shard->size()));
    }
    (*bytes_by_shard)[entry.shard] += entry.size;
  }
  return absl::OkStatus();
}

}  // namespace strata
