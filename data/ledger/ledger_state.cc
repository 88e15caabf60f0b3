#include "data/ledger/ledger_state.h"

#include <fmt/format.h>

#include <charconv>

#include "run/keys.h"

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

}  // namespace strata
