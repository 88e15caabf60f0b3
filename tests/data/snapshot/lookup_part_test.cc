// The lookup table finds whom it holds and nobody else, and damaged bytes never lead it outside.
#include "data/snapshot/lookup_part.h"

#include <gtest/gtest.h>

#include <cstring>

#include "data/snapshot/lookup_layout.h"
#include "tests/data/snapshot/sample_snapshot.h"

namespace strata {
namespace {

LookupPart Open(const std::string& bytes) {
  absl::StatusOr<LookupPart> part = LookupPart::Open(bytes);
  EXPECT_TRUE(part.ok()) << part.status();
  return part.ok() ? *part : LookupPart();
}

LookupHeader HeaderOf(const std::string& bytes) {
  LookupHeader header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

TEST(LookupPart, FindsEveryCustomerAndNobodyElse) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<SampleCustomer> customers = RandomCustomers(seed, seed * seed * 5);
    const std::string bytes = EncodeLookupPart(InOrder(customers));
    const LookupPart part = Open(bytes);
    EXPECT_EQ(part.size(), customers.size());
    for (const SampleCustomer& customer : customers) {
      const auto found = part.Find(Hash64(customer.id), customer.id);
      ASSERT_TRUE(found.has_value()) << "seed " << seed << " " << customer.id;
      EXPECT_TRUE(SameScore(*found, customer.score)) << "seed " << seed << " " << customer.id;
      const std::string absent = customer.id + "?";
      EXPECT_FALSE(part.Find(Hash64(absent), absent).has_value());
      EXPECT_FALSE(part.Find(Hash64(customer.id), absent).has_value()) << "ids are compared, not hashes alone";
    }
  }
}

TEST(LookupPart, RowsAreInTheOrderTheyCameIn) {
  const std::vector<SampleCustomer> customers = RandomCustomers(1, 200);
  const std::vector<ScoredCustomer> rows = InOrder(customers);
  const std::string bytes = EncodeLookupPart(rows);
  const LookupPart part = Open(bytes);
  for (uint64_t i = 0; i < part.size(); ++i) {
    EXPECT_EQ(part.Row(i).hash, rows[i].hash);
    EXPECT_EQ(part.Row(i).id, rows[i].id);
    EXPECT_TRUE(SameScore(part.Row(i).score, rows[i].score));
  }
}

TEST(LookupPart, AnEmptyPartFindsNobody) {
  const std::string bytes = EncodeLookupPart({});
  const LookupPart part = Open(bytes);
  EXPECT_EQ(part.size(), 0u);
  EXPECT_FALSE(part.Find(Hash64("ann"), "ann").has_value());
}

TEST(LookupPart, LongIdsAndIdsThatBeginAlikeAreToldApart) {
  const std::string stem(100'000, 'a');
  const std::vector<SampleCustomer> customers = {
      {stem + "1", {.rows = 1}}, {stem + "2", {.rows = 2}}, {stem, {.rows = 3}}};
  const std::string bytes = EncodeLookupPart(InOrder(customers));
  const LookupPart part = Open(bytes);
  for (const SampleCustomer& customer : customers) {
    EXPECT_EQ(part.Find(Hash64(customer.id), customer.id)->rows, customer.score.rows);
  }
  EXPECT_FALSE(part.Find(Hash64(stem + "3"), stem + "3").has_value());
}

// All hashes in the last tenth of their range: probes run over the end of the table and go on at its beginning.
TEST(LookupPart, CustomersOfOneNeighbourhoodShareItsSlots) {
  std::vector<SampleCustomer> customers;
  for (int i = 0; customers.size() < 60; ++i) {
    std::string id = fmt::format("c{}", i);
    if (Hash64(id) / 10 >= (~uint64_t{0} / 10 / 10) * 9) customers.push_back({id, {.rows = i + 1}});
  }
  const std::string bytes = EncodeLookupPart(InOrder(customers));
  EXPECT_GT(HeaderOf(bytes).longest_probe, 40u);
  const LookupPart part = Open(bytes);
  for (const SampleCustomer& customer : customers) {
    EXPECT_EQ(part.Find(Hash64(customer.id), customer.id)->rows, customer.score.rows);
  }
}

TEST(LookupPart, EqualHashesAreToldApartByTheirIds) {
  const std::vector<ScoredCustomer> rows = {{7, "a", {.rows = 1}}, {7, "b", {.rows = 2}}, {7, "c", {.rows = 3}}};
  const std::string bytes = EncodeLookupPart(rows);
  const LookupPart part = Open(bytes);
  for (const ScoredCustomer& row : rows) EXPECT_EQ(part.Find(7, row.id)->rows, row.score.rows);
  EXPECT_FALSE(part.Find(7, "d").has_value());
}

TEST(LookupPart, SectionsAreAlignedAndTheTableIsAtMostFourFifthsFull) {
  for (const size_t count : {0u, 1u, 2u, 3u, 4u, 5u, 63u, 1000u}) {
    const std::vector<SampleCustomer> customers = RandomCustomers(2, count);
    const std::string bytes = EncodeLookupPart(InOrder(customers));
    const LookupHeader header = HeaderOf(bytes);
    EXPECT_EQ(header.slots_offset % 64, 0u);
    EXPECT_EQ(header.records_offset % 64, 0u);
    EXPECT_EQ(header.ids_offset % 64, 0u);
    EXPECT_EQ(bytes.size() % 64, 0u);
    EXPECT_LE(count * 10, header.slots * 8) << count;
  }
}

TEST(LookupPart, EqualRowsHaveEqualBytesWhateverTheirNan) {
  std::vector<SampleCustomer> customers = RandomCustomers(3, 50);
  const std::string bytes = EncodeLookupPart(InOrder(customers));
  for (SampleCustomer& customer : customers) {
    if (std::isnan(customer.score.p_alive)) customer.score.p_alive = -std::nan("7");
  }
  EXPECT_EQ(EncodeLookupPart(InOrder(customers)), bytes);
}

TEST(LookupPart, OutlooksTakeNoRoomWhereNobodyHasOne) {
  std::vector<SampleCustomer> customers = RandomCustomers(4, 40);
  for (SampleCustomer& customer : customers) customer.score.outlook = {};
  const std::string without = EncodeLookupPart(InOrder(customers));
  EXPECT_FALSE(Open(without).has_outlooks());
  customers[7].score.outlook.next_purchase[2] = kNeverDay;
  const std::string with = EncodeLookupPart(InOrder(customers));
  EXPECT_EQ(with.size(), without.size() + 40 * sizeof(LookupOutlook));
  const LookupPart part = Open(with);
  EXPECT_TRUE(part.has_outlooks());
  for (const SampleCustomer& customer : customers) {
    EXPECT_TRUE(SameScore(*part.Find(Hash64(customer.id), customer.id), customer.score));
  }
}

TEST(LookupPart, WhatIsKnownOfChurnTakesNoRoomWhereNothingIs) {
  std::vector<SampleCustomer> customers = RandomCustomers(4, 40);
  for (SampleCustomer& customer : customers) customer.score.churn = {};
  const std::string without = EncodeLookupPart(InOrder(customers));
  EXPECT_FALSE(Open(without).has_churn());
  customers[7].score.churn.band = ChurnBand::kMedium;
  const std::string with = EncodeLookupPart(InOrder(customers));
  EXPECT_EQ(with.size(), without.size() + 40 * sizeof(LookupChurn));
  EXPECT_TRUE(Open(with).has_churn());
  for (const SampleCustomer& customer : customers) {
    EXPECT_TRUE(SameScore(*Open(with).Find(Hash64(customer.id), customer.id), customer.score));
  }
}

TEST(LookupPart, ABandThatThereIsNotIsRefused) {
  std::vector<SampleCustomer> customers = {{"ann", {.purchase_days = 1}}};
  customers[0].score.churn.band = ChurnBand::kHigh;
  std::string bytes = EncodeLookupPart(InOrder(customers));
  bytes[HeaderOf(bytes).churn_offset + offsetof(LookupChurn, band)] = 4;
  const absl::Status status = LookupPart::Open(bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(std::string(StdView(status.message())), "lookup part: row 0 has churn band 4");
}

TEST(LookupPart, OutlooksKeepTheDigitsOfAFloat) {
  std::vector<SampleCustomer> customers = {{"ann", {.purchase_days = 1}}};
  customers[0].score.outlook.residual_value = 1234.56789012345;
  const std::string bytes = EncodeLookupPart(InOrder(customers));
  EXPECT_EQ(Open(bytes).Find(Hash64("ann"), "ann")->outlook.residual_value, double{1234.56789012345f});
}

// The layout is read by every replica: when this fails, raise kLookupFormatVersion.
TEST(LookupPart, TheRecordLayoutIsTheOneOfVersion5) { EXPECT_EQ(Hex(LookupFingerprint()), "e916f6375b15f139"); }

TEST(LookupPart, AnotherVersionOrLayoutIsRefused) {
  const std::string bytes = EncodeLookupPart({});
  for (const size_t at : {offsetof(LookupHeader, version), offsetof(LookupHeader, fingerprint)}) {
    std::string changed = bytes;
    ++changed[at];
    const absl::Status status = LookupPart::Open(changed).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(DetailOf(status)->reason, "FORMAT_UNKNOWN");
  }
}

TEST(LookupPart, TruncationIsRefused) {
  const std::vector<SampleCustomer> customers = RandomCustomers(1, 12);
  const std::string bytes = EncodeLookupPart(InOrder(customers));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(LookupPart::Open(std::string_view(bytes).substr(0, size)).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(LookupPart, AFlippedByteNeverLeadsOutside) {
  const std::vector<SampleCustomer> customers = RandomCustomers(1, 12);
  const std::string bytes = EncodeLookupPart(InOrder(customers));
  int refused = 0;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const int mask : {0x01, 0x80, 0xff}) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ mask);
      const absl::StatusOr<LookupPart> part = LookupPart::Open(flipped);
      if (!part.ok()) {
        ++refused;
        continue;
      }
      for (const SampleCustomer& customer : customers) (void)part->Find(Hash64(customer.id), customer.id);
      for (uint64_t i = 0; i < part->size(); ++i) EXPECT_LE(part->Row(i).id.size(), bytes.size());
    }
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace strata
