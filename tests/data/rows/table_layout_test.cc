// Which columns the rows of a job's tables have, and what makes them versions of one another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/rows/table_batch.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TableSource Mapped(TableId table, std::vector<std::string> fields) {
  TableSource source;
  source.table = table;
  for (const std::string& field : fields) source.columns[field] = "column of " + field;
  return source;
}

TEST(TableLayouts, HaveTheMappedColumnsInTheOrderOfTheSchema) {
  TableSource source = Mapped(TableId::kCustomers, {"region", "gender", "customer_id", "valid_from", "birth_date"});
  source.extra = {{"hobby", "h", ValueType::kCategory}, {"shoe_size", "s", ValueType::kDecimal}};
  const TableLayout layout = LayoutOf(source);
  EXPECT_EQ(layout.table, TableId::kCustomers);
  EXPECT_EQ(layout.effect, Effect::kVersion);
  EXPECT_THAT(layout.names, ElementsAre("birth_date", "gender", "region", "hobby", "shoe_size"));
  EXPECT_THAT(layout.types, ElementsAre(ValueType::kDay, ValueType::kChoice, ValueType::kCategory, ValueType::kCategory,
                                        ValueType::kDecimal));
  EXPECT_TRUE(layout.has_key);
  EXPECT_THAT(layout.entity, IsEmpty()) << "versions are the customer's own";
}

TEST(TableLayouts, OfReferenceTablesSayWhoseVersionsTheirRowsAre) {
  const TableLayout products = LayoutOf(Mapped(TableId::kProducts, {"product_id", "unit_cost", "valid_from"}));
  EXPECT_THAT(products.names, ElementsAre("product_id", "unit_cost"));
  EXPECT_THAT(products.entity, ElementsAre(0u));
  const TableLayout market =
      LayoutOf(Mapped(TableId::kMarket, {"region", "category", "market_size", "competitor", "valid_from"}));
  EXPECT_THAT(market.names, ElementsAre("region", "category", "competitor", "market_size"));
  EXPECT_THAT(market.entity, ElementsAre(0u, 1u, 2u));
}

TEST(TableLayouts, HaveAKeyWhereItsFirstColumnIsMapped) {
  EXPECT_TRUE(LayoutOf(Mapped(TableId::kCases, {"case_id", "customer_id", "kind", "opened"})).has_key);
  const TableLayout without = LayoutOf(Mapped(TableId::kCases, {"customer_id", "kind", "opened", "closed"}));
  EXPECT_FALSE(without.has_key);
  EXPECT_THAT(without.names, ElementsAre("kind", "closed")) << "the row's time is its day and minute";
  EXPECT_FALSE(LayoutOf(Mapped(TableId::kVisits, {"customer_id", "time", "page"})).has_key);
}

TEST(LineLayouts, BeginWithWhatARowAdds) {
  TransactionSource source;
  source.columns.customer_id = "c";
  source.columns.time = "t";
  source.columns.amount = "a";
  source.columns.quantity = "q";
  EXPECT_FALSE(KeepsLines(source)) << "days say it all";
  source.columns.transaction_id = "i";
  EXPECT_FALSE(KeepsLines(source));
  source.columns.payment_date = "p";
  source.columns.product_id = "product";
  EXPECT_TRUE(KeepsLines(source));
  const TableLayout layout = LineLayoutOf(source);
  EXPECT_THAT(layout.names, ElementsAre("net", "is_return", "quantity", "product_id", "payment_date"));
  EXPECT_THAT(layout.types, ElementsAre(ValueType::kMoney, ValueType::kFlag, ValueType::kDecimal, ValueType::kCategory,
                                        ValueType::kDay));
  EXPECT_TRUE(layout.has_key);
  source.columns.transaction_id.clear();
  EXPECT_FALSE(LineLayoutOf(source).has_key);
}

}  // namespace
}  // namespace strata
