#include "run/job_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "run/transaction_fields.h"
#include "tests/run/whole_job.h"

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSmall[] = R"(name: shop
currency: USD
sources:
  transactions:
    uri: sales.csv
    columns: {customer_id: c, time: t, amount: a}
)";

TEST(JobFile, ReadsEveryKey) {
  const absl::StatusOr<Job> job = ParseJob(kWholeJob, "job.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->name, "cdnow");
  EXPECT_EQ(FormatDay(*job->as_of), "1997-09-30");
  EXPECT_EQ(job->time_zone, "Europe/Berlin");
  EXPECT_EQ(job->currency, "EUR");
  EXPECT_EQ(job->seed, UINT64_MAX);
  EXPECT_EQ(job->shards, 8u);
  const TransactionSource& source = job->transactions;
  EXPECT_EQ(source.uri, "data/*.csv");
  std::string columns;
  for (const TransactionFieldInfo& info : kTransactionFields) columns += ColumnOf(source.columns, info.field) + " ";
  EXPECT_EQ(columns, "cid at value pieces price cur ret tx upd o p r c promo due paid cat off fee ");
  EXPECT_EQ(source.time_format, "%d.%m.%Y");
  EXPECT_EQ(source.delimiter, ';');
  EXPECT_EQ(source.on_missing_customer, OnMissingCustomer::kSkip);
  EXPECT_EQ(source.on_vanished, OnVanished::kRemove);
  EXPECT_EQ(source.on_changed, OnChanged::kReplace);
  EXPECT_EQ(source.expect.rows_new_min, 10);
  EXPECT_EQ(source.expect.rows_new_max, 900);
  EXPECT_EQ(source.expect.newest_day_lag_max_days, 3);
  EXPECT_DOUBLE_EQ(job->error_budget.rejected_ratio_max, 0.01);
  EXPECT_EQ(job->error_budget.rejected_max, 500);
  EXPECT_EQ(job->retention, (Retention{.snapshots_min = 5, .snapshots_days = 8, .runs_min = 13, .runs_days = 21}));
  EXPECT_THAT(job->rfm->scores, ElementsAre(4, 4, 4));
  EXPECT_EQ(job->clustering->k, 7);
  EXPECT_EQ(job->clustering->iterations_max, 50);
  EXPECT_EQ(job->lifetime->time_unit, "month");
  EXPECT_DOUBLE_EQ(job->lifetime->time_unit_days, 30.4375);
  EXPECT_FALSE(job->lifetime->spend);
  EXPECT_EQ(job->lifetime->horizon_days, 180);
  EXPECT_EQ(job->churn->eligible_days, 200);
}

TEST(JobFile, ReadsWhatHoldsAResultBackAndWhatItsEndBringsAbout) {
  const absl::StatusOr<Job> job = ParseJob(kWholeJob, "job.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  std::string limits;
  for (const RelativeRule& rule : kRelativeRules) limits += FormatMillionths(*(job->veto.*rule.limit)) + " ";
  EXPECT_EQ(limits, "0.25 0.001 1000 0.1 0.2 0.000001 1 1.5 ");
  EXPECT_EQ(job->veto.rejected_ratio_max, 0);
  EXPECT_EQ(job->veto.customers_min, 10);
  EXPECT_EQ(job->veto.churn_grade_min, 'C');
  EXPECT_TRUE(job->veto.require_fitted_models);
  const OnFinish expected{.command = {"notify", "--to", "ops"},
                          .webhook = "https://hooks.example.com/x",
                          .timeout_seconds = 20,
                          .on_succeeded = false,
                          .on_failed = true,
                          .on_cancelled = false};
  EXPECT_EQ(job->on_finish, expected);
}

TEST(JobFile, ALimitIsExactlyWhatIsWritten) {
  const auto limit = [](const std::string& text) {
    const auto job = ParseJob(std::string(kSmall) + "veto: {customers_change_max_ratio: " + text + "}\n", "j");
    return job.ok() ? *job->veto.customers_change_max_ratio : -1;
  };
  const std::pair<const char*, int64_t> rows[] = {
      {"0", 0},      {"0.1", 100'000}, {"0.3", 300'000}, {"0.000001", 1}, {"1.50", 1'500'000}, {"0.0000001", -1},
      {"1000", 1e9}, {"1000.1", -1},   {"-0.1", -1},     {"+0.1", -1},    {"1e-3", -1},        {"0.", -1},
      {".5", -1},    {"0.1.2", -1},    {"0,1", -1},      {"nan", -1},     {"10 %", -1},        {"0.-1", -1},
  };
  for (const auto& [text, millionths] : rows) EXPECT_EQ(limit(text), millionths) << text;
}

TEST(JobFile, FillsInTheDocumentedDefaults) {
  const absl::StatusOr<Job> job = ParseJob(kSmall, "job.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_FALSE(job->as_of.has_value());
  EXPECT_EQ(job->time_zone, "UTC");
  EXPECT_EQ(job->seed, 1u);
  EXPECT_EQ(job->shards, 64u);
  EXPECT_EQ(job->transactions.delimiter, ',');
  EXPECT_EQ(job->transactions.on_missing_customer, OnMissingCustomer::kReject);
  EXPECT_FALSE(job->transactions.expect.any());
  EXPECT_EQ(job->veto, VetoRules());
  EXPECT_FALSE(job->on_finish.any());
  EXPECT_FALSE(job->rfm.has_value() || job->clustering.has_value() || job->lifetime.has_value() ||
               job->churn.has_value());
}

TEST(JobFile, AModelNamedWithoutSettingsHasItsDefaults) {
  const absl::StatusOr<Job> job =
      ParseJob(std::string(kSmall) + "models:\n  rfm:\n  clustering: {k: auto}\n  churn: {horizon_days: 30}\n", "j");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_THAT(job->rfm->scores, ElementsAre(5, 5, 5));
  EXPECT_FALSE(job->clustering->k.has_value());
  EXPECT_EQ(job->clustering->k_max, 12);
  EXPECT_EQ(job->churn->eligible_days, 60);  // twice the horizon
}

TEST(JobFile, QuantityTimesUnitPriceServesAsTheAmount) {
  std::string text = kSmall;
  text.replace(text.find("amount: a"), 9, "quantity: q, unit_price: p");
  EXPECT_TRUE(ParseJob(text, "j").ok());
}

TEST(JobFile, TabDelimiterByWordOrEscape) {
  for (const std::string delimiter : {"tab", "\"\\t\""}) {
    const auto job = ParseJob(std::string(kSmall) + "    delimiter: " + delimiter + "\n", "j");
    ASSERT_TRUE(job.ok()) << job.status();
    EXPECT_EQ(job->transactions.delimiter, '\t');
  }
}

TEST(JobFile, RefusesAFileThatIsTooLong) {
  const auto job = ParseJob(std::string(kSmall) + "#" + std::string(kMaxJobFileBytes, 'x'), "big.yaml");
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(std::string(job.status().message()), AllOf(HasSubstr("big.yaml"), HasSubstr("262144 at most")));
}

TEST(JobFile, RefusesWhatIsNoJobAtAll) {
  for (const std::string text : {"", "[]", "just text", "a: 1\n---\nb: 2", "{{}: 1}", "\t", "&a [*a]"}) {
    const auto job = ParseJob(text, "odd.yaml");
    ASSERT_FALSE(job.ok()) << text;
    EXPECT_THAT(std::string(job.status().message()), HasSubstr("odd.yaml:")) << text;
  }
  EXPECT_FALSE(ParseJob(std::string(20'000, '['), "deep.yaml").ok());
}

TEST(LedgerFingerprint, NamesEveryMappingAndNoModel) {
  Job job = *ParseJob(kWholeJob, "j");
  const auto before = LedgerFingerprint(job);
  job.rfm->scores = {9, 9, 9};
  job.seed = 2;
  job.as_of.reset();
  EXPECT_EQ(LedgerFingerprint(job), before);

  const auto changed = [&before](const Job& other) {
    std::string fields;
    const auto after = LedgerFingerprint(other);
    for (size_t i = 0; i < after.size(); ++i) {
      EXPECT_EQ(after[i].first, before[i].first);
      if (after[i] != before[i]) fields += after[i].first + " ";
    }
    return fields;
  };
  Job other = job;
  other.shards = 9;
  other.transactions.columns.region = "land";
  EXPECT_EQ(changed(other), "shards sources.transactions.columns.region ");
  other = job;
  other.time_zone = "UTC";
  other.currency = "USD";
  other.transactions.delimiter = ',';
  other.transactions.time_format = "";
  other.transactions.on_missing_customer = OnMissingCustomer::kReject;
  EXPECT_EQ(changed(other),
            "time_zone currency sources.transactions.time_format sources.transactions.delimiter "
            "sources.transactions.on_missing_customer ");
  other = job;
  other.transactions.columns.is_return = "";
  EXPECT_EQ(changed(other), "sources.transactions.columns.is_return return_rule ");
}

}  // namespace
}  // namespace strata
