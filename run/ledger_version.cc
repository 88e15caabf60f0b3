#include "run/ledger_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "run/coding.h"

namespace strata {
namespace {

constexpr uint32_t kRegistryVersion = 4;
constexpr uint32_t kVersionWithoutTables = 3;  // what it says is read, and has no tables

nlohmann::ordered_json RefToJson(const ObjectRef& ref) {
  return {{"key", ref.key}, {"checksum", Hex(ref.checksum)}, {"size_bytes", ref.size_bytes}};
}

// Throws what the library throws.
ObjectRef RefFromJson(const nlohmann::json& json) {
  ObjectRef ref;
  json.at("key").get_to(ref.key);
  ref.checksum = std::stoull(json.at("checksum").get<std::string>(), nullptr, 16);
  json.at("size_bytes").get_to(ref.size_bytes);
  return ref;
}

void EncodeSegments(const std::vector<std::vector<RegisteredSegment>>& segments, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(segments.size()));
  for (const std::vector<RegisteredSegment>& shard : segments) {
    writer->U32(static_cast<uint32_t>(shard.size()));
    for (const RegisteredSegment& segment : shard) {
      Encode(segment.object, writer);
      writer->I64(segment.version);
    }
  }
}

std::vector<std::vector<RegisteredSegment>> DecodeSegments(ByteReader* reader) {
  std::vector<std::vector<RegisteredSegment>> by_shard;
  const uint32_t shards = reader->U32();
  for (uint32_t i = 0; i < shards && reader->ok(); ++i) {
    std::vector<RegisteredSegment>& shard = by_shard.emplace_back();
    const uint32_t segments = reader->U32();
    for (uint32_t k = 0; k < segments && reader->ok(); ++k) {
      ObjectRef object = DecodeObjectRef(reader);
      shard.push_back({std::move(object), reader->I64()});
    }
  }
  return by_shard;
}

void EncodeDigests(const std::vector<Hash128>& digests, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(digests.size()));
  for (const Hash128& digest : digests) {
    writer->U64(digest.high);
    writer->U64(digest.low);
  }
}

std::vector<Hash128> DecodeDigests(ByteReader* reader) {
  std::vector<Hash128> digests;
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    const uint64_t high = reader->U64();
    digests.push_back({.high = high, .low = reader->U64()});
  }
  return digests;
}

// What a registry says of tables, after all that it said before there were any.
void EncodeTables(const LedgerRegistry& registry, ByteWriter* writer) {
  for (const RegisteredFile& file : registry.files) {
    writer->U8(static_cast<uint8_t>(file.table));
    writer->U32(static_cast<uint32_t>(file.rejected_by_reason.size()));
    for (const auto& [reason, rows] : file.rejected_by_reason) {
      writer->Text(reason);
      writer->I64(rows);
    }
  }
  for (const RemovedFile& file : registry.removed_files) writer->U8(static_cast<uint8_t>(file.table));
  writer->U32(static_cast<uint32_t>(registry.tables.size()));
  for (const RegisteredTable& table : registry.tables) {
    writer->U8(static_cast<uint8_t>(table.table));
    EncodeSegments(table.segments, writer);
    EncodeDigests(table.digests, writer);
    writer->I64(table.rows);
    writer->I64(table.customers);
    writer->I64(table.conflicts);
    Encode(table.rows_by_day, writer);
  }
}

void DecodeTables(ByteReader* reader, LedgerRegistry* registry) {
  for (RegisteredFile& file : registry->files) {
    file.table = static_cast<TableId>(reader->U8());
    const uint32_t reasons = reader->U32();
    for (uint32_t i = 0; i < reasons && reader->ok(); ++i) {
      std::string reason(reader->Text());
      file.rejected_by_reason.emplace_back(std::move(reason), reader->I64());
    }
  }
  for (RemovedFile& file : registry->removed_files) file.table = static_cast<TableId>(reader->U8());
  const uint32_t tables = reader->U32();
  for (uint32_t i = 0; i < tables && reader->ok(); ++i) {
    RegisteredTable& table = registry->tables.emplace_back();
    table.table = static_cast<TableId>(reader->U8());
    table.segments = DecodeSegments(reader);
    table.digests = DecodeDigests(reader);
    table.rows = reader->I64();
    table.customers = reader->I64();
    table.conflicts = reader->I64();
    table.rows_by_day = DecodeCounts(reader);
  }
}

}  // namespace

