#include "data/snapshot/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace strata {
namespace {

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", message);
}

absl::StatusOr<Manifest> ReadManifest(ObjectStore& store, std::string_view job, int64_t number, uint64_t checksum) {
  const std::string key = ManifestKey(job, number);
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(store, key, checksum));
  absl::StatusOr<Manifest> manifest = DecodeManifest(view->bytes());
  if (!manifest.ok()) return WithContext(manifest.status(), key);
  if (manifest->job != job || manifest->number != number) {
    return Corrupt(fmt::format("{}: is of snapshot {} of job '{}'", key, manifest->number, manifest->job));
  }
  if (manifest->schema_fingerprint != SchemaFingerprint()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("{}: schema_fingerprint is '{}', this build reads {}", key,
                                 manifest->schema_fingerprint, SchemaFingerprint()));
  }
  const std::string digest = Hex(SnapshotDigest(*manifest));
  if (manifest->digest != digest) {
    return Corrupt(fmt::format("{}: digest is {}, its entries make {}", key, manifest->digest, digest));
  }
  return manifest;
}

absl::StatusOr<std::shared_ptr<const FileView>> MapEntry(ObjectStore& store, const ManifestEntry& entry) {
  STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(store, entry.key, entry.checksum));
  if (view->bytes().size() != entry.size_bytes) {
    return Corrupt(
        fmt::format("{}: has {} bytes, the manifest says {}", entry.key, view->bytes().size(), entry.size_bytes));
  }
  return view;
}

// The verified objects of a snapshot by logical name.
using Views = std::map<std::string, std::shared_ptr<const FileView>>;

// lookup parts for all shards; parts of the other kinds for all or none.
absl::Status CheckParts(const Manifest& manifest) {
  std::string (*const kNames[])(uint32_t) = {LookupName, MembersName, MovesName, ParquetName};
  std::array<size_t, std::size(kNames)> found = {};
  for (const ManifestEntry& entry : manifest.entries) {
    if (!entry.name.starts_with("parts/")) continue;
    size_t kind = 0;
    while (kind < found.size() &&
           (found[kind] == manifest.shards || entry.name != kNames[kind](static_cast<uint32_t>(found[kind])))) {
      ++kind;
    }
    if (kind < found.size()) {
      ++found[kind];
    } else {
      return Corrupt(fmt::format("the manifest names '{}', which is no part of {} shards or follows a missing one",
                                 entry.name, manifest.shards));
    }
  }
  const bool complete = found[0] == manifest.shards && std::all_of(found.begin() + 1, found.end(), [&](size_t parts) {
                          return parts == manifest.shards || parts == 0;
                        });
  if (complete) return absl::OkStatus();
  return Corrupt(
      fmt::format("the manifest has {} lookup parts, {} of members, {} of moves and {} Parquet parts for {} shards",
                  found[0], found[1], found[2], found[3], manifest.shards));
}

