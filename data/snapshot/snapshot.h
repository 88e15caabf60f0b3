// A published snapshot: manifest, digest, models and parts. Objects under jobs/<job>/snapshots/<number>/. No part,
// model or report holds run id, number, token, path or wall-clock time, so equal results have equal bytes. Values and
// pure functions, except Snapshot::Open, which reads objects. An open snapshot is immutable and thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/status.h"
#include "data/snapshot/lookup_part.h"
#include "data/snapshot/members_file.h"
#include "data/tables/alias_table.h"
#include "model/fitted_models.h"
#include "run/row_counts.h"
#include "store/object_store.h"

namespace strata {

inline constexpr int kSnapshotFormatVersion = 1;

struct ManifestEntry {
  // Logical: parts/00000.lookup, parts/00000.parquet, models/lifetime.json, reports/segments.parquet,
  // identities/aliases.table
  std::string name;
  std::string key;        // object key
  uint64_t checksum = 0;  // XXH3-64 of the bytes
  uint64_t size_bytes = 0;
  int64_t rows = 0;  // customers in a part, rows of a report, 0 for models
};

// Of all customers, for what later runs and people compare. Means are over those of whom the number is known; NaN where
// it is known of none.
struct SnapshotTotals {
  std::string net_micros;  // a whole number, beyond 64 bits where money is small
  double mean_p_alive = 0, mean_lifetime_value = 0, mean_churn_probability = 0;
};

struct Manifest {
  int format_version = kSnapshotFormatVersion;
  std::string schema_fingerprint;  // SchemaFingerprint() of the build that wrote it
  std::string job;
  int64_t number = 0;
  std::string run;
  Day as_of = 0;
  int64_t follows = 0;  // snapshot number, 0: none
  int64_t ledger_version = 0;
  std::string ledger_digest;
  uint32_t shards = 0;
  std::string currency;
  int64_t customers = 0;
  int64_t customers_with_purchase = 0;
  RowCounts rows;
  std::optional<SnapshotTotals> totals;  // absent from manifests of before it was kept
  int64_t token = 0;                     // of the coordinator that published
  int64_t created_ms = 0;                // wall clock, for people
  std::string build;                     // id of the build that computed it; empty: of a time before builds were named
  std::vector<ManifestEntry> entries;    // parts by shard, then models, reports, identities, each by name
  std::string digest;                    // hexadecimal; see SnapshotDigest
};

// JSON with a stable order of fields; sorts the entries. Checksums are text, integers exact.
std::string EncodeManifest(const Manifest& manifest);
// Checks every field, the order of the entries included; DATA_LOSS (SNAPSHOT_CORRUPT) names the field,
// FAILED_PRECONDITION (FORMAT_UNKNOWN) the version.
absl::StatusOr<Manifest> DecodeManifest(std::string_view json);

// 16 hexadecimal digits that tell record layouts and columns of this build apart. Snapshot::Open refuses others.
std::string SchemaFingerprint();

// XXH3-128 over format version, as_of, then (logical name, XXH3 of the bytes) of parts by shard, models, reports and
// identities by name.
Hash128 SnapshotDigest(const Manifest& manifest);

std::string SnapshotFolder(std::string_view job, int64_t number);  // jobs/<job>/snapshots/<number>
std::string ManifestKey(std::string_view job, int64_t number);

// Logical names of entries.
std::string LookupName(uint32_t shard);         // parts/00000.lookup
std::string MembersName(uint32_t shard);        // parts/00000.members, data/snapshot/members_file.h
std::string MovesName(uint32_t shard);          // parts/00000.moves, data/snapshot/moves_file.h
std::string ParquetName(uint32_t shard);        // parts/00000.parquet
std::string ModelName(std::string_view model);  // models/lifetime.json, for a name that ModelsToJson returns
inline constexpr char kSegmentsReport[] = "reports/segments.parquet";
inline constexpr char kUserSegmentsReport[] = "reports/user_segments.parquet";  // of data/reports
inline constexpr std::string_view kUserKind = "user";
inline constexpr char kIdentitiesName[] = "identities/aliases.table";  // where the job merges any

// Models as JSON objects: one text per model file (churn and its churn_trees, clustering, lifetime and its
// lifetime_history, rfm, schemes, spend; absent models have none) and one for "valuation", the horizon and the discount
// rate. Doubles are in a short form that reads back to the same bits; "nan", "inf" and "-inf" are texts. FromJson is
// the inverse; DATA_LOSS (SNAPSHOT_CORRUPT) names file and field, and FAILED_PRECONDITION (FORMAT_UNKNOWN) the version.
// Precondition: texts of the models are UTF-8.
std::vector<std::pair<std::string, std::string>> ModelsToJson(const FittedModels& models);  // (name, json), by name
absl::StatusOr<FittedModels> ModelsFromJson(const std::vector<std::pair<std::string, std::string>>& files);

// An RFM segment or a cluster with its size and profile, a line of reports/segments.parquet; or one of the job's own.
// Means are over the segment's customers; NaN where nothing is known.
struct SegmentLine {
  std::string kind;  // "rfm", "cluster", "class" (no_purchase) or "user" (the job's own)
  std::string name;  // "champions", "cluster-1", "no_purchase"
  int64_t customers = 0;
  double share = 0;                                                    // of all customers of the base
  double mean_recency_days = 0, mean_purchase_days = 0, mean_net = 0;  // net in the job's currency
  double mean_p_alive = 0, mean_lifetime_value = 0, mean_churn_probability = 0;
  double sum_net = 0, sum_lifetime_value = 0;
  std::string title;  // of the job's own segments, and of clusters their names: "lapsed, big baskets"
  // Of the job's own segments alone.
  std::string condition;
  // Since the followed snapshot; nullopt where that does not have the segment.
  std::optional<int64_t> entered = std::nullopt, left = std::nullopt;
};
absl::StatusOr<std::string> EncodeSegmentsReport(const std::vector<SegmentLine>& lines);  // Parquet
absl::StatusOr<std::vector<SegmentLine>> DecodeSegmentsReport(std::string_view bytes);
// The job's own, from reports/user_segments.parquet; what that does not say of them is NaN.
absl::StatusOr<std::vector<SegmentLine>> DecodeUserSegments(std::string_view bytes);

// All columns of a shard for BI tools: id, every CustomerScore field under its API name (absent values are null,
// clusters count from 1, net is decimal, flags are booleans; of a customer's outlook a day that is never reached, or
// too far off, is null with next_purchase_<percent>_never or _beyond true), every model feature as feature_<name>.
// Where customers have a profile also class_<scheme>, growth_potential, margin and average_order, and every other
// column of the profile as feature_<name>. With clusters also cluster_name, raw_<feature> and scaled_<feature> for
// every feature they are made of (a category has the first alone; scaled values are in units of 2^-grid_bits of the
// model), and cluster_weight where customers differ in it. With a churn model also churn_reason_<1 to 3>, the group,
// and its _feature, _contribution and _value (of a category the place of its level). `rows` are the customers of the
// as_of view in its order, else INTERNAL (SCORES_MISMATCH).
struct ScoredProfile {  // null: there is none; the first three go together
  const FittedModels* models = nullptr;
  const struct ClassCodes* classes = nullptr;
  const class ColumnSet* columns = nullptr;
  const struct ClusterColumns* clusters = nullptr;
  const ChurnModel* churn = nullptr;  // that the reasons of churn are of
};
absl::StatusOr<std::string> EncodeScoresParquet(const std::vector<ScoredCustomer>& rows,
                                                const class FeatureFile& features, const ScoredProfile& profile = {});

class Snapshot {
 public:
  // Maps and verifies every entry (size, checksum), the digest, that every shard has its lookup part and that the
  // counts of customers agree. Keeps the lookup parts mapped, and who is in which segment. DATA_LOSS names the object
  // at fault; NOT_FOUND when it is missing. `manifest_checksum` is XXH3-64 of the manifest's bytes, as the metadata
  // record holds it.
  static absl::StatusOr<std::shared_ptr<const Snapshot>> Open(ObjectStore& store, std::string_view job, int64_t number,
                                                              uint64_t manifest_checksum);
  const Manifest& manifest() const { return manifest_; }
  const FittedModels& models() const { return models_; }
  // Those of the models, then the job's own.
  const std::vector<SegmentLine>& segments() const { return segments_; }
  // Of a customer, also by an id that was merged into the customer's. No allocation, no lock.
  std::optional<CustomerScore> Find(std::string_view customer_id) const;
  // Where the same customer stands.
  struct Place {
    size_t shard = 0;
    uint64_t row = 0;  // of the shard's parts
  };
  std::optional<Place> FindPlace(std::string_view customer_id) const;
  const std::vector<LookupPart>& parts() const { return parts_; }  // by shard
  // By shard; empty where the job has no segments of its own, the moves also where nothing was compared.
  const std::vector<MembersFile>& members() const { return members_; }
  const std::vector<std::string_view>& moves() const { return moves_; }

 private:
  Snapshot() = default;
  void NameClusters();
  absl::Status CheckMembers() const;
  Manifest manifest_;
  FittedModels models_;
  std::vector<SegmentLine> segments_;
  std::vector<std::shared_ptr<const FileView>> views_;
  std::vector<LookupPart> parts_;
  std::vector<MembersFile> members_;
  std::vector<std::string_view> moves_;
  std::optional<AliasTable> identities_;
};

}  // namespace strata
