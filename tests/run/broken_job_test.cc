#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "run/job_file.h"
#include "tests/run/broken_case.h"
#include "tests/run/whole_job.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

class BrokenJob : public ::testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenJob, SaysWhereWhatAndWhatIsAllowed) {
  const BrokenCase& c = GetParam();
  std::string text = kWholeJob;
  const size_t at = text.find(c.replace);
  ASSERT_NE(at, std::string::npos) << c.replace;
  text.replace(at, std::string(c.replace).size(), c.with);
  const absl::StatusOr<Job> job = ParseJob(text, "night.yaml");
  ASSERT_FALSE(job.ok());
  EXPECT_EQ(job.status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(DetailOf(job.status()).has_value());
  EXPECT_EQ(DetailOf(job.status())->reason, "JOB_INVALID");
  const std::string message(job.status().message());
  EXPECT_THAT(message, HasSubstr("night.yaml:" + std::to_string(c.line) + ": " + c.key));
  for (const char* part : c.parts) EXPECT_THAT(message, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    Heads, BrokenJob,
    ::testing::Values(
        BrokenCase{"unknown key", "seed:", "sed:", 5, "sed: ", {"unknown key", "did you mean 'seed'?", "shards"}},
        BrokenCase{"duplicate key", "shards: 8", "shards: 8\nseed: 2", 7, "seed: ", {"twice", "first on line 5"}},
        BrokenCase{"no name", "name: cdnow\n", "", 1, "name: ", {"missing", "small letter"}},
        BrokenCase{"name", "name: cdnow", "name: CDNow", 1, "name: ", {"'CDNow'", "small letter"}},
        BrokenCase{"empty name", "name: cdnow", "name:", 1, "name: ", {"no value"}},
        BrokenCase{"as_of", "1997-09-30", "1997-09-31", 2, "as_of: ", {"'1997-09-31'", "YYYY-MM-DD", "1900"}},
        BrokenCase{"zone", "Europe/Berlin", "Europe/Atlantis", 3, "time_zone: ", {"'Europe/Atlantis'", "IANA"}},
        BrokenCase{"local zone", "Europe/Berlin", "localtime", 3, "time_zone: ", {"'localtime'", "IANA"}},
        BrokenCase{"zone path", "Europe/Berlin", "/etc/localtime", 3, "time_zone: ", {"IANA"}},
        BrokenCase{"currency", "currency: EUR", "currency: eur", 4, "currency: ", {"'eur'", "three capital"}},
        BrokenCase{"no currency", "currency: EUR\n", "", 1, "currency: ", {"missing", "ISO 4217"}},
        BrokenCase{"seed", "18446744073709551615", "18446744073709551616", 5, "seed: ", {"a whole number from 0"}},
        BrokenCase{"shards", "shards: 8", "shards: 0", 6, "shards: ", {"'0'", "1 to 65536"}},
        BrokenCase{"shards list", "shards: 8", "shards: [8]", 6, "shards: ", {"a list", "1 to 65536"}},
        BrokenCase{"yaml", "name: cdnow", "name: \"cdnow", 13, "", {"not valid YAML"}}),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Sources, BrokenJob,
    ::testing::Values(
        BrokenCase{"source table",
                   "  transactions:",
                   "  customers: {}\n  transactions:",
                   8,
                   "sources.customers.uri: ",
                   {"missing"}},
        BrokenCase{"lines",
                   "on_changed: replace",
                   "lines: some",
                   17,
                   "sources.transactions.lines: ",
                   {"'some'", "keep, drop"}},
        BrokenCase{"unknown table",
                   "  transactions:",
                   "  transaction:",
                   8,
                   "sources.transaction: ",
                   {"did you mean 'transactions'?"}},
        BrokenCase{"no uri", "    uri: data/*.csv\n", "", 8, "sources.transactions.uri: ", {"missing", "glob"}},
        BrokenCase{"unknown field",
                   "customer_id: cid",
                   "customer: cid",
                   10,
                   "sources.transactions.columns.customer: ",
                   {"unknown key", "did you mean 'customer_id'?"}},
        BrokenCase{
            "field twice", "time: at", "time: at, time: b", 10, "sources.transactions.columns.time: ", {"twice"}},
        BrokenCase{"empty column", "time: at", "time: ' '", 10, "sources.transactions.columns.time: ", {"not blank"}},
        BrokenCase{"no time", "time: at, ", "", 10, "sources.transactions.columns.time: ", {"missing"}},
        BrokenCase{"no amount",
                   "amount: value, quantity: pieces, ",
                   "",
                   10,
                   "sources.transactions.columns: ",
                   {"amount, or both quantity and unit_price"}},
        BrokenCase{"updated alone",
                   "transaction_id: tx, ",
                   "",
                   11,
                   "sources.transactions.columns.updated_at: ",
                   {"without transaction_id"}},
        BrokenCase{
            "time format", "%d.%m.%Y", "%d.%m", 13, "sources.transactions.time_format: ", {"'%d.%m'", "the year"}},
        BrokenCase{"delimiter", "\";\"", "\";;\"", 14, "sources.transactions.delimiter: ", {"';;'", "tab"}},
        BrokenCase{"missing customer",
                   "skip",
                   "ignore",
                   15,
                   "sources.transactions.on_missing_customer: ",
                   {"'ignore'", "reject, skip"}},
        BrokenCase{"vanished",
                   "on_vanished: remove",
                   "on_vanished: delete",
                   16,
                   "sources.transactions.on_vanished: ",
                   {"'delete'", "keep, error, remove"}},
        BrokenCase{"changed",
                   "on_changed: replace",
                   "on_changed: keep",
                   17,
                   "sources.transactions.on_changed: ",
                   {"'keep'", "error, replace"}},
        BrokenCase{"expect",
                   "rows_new_min: 10",
                   "rows_new_min: -1",
                   18,
                   "sources.transactions.expect.rows_new_min: ",
                   {"'-1'"}},
        BrokenCase{"lag",
                   "days: 3",
                   "days: 1.5",
                   18,
                   "sources.transactions.expect.newest_day_lag_max_days: ",
                   {"'1.5'", "whole number"}},
        BrokenCase{"ratio", "0.01", "1.5", 19, "error_budget.rejected_ratio_max: ", {"'1.5'", "from 0 to 1"}},
        BrokenCase{"nan ratio", "0.01", "nan", 19, "error_budget.rejected_ratio_max: ", {"'nan'"}},
        BrokenCase{
            "rejected", "rejected_max: 500", "rejected_max: many", 19, "error_budget.rejected_max: ", {"'many'"}},
        BrokenCase{"no snapshot is kept",
                   "snapshots_min: 5",
                   "snapshots_min: 0",
                   25,
                   "retention.snapshots_min: ",
                   {"'0'", "1 to 100000"}},
        BrokenCase{
            "days below zero", "runs_days: 21", "runs_days: -1", 25, "retention.runs_days: ", {"'-1'", "0 to 36500"}},
        BrokenCase{"retention of what", "runs_min: 13", "nights: 13", 25, "retention.nights: ", {"runs_min"}}),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Models, BrokenJob,
    ::testing::Values(
        BrokenCase{"unknown model", "  rfm:", "  rmf:", 21, "models.rmf: ", {"did you mean 'rfm'?"}},
        BrokenCase{"scores", "scores: 4", "scores: 11", 21, "models.rfm.scores: ", {"'11'", "from 2 to 10"}},
        BrokenCase{"k", "k: 7", "k: many", 22, "models.clustering.k: ", {"'many'", "auto", "1 to 64"}},
        BrokenCase{"k none", "k: 7", "k: 0", 22, "models.clustering.k: ", {"'0'", "1 to 64"}},
        BrokenCase{"k max", "k_max: 9", "k_max: 65", 22, "models.clustering.k_max: ", {"'65'", "2 to 64"}},
        BrokenCase{"model", "bg_nbd", "weibull", 23, "models.lifetime.model: ", {"'weibull'", "auto, nbd, bg_nbd"}},
        BrokenCase{"spend",
                   "spend: none",
                   "spend: gama_gamma",
                   23,
                   "models.lifetime.spend: ",
                   {"did you mean 'gamma_gamma'?"}},
        BrokenCase{"unit", "month", "year", 23, "models.lifetime.time_unit: ", {"'year'", "day, week, month"}},
        BrokenCase{"horizon", "days: 180", "days: 3651", 23, "models.lifetime.horizon_days: ", {"0 to 3650"}},
        BrokenCase{"discount", "0.05", "-0.05", 23, "models.lifetime.discount_rate_annual: ", {"from 0 to 10"}},
        BrokenCase{"algorithm", "logistic", "xgboost", 24, "models.churn.algorithm: ", {"'xgboost'", "logistic, gbdt"}},
        BrokenCase{"churn horizon", "days: 60", "days: 0", 24, "models.churn.horizon_days: ", {"1 to 730"}}),
    NameOfCase);

INSTANTIATE_TEST_SUITE_P(
    Gates, BrokenJob,
    ::testing::Values(
        BrokenCase{"rows max",
                   "rows_new_max: 900",
                   "rows_new_max: 9",
                   18,
                   "sources.transactions.expect.rows_new_max: ",
                   {"'9'", "from 10"}},
        BrokenCase{"unknown rule",
                   "customers_change_max_ratio",
                   "customer_change_max_ratio",
                   27,
                   "veto.customer_change_max_ratio: ",
                   {"did you mean 'customers_change_max_ratio'?", "churn_grade_min"}},
        BrokenCase{"ratio too exact",
                   "max_ratio: 0.25",
                   "max_ratio: 0.2500001",
                   27,
                   "veto.customers_change_max_ratio: ",
                   {"'0.2500001'", "from 0 to 1000 with at most 6 decimals"}},
        BrokenCase{"share above one",
                   "segment_share_change_max: 0.1",
                   "segment_share_change_max: 10",
                   30,
                   "veto.segment_share_change_max: ",
                   {"'10'", "from 0 to 1 "}},
        BrokenCase{"no such grade", "min: C", "min: E", 37, "veto.churn_grade_min: ", {"'E'", "A, B, C, D"}},
        BrokenCase{
            "no such flag", "models: true", "models: yes", 38, "veto.require_fitted_models: ", {"'yes'", "true"}},
        BrokenCase{"no customers", "customers_min: 10", "customers_min: 0", 36, "veto.customers_min: ", {"'0'", "1"}},
        BrokenCase{"rule without a model",
                   "  churn: {algorithm: logistic, horizon_days: 60, eligible_days: 200}\n",
                   "",
                   32,
                   "veto.mean_churn_probability_change_max: ",
                   {"the job has no models.churn"}},
        BrokenCase{"command as text",
                   "command: [notify, --to, ops]",
                   "command: notify",
                   39,
                   "on_finish.command: ",
                   {"'notify'", "a list of 1 to 64 texts"}},
        BrokenCase{"empty word", "--to", "''", 39, "on_finish.command: ", {"found '' in the list"}},
        BrokenCase{"no address", "https://", "ftp://", 39, "on_finish.webhook: ", {"http:// or https://", "a host"}},
        BrokenCase{"no host", "hooks.example.com", "", 39, "on_finish.webhook: ", {"a host"}},
        BrokenCase{"password", "//hooks", "//me:secret@hooks", 39, "on_finish.webhook: ", {"no user or password"}},
        BrokenCase{"timeout", "seconds: 20", "seconds: 601", 39, "on_finish.timeout_seconds: ", {"'601'", "1 to 600"}},
        BrokenCase{"outcome",
                   "on: [failed]",
                   "on: [vetoed]",
                   39,
                   "on_finish.on: ",
                   {"'vetoed'", "succeeded, failed, cancelled"}},
        BrokenCase{"nothing to do",
                   "{command: [notify, --to, ops], webhook: \"https://hooks.example.com/x\", timeout_seconds: 20, "
                   "on: [failed]}",
                   "{on: [failed]}",
                   39,
                   "on_finish: ",
                   {"neither command nor webhook"}}),
    NameOfCase);

TEST(BrokenJobShape, ASectionMustBeAMapping) {
  const std::string head = "name: a\ncurrency: USD\n";
  struct Case {
    const char* rest;
    const char* message;
  };
  const Case cases[] = {
      {"sources: [1]", "j:3: sources: found a list; allowed: a mapping with the keys transactions"},
      {"sources:", "j:3: sources.transactions: the key is missing"},
      {"sources: {transactions: {uri: a, columns: amount}}",
       "sources.transactions.columns: found 'amount'; allowed: a map"},
      {"sources: {transactions: {uri: a}}", "sources.transactions.columns: the key is missing"},
      {"sources: {transactions: {uri: [a], columns: {}}}", "sources.transactions.uri: found a list; allowed: a text"},
      {"sources: {transactions: {uri: a, columns: {customer_id: c, time: t, amount: a}}}\nmodels: all",
       "j:4: models: found 'all'; allowed: a mapping with the keys rfm, clustering, lifetime, churn"},
  };
  for (const Case& c : cases) {
    const absl::StatusOr<Job> job = ParseJob(head + c.rest, "j");
    ASSERT_FALSE(job.ok()) << c.rest;
    EXPECT_THAT(std::string(job.status().message()), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace strata
