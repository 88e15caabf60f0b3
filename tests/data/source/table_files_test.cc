// Files of merged identities and rates: what is read, and every row that fails a run.
#include "data/source/table_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "data/source/table_profile.h"
#include "data/tables/alias_table.h"
#include "store/posix_file_system.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Job TablesJob() {
  Job job = SampleJob();
  job.currency = "EUR";
  job.transactions.columns.currency = "cur";
  job.transactions.time_format = "%d.%m.%Y";  // of transactions alone
  job.aliases = {.uri = "a", .old_id = "old", .new_id = "new", .date = "since"};
  job.fx = {.uri = "fx", .currency = "cur", .day = "day", .rate = "rate"};
  return job;
}

std::vector<FileInfo> InfosOf(MemoryFileSystem& files, const std::vector<std::string>& paths) {
  std::vector<FileInfo> infos;
  for (const std::string& path : paths) infos.push_back(files.Info(path));
  return infos;
}

absl::StatusOr<ResolvedAliases> Aliases(const std::string& rows) {
  MemoryFileSystem files;
  files.Set("a.csv", "new,old,since,note\n" + rows);
  return ReadAliasFiles(files, InfosOf(files, {"a.csv"}), TablesJob());
}

absl::StatusOr<FxTable> Rates(const std::string& rows) {
  MemoryFileSystem files;
  files.Set("fx.csv", "cur,day,rate\n" + rows);
  return ReadFxFiles(files, InfosOf(files, {"fx.csv"}), TablesJob());
}

TEST(AliasFiles, AreReadTogetherAndBlankLinesAreNothing) {
  MemoryFileSystem files;
  files.Set("a.csv", "old,new,since\na,b,2024-01-02\n\n\"q,1\",b,2024-01-03T10:00:00Z\n");
  files.Set("b.csv", "since,new,old\n2024-02-01,c,b\n");
  files.Set("c.csv", "old,new,since\n");
  const auto resolved = ReadAliasFiles(files, InfosOf(files, {"a.csv", "b.csv", "c.csv"}), TablesJob());
  ASSERT_OK(resolved);
  EXPECT_EQ(resolved->rows, 3);
  files.Set("fx.csv", "cur,day,rate\nUSD,2024-01-02,0.9\n");
  std::vector<int64_t> rows;
  const auto sizes =
      SizeTableFiles(files, InfosOf(files, {"a.csv", "b.csv", "c.csv"}), InfosOf(files, {"fx.csv"}), TablesJob());
  ASSERT_OK(sizes);
  for (const TableFileSize& size : *sizes) rows.push_back(size.rows);
  EXPECT_THAT(rows, ElementsAre(3, 1, 0, 1)) << "with a blank one";
  const AliasTable table = *AliasTable::Open(resolved->table);
  EXPECT_EQ(table.Resolve("a"), "c");
  EXPECT_EQ(table.Resolve("b"), "c");
  EXPECT_EQ(table.Resolve("q,1"), "c");
  EXPECT_EQ(table.Resolve("c"), "c");
}

TEST(AliasFiles, AWrongRowFailsWithItsPlace) {
  struct Case {
    const char* rows;
    const char* reason;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"b,,2024-01-02,\n", "TABLE_ROW_INVALID",
       "a.csv:2: sources.aliases.columns.old_id (column 'old'): found nothing"},
      {"b,a,2024-01-02,\n ,a,2024-01-02,\n", "TABLE_ROW_INVALID",
       "a.csv:3: sources.aliases.columns.new_id (column 'new')"},
      {"b,\xFF,2024-01-02,\n", "TABLE_ROW_INVALID",
       "found '\\xff'; allowed: a customer id: UTF-8 of at most 256 bytes"},
      {"b,a,,\n", "TABLE_ROW_INVALID", "sources.aliases.columns.date (column 'since'): found nothing; allowed: a day"},
      {"b,a,02.01.2024,\n", "TABLE_ROW_INVALID", "found '02.01.2024'; allowed: a day as YYYY-MM-DD"},
      {"b,a,2024-02-30,\n", "TABLE_ROW_INVALID", "found '2024-02-30'"},
      {"b,a\n", "TABLE_ROW_INVALID", "a.csv:2: found 2 fields; allowed: 4 fields, as in the header"},
      {"b,a,2024-01-02,\na,a,2024-01-02,\n", "ALIAS_SELF", "a.csv:3: found the id 'a' as its own old id"},
      {"b,a,2024-01-02,\nc,b,2024-01-02,\na,c,2024-01-02,\n", "ALIAS_CYCLE",
       "a.csv:2: found merged identities that go round in a circle: a → b → c → a"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.rows);
    const auto resolved = Aliases(c.rows);
    EXPECT_THAT(resolved, FailsWith(absl::StatusCode::kInvalidArgument, c.reason));
    EXPECT_THAT(resolved, SaysThat(c.message));
    EXPECT_THAT(resolved, SaysThat("sources.aliases"));
  }
  EXPECT_THAT(Aliases("b," + std::string(257, 'x') + ",2024-01-02,\n"), SaysThat("at most 256 bytes"));
}

