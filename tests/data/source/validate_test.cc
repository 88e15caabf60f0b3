#include "data/source/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/status_matchers.h"
#include "tests/data/source/sample_job.h"

namespace strata {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(ProfileSource, ShowsWhatARunWouldMakeOfTheColumns) {
  MemoryFileSystem files;
  files.Set("in/1.csv",
            "id,day,amount,n\n"
            "anna,2024-03-01 10:00,10.50,\n"
            "bob,2024-02-30,2,1\n"
            "bob,2024-01-05,-2,1\n"
            ",2024-01-06,9,1\n"
            "\n");
  files.Set("in/2.csv", "id,day,amount,n\ncarl,2024-04-01,100,3\ncarl,2024-04-01,x,3\n");
  Job job = SampleJob();
  job.transactions.uri = "in";
  job.transactions.columns.quantity = "n";
  const auto profile = ProfileSource(files, job, "");
  ASSERT_OK(profile);
  EXPECT_EQ(profile->files, 2);
  EXPECT_EQ(profile->files_sampled, 2);
  EXPECT_EQ(profile->counts, (RowCounts{.read = 7, .accepted = 3, .rejected = 3, .blank = 1}));
  EXPECT_EQ(FormatDay(*profile->first_day), "2024-01-05");
  EXPECT_EQ(FormatDay(*profile->last_day), "2024-04-01");
  EXPECT_THAT(profile->rejected_by_reason,
              ElementsAre(Pair("AMOUNT_MALFORMED", 1), Pair("DATE_IMPOSSIBLE", 1), Pair("MISSING_CUSTOMER", 1)));
  EXPECT_THAT(profile->rejects, SizeIs(3));

  ASSERT_THAT(profile->columns, SizeIs(4));
  const ColumnProfile& id = profile->columns[0];
  EXPECT_EQ(id.field, "customer_id");
  EXPECT_EQ(id.column, "id");
  EXPECT_EQ(id.present, 5);
  EXPECT_EQ(id.missing, 1);
  EXPECT_EQ(id.min, "anna");
  EXPECT_EQ(id.max, "carl");
  EXPECT_THAT(id.examples, ElementsAre("anna", "bob", "carl"));
  EXPECT_THAT(id.rejected, ElementsAre(Pair("MISSING_CUSTOMER", 1)));
  const ColumnProfile& day = profile->columns[1];
  EXPECT_EQ(day.min, "2024-01-05 00:00");
  EXPECT_EQ(day.max, "2024-04-01 00:00");
  EXPECT_THAT(day.rejected, ElementsAre(Pair("DATE_IMPOSSIBLE", 1)));
  const ColumnProfile& amount = profile->columns[2];
  EXPECT_EQ(amount.min, "-2");
  EXPECT_EQ(amount.max, "100");
  EXPECT_THAT(amount.rejected, ElementsAre(Pair("AMOUNT_MALFORMED", 1)));
  const ColumnProfile& quantity = profile->columns[3];
  EXPECT_EQ(quantity.missing, 1);
  EXPECT_THAT(quantity.rejected, IsEmpty());
}

TEST(ProfileSource, SamplesButChecksTheColumnsOfEveryFile) {
  MemoryFileSystem files;
  std::string text = "id,day,amount\n";
  for (int i = 0; i < 100; ++i) text += "1,2024-01-01,1\n";
  for (const char* path : {"in/1.csv", "in/2.csv", "in/3.csv"}) files.Set(path, text);
  Job job = SampleJob();
  job.transactions.uri = "in";
  const SampleLimits limits{.files_max = 2, .records_per_file_max = 10};
  const auto profile = ProfileSource(files, job, "", limits);
  ASSERT_OK(profile);
  EXPECT_EQ(profile->files, 3);
  EXPECT_EQ(profile->files_sampled, 2);
  EXPECT_EQ(profile->bytes, 3 * text.size());
  EXPECT_EQ(profile->counts.read, 20);

  files.Set("in/3.csv", "id,date,amount\n");
  EXPECT_THAT(ProfileSource(files, job, "", limits), FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING"));
}

TEST(ProfileTable, ShowsATableAsATransactionsSourceIsShown) {
  MemoryFileSystem files;
  files.Set("in/kyc_1.csv", "who,since,money\na,02.01.2024,10\nb,03.01.2024,-1\n,04.01.2024,1\n");
  files.Set("in/kyc_2.csv", "who,since,money\nc,,5\n");
  TableSource source;
  source.table = TableId::kKyc;
  source.uri = "in/kyc_*.csv";
  source.time_format = "%d.%m.%Y";
  source.columns = {{"customer_id", "who"}, {"assessed_at", "since"}, {"assets", "money"}};
  const auto profile = ProfileTable(files, SampleJob(), source, "");
  ASSERT_OK(profile);
  EXPECT_EQ(profile->files, 2);
  EXPECT_EQ(profile->counts, (RowCounts{.read = 4, .accepted = 2, .rejected = 2}));
  EXPECT_EQ(FormatDay(*profile->first_day), "2024-01-02");
  EXPECT_EQ(FormatDay(*profile->last_day), "2024-01-04");
  EXPECT_THAT(profile->rejected_by_reason, ElementsAre(Pair("ASSETS_OUT_OF_RANGE", 1), Pair("MISSING_CUSTOMER", 1)));
  ASSERT_THAT(profile->columns, SizeIs(3));
  EXPECT_EQ(profile->columns[1].field, "assets");
  EXPECT_EQ(profile->columns[1].min, "-1");
  EXPECT_THAT(profile->columns[1].rejected, ElementsAre(Pair("ASSETS_OUT_OF_RANGE", 1)));
  EXPECT_EQ(profile->columns[2].missing, 1);

  files.Set("in/kyc_3.csv", "who,money\n");
  EXPECT_THAT(ProfileTable(files, SampleJob(), source, ""),
              FailsWith(absl::StatusCode::kInvalidArgument, "COLUMN_MISSING"));
  source.columns.erase("assessed_at");
  source.valid_from = {{"kyc_*.csv", 1}, {"*_3.csv", 2}};
  EXPECT_THAT(ProfileTable(files, SampleJob(), source, ""),
              FailsWith(absl::StatusCode::kInvalidArgument, "VALID_FROM_AMBIGUOUS"));
}

}  // namespace
}  // namespace strata