const RegisteredTable* LedgerRegistry::Find(TableId table) const {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [table](const RegisteredTable& of) { return of.table == table; });
  return found == tables.end() ? nullptr : &*found;
}

RegisteredTable& LedgerRegistry::TableOf(TableId table) {
  const auto place = std::lower_bound(tables.begin(), tables.end(), table,
                                      [](const RegisteredTable& of, TableId wanted) { return of.table < wanted; });
  if (place != tables.end() && place->table == table) return *place;
  RegisteredTable fresh;
  fresh.table = table;
  return *tables.insert(place, std::move(fresh));
}

std::string LedgerRegistry::Encode() const {
  ByteWriter writer;
  writer.U32(kRegistryVersion);
  writer.U32(static_cast<uint32_t>(files.size()));
  for (const RegisteredFile& file : files) {
    writer.I32(file.number);
    writer.Text(file.path);
    writer.U64(file.size_bytes);
    writer.I64(file.modified_ns);
    writer.U64(file.checksum);
    writer.I32(file.same_as);
    strata::Encode(file.counts, &writer);
  }
  writer.U32(static_cast<uint32_t>(removed_files.size()));
  for (const RemovedFile& file : removed_files) {
    writer.I32(file.number);
    writer.I64(file.version);
  }
  writer.I32(next_file_number);
  EncodeSegments(segments, &writer);
  EncodeDigests(digests, &writer);
  strata::Encode(rows_by_day, &writer);
  writer.I64(customers);
  writer.I64(rows);
  writer.I64(conflicts);
  EncodeTables(*this, &writer);
  return writer.Take();
}

absl::StatusOr<LedgerRegistry> LedgerRegistry::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint32_t version = reader.U32();
  if (version != kRegistryVersion && version != kVersionWithoutTables) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("file registry of version {}, this build reads {}: build the ledger anew from the "
                                 "sources with --rebuild-ledger",
                                 version, kRegistryVersion));
  }
  LedgerRegistry registry;
  const uint32_t files = reader.U32();
  for (uint32_t i = 0; i < files && reader.ok(); ++i) {
    RegisteredFile file;
    file.number = reader.I32();
    file.path = reader.Text();
    file.size_bytes = reader.U64();
    file.modified_ns = reader.I64();
    file.checksum = reader.U64();
    file.same_as = reader.I32();
    file.counts = DecodeRowCounts(&reader);
    registry.files.push_back(std::move(file));
  }
  const uint32_t removed = reader.U32();
  for (uint32_t i = 0; i < removed && reader.ok(); ++i) {
    const int32_t number = reader.I32();
    registry.removed_files.push_back({number, reader.I64()});
  }
  registry.next_file_number = reader.I32();
  registry.segments = DecodeSegments(&reader);
  registry.digests = DecodeDigests(&reader);
  registry.rows_by_day = DecodeCounts(&reader);
  registry.customers = reader.I64();
  registry.rows = reader.I64();
  registry.conflicts = reader.I64();
  if (version != kVersionWithoutTables) DecodeTables(&reader, &registry);
  STRATA_RETURN_IF_ERROR(reader.Finish("file registry"));
  return registry;
}

