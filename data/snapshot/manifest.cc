#include <algorithm>
#include <tuple>

#include "base/bytes.h"
#include "data/snapshot/json_fields.h"
#include "data/snapshot/snapshot.h"
#include "run/job.h"

namespace strata {

// Found by the visitors through their arguments, so not in an unnamed namespace.
template <typename V, Maybe<ManifestEntry> M>
void VisitFields(V& visit, M& entry) {
  visit("name", entry.name);
  visit("key", entry.key);
  visit.HexField("checksum", entry.checksum);
  visit("size_bytes", entry.size_bytes);
  visit("rows", entry.rows);
}

template <typename V, Maybe<RowCounts> M>
void VisitFields(V& visit, M& rows) {
  visit("read", rows.read);
  visit("accepted", rows.accepted);
  visit("rejected", rows.rejected);
  visit("duplicates", rows.duplicates);
  visit("blank", rows.blank);
  visit("skipped_no_customer", rows.skipped_no_customer);
  visit("skipped_after_as_of", rows.skipped_after_as_of);
  visit("skipped_known_file", rows.skipped_known_file);
}

template <typename V, Maybe<SnapshotTotals> M>
void VisitFields(V& visit, M& totals) {
  visit("net_micros", totals.net_micros);
  visit("mean_p_alive", totals.mean_p_alive);
  visit("mean_lifetime_value", totals.mean_lifetime_value);
  visit("mean_churn_probability", totals.mean_churn_probability);
}

template <typename V, Maybe<Manifest> M>
void VisitFields(V& visit, M& manifest) {
  visit("schema_fingerprint", manifest.schema_fingerprint);
  visit("job", manifest.job);
  visit("number", manifest.number);
  visit("run", manifest.run);
  visit.DateField("as_of", manifest.as_of);
  visit("follows", manifest.follows);
  visit("ledger_version", manifest.ledger_version);
  visit("ledger_digest", manifest.ledger_digest);
  visit("shards", manifest.shards);
  visit("currency", manifest.currency);
  visit("customers", manifest.customers);
  visit("customers_with_purchase", manifest.customers_with_purchase);
  visit("rows", manifest.rows);
  visit.OptionalField("totals", manifest.totals);
  visit("token", manifest.token);
  visit("created_ms", manifest.created_ms);
  visit.OptionalField("build", manifest.build);
  visit("entries", manifest.entries);
  visit("digest", manifest.digest);
}

namespace {

constexpr size_t kDigestDigits = 32;

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", "manifest: " + message);
}

// Parts, models, reports, identities; -1 for anything else.
int KindOf(std::string_view name) {
  constexpr std::string_view kFolders[] = {"parts/", "models/", "reports/", "identities/"};
  for (int kind = 0; kind < 4; ++kind) {
    if (name.starts_with(kFolders[kind]) && name.size() > kFolders[kind].size()) return kind;
  }
  return -1;
}

// Shard numbers have leading zeros, so parts by name are parts by shard.
bool Before(const ManifestEntry& a, const ManifestEntry& b) {
  return std::tuple(KindOf(a.name), std::string_view(a.name)) < std::tuple(KindOf(b.name), std::string_view(b.name));
}

std::vector<ManifestEntry> Sorted(std::vector<ManifestEntry> entries) {
  std::sort(entries.begin(), entries.end(), Before);
  return entries;
}

absl::Status CheckNumbers(const Manifest& manifest) {
  const RowCounts& rows = manifest.rows;
  const std::pair<const char*, int64_t> counts[] = {
      {"number", manifest.number},
      {"follows", manifest.follows},
      {"ledger_version", manifest.ledger_version},
      {"customers", manifest.customers},
      {"customers_with_purchase", manifest.customers_with_purchase},
      {"token", manifest.token},
      {"created_ms", manifest.created_ms},
      {"rows.read", rows.read},
      {"rows.accepted", rows.accepted},
      {"rows.rejected", rows.rejected},
      {"rows.duplicates", rows.duplicates},
      {"rows.blank", rows.blank},
      {"rows.skipped_no_customer", rows.skipped_no_customer},
      {"rows.skipped_after_as_of", rows.skipped_after_as_of},
      {"rows.skipped_known_file", rows.skipped_known_file},
  };
  for (const auto& [name, value] : counts) {
    if (value < 0) return Corrupt(fmt::format("{} is {}, allowed are 0 and more", name, value));
  }
  if (manifest.customers_with_purchase > manifest.customers) {
    return Corrupt(fmt::format("customers_with_purchase is {} of {} customers", manifest.customers_with_purchase,
                               manifest.customers));
  }
  if (manifest.shards < 1 || manifest.shards > kMaxShards) {
    return Corrupt(fmt::format("shards is {}, allowed are 1 to {}", manifest.shards, kMaxShards));
  }
  return absl::OkStatus();
}

absl::Status CheckEntries(const Manifest& manifest) {
  for (size_t i = 0; i < manifest.entries.size(); ++i) {
    const ManifestEntry& entry = manifest.entries[i];
    if (KindOf(entry.name) < 0 || entry.key.empty() || entry.rows < 0) {
      return Corrupt(fmt::format("entry {} ('{}', key '{}', {} rows) is no part, model or report", i, entry.name,
                                 entry.key, entry.rows));
    }
    if (i > 0 && !Before(manifest.entries[i - 1], entry)) {
      return Corrupt(fmt::format("entry {} ('{}') is out of order or repeated", i, entry.name));
    }
  }
  const bool is_hexadecimal = manifest.digest.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (manifest.digest.size() != kDigestDigits || !is_hexadecimal) {
    return Corrupt(fmt::format("digest is '{}', allowed are {} hexadecimal digits", manifest.digest, kDigestDigits));
  }
  return absl::OkStatus();
}

}  // namespace

std::string EncodeManifest(const Manifest& manifest) {
  Manifest ordered = manifest;
  ordered.entries = Sorted(std::move(ordered.entries));
  return JsonText(manifest.format_version, JsonWriter::Write(ordered));
}

absl::StatusOr<Manifest> DecodeManifest(std::string_view json) {
  STRATA_ASSIGN_OR_RETURN(const Json object, ParseJsonObject(kSnapshotFormatVersion, json, "manifest"));
  Manifest manifest;
  STRATA_RETURN_IF_ERROR(JsonReader::Read(object, "manifest", &manifest));
  STRATA_RETURN_IF_ERROR(CheckNumbers(manifest));
  STRATA_RETURN_IF_ERROR(CheckEntries(manifest));
  return manifest;
}

Hash128 SnapshotDigest(const Manifest& manifest) {
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(manifest.format_version));
  writer.I32(manifest.as_of);
  for (const ManifestEntry& entry : Sorted(manifest.entries)) {
    writer.Text(entry.name);
    writer.U64(entry.checksum);
  }
  return HashOf128(writer.bytes());
}

}  // namespace strata