absl::StatusOr<FittedModels> ReadModels(const Views& views) {
  constexpr std::string_view kFolder = "models/";
  constexpr std::string_view kEnding = ".json";
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [name, view] : views) {
    if (!name.starts_with(kFolder)) continue;
    if (!name.ends_with(kEnding)) return Corrupt(fmt::format("the manifest names '{}', which is no model", name));
    files.emplace_back(name.substr(kFolder.size(), name.size() - kFolder.size() - kEnding.size()), view->bytes());
  }
  return ModelsFromJson(files);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Snapshot>> Snapshot::Open(ObjectStore& store, std::string_view job, int64_t number,
                                                               uint64_t manifest_checksum) {
  std::shared_ptr<Snapshot> snapshot(new Snapshot());
  STRATA_ASSIGN_OR_RETURN(snapshot->manifest_, ReadManifest(store, job, number, manifest_checksum));
  const Manifest& manifest = snapshot->manifest_;
  STRATA_RETURN_IF_ERROR(CheckParts(manifest));
  std::vector<std::string> keys;
  for (const ManifestEntry& entry : manifest.entries) keys.push_back(entry.key);
  store.Prefetch(keys);
  Views views;
  int64_t customers = 0;
  for (const ManifestEntry& entry : manifest.entries) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapEntry(store, entry));
    if (entry.name.ends_with(".lookup")) {
      absl::StatusOr<LookupPart> part = LookupPart::Open(view->bytes());
      if (!part.ok()) return WithContext(part.status(), entry.key);
      if (std::cmp_not_equal(part->size(), entry.rows)) {
        return Corrupt(fmt::format("{}: has {} customers, the manifest says {}", entry.key, part->size(), entry.rows));
      }
      customers += entry.rows;
      snapshot->parts_.push_back(*part);
      // Verified as a whole, needed a page at a time: what is never asked for need not stay in memory.
      view->Release(0, view->bytes().size());
      snapshot->views_.push_back(std::move(view));
    } else if (entry.name.ends_with(".members")) {
      absl::StatusOr<MembersFile> members = MembersFile::Open(view->bytes());
      if (!members.ok()) return WithContext(members.status(), entry.key);
      if (std::cmp_not_equal(members->customers(), entry.rows)) {
        return Corrupt(
            fmt::format("{}: has {} customers, the manifest says {}", entry.key, members->customers(), entry.rows));
      }
      snapshot->members_.push_back(*std::move(members));
      snapshot->views_.push_back(std::move(view));
    } else if (entry.name.ends_with(".moves")) {
      snapshot->moves_.push_back(view->bytes());
      snapshot->views_.push_back(std::move(view));
    } else if (entry.name == kIdentitiesName) {
      absl::StatusOr<AliasTable> identities = AliasTable::Open(view->bytes());
      if (!identities.ok()) return WithContext(identities.status(), entry.key);
      snapshot->identities_ = *identities;
      snapshot->views_.push_back(std::move(view));
    } else if (!entry.name.ends_with(".parquet") || entry.name == kSegmentsReport ||
               entry.name == kUserSegmentsReport) {
      views[entry.name] = std::move(view);
    }
  }
  if (customers != manifest.customers) {
    return Corrupt(fmt::format("{}: the parts have {} customers, the manifest says {}", ManifestKey(job, number),
                               customers, manifest.customers));
  }
  STRATA_ASSIGN_OR_RETURN(snapshot->models_, ReadModels(views));
  if (const auto report = views.find(kSegmentsReport); report != views.end()) {
    STRATA_ASSIGN_OR_RETURN(snapshot->segments_, DecodeSegmentsReport(report->second->bytes()));
  }
  if (const auto own = views.find(kUserSegmentsReport); own != views.end()) {
    STRATA_ASSIGN_OR_RETURN(std::vector<SegmentLine> lines, DecodeUserSegments(own->second->bytes()));
    for (SegmentLine& line : lines) snapshot->segments_.push_back(std::move(line));
  }
  snapshot->NameClusters();
  STRATA_RETURN_IF_ERROR(snapshot->CheckMembers());
  return snapshot;
}

void Snapshot::NameClusters() {
  if (!models_.clustering.has_value()) return;
  for (const FittedCluster& cluster : models_.clustering->clusters) {
    const std::string name = fmt::format("cluster-{}", cluster.id);
    for (SegmentLine& line : segments_) {
      if (line.kind == "cluster" && line.name == name) line.title = cluster.name;
    }
  }
}

// Rows of members are those of the customers.
absl::Status Snapshot::CheckMembers() const {
  for (size_t shard = 0; shard < members_.size(); ++shard) {
    if (members_[shard].customers() == parts_[shard].size()) continue;
    return Corrupt(fmt::format("shard {} has {} customers and members of {}", shard, parts_[shard].size(),
                               members_[shard].customers()));
  }
  return absl::OkStatus();
}

std::optional<Snapshot::Place> Snapshot::FindPlace(std::string_view customer_id) const {
  const auto find = [this](uint64_t hash, std::string_view id) -> std::optional<Place> {
    const size_t shard = ShardOf(hash, static_cast<uint32_t>(parts_.size()));
    const std::optional<uint64_t> row = parts_[shard].FindRow(hash, id);
    return row.has_value() ? std::optional(Place{shard, *row}) : std::nullopt;
  };
  const uint64_t hash = Hash64(customer_id);
  const std::optional<Place> place = find(hash, customer_id);
  if (place.has_value() || !identities_.has_value()) return place;
  const auto customer = identities_->Find(hash, customer_id);
  return customer.has_value() ? find(Hash64(*customer), *customer) : std::nullopt;
}

std::optional<CustomerScore> Snapshot::Find(std::string_view customer_id) const {
  const std::optional<Place> place = FindPlace(customer_id);
  if (!place.has_value()) return std::nullopt;
  return parts_[place->shard].Row(place->row).score;
}

}  // namespace strata
