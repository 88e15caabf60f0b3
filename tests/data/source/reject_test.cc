// Every way a row can be wrong, and its reason. Each case is one row under a header with all columns that it needs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

using ::testing::HasSubstr;
using std::string_literals::operator""s;

struct Case {
  std::string row;
  std::string reason;   // empty: accepted
  std::string column;   // of the quarantine
  std::string message;  // part of it
};

void Check(const std::string& header, const Job& job, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const MappedRows mapped = MapText(header + "\n" + c.row + "\n", job);
    EXPECT_TRUE(mapped.counts.Balances());
    EXPECT_EQ(mapped.counts.read, 1) << c.row;
    if (c.reason.empty()) {
      EXPECT_EQ(mapped.counts.accepted, 1)
          << c.row << ": " << (mapped.quarantine.empty() ? "" : mapped.quarantine[0].message);
      continue;
    }
    ASSERT_EQ(mapped.quarantine.size(), 1u) << c.row;
    const QuarantineRow& row = mapped.quarantine[0];
    EXPECT_EQ(row.reason, c.reason) << c.row;
    EXPECT_EQ(row.column, c.column) << c.row;
    EXPECT_EQ(row.line, 2) << c.row;
    EXPECT_EQ(row.file, "sales.csv");
    EXPECT_THAT(row.message, HasSubstr(c.message));
    EXPECT_THAT(row.message, HasSubstr("allowed: ")) << c.row;
    ASSERT_EQ(mapped.rejected_by_reason.size(), 1u);
    EXPECT_EQ(mapped.rejected_by_reason[0], std::pair(c.reason, int64_t{1}));
    EXPECT_EQ(mapped.counts.rejected, 1);
  }
}

TEST(Reject, RecordsAndRequiredFields) {
  const std::string long_id(kMaxCustomerIdBytes + 1, 'x');
  Check("id,day,amount", SampleJob(),
        {
            {"7,2024-01-02,1.5", "", "", ""},
            {std::string(kMaxCustomerIdBytes, 'x') + ",2024-01-02,1.5", "", "", ""},
            {"Zoë,2099-01-02,-0", "", "", ""},
            {" 7 ,2024-01-02, 1 ", "", "", ""},
            {"7,2024-01-02", "RECORD_FIELD_COUNT", "", "found 2 fields; allowed: 3 fields"},
            {"7,2024-01-02,1,5", "RECORD_FIELD_COUNT", "", "found 4 fields"},
            {"7,2024-01-02,\"1", "QUOTE_UNCLOSED", "", "a quote that is not closed"},
            {"7,2024-01-02,\"1\"5", "QUOTE_TRAILING_TEXT", "", "text after a closing quote"},
            {"7,2024-01-02,1\0"s, "RECORD_NUL_BYTE", "", "a NUL byte"},
            {"7,2024-01-02,1," + std::string(kMaxRecordBytes, '.'), "RECORD_TOO_LONG", "", "at most 1048576 bytes"},
            {",2024-01-02,1", "MISSING_CUSTOMER", "id", "customer_id (column 'id') is missing"},
            {" \t,2024-01-02,1", "MISSING_CUSTOMER", "id", "is missing"},
            {"\"\",2024-01-02,1", "MISSING_CUSTOMER", "id", "is missing"},
            {",broken,1", "MISSING_CUSTOMER", "id", "is missing"},  // the first class that applies
            {long_id + ",2024-01-02,1", "CUSTOMER_ID_TOO_LONG", "id", "at most 256 bytes"},
            {"Zo\xEB,2024-01-02,1", "CUSTOMER_ID_NOT_UTF8", "id", "'Zo\\xeb' is not UTF-8"},
            {"7,,1", "MISSING_TIME", "day", "time (column 'day') is missing"},
            {"7,02.01.2024,1", "TIME_MALFORMED", "day", "'02.01.2024' cannot be read; allowed: YYYY-MM-DD"},
            {"7,2024-02-31,1", "DATE_IMPOSSIBLE", "day", "'2024-02-31' is not a day"},
            {"7,1024-02-01,1", "DATE_OUT_OF_RANGE", "day", "years 1900 to 2199"},
            {"7,2024-02-01T25:00,1", "TIME_IMPOSSIBLE", "day", "23:59:59"},
            {"7,2024-02-01T23:00:00.0000000001,1", "TIME_TOO_PRECISE", "day", "nine decimals"},
            {"7,2024-02-01,", "MISSING_AMOUNT", "amount", "amount (column 'amount') is missing"},
            {"7,2024-02-01,x", "AMOUNT_MALFORMED", "amount", "'x' cannot be read; allowed: a plain decimal"},
            {"7,2024-02-01,NaN", "AMOUNT_NOT_FINITE", "amount", "'NaN' is not finite"},
            {"7,2024-02-01,0x10", "AMOUNT_HEXADECIMAL", "amount", "is hexadecimal"},
            {"7,2024-02-01,\"1,234\"", "AMOUNT_THOUSANDS_SEPARATOR", "amount", "'1,234' has separators"},
            {"7,2024-02-01,0.1234567", "AMOUNT_TOO_PRECISE", "amount", "at most six decimals"},
            {"7,2024-02-01,1e30", "AMOUNT_TOO_LARGE", "amount", "9,223,372,036,854.775807"},
            {"7,x,y", "TIME_MALFORMED", "day", ""},  // the first field that fails
        });
}