TEST(AliasFiles, MissingColumnsNameTheirOwnKeys) {
  MemoryFileSystem files;
  files.Set("a.csv", "old,neu,since\n");
  const auto resolved = ReadAliasFiles(files, InfosOf(files, {"a.csv"}), TablesJob());
  EXPECT_THAT(resolved, FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING"));
  EXPECT_THAT(resolved, SaysThat("found no column 'new' (sources.aliases.columns.new_id)"));
}

TEST(AliasFiles, AFileThatChangedSinceItWasListedFails) {
  MemoryFileSystem files;
  files.Set("a.csv", "old,new,since\n");
  const std::vector<FileInfo> listed = InfosOf(files, {"a.csv"});
  files.Set("a.csv", "old,new,since\na,b,2024-01-01\n");
  EXPECT_THAT(ReadAliasFiles(files, listed, TablesJob()),
              FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
}

// A table is scanned, then mapped again and read: cut before either, it has changed, and the process lives.
TEST(AliasFiles, AFileThatIsCutWhileItIsMappedFails) {
  for (const int cut_at : {1, 2}) {
    SCOPED_TRACE(cut_at);
    const TemporaryFolder folder;
    const std::string path = folder.Under("a.csv");
    std::string text = "old,new,since\n";
    for (int i = 0; text.size() < 100'000; ++i) text += std::to_string(i) + ",x,2024-01-01\n";
    int mappings = 0;
    PosixCalls calls;
    calls.close = [&](int descriptor) {  // the last call of mapping a file
      const int closed = ::close(descriptor);
      EXPECT_EQ(++mappings == cut_at ? ::truncate(path.c_str(), 20) : 0, 0);
      return closed;
    };
    ASSERT_OK(NewPosixFileSystem()->WriteNew(path, text, 0600));
    const auto files = NewPosixFileSystem(std::move(calls));
    EXPECT_THAT(ReadAliasFiles(*files, {*files->Stat(path)}, TablesJob()),
                FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
    EXPECT_EQ(mappings, cut_at);
  }
}

TEST(FxFiles, RatesAreExactAndTheOwnCurrencyNeedsNone) {
  const auto table =
      Rates("USD,2024-01-02,0.9050\nEUR,2024-01-02,1.000\nIDR,2024-01-02,5.89e-5\n USD ,2024-01-02,0.905\n");
  ASSERT_OK(table);
  const Day day = *ParseDay("2024-01-02");
  EXPECT_EQ(FormatRate(table->Find(*CurrencyCode("USD"), day)), "0.905");
  EXPECT_EQ(FormatRate(table->Find(*CurrencyCode("IDR"), day + 7)), "0.0000589");
  EXPECT_EQ(table->rates().size(), 2u);
}

TEST(FxFiles, AWrongRowFailsWithItsPlace) {
  struct Case {
    const char* rows;
    const char* reason;
    const char* message;
  };
  const std::vector<Case> cases = {
      {"usd,2024-01-02,1\n", "TABLE_ROW_INVALID",
       "fx.csv:2: sources.fx.columns.currency (column 'cur'): found 'usd'; allowed: three capital"},
      {",2024-01-02,1\n", "TABLE_ROW_INVALID", "found nothing; allowed: three capital"},
      {"USD,2024-13-02,1\n", "TABLE_ROW_INVALID", "sources.fx.columns.day (column 'day'): found '2024-13-02'"},
      {"USD,2024-01-02T10:00,1\n", "TABLE_ROW_INVALID",
       "found '2024-01-02T10:00'; allowed: a day as YYYY-MM-DD, without"},
      {"USD,2024-01-02,0\n", "TABLE_ROW_INVALID",
       "sources.fx.columns.rate (column 'rate'): found '0'; allowed: a plain decimal above 0"},
      {"USD,2024-01-02,-1\n", "TABLE_ROW_INVALID", "found '-1'"},
      {"USD,2024-01-02,\"1,1\"\n", "TABLE_ROW_INVALID", "found '1,1'"},
      {"USD,2024-01-02,0.1234567890123456789\n", "TABLE_ROW_INVALID", "of at most 18 digits and 18 decimals"},
      {"USD,2024-01-02,\n", "TABLE_ROW_INVALID", "found nothing; allowed: a plain decimal"},
      {"EUR,2024-01-02,1.1\n", "TABLE_ROW_INVALID", "found '1.1'; allowed: 1, for EUR is the job's own currency"},
      {"USD,2024-01-02,1\nUSD,2024-01-02,1.5\n", "FX_CONFLICT",
       "fx.csv:3: found the rate 1.5 of USD on 2024-01-02, which is 1 in fx.csv:2; allowed: one rate a day"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.rows);
    const auto table = Rates(c.rows);
    EXPECT_THAT(table, FailsWith(absl::StatusCode::kInvalidArgument, c.reason));
    EXPECT_THAT(table, SaysThat(c.message));
  }
}

// What one row comes to, or its reason for being rejected.
struct Sold {
  const char* row;
  int64_t net_micros;
  const char* reason;   // nullptr: accepted
  const char* message;  // part of it
};

void Check(const std::string& header, const Job& job, const std::vector<Sold>& cases) {
  const FxTable fx = *Rates("USD,2024-01-05,0.9\nJPY,2024-01-05,0.0063\nIDR,2024-01-05,0.0000589\n");
  for (const Sold& sold : cases) {
    SCOPED_TRACE(sold.row);
    MemoryFileSystem files;
    files.Set("sales.csv", header + "\n" + sold.row + "\n");
    const FileInfo file = files.Info("sales.csv");
    const FileScan scan = *ScanFile(files, file, job.transactions);
    const MappedRows mapped =
        *MapSplit(files, file.path, scan, scan.splits[0], job, 0, {.aliases = nullptr, .fx = &fx});
    EXPECT_TRUE(mapped.counts.Balances());
    if (sold.reason == nullptr) {
      ASSERT_EQ(mapped.counts.accepted, 1) << (mapped.quarantine.empty() ? "" : mapped.quarantine[0].message);
      EXPECT_EQ(mapped.shards[0].net_micros[0], sold.net_micros);
      EXPECT_EQ(mapped.shards[0].is_return[0], sold.net_micros < 0 ? 1 : 0);
      continue;
    }
    ASSERT_EQ(mapped.quarantine.size(), 1u);
    EXPECT_EQ(mapped.quarantine[0].reason, sold.reason);
    EXPECT_THAT(mapped.quarantine[0].message, HasSubstr(sold.message));
  }
}

TEST(Currencies, AmountsAreConvertedOrRejectedWithCurrencyAndDay) {
  Job job = TablesJob();
  job.transactions.time_format.clear();
  Check("id,day,amount,cur", job,
        {
            {"7,2024-01-05,10,EUR", 10'000'000, nullptr, ""},
            {"7,1999-01-05,10,EUR", 10'000'000, nullptr, ""},
            {"7,2024-01-05,10,USD", 9'000'000, nullptr, ""},
            {"7,2024-01-07,10, USD ", 9'000'000, nullptr, ""},
            {"7,2024-01-12,-10,USD", -9'000'000, nullptr, ""},
            {"7,2024-01-05,0.000005,USD", 4, nullptr, ""},  // 4.5 micros, to the even side
            {"7,2024-01-13,10,USD", 0, "CURRENCY_RATE_MISSING",
             "currency (column 'cur') 'USD' has no rate for its day; allowed: a currency with a rate in sources.fx on "
             "2024-01-13 or one of the 7 days before it"},
            {"7,2024-01-04,10,USD", 0, "CURRENCY_RATE_MISSING", "2024-01-04"},
            {"7,2024-01-05,10,GBP", 0, "CURRENCY_UNKNOWN",
             "'GBP' is a currency without rates; allowed: the job's currency EUR, or one that has a rate in "
             "sources.fx, here for 2024-01-05"},
            {"7,2024-01-05,10,usd", 0, "CURRENCY_UNKNOWN", "'usd'"},
            {"7,2024-01-05,10,", 0, "MISSING_CURRENCY", "is missing"},
        });
  job.transactions.columns.amount.clear();
  job.transactions.columns.quantity = "qty";
  job.transactions.columns.unit_price = "price";
  Check("id,day,qty,price,cur", job,
        {
            {"7,2024-01-05,2,5,USD", 9'000'000, nullptr, ""},
            {"7,2024-01-05,-2,5,JPY", -63'000, nullptr, ""},
            {"7,2024-01-05,0.001,0.0005,USD", 0, nullptr, ""},  // 0.45 micros
            {"7,2024-01-05,1000000,100000000000,IDR", 5'890'000'000'000'000'000, nullptr,
             ""},  // the product alone is too large
            {"7,2024-01-05,1000000,1000000000000,IDR", 0, "AMOUNT_TOO_LARGE", "1000000 × 1000000000000 × 0.0000589"},
        });
}

TEST(Currencies, UsesAreReportedAlsoOfRejectedRows) {
  Job job = TablesJob();
  job.transactions.time_format.clear();
  const FxTable fx = *Rates("USD,2024-01-05,0.9\n");
  MemoryFileSystem files;
  files.Set("sales.csv",
            "id,day,amount,cur\n1,2024-01-06,1,USD\n2,2024-01-06,2,USD\n3,2024-01-06,3,GBP\n4,2023-01-01,4,USD\n5,2024-"
            "01-06,5,EUR\n");
  const FileScan scan = *ScanFile(files, files.Info("sales.csv"), job.transactions);
  const MappedRows mapped =
      *MapSplit(files, "sales.csv", scan, scan.splits[0], job, 0, {.aliases = nullptr, .fx = &fx});
  const Day day = *ParseDay("2024-01-06");
  EXPECT_THAT(mapped.fx_uses, ElementsAre(FxUse{*CurrencyCode("GBP"), day, {}},
                                          FxUse{*CurrencyCode("USD"), *ParseDay("2023-01-01"), {}},
                                          FxUse{*CurrencyCode("USD"), day, {.digits = 9, .decimals = 1}}));
}

TEST(Aliases, RowsGoToTheCustomerThatTheirIdStandsFor) {
  const Job job = SampleJob();
  const auto resolved = Aliases("b,a,2024-01-02,\n");
  const AliasTable aliases = *AliasTable::Open(resolved->table);
  MemoryFileSystem files;
  files.Set("sales.csv", "id,day,amount\na,2024-01-01,1\nb,2024-01-01,2\nc,2024-01-01,4\n");
  const FileScan scan = *ScanFile(files, files.Info("sales.csv"), job.transactions);
  const MappedRows mapped =
      *MapSplit(files, "sales.csv", scan, scan.splits[0], job, 0, {.aliases = &aliases, .fx = nullptr});
  std::map<std::string, int64_t> net;
  const RowBatch& batch = mapped.shards[0];
  for (size_t i = 0; i < batch.size(); ++i) {
    EXPECT_EQ(batch.hash[i], Hash64(batch.id[i]));
    net[std::string(batch.id[i])] += batch.net_micros[i];
  }
  EXPECT_EQ(net, (std::map<std::string, int64_t>{{"b", 3'000'000}, {"c", 4'000'000}}));
}

TEST(TableProfiles, ShowWhatTheTablesSay) {
  MemoryFileSystem files;
  files.Set("in/a.csv", "old,new,since\na,b,2024-01-02\nb,c,2024-01-02\na,x,2023-01-02\n");
  files.Set("in/fx.csv",
            "cur,day,rate\nUSD,2024-01-02,0.9\nUSD,2024-01-05,0.91\nGBP,2024-01-03,1.15\nEUR,2024-01-03,1\n");
  Job job = TablesJob();
  job.aliases->uri = "in/a.csv";
  job.fx->uri = "in/fx.csv";
  const auto profile = ProfileTables(files, job, "");
  ASSERT_OK(profile);
  EXPECT_EQ(profile->aliases->resolved.aliases, 2);
  EXPECT_EQ(profile->aliases->resolved.customers, 1);
  EXPECT_EQ(profile->aliases->resolved.superseded, 1);
  EXPECT_THAT(profile->aliases->resolved.examples, ElementsAre("a → b → c", "b → c"));
  EXPECT_EQ(profile->fx->rates, 3);
  ASSERT_EQ(profile->fx->currencies.size(), 2u);
  EXPECT_EQ(profile->fx->currencies[1].currency, "USD");
  EXPECT_EQ(FormatDay(profile->fx->currencies[1].last_day), "2024-01-05");
  EXPECT_EQ(profile->fx->currencies[1].last_rate, "0.91");
}

}  // namespace
}  // namespace strata
