// The manifest comes back as it was written, says what is wrong with it, and its digest is a function of content alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "data/snapshot/snapshot.h"

namespace strata {
namespace {

Manifest Sample() {
  Manifest m;
  m.schema_fingerprint = "0123456789abcdef";
  m.job = "shop";
  m.number = 9'007'199'254'740'993;  // not a double
  m.run = "jobs/shop/runs/7";
  m.as_of = 10134;  // 1997-09-30
  m.follows = 6;
  m.ledger_version = 4;
  m.ledger_digest = "aa";
  m.shards = 2;
  m.currency = "USD";
  m.customers = std::numeric_limits<int64_t>::max();
  m.customers_with_purchase = 11;
  m.rows = {.read = 36,
            .accepted = 1,
            .rejected = 2,
            .duplicates = 3,
            .blank = 4,
            .skipped_no_customer = 5,
            .skipped_after_as_of = 6,
            .skipped_known_file = 15};
  m.totals = {.net_micros = "-18446744073709551617",
              .mean_p_alive = 0.1,
              .mean_lifetime_value = std::numeric_limits<double>::infinity(),
              .mean_churn_probability = 0};
  m.token = 12;
  m.created_ms = 1'700'000'000'123;
  m.build = "b1";
  m.digest = std::string(32, 'f');
  const char* names[] = {"parts/00000.lookup",      "parts/00000.parquet", "parts/00001.lookup",
                         "parts/00001.parquet",     "models/rfm.json",     "models/valuation.json",
                         "reports/segments.parquet"};
  uint64_t checksum = std::numeric_limits<uint64_t>::max();
  for (const char* name : names) {
    m.entries.push_back({.name = name,
                         .key = std::string("jobs/shop/snapshots/7/") + name,
                         .checksum = checksum--,
                         .size_bytes = 100,
                         .rows = 3});
  }
  return m;
}

void ExpectEqual(const Manifest& a, const Manifest& b) {
  // One name per field: a new field does not compile until it is compared.
  const auto fields = [](const Manifest& m) {
    const auto& [version, fingerprint, job, number, run, as_of, follows, ledger_version, ledger_digest, shards,
                 currency, customers, with_purchase, rows, totals, token, created_ms, build, entries, digest] = m;
    return std::tuple(version, fingerprint, job, number, run, as_of, follows, ledger_version, ledger_digest, shards,
                      currency, customers, with_purchase, token, created_ms, build, digest);
  };
  EXPECT_EQ(fields(a), fields(b));
  EXPECT_EQ(a.rows, b.rows);
  ASSERT_EQ(a.totals.has_value(), b.totals.has_value());
  if (a.totals.has_value()) {
    const auto& [net, p_alive, lifetime_value, churn_probability] = *a.totals;
    EXPECT_EQ(std::tie(net, p_alive, lifetime_value, churn_probability),
              std::tie(b.totals->net_micros, b.totals->mean_p_alive, b.totals->mean_lifetime_value,
                       b.totals->mean_churn_probability));
  }
  ASSERT_EQ(a.entries.size(), b.entries.size());
  for (size_t i = 0; i < a.entries.size(); ++i) {
    const auto& [name, key, checksum, size_bytes, rows] = a.entries[i];
    EXPECT_EQ(std::tie(name, key, checksum, size_bytes, rows),
              std::tie(b.entries[i].name, b.entries[i].key, b.entries[i].checksum, b.entries[i].size_bytes,
                       b.entries[i].rows));
  }
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Manifest, ComesBackAsItWasWritten) {
  const absl::StatusOr<Manifest> decoded = DecodeManifest(EncodeManifest(Sample()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ExpectEqual(*decoded, Sample());
  EXPECT_EQ(EncodeManifest(*decoded), EncodeManifest(Sample()));
}

TEST(Manifest, OfBeforeTotalsWereKeptIsRead) {
  Manifest old = Sample();
  old.totals.reset();
  const std::string json = EncodeManifest(old);
  EXPECT_THAT(json, testing::Not(testing::HasSubstr("totals")));
  const auto decoded = DecodeManifest(json);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  ExpectEqual(*decoded, old);
}

TEST(Manifest, IsReadableByPeople) {
  const std::string json = EncodeManifest(Sample());
  EXPECT_THAT(json, testing::StartsWith("{\n  \"format_version\": 1,\n"));
  EXPECT_THAT(json, testing::HasSubstr("\"as_of\": \"1997-09-30\""));
  EXPECT_THAT(json, testing::HasSubstr("\"checksum\": \"ffffffffffffffff\""));
  EXPECT_THAT(json, testing::HasSubstr("\"number\": 9007199254740993,"));
}

TEST(Manifest, EntriesAreWrittenInOrder) {
  Manifest shuffled = Sample();
  std::reverse(shuffled.entries.begin(), shuffled.entries.end());
  EXPECT_EQ(EncodeManifest(shuffled), EncodeManifest(Sample()));
}

TEST(Manifest, AnotherVersionIsRefused) {
  Manifest m = Sample();
  m.format_version = 2;
  const absl::Status status = DecodeManifest(EncodeManifest(m)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(DetailOf(status)->reason, "FORMAT_UNKNOWN");
}

TEST(Manifest, WhatIsWrongIsNamed) {
  struct Case {
    const char* from;
    const char* to;
    const char* message;
  };
  const Case cases[] = {
      {"\"token\": 12", "\"token\": \"12\"", "token is \"12\", allowed is an integer of 64 bits"},
      {"\"token\": 12", "\"token\": -12", "token is -12, allowed are 0 and more"},
      {"\"token\": 12", "\"token\": 12.5", "token is 12.5, allowed is an integer"},
      {"\"token\": 12", "\"token\": 9223372036854775808", "token is 9223372036854775808, allowed is an integer"},
      {"\"token\": 12", "\"tokens\": 12", "token is missing"},
      {"\"token\": 12", "\"token\": 12, \"more\": 1", "has 20 fields, known are 19"},
      {"\"shards\": 2", "\"shards\": 0", "shards is 0, allowed are 1 to 65536"},
      {"\"shards\": 2", "\"shards\": 4294967298", "shards is 4294967298, allowed is an integer of 32 bits"},
      {"1997-09-30", "1997-09-31", "as_of is \"1997-09-31\", allowed is a date"},
      {"\"ffffffffffffffff\"", "\"fffffffffffffff\"", "checksum is \"fffffffffffffff\", allowed is 16"},
      {"\"ffffffffffffffff\"", "\"FFFFFFFFFFFFFFFF\"", "allowed is 16 lower-case hexadecimal digits"},
      {"\"name\": \"parts/00001.lookup\"", "\"name\": \"parts/00000.lookup\"", "is out of order or repeated"},
      {"\"name\": \"models/rfm.json\"", "\"name\": \"notes/rfm.json\"", "is no part, model or report"},
      {"\"customers_with_purchase\": 11", "\"customers_with_purchase\": -1", "customers_with_purchase is -1"},
      {"\"blank\": 4", "\"blank\": -4", "rows.blank is -4"},
      {"\"digest\": \"ff", "\"digest\": \"FF", "allowed are 32 hexadecimal digits"},
  };
  for (const Case& c : cases) {
    const absl::Status status = DecodeManifest(Replaced(EncodeManifest(Sample()), c.from, c.to)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << c.to;
    EXPECT_THAT(std::string(StdView(status.message())), testing::HasSubstr(c.message));
  }
}

TEST(Manifest, NoPrefixIsAManifest) {
  const std::string json = EncodeManifest(Sample());
  for (size_t size = 0; size + 1 < json.size(); ++size) {
    EXPECT_FALSE(DecodeManifest(std::string_view(json).substr(0, size)).ok()) << size;
  }
}

TEST(SnapshotDigestTest, DependsOnVersionDateNamesAndChecksums) {
  const Hash128 digest = SnapshotDigest(Sample());
  using Change = void (*)(Manifest&);
  const Change changes[] = {
      [](Manifest& m) { m.format_version = 2; },
      [](Manifest& m) { m.as_of += 1; },
      [](Manifest& m) { m.entries[0].checksum ^= 1; },
      [](Manifest& m) { m.entries[6].checksum ^= 1; },
      [](Manifest& m) { m.entries[4].name = "models/rfn.json"; },
      [](Manifest& m) { std::swap(m.entries[0].checksum, m.entries[1].checksum); },
      [](Manifest& m) { m.entries.pop_back(); },
  };
  for (const Change change : changes) {
    Manifest m = Sample();
    change(m);
    EXPECT_NE(SnapshotDigest(m), digest);
  }
}

TEST(SnapshotDigestTest, DependsOnNothingElse) {
  const Hash128 digest = SnapshotDigest(Sample());
  Manifest m;
  m.as_of = Sample().as_of;
  m.entries = Sample().entries;
  std::reverse(m.entries.begin(), m.entries.end());
  for (ManifestEntry& entry : m.entries) {
    entry.key += "-2";
    entry.size_bytes += 1;
    entry.rows += 1;
  }
  EXPECT_EQ(SnapshotDigest(m), digest);
}

TEST(SnapshotNames, AreThoseOfTheDesign) {
  EXPECT_EQ(SnapshotFolder("shop", 12), "jobs/shop/snapshots/12");
  EXPECT_EQ(ManifestKey("shop", 12), "jobs/shop/snapshots/12/manifest.json");
  EXPECT_EQ(LookupName(7), "parts/00007.lookup");
  EXPECT_EQ(ParquetName(65535), "parts/65535.parquet");
  EXPECT_EQ(ModelName("rfm"), "models/rfm.json");
}

}  // namespace
}  // namespace strata