TEST(Reject, OptionalFields) {
  Job job = SampleJob();
  job.transactions.columns.currency = "cur";
  job.transactions.columns.is_return = "ret";
  job.transactions.columns.transaction_id = "tx";
  job.transactions.columns.updated_at = "upd";
  job.transactions.columns.quantity = "n";
  job.transactions.columns.region = "region";
  job.transactions.columns.due_date = "due";
  Check("id,day,amount,cur,ret,tx,upd,n,region,due", job,
        {
            {"7,2024-01-02,1,USD,no,t1,2024-01-02T10:00Z,2,EU,2024-02-01", "", "", ""},
            {"7,2024-01-02,1, USD ,TRUE,t1,,,,", "", "", ""},
            {"7,2024-01-02,1,EUR,no,t1,,,,", "CURRENCY_OTHER", "cur", "'EUR' is another currency; allowed: the job's"},
            {"7,2024-01-02,1,usd,no,t1,,,,", "CURRENCY_OTHER", "cur", "USD"},
            {"7,2024-01-02,1,,no,t1,,,,", "MISSING_CURRENCY", "cur", "is missing"},
            {"7,2024-01-02,1,USD,maybe,t1,,,,", "IS_RETURN_MALFORMED", "ret", "'maybe' is neither true nor false"},
            {"7,2024-01-02,1,USD,,t1,,,,", "MISSING_IS_RETURN", "ret", "is missing"},
            {"7,2024-01-02,1,USD,no,,,,,", "MISSING_TRANSACTION_ID", "tx", "is missing"},
            {"7,2024-01-02,1,USD,no,\xFF,,,,", "TRANSACTION_ID_NOT_UTF8", "tx", "UTF-8"},
            {"7,2024-01-02,1,USD,no,t1,soon,,,", "UPDATED_AT_MALFORMED", "upd", "'soon'"},
            {"7,2024-01-02,1,USD,no,t1,2024-02-30,,,", "DATE_IMPOSSIBLE", "upd", "updated_at (column 'upd')"},
            {"7,2024-01-02,1,USD,no,t1,,two,,", "QUANTITY_MALFORMED", "n", "'two'"},
            {"7,2024-01-02,1,USD,no,t1,,,\xC3\x28,", "REGION_NOT_UTF8", "region", "UTF-8"},
            {"7,2024-01-02,1,USD,no,t1,,,,2024-02-30", "DATE_IMPOSSIBLE", "due", "due_date (column 'due')"},
            {"7,2024-01-02,1,EUR,maybe,,soon,two,,", "QUANTITY_MALFORMED", "n", ""},  // the first field that fails
        });
}

TEST(Reject, QuantityTimesUnitPrice) {
  Job job = SampleJob();
  job.transactions.columns.amount = "";
  job.transactions.columns.quantity = "n";
  job.transactions.columns.unit_price = "price";
  Check("id,day,n,price", job,
        {
            {"7,2024-01-02,2,1.25", "", "", ""},
            {"7,2024-01-02,,1.25", "MISSING_QUANTITY", "n", "is missing"},
            {"7,2024-01-02,2,", "MISSING_UNIT_PRICE", "price", "is missing"},
            {"7,2024-01-02,2,free", "UNIT_PRICE_MALFORMED", "price", "'free'"},
            {"7,2024-01-02,0.0000001,1", "QUANTITY_TOO_PRECISE", "n", "six decimals"},
            {"7,2024-01-02,9000000,9000000", "AMOUNT_TOO_LARGE", "", "'9000000 × 9000000' does not fit"},
        });
}

TEST(Reject, TimesByFormat) {
  Job job = SampleJob();
  job.transactions.time_format = "%d/%m/%Y";
  Check("id,day,amount", job,
        {
            {"7,02/01/2024,1", "", "", ""},
            {"7,31/02/2024,1", "DATE_IMPOSSIBLE", "day", "'31/02/2024'"},
            {"7,2024-01-02,1", "TIME_MALFORMED", "day", "a time as in the format '%d/%m/%Y'"},
        });
}

}  // namespace
}  // namespace strata
