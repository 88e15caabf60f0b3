#include "tests/serving/small_state.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "data/snapshot/current_objects.h"
#include "run/keys.h"

namespace strata {
namespace {

constexpr uint32_t kShards = 2;

template <typename T>
T Must(absl::StatusOr<T> result) {
  MustBeOk(result.status());
  return *std::move(result);
}

struct NamedCustomer {
  std::string id;
  CustomerScore score;
};

std::vector<NamedCustomer> Customers(int64_t number, int count) {
  std::vector<NamedCustomer> customers;
  for (int i = 0; i < count; ++i) {
    CustomerScore score{.first_day = 9000,
                        .last_day = 9000 + i,
                        .purchase_days = i + 1,
                        .rows = i + 1,
                        .net_micros = NetMicros(number, i),
                        .recency_score = 3,
                        .frequency_score = 2,
                        .monetary_score = 1,
                        .segment = RfmSegment::kAboutToSleep,
                        .cluster = 0};
    score.p_alive = 0.5;
    score.outlook.p_alive_low = 0.25;
    score.outlook.next_purchase = {10'020, kNeverDay, kNeverDay};
    customers.push_back({CustomerId(i), score});
  }
  return customers;
}

std::string LookupOf(const std::vector<NamedCustomer>& customers, uint32_t shard, int64_t* rows) {
  std::vector<ScoredCustomer> part;
  for (const NamedCustomer& customer : customers) {
    const uint64_t hash = Hash64(customer.id);
    if (ShardOf(hash, kShards) == shard) part.push_back({hash, customer.id, customer.score});
  }
  std::sort(part.begin(), part.end(), [](const ScoredCustomer& a, const ScoredCustomer& b) {
    return std::pair(a.hash, a.id) < std::pair(b.hash, b.id);
  });
  *rows = static_cast<int64_t>(part.size());
  return EncodeLookupPart(part);
}

std::vector<SegmentLine> Segments(int customers) {
  return {{.kind = "rfm", .name = "about_to_sleep", .customers = customers, .share = 1, .mean_purchase_days = 3},
          {.kind = "cluster", .name = "cluster-1", .customers = customers, .share = 1, .mean_p_alive = kAbsent},
          {.kind = "class", .name = "no_purchase", .customers = 0, .share = 0, .mean_recency_days = kAbsent}};
}

}  // namespace

void MustBeOk(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

SmallState::SmallState() : files_(NewPosixFileSystem()) {
  objects_ = std::make_unique<GatedObjectStore>(Must(NewLocalObjectStore(files_.get(), folder_.Under("objects"))));
  metadata_ = Must(OpenSqliteMetadata(folder_.Under("metadata.sqlite"), &clock_));
}

SnapshotRecord SmallState::Publish(const std::string& job, int64_t number, int customers,
                                   const std::vector<Extra>& extra) {
  Manifest manifest{.schema_fingerprint = SchemaFingerprint(),
                    .job = job,
                    .number = number,
                    .run = std::to_string(number),
                    .as_of = static_cast<Day>(10'000 + number),
                    .ledger_version = 1,
                    .ledger_digest = "00",
                    .shards = kShards,
                    .currency = "USD",
                    .customers = customers,
                    .customers_with_purchase = customers,
                    .totals = SnapshotTotals{.net_micros = "0",
                                             .mean_p_alive = 0.5,
                                             .mean_lifetime_value = kAbsent,
                                             .mean_churn_probability = kAbsent},
                    .token = 1,
                    .created_ms = clock_.WallMs()};
  const auto put = [&](const std::string& name, const std::string& bytes, int64_t rows) {
    const uint64_t checksum = Hash64(bytes);
    const std::string key = SnapshotObject(job, number, name, checksum);
    MustBeOk(objects_->Put(key, bytes, 0640));
    manifest.entries.push_back({name, key, checksum, bytes.size(), rows});
  };
  const std::vector<NamedCustomer> scored = Customers(number, customers);
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    int64_t rows = 0;
    const std::string part = LookupOf(scored, shard, &rows);
    put(LookupName(shard), part, rows);
  }
  const FittedModels models{.rfm = RfmModel{.customers = number}, .lifetime = LifetimeModel{.fit = {.reason = "too few"}}};
  for (const auto& [name, json] : ModelsToJson(models)) put(ModelName(name), json, 0);
  const std::vector<SegmentLine> segments = Segments(customers);
  put(kSegmentsReport, Must(EncodeSegmentsReport(segments)), static_cast<int64_t>(segments.size()));
  for (const Extra& object : extra) put(object.name, object.bytes, object.rows);
  manifest.digest = Hex(SnapshotDigest(manifest));
  const std::string json = EncodeManifest(manifest);
  MustBeOk(objects_->Put(ManifestKey(job, number), json, 0640));
  const SnapshotRecord record{.number = number,
                              .manifest_checksum = Hash64(json),
                              .digest = manifest.digest,
                              .as_of = manifest.as_of,
                              .customers = customers,
                              .published_ms = clock_.WallMs(),
                              .run = number,
                              .ledger_version = 1};
  WriteRecord(job, record);
  return record;
}

void SmallState::Activate(const std::string& job, int64_t number) {
  const CurrentPointer pointer{
      .generation = ++generation_, .snapshot = number, .manifest_checksum = Record(job, number).manifest_checksum};
  WritePointer(job, pointer);
  MustBeOk(WriteCurrentObject(*objects_, job, pointer));
}

SnapshotRecord SmallState::Record(const std::string& job, int64_t number) {
  return Must(SnapshotRecord::FromJson(Must(metadata_->Get(SnapshotRecordKey(job, number))).value().value));
}

void SmallState::WriteRecord(const std::string& job, const SnapshotRecord& record) {
  WriteMetadata(SnapshotRecordKey(job, record.number), record.ToJson());
}

void SmallState::WritePointer(const std::string& job, const CurrentPointer& pointer) {
  WriteMetadata(CurrentKey(job), pointer.ToJson());
}

void SmallState::WriteMetadata(const std::string& key, const std::string& value) {
  if (!std::holds_alternative<Committed>(Must(metadata_->Commit({.puts = {{key, value}}})))) {
    throw std::runtime_error("not committed: " + key);
  }
}

void SmallState::DeleteRecord(const std::string& job, int64_t number) {
  if (!std::holds_alternative<Committed>(Must(metadata_->Commit({.deletes = {SnapshotRecordKey(job, number)}})))) {
    throw std::runtime_error("not committed");
  }
}

void SmallState::Damage(const std::string& job, int64_t number, const std::string& logical_name) {
  const std::string folder = SnapshotFolder(job, number) + "/";
  for (const ObjectInfo& object : Must(objects_->List(folder))) {
    const std::string stem = logical_name.substr(0, logical_name.rfind('.'));
    if (!object.key.starts_with(folder + stem)) continue;
    std::string bytes = Must(objects_->Get(object.key, 0, object.size_bytes));
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    MustBeOk(objects_->Delete(object.key));
    MustBeOk(objects_->Put(object.key, bytes, 0640));
    return;
  }
  throw std::runtime_error("no object " + logical_name);
}

void SmallState::CommitLedger(const std::string& job, const LedgerRegistry& registry, int64_t version) {
  const std::string bytes = registry.Encode();
  const ObjectRef ref{RegistryObject(job, Hash64(bytes)), Hash64(bytes), bytes.size()};
  MustBeOk(objects_->Put(ref.key, bytes, 0640));
  const LedgerVersion record{.version = version,
                             .parent = version - 1,
                             .fingerprint = {{"time_zone", "UTC"}},
                             .registry = ref,
                             .digest = "0123",
                             .run = version};
  WriteMetadata(LedgerVersionKey(job, version), record.ToJson());
  WriteMetadata(LedgerHeadKey(job), std::to_string(version));
}

}  // namespace strata
