// Small snapshots for tests: random customers with every kind of score, and the objects of a published night.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <random>
#include <string>
#include <vector>

#include "base/hash.h"
#include "data/snapshot/outlook_fields.h"
#include "data/snapshot/snapshot.h"
#include "model/classes/schemes.h"
#include "tests/data/snapshot/memory_object_store.h"

namespace strata {

struct SampleCustomer {
  std::string id;
  CustomerScore score;
};

// Numbers are floats, which snapshots keep as they are.
class OutlookFiller {
 public:
  explicit OutlookFiller(std::mt19937_64* random) : random_(*random) {}
  void Number(std::string_view, double CustomerOutlook::*member) {
    if (random_() % 4 > 0) outlook.*member = std::ldexp(static_cast<float>(random_() >> 40), -20);
  }
  void Date(std::string_view, size_t place) {
    const int32_t days[] = {kUnknownDay, kNeverDay, kBeyondDay, 20'000};
    outlook.next_purchase.at(place) = days[random_() % 4];
  }
  void Count(std::string_view, int32_t CustomerOutlook::*member) {
    outlook.*member = static_cast<int32_t>(random_() % 9) - 1;
  }
  CustomerOutlook outlook;

 private:
  std::mt19937_64& random_;
};

inline CustomerOutlook RandomOutlook(std::mt19937_64& random) {
  OutlookFiller filler(&random);
  VisitOutlook(filler);
  return filler.outlook;
}

inline CustomerChurn RandomChurn(std::mt19937_64& random) {
  CustomerChurn churn{.margin = std::ldexp(static_cast<double>(random() >> 11), -50) - 4,
                      .value_at_risk = std::ldexp(static_cast<double>(random() >> 11), -40),
                      .band = static_cast<ChurnBand>(random() % 4),
                      .reasons = {}};
  for (size_t i = 0; i < random() % (kChurnReasons + 1); ++i) {
    churn.reasons[i] = {.group = static_cast<uint8_t>(random() % 12),
                        .feature = static_cast<uint8_t>(random() % 40),
                        .contribution = std::ldexp(static_cast<float>(random() >> 40), -24),
                        .value = random() % 4 == 0 ? kAbsentFloat : static_cast<float>(random() % 1000)};
  }
  return churn;
}

inline bool SameChurn(const CustomerChurn& a, const CustomerChurn& b) {
  const auto same = [](float x, float y) { return std::bit_cast<uint32_t>(x) == std::bit_cast<uint32_t>(y); };
  bool equal = std::bit_cast<uint64_t>(a.margin) == std::bit_cast<uint64_t>(b.margin) && a.band == b.band &&
               std::bit_cast<uint64_t>(a.value_at_risk) == std::bit_cast<uint64_t>(b.value_at_risk);
  for (size_t i = 0; i < kChurnReasons; ++i) {
    equal = equal && a.reasons[i].group == b.reasons[i].group && a.reasons[i].feature == b.reasons[i].feature &&
            same(a.reasons[i].contribution, b.reasons[i].contribution) && same(a.reasons[i].value, b.reasons[i].value);
  }
  return equal;
}

// Whether two outlooks are equal, numbers bit by bit.
class OutlookComparer {
 public:
  OutlookComparer(const CustomerOutlook& a, const CustomerOutlook& b) : a_(a), b_(b) {}
  void Number(std::string_view, double CustomerOutlook::*member) {
    same = same && std::bit_cast<uint64_t>(a_.*member) == std::bit_cast<uint64_t>(b_.*member);
  }
  void Date(std::string_view, size_t place) { same = same && a_.next_purchase.at(place) == b_.next_purchase.at(place); }
  void Count(std::string_view, int32_t CustomerOutlook::*member) { same = same && a_.*member == b_.*member; }
  bool same = true;