void LedgerRegistry::ForgetRemoved() {
  std::map<TableId, int64_t> oldest;  // segment, by the table whose files its rows come from
  const auto look = [&oldest](TableId table, const std::vector<std::vector<RegisteredSegment>>& by_shard) {
    for (const std::vector<RegisteredSegment>& shard : by_shard) {
      for (const RegisteredSegment& segment : shard) {
        int64_t& of_table = oldest.emplace(table, segment.version).first->second;
        of_table = std::min(of_table, segment.version);
      }
    }
  };
  look(TableId::kTransactions, segments);
  for (const RegisteredTable& table : tables) look(FilesOf(table.table), table.segments);
  std::erase_if(removed_files, [&oldest](const RemovedFile& file) {
    const auto found = oldest.find(file.table);
    return found == oldest.end() || file.version <= found->second;
  });
}

std::vector<int32_t> LedgerRegistry::RemovedNumbers(TableId table) const {
  std::vector<int32_t> numbers;
  for (const RemovedFile& file : removed_files) {
    if (file.table == table) numbers.push_back(file.number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string LedgerVersion::ToJson() const {
  nlohmann::ordered_json json;
  json["version"] = version;
  json["parent"] = parent;
  nlohmann::ordered_json fields = nlohmann::ordered_json::array();
  for (const auto& [field, value] : fingerprint) fields.push_back({field, value});
  json["fingerprint"] = std::move(fields);
  json["registry"] = RefToJson(registry);
  json["digest"] = digest;
  json["run"] = run;
  if (!aliases.empty()) json["aliases"] = RefToJson(aliases);
  if (!fx.empty()) json["fx"] = RefToJson(fx);
  return json.dump();
}

absl::StatusOr<LedgerVersion> LedgerVersion::FromJson(std::string_view text) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    LedgerVersion version;
    json.at("version").get_to(version.version);
    json.at("parent").get_to(version.parent);
    for (const auto& field : json.at("fingerprint")) {
      version.fingerprint.emplace_back(field.at(0).get<std::string>(), field.at(1).get<std::string>());
    }
    version.registry = RefFromJson(json.at("registry"));
    json.at("digest").get_to(version.digest);
    json.at("run").get_to(version.run);
    if (json.contains("aliases")) version.aliases = RefFromJson(json.at("aliases"));
    if (json.contains("fx")) version.fx = RefFromJson(json.at("fx"));
    return version;
  } catch (const std::exception& error) {
    return MakeError(absl::StatusCode::kDataLoss, "LEDGER_RECORD_CORRUPT",
                     fmt::format("the record of a ledger version cannot be read: {}", error.what()));
  }
}

Hash128 LedgerDigest(const LedgerRegistry& registry) {
  ByteWriter writer;
  const auto add = [&writer](const std::vector<Hash128>& digests) {
    for (const Hash128& digest : digests) {
      writer.U64(digest.high);
      writer.U64(digest.low);
    }
  };
  add(registry.digests);
  for (const RegisteredTable& table : registry.tables) {
    if (table.rows == 0) continue;
    writer.U8(static_cast<uint8_t>(table.table));
    add(table.digests);
  }
  return HashOf128(writer.bytes());
}

std::vector<std::string> FingerprintDifferences(const std::vector<std::pair<std::string, std::string>>& ledger,
                                                const std::vector<std::pair<std::string, std::string>>& job) {
  const std::map<std::string, std::string> before(ledger.begin(), ledger.end());
  const std::map<std::string, std::string> now(job.begin(), job.end());
  std::vector<std::string> differences;
  for (const auto& [field, value] : before) {
    const auto found = now.find(field);
    const std::string other = found == now.end() ? "nothing" : "'" + found->second + "'";
    if (other != "'" + value + "'") {
      differences.push_back(fmt::format("{}: the ledger has '{}', the job has {}", field, value, other));
    }
  }
  for (const auto& [field, value] : now) {
    if (!before.contains(field)) {
      differences.push_back(fmt::format("{}: the ledger has nothing, the job has '{}'", field, value));
    }
  }
  return differences;
}

}  // namespace strata
