#include "data/source/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "data/source/row_parser.h"
#include "store/posix_file_system.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Day At(const char* text) { return ParseDay(text).value(); }

TEST(MapSplit, KeepsTheAcceptedRowsByShard) {
  Job job = SampleJob();
  job.shards = 5;
  MemoryFileSystem files;
  files.Set("sales.csv",
            "amount,id,note,day\n10.5,anna,x,2024-03-01 23:59:59\n-2,bob,,2024-03-02\n0,anna,,2024-03-03\n");
  const auto mapped = MapFile(files, files.Info("sales.csv"), job, 7);
  ASSERT_OK(mapped);
  ASSERT_THAT(*mapped, SizeIs(1));
  const MappedRows& rows = mapped->front();
  EXPECT_EQ(rows.counts, (RowCounts{.read = 3, .accepted = 3}));
  ASSERT_THAT(rows.shards, SizeIs(5));
  const RowBatch& anna = rows.shards[ShardOf(Hash64("anna"), 5)];
  ASSERT_EQ(anna.id[0], "anna");
  EXPECT_THAT(anna.hash, ::testing::Each(Hash64("anna")));
  EXPECT_THAT(anna.day, ElementsAre(At("2024-03-01"), At("2024-03-03")));
  EXPECT_THAT(anna.minute, ElementsAre(23 * 60 + 59, 0));
  EXPECT_THAT(anna.net_micros, ElementsAre(10'500'000, 0));
  EXPECT_THAT(anna.is_return, ElementsAre(0, 0));
  EXPECT_THAT(anna.file, ElementsAre(7, 7));
  EXPECT_THAT(anna.transaction, SizeIs(0));  // not mapped
  const RowBatch& bob = rows.shards[ShardOf(Hash64("bob"), 5)];
  ASSERT_EQ(bob.size(), 1u);
  EXPECT_THAT(bob.net_micros, ElementsAre(-2'000'000));
  EXPECT_THAT(bob.is_return, ElementsAre(1));
}

TEST(MapSplit, CountsEveryRecordInExactlyOneClass) {
  Job job = SampleJob();
  job.transactions.on_missing_customer = OnMissingCustomer::kSkip;
  const std::string text =
      "\xEF\xBB\xBFid,day,amount\r\n"
      "1,2024-01-01,1\r\n"
      "\r\n"
      ",2024-01-01,1\r\n"
      ",,\r\n"
      "2,2024-01-01\r\n"
      "3,never,1\r\n"
      "\"4\n4\",2024-01-01,2\r\n"
      "5,2024-01-01,x\r\n";
  const MappedRows mapped = MapText(text, job);
  EXPECT_EQ(mapped.counts, (RowCounts{.read = 8, .accepted = 2, .rejected = 3, .blank = 2, .skipped_no_customer = 1}));
  EXPECT_TRUE(mapped.counts.Balances());
  std::vector<int64_t> lines;
  for (const QuarantineRow& row : mapped.quarantine) lines.push_back(row.line);
  EXPECT_THAT(lines, ElementsAre(6, 7, 10));  // physical lines, past the line feed in quotes
  EXPECT_EQ(mapped.shards[0].id[1], "4\n4");
}

TEST(MapSplit, AppliesTheReturnRules) {
  struct Case {
    const char* columns;
    const char* row;
    int64_t net_micros;
    bool is_return;
  };
  const Case cases[] = {
      {"amount,n", "5,1", 5'000'000, false},
      {"amount,n", "-5,1", -5'000'000, true},
      {"amount,n", "5,-1", -5'000'000, true},  // a return counts as -|amount|
      {"amount,n", "-5,-1", -5'000'000, true},
      {"amount,n", "5,", 5'000'000, false},
      {"amount,n", "0,-1", 0, true},
      {"n,price", "-2,1.5", -3'000'000, true},
      {"n,price", "-2,-1.5", -3'000'000, true},
      {"n,price", "2,-1.5", -3'000'000, true},
      {"amount,n,ret", "5,1,yes", -5'000'000, true},
      {"amount,n,ret", "-5,-1,no", -5'000'000, false},  // the flag decides; a discount stays a discount
      {"amount,n,ret", "-5,-1,T", -5'000'000, true},
      {"amount,n,ret", "5,-1,0", 5'000'000, false},
  };
  for (const Case& c : cases) {
    Job job = SampleJob();
    TransactionColumns& columns = job.transactions.columns;
    const std::string names = c.columns;
    columns.amount = names.find("amount") != std::string::npos ? "amount" : "";
    columns.quantity = "n";
    columns.unit_price = names.find("price") != std::string::npos ? "price" : "";
    columns.is_return = names.find("ret") != std::string::npos ? "ret" : "";
    const MappedRows mapped = MapText("id,day," + names + "\n1,2024-01-01," + c.row + "\n", job);
    ASSERT_EQ(mapped.counts.accepted, 1) << names << " " << c.row;
    EXPECT_EQ(mapped.shards[0].net_micros[0], c.net_micros) << names << " " << c.row;
    EXPECT_EQ(mapped.shards[0].is_return[0], c.is_return ? 1 : 0) << names << " " << c.row;
  }
}