 private:
  const CustomerOutlook& a_;
  const CustomerOutlook& b_;
};

inline bool SameOutlook(const CustomerOutlook& a, const CustomerOutlook& b) {
  OutlookComparer comparer(a, b);
  VisitOutlook(comparer);
  return comparer.same;
}

inline CustomerScore RandomScore(std::mt19937_64& random) {
  const auto below = [&random](uint64_t n) { return static_cast<int32_t>(random() % n); };
  const auto number = [&]() { return below(4) == 0 ? kAbsent : std::ldexp(static_cast<double>(random() >> 11), -50); };
  CustomerScore score;
  score.rows = 1 + below(100);
  score.return_rows = below(10);
  score.net_micros = static_cast<int64_t>(random() >> 20) - (int64_t{1} << 42);
  if (below(5) == 0) {
    score.flags = kFlagNoPurchase;
    return score;
  }
  score.first_day = 9000 + below(500);
  score.last_day = score.first_day + below(500);
  score.purchase_days = 1 + below(50);
  score.recency_score = static_cast<uint8_t>(1 + below(5));
  score.frequency_score = static_cast<uint8_t>(1 + below(5));
  score.monetary_score = static_cast<uint8_t>(1 + below(5));
  score.segment = static_cast<RfmSegment>(1 + below(kRfmSegments));
  score.cluster = static_cast<int16_t>(below(8) - 1);
  score.second_cluster = static_cast<int16_t>(below(8) - 1);
  if (below(4) > 0) score.cluster_distance = std::ldexp(static_cast<float>(random() >> 40), -20);
  score.p_alive = number();
  score.expected_purchases = number();
  score.p_no_purchase = number();
  score.expected_spend = number();
  score.lifetime_value = number();
  score.churn_probability = number();
  if (below(3) > 0) score.outlook = RandomOutlook(random);
  if (below(3) > 0) score.churn = RandomChurn(random);
  score.flags = static_cast<uint32_t>(below(64)) << 1;
  for (size_t scheme = 0; scheme < kSchemes; ++scheme) {
    score.classes[scheme] = static_cast<uint8_t>(below(1 + ClassNames(static_cast<SchemeId>(scheme)).size()));
  }
  return score;
}

inline std::vector<SampleCustomer> RandomCustomers(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  std::vector<SampleCustomer> customers;
  for (size_t i = 0; i < count; ++i) {
    std::string id = fmt::format("customer-{}", random() % 1'000'000'000 * 1000 + i);
    if (i % 7 == 0) id.append(random() % 300, 'x');
    customers.push_back({std::move(id), RandomScore(random)});
  }
  return customers;
}

// In the order (hash, id); views of `customers`.
inline std::vector<ScoredCustomer> InOrder(const std::vector<SampleCustomer>& customers) {
  std::vector<ScoredCustomer> rows;
  for (const SampleCustomer& customer : customers) rows.push_back({Hash64(customer.id), customer.id, customer.score});
  std::sort(rows.begin(), rows.end(), [](const ScoredCustomer& a, const ScoredCustomer& b) {
    return std::pair(a.hash, a.id) < std::pair(b.hash, b.id);
  });
  return rows;
}

// Equal, doubles bit by bit.
inline bool SameScore(const CustomerScore& a, const CustomerScore& b) {
  const auto same = [](double x, double y) { return std::bit_cast<uint64_t>(x) == std::bit_cast<uint64_t>(y); };
  return a.first_day == b.first_day && a.last_day == b.last_day && a.purchase_days == b.purchase_days &&
         a.rows == b.rows && a.return_rows == b.return_rows && a.net_micros == b.net_micros &&
         a.recency_score == b.recency_score && a.frequency_score == b.frequency_score &&
         a.monetary_score == b.monetary_score && a.segment == b.segment && a.cluster == b.cluster &&
         a.second_cluster == b.second_cluster &&
         std::bit_cast<uint32_t>(a.cluster_distance) == std::bit_cast<uint32_t>(b.cluster_distance) &&
         same(a.p_alive, b.p_alive) && same(a.expected_purchases, b.expected_purchases) &&
         same(a.p_no_purchase, b.p_no_purchase) && same(a.expected_spend, b.expected_spend) &&
         same(a.lifetime_value, b.lifetime_value) && same(a.churn_probability, b.churn_probability) &&
         SameOutlook(a.outlook, b.outlook) && SameChurn(a.churn, b.churn) && a.flags == b.flags &&
         a.classes == b.classes;
}

// A snapshot's objects, put into a store as a night does; the test may change the manifest before it is written.
class SampleSnapshot {
 public:
  static constexpr char kJob[] = "shop";
  static constexpr int64_t kNumber = 3;

  SampleSnapshot(MemoryObjectStore* store, const std::vector<SampleCustomer>& customers, uint32_t shards)
      : store_(*store) {
    manifest.schema_fingerprint = SchemaFingerprint();
    manifest.job = kJob;
    manifest.number = kNumber;
    manifest.run = "jobs/shop/runs/3";
    manifest.as_of = 10000;
    manifest.ledger_version = 2;
    manifest.ledger_digest = std::string(32, 'a');
    manifest.shards = shards;
    manifest.currency = "EUR";
    manifest.customers = static_cast<int64_t>(customers.size());
    manifest.token = 5;
    for (uint32_t shard = 0; shard < shards; ++shard) {
      std::vector<SampleCustomer> own;
      for (const SampleCustomer& customer : customers) {
        if (ShardOf(Hash64(customer.id), shards) == shard) own.push_back(customer);
      }
      Add(LookupName(shard), EncodeLookupPart(InOrder(own)), static_cast<int64_t>(own.size()));
    }
    FittedModels models;
    models.rfm = RfmModel{.scores = 4, .recency_cuts_days = {1, 2, 3}};
    for (const auto& [name, json] : ModelsToJson(models)) Add(ModelName(name), json, 0);
    Add(kSegmentsReport, *EncodeSegmentsReport({{.kind = "rfm", .name = "loyal", .customers = 7}}), 1);
  }

  void Add(const std::string& name, const std::string& bytes, int64_t rows) {
    const std::string key = SnapshotFolder(kJob, kNumber) + "/" + name;
    store_.Replace(key, bytes);
    manifest.entries.push_back(
        {.name = name, .key = key, .checksum = Hash64(bytes), .size_bytes = bytes.size(), .rows = rows});
  }
  // Writes the manifest as it is, with its digest; returns its checksum.
  uint64_t Publish() {
    manifest.digest = Hex(SnapshotDigest(manifest));
    return PublishAsIs();
  }
  uint64_t PublishAsIs() {
    const std::string bytes = EncodeManifest(manifest);
    store_.Replace(ManifestKey(kJob, kNumber), bytes);
    return Hash64(bytes);
  }
  absl::StatusOr<std::shared_ptr<const Snapshot>> Open(uint64_t checksum) const {
    return Snapshot::Open(store_, kJob, kNumber, checksum);
  }

  Manifest manifest;

 private:
  MemoryObjectStore& store_;
};

}  // namespace strata
