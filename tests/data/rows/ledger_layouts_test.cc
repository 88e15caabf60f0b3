// What a ledger's record says of the tables in it is what the job file said.
#include "data/rows/ledger_layouts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/job_file.h"
#include "run/job_sources.h"

namespace strata {
namespace {

TableSource Customers() {
  TableSource source;
  source.table = TableId::kCustomers;
  source.columns = {{"customer_id", "id"}, {"gender", "sex"}, {"referrer_id", "friend"}, {"valid_from", "since"}};
  source.extra = {{"hobby", "h", ValueType::kCategory}, {"hobby_2", "h2", ValueType::kDay}};
  return source;
}

TableSource Products() {
  TableSource source;
  source.table = TableId::kProducts;
  source.columns = {{"product_id", "sku"}, {"unit_cost", "cost"}};
  return source;
}

void ExpectEqual(const std::vector<TableLayout>& one, const std::vector<TableLayout>& other) {
  ASSERT_EQ(one.size(), other.size());
  for (size_t i = 0; i < one.size(); ++i) {
    SCOPED_TRACE(SchemaOf(one[i].table).name);
    EXPECT_EQ(one[i].table, other[i].table);
    EXPECT_EQ(one[i].names, other[i].names);
    EXPECT_EQ(one[i].types, other[i].types);
    EXPECT_EQ(one[i].has_key, other[i].has_key);
    EXPECT_EQ(one[i].effect, other[i].effect);
    EXPECT_EQ(one[i].entity, other[i].entity);
  }
}

TEST(LedgerLayouts, AreThoseOfTheJobThatMadeTheLedger) {
  Job job;
  job.transactions.columns = {.customer_id = "c", .time = "t", .amount = "a", .transaction_id = "i", .product_id = "p"};
  const std::vector<TableSource> tables = {Customers(), Products()};
  LedgerVersion version;
  version.fingerprint = LedgerFingerprint(job);
  for (auto& field : TablesFingerprint(tables)) version.fingerprint.push_back(field);
  const std::vector<TableLayout> layouts = LayoutsOf(version);
  ExpectEqual(layouts, LayoutsOf(job.transactions, tables));
  ASSERT_EQ(layouts.size(), 4u) << "details, customers, products, and whom customers name";
  EXPECT_EQ(layouts[0].table, TableId::kTransactions);
  EXPECT_EQ(layouts[3].table, TableId::kLinks);
}

TEST(LedgerLayouts, AreNoneOfAJobThatKeepsNoRowsBesideItsDays) {
  Job job;
  job.transactions.columns = {.customer_id = "c", .time = "t", .amount = "a", .transaction_id = "i"};
  LedgerVersion version;
  version.fingerprint = LedgerFingerprint(job);
  EXPECT_TRUE(LayoutsOf(version).empty());
}

}  // namespace
}  // namespace strata