TEST(MapSplit, IdentifiesTransactionsByTheirContentNotTheirSpelling) {
  Job job = SampleJob();
  job.transactions.columns.transaction_id = "tx";
  job.transactions.columns.updated_at = "upd";
  job.transactions.columns.region = "region";
  const RowBatch batch = MapText(
                             "id,day,amount,tx,upd,region\n"
                             "1,2024-01-01,12.5,t1,2024-01-02T00:00Z,EU\n"
                             "1,2024-01-01T00:00,12.50,t1, 2024-01-02T01:00+01:00,EU\n"
                             "1,2024-01-01,12.5,t1,2024-01-02T00:00Z,US\n"
                             "1,2024-01-01,12.500001,t1,2024-01-02T00:00Z,EU\n"
                             "1,2024-01-01T00:00:01,12.5,t1,2024-01-02T00:00Z,EU\n"
                             "1,2024-01-01,12.5,t2,,EU\n"
                             "1,2024-01-01,12.5,t1,2024-01-02T00:00:01Z,EU\n",
                             job)
                             .shards[0];
  ASSERT_EQ(batch.size(), 7u);
  EXPECT_EQ(batch.transaction[0], HashOf128("t1"));
  EXPECT_EQ(batch.row_hash[0], batch.row_hash[1]);
  for (size_t i = 2; i < 7; ++i) EXPECT_NE(batch.row_hash[0], batch.row_hash[i]) << i;
  EXPECT_EQ(batch.updated_at_us[0], int64_t{At("2024-01-02")} * 86'400'000'000);
  EXPECT_EQ(batch.updated_at_us[5], kNoUpdatedAt);
}

TEST(MapSplit, StoresSoManyRejectsPerReasonAndCountsAll) {
  std::string text = "id,day,amount\n";
  const int64_t many = kQuarantineRowsPerReason + 5;
  for (int64_t i = 0; i < many; ++i) text += "1,2024-01-01,x\n";
  text += ",2024-01-01,1\n";
  const MappedRows mapped = MapText(text, SampleJob());
  EXPECT_EQ(mapped.counts.rejected, many + 1);
  EXPECT_THAT(mapped.quarantine, SizeIs(kQuarantineRowsPerReason + 1));
  EXPECT_EQ(mapped.quarantine.front().line, 2);
  EXPECT_EQ(mapped.quarantine.back().line, many + 2);
  EXPECT_THAT(mapped.rejected_by_reason,
              ElementsAre(std::pair("AMOUNT_MALFORMED", many), std::pair("MISSING_CUSTOMER", 1)));
}

TEST(MapSplit, CutsStoredValues) {
  const MappedRows mapped = MapText("id,day,amount\n1,2024-01-01," + std::string(1000, 'x') + "\n", SampleJob());
  EXPECT_EQ(mapped.quarantine[0].value, std::string(kQuarantineValueBytes, 'x'));
}

// Cut short between mapping and reading: the mapped bytes are gone, and touching them would end the process.
TEST(MapSplit, RefusesAFileThatIsCutWhileItIsMapped) {
  const Job job = SampleJob();
  const TemporaryFolder folder;
  const std::string path = folder.Under("sales.csv");
  std::string text = "id,day,amount\n";
  while (text.size() < 100'000) text += "1,2024-01-01,1\n";
  bool cut = false;
  PosixCalls calls;
  calls.close = [&](int descriptor) {  // the last call of mapping a file
    const int closed = ::close(descriptor);
    EXPECT_EQ(cut ? ::truncate(path.c_str(), 20) : 0, 0);
    return closed;
  };
  const auto files = NewPosixFileSystem(std::move(calls));
  ASSERT_OK(files->WriteNew(path, text, 0600));
  const FileInfo info = files->Stat(path).value();
  const FileScan scan = ScanFile(*files, info, job.transactions).value();
  cut = true;
  const auto changed = FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED");
  EXPECT_THAT(MapSplit(*files, path, scan, scan.splits[0], job, 0), changed);
  cut = false;
  ASSERT_OK(files->Remove(path));
  ASSERT_OK(files->WriteNew(path, text, 0600));
  const FileInfo again = files->Stat(path).value();
  cut = true;
  EXPECT_THAT(ScanFile(*files, again, job.transactions), changed);
}

TEST(MapSplit, RefusesAFileThatChanged) {
  const Job job = SampleJob();
  const std::string text = "id,day,amount\n1,2024-01-01,1\n";
  MemoryFileSystem files;
  files.Set("sales.csv", text);
  const FileInfo info = files.Info("sales.csv");
  const FileScan scan = ScanFile(files, info, job.transactions).value();
  const auto map = [&] { return MapSplit(files, "sales.csv", scan, scan.splits[0], job, 0); };
  ASSERT_OK(map());

  // While it is read: same size, other time.
  files.OnMap([&] { files.Set("sales.csv", text); });
  EXPECT_THAT(map(), FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
  EXPECT_THAT(ScanFile(files, files.Info("sales.csv"), job.transactions),
              FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
  // Before it is read.
  files.OnMap(nullptr);
  EXPECT_THAT(map(), FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
  files.Set("sales.csv", text + "2,2024-01-01,1\n");
  EXPECT_THAT(map(), FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
  EXPECT_THAT(ScanFile(files, info, job.transactions),
              FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
}

TEST(MapSplit, RefusesASplitOfAnotherFile) {
  const Job job = SampleJob();
  MemoryFileSystem files;
  files.Set("sales.csv", "id,day,amount\n1,2024-01-01,1\n");
  const FileScan scan = ScanFile(files, files.Info("sales.csv"), job.transactions).value();
  for (const Split split :
       {Split{.begin = 0, .end = 20}, Split{.begin = 14, .end = 1000}, Split{.begin = 20, .end = 14}}) {
    EXPECT_THAT(MapSplit(files, "sales.csv", scan, split, job, 0),
                FailsWith(absl::StatusCode::kInternal, "SPLIT_INVALID"));
  }
}

TEST(ScanFile, ChecksTheHeader) {
  struct Case {
    std::string text;
    const char* reason;
    const char* message;
  };
  const Case cases[] = {
      {"", "FILE_EMPTY", "found an empty file"},
      {"\xEF\xBB\xBF", "FILE_EMPTY", "found an empty file"},
      {"\n1,2,3\n", "HEADER_INVALID", "blank first line"},
      {"id,\"day,amount\n", "HEADER_INVALID", "a quote that is not closed"},
      {"\xFF\xFEi\0d\0", "FILE_ENCODING", "UTF-16"},
      {std::string("i\0d\0,\0", 6), "FILE_ENCODING", "NUL bytes"},
      {"id,date,amount\n", "COLUMN_MISSING",
       "no column 'day' (sources.transactions.columns.time); did you mean 'date'?"},
      {"ID,day,amount\n", "COLUMN_MISSING", "did you mean 'ID'?"},
      {"id;day;amount\n", "COLUMN_MISSING", "columns there: 'id;day;amount'"},
      {"id,day,amount,day\n", "COLUMN_DUPLICATE", "'day' (sources.transactions.columns.time) more than once"},
  };
  for (const Case& c : cases) {
    MemoryFileSystem files;
    files.Set("in/sales.csv", c.text);
    const auto scan = ScanFile(files, files.Info("in/sales.csv"), SampleJob().transactions);
    EXPECT_THAT(scan, FailsWith(absl::StatusCode::kInvalidArgument, c.reason)) << c.text;
    EXPECT_THAT(scan, AllOf(SaysThat("in/sales.csv: "), SaysThat(c.message))) << c.text;
  }
}

TEST(ScanFile, DescribesTheFile) {
  MemoryFileSystem files;
  const std::string text = "x,id,x,day,amount\n\n1,2,3,4,5\n";  // a name twice is fine where it is not mapped
  files.Set("sales.csv", text);
  const FileInfo info = files.Info("sales.csv");
  const FileScan scan = ScanFile(files, info, SampleJob().transactions).value();
  EXPECT_EQ(scan.size_bytes, text.size());
  EXPECT_EQ(scan.modified_ns, info.modified_ns);
  EXPECT_EQ(scan.checksum, Hash64(text));
  EXPECT_EQ(scan.records, 2);
  EXPECT_THAT(
      scan.splits,
      ElementsAre(Split{.begin = 18, .end = text.size(), .first_line = 2, .records = 2, .bytes = text.size() - 18}));

  files.Set("sales.csv", "id,day,amount\n");
  EXPECT_THAT(ScanFile(files, files.Info("sales.csv"), SampleJob().transactions).value().splits, SizeIs(0));
  EXPECT_THAT(ScanFile(files, {.path = "gone.csv"}, SampleJob().transactions), SaysThat("gone.csv"));
}

TEST(ScanFile, PlansSplitsOfAboutTheirSize) {
  std::string text = "id,day,amount\n";
  while (text.size() < 3 * kSplitBytes) text += "customer-number-1234567890,2024-01-01,1234567.5\n";
  MemoryFileSystem files;
  files.Set("sales.csv", text);
  const Job job = SampleJob();
  const FileScan scan = ScanFile(files, files.Info("sales.csv"), job.transactions).value();
  ASSERT_THAT(scan.splits, SizeIs(3));
  RowCounts counts;
  const auto mapped = MapFile(files, files.Info("sales.csv"), job);
  ASSERT_OK(mapped);
  for (size_t i = 0; i < scan.splits.size(); ++i) {
    EXPECT_EQ(scan.splits[i].records, (*mapped)[i].counts.read) << i;
    EXPECT_EQ(scan.splits[i].bytes, scan.splits[i].end - scan.splits[i].begin) << i;
    counts.Add((*mapped)[i].counts);
  }
  EXPECT_EQ(counts, (RowCounts{.read = scan.records, .accepted = scan.records}));
}

}  // namespace
}  // namespace strata
