#include "data/ledger/ledger_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "run/keys.h"
#include "run/transaction_fields.h"

namespace strata {
namespace {

absl::Status RecordCorrupt(const std::string& key, const std::string& what) {
  return MakeError(absl::StatusCode::kDataLoss, "LEDGER_RECORD_CORRUPT", fmt::format("{}: {}", key, what));
}

}  // namespace

absl::StatusOr<std::optional<LedgerHead>> ReadLedgerHead(Metadata& metadata, const std::string& job) {
  STRATA_ASSIGN_OR_RETURN(const auto head, metadata.Get(LedgerHeadKey(job)));
  if (!head.has_value()) return std::nullopt;
  int64_t number = 0;
  const char* const end = head->value.data() + head->value.size();
  if (const auto parsed = std::from_chars(head->value.data(), end, number); parsed.ptr != end || number < 1) {
    return RecordCorrupt(head->key, fmt::format("'{}' is no ledger version", head->value));
  }
  STRATA_ASSIGN_OR_RETURN(std::optional<LedgerVersion> version, ReadLedgerVersion(metadata, job, number));
  if (!version.has_value()) {
    return RecordCorrupt(LedgerVersionKey(job, number), "the record of the current version is missing");
  }
  return LedgerHead{.version = *std::move(version), .revision = head->revision};
}

absl::StatusOr<std::optional<LedgerVersion>> ReadLedgerVersion(Metadata& metadata, const std::string& job,
                                                               int64_t version) {
  STRATA_ASSIGN_OR_RETURN(const auto record, metadata.Get(LedgerVersionKey(job, version)));
  if (!record.has_value()) return std::nullopt;
  STRATA_ASSIGN_OR_RETURN(LedgerVersion read, LedgerVersion::FromJson(record->value));
  return read;
}

absl::StatusOr<LedgerRegistry> ReadRegistry(ObjectStore& objects, const LedgerVersion& version) {
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, version.registry.key, version.registry.checksum));
  return LedgerRegistry::Decode(view->bytes());
}

absl::Status CheckDigest(const LedgerVersion& version, const LedgerRegistry& registry) {
  const std::string digest = Hex(LedgerDigest(registry));
  const bool has_all = std::all_of(registry.tables.begin(), registry.tables.end(), [](const RegisteredTable& table) {
    return table.digests.size() == table.segments.size();
  });
  if (digest == version.digest && registry.digests.size() == registry.segments.size() && has_all) {
    return absl::OkStatus();
  }
  return RecordCorrupt(
      version.registry.key,
      fmt::format("its {} shards have {} digests, which make up {}; ledger version {} has {}", registry.segments.size(),
                  registry.digests.size(), digest, version.version, version.digest));
}

absl::Status OpenSegment(ObjectStore& objects, const ObjectRef& ref, StoredShard* stored) {
  STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(objects, ref.key, ref.checksum));
  auto segment = LedgerSegment::Open(view->bytes());
  if (!segment.ok()) return WithContext(segment.status(), ref.key);
  stored->shard.segments.push_back(*std::move(segment));
  stored->views.push_back(std::move(view));
  return absl::OkStatus();
}

absl::StatusOr<StoredShard> OpenShard(ObjectStore& objects, std::span<const ObjectRef> segments,
                                      std::vector<int32_t> removed_files) {
  StoredShard stored{.shard = {.segments = {}, .removed_files = std::move(removed_files)}, .views = {}};
  for (const ObjectRef& ref : segments) STRATA_RETURN_IF_ERROR(OpenSegment(objects, ref, &stored));
  return stored;
}

std::vector<std::vector<ObjectRef>> SegmentObjects(const LedgerRegistry& registry) {
  std::vector<std::vector<ObjectRef>> shards;
  for (const std::vector<RegisteredSegment>& shard : registry.segments) {
    std::vector<ObjectRef>& objects = shards.emplace_back();
    for (const RegisteredSegment& segment : shard) objects.push_back(segment.object);
  }
  return shards;
}

bool HasTransactionIds(const LedgerVersion& version) {
  const std::string field =
      fmt::format("sources.transactions.columns.{}", InfoOf(TransactionField::kTransactionId).name);
  for (const auto& [name, value] : version.fingerprint) {
    if (name == field) return !value.empty();
  }
  return false;
}

}  // namespace strata
