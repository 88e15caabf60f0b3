#include "run/job_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "run/transaction_fields.h"

namespace strata {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kWhole[] = R"(name: cdnow
as_of: 1997-09-30
time_zone: Europe/Berlin
currency: EUR
seed: 18446744073709551615
shards: 8
sources:
  transactions:
    uri: data/*.csv
    columns: {customer_id: cid, time: at, amount: value, quantity: pieces, unit_price: price, currency: cur,
              is_return: ret, transaction_id: tx, updated_at: upd, order_id: o, product_id: p, region: r,
              channel: c, promotion_id: promo, due_date: due, payment_date: paid}
    time_format: "%d.%m.%Y"
    delimiter: ";"
    on_missing_customer: skip
    on_vanished: remove
    on_changed: replace
    expect: {rows_new_min: 10, newest_day_lag_max_days: 3}
error_budget: {rejected_ratio_max: 0.01, rejected_max: 500}
models:
  rfm: {scores: 4}
  clustering: {k: 7, k_max: 9, iterations_max: 50}
  lifetime: {model: bg_nbd, spend: none, time_unit: month, horizon_days: 180, discount_rate_annual: 0.05}
  churn: {algorithm: logistic, horizon_days: 60, eligible_days: 200}
)";

constexpr char kSmall[] = R"(name: shop
currency: USD
sources:
  transactions:
    uri: sales.csv
    columns: {customer_id: c, time: t, amount: a}
)";

TEST(JobFile, ReadsEveryKey) {
  const absl::StatusOr<Job> job = ParseJob(kWhole, "job.yaml");
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
  EXPECT_EQ(columns, "cid at value pieces price cur ret tx upd o p r c promo due paid ");
  EXPECT_EQ(source.time_format, "%d.%m.%Y");
  EXPECT_EQ(source.delimiter, ';');
  EXPECT_EQ(source.on_missing_customer, OnMissingCustomer::kSkip);
  EXPECT_EQ(source.on_vanished, OnVanished::kRemove);
  EXPECT_EQ(source.on_changed, OnChanged::kReplace);
  EXPECT_EQ(source.expect.rows_new_min, 10);
  EXPECT_EQ(source.expect.newest_day_lag_max_days, 3);
  EXPECT_DOUBLE_EQ(job->error_budget.rejected_ratio_max, 0.01);
  EXPECT_EQ(job->error_budget.rejected_max, 500);
  EXPECT_EQ(job->rfm->scores, 4);
  EXPECT_EQ(job->clustering->k, 7);
  EXPECT_EQ(job->clustering->iterations_max, 50);
  EXPECT_EQ(job->lifetime->time_unit, "month");
  EXPECT_DOUBLE_EQ(job->lifetime->time_unit_days, 30.4375);
  EXPECT_FALSE(job->lifetime->spend);
  EXPECT_EQ(job->lifetime->horizon_days, 180);
  EXPECT_EQ(job->churn->eligible_days, 200);
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
  EXPECT_FALSE(job->rfm.has_value() || job->clustering.has_value() || job->lifetime.has_value() ||
               job->churn.has_value());
}

TEST(JobFile, AModelNamedWithoutSettingsHasItsDefaults) {
  const absl::StatusOr<Job> job =
      ParseJob(std::string(kSmall) + "models:\n  rfm:\n  clustering: {k: auto}\n  churn: {horizon_days: 30}\n", "j");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->rfm->scores, 5);
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

// One edit of the whole job above, and what the message must say.
struct BrokenCase {
  const char* what;
  const char* replace;
  const char* with;
  int line;
  const char* key;
  std::vector<const char*> parts;
};

class BrokenJob : public ::testing::TestWithParam<BrokenCase> {};

TEST_P(BrokenJob, SaysWhereWhatAndWhatIsAllowed) {
  const BrokenCase& c = GetParam();
  std::string text = kWhole;
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
        BrokenCase{"yaml", "name: cdnow", "name: \"cdnow", 0, "", {"not valid YAML"}}),
    [](const auto& info) {
      std::string name = info.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

INSTANTIATE_TEST_SUITE_P(
    Sources, BrokenJob,
    ::testing::Values(
        BrokenCase{"source table",
                   "  transactions:",
                   "  customers: {}\n  transactions:",
                   8,
                   "sources.customers: ",
                   {"not available in this version"}},
        BrokenCase{"unknown table",
                   "  transactions:",
                   "  transaction:",
                   8,
                   "sources.transaction: ",
                   {"did you mean 'transactions'?"}},
        BrokenCase{"no uri", "    uri: data/*.csv\n", "", 8, "sources.transactions.uri: ", {"missing", "glob"}},
        BrokenCase{"columns list",
                   "columns: {",
                   "time_format: x\n    columns: [1]\n    expect: {",
                   11,
                   "sources.transactions.columns: ",
                   {"a list", "customer_id"}},
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
            "rejected", "rejected_max: 500", "rejected_max: many", 19, "error_budget.rejected_max: ", {"'many'"}}),
    [](const auto& info) {
      std::string name = info.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

INSTANTIATE_TEST_SUITE_P(
    Models, BrokenJob,
    ::testing::Values(
        BrokenCase{"models text", "models:", "models: all\nsources2:", 20, "models: ", {"'all'", "rfm"}},
        BrokenCase{"unknown model", "  rfm:", "  rmf:", 21, "models.rmf: ", {"did you mean 'rfm'?"}},
        BrokenCase{"scores", "scores: 4", "scores: 11", 21, "models.rfm.scores: ", {"'11'", "2 to 10"}},
        BrokenCase{"k", "k: 7", "k: many", 22, "models.clustering.k: ", {"'many'", "auto", "2 to 64"}},
        BrokenCase{"k one", "k: 7", "k: 1", 22, "models.clustering.k: ", {"'1'", "2 to 64"}},
        BrokenCase{"k max", "k_max: 9", "k_max: 65", 22, "models.clustering.k_max: ", {"'65'", "2 to 64"}},
        BrokenCase{"model", "bg_nbd", "pareto_nbd", 23, "models.lifetime.model: ", {"'pareto_nbd'", "bg_nbd"}},
        BrokenCase{"spend",
                   "spend: none",
                   "spend: gama_gamma",
                   23,
                   "models.lifetime.spend: ",
                   {"did you mean 'gamma_gamma'?"}},
        BrokenCase{"unit", "month", "year", 23, "models.lifetime.time_unit: ", {"'year'", "day, week, month"}},
        BrokenCase{"horizon", "days: 180", "days: 3651", 23, "models.lifetime.horizon_days: ", {"0 to 3650"}},
        BrokenCase{"discount", "0.05", "-0.05", 23, "models.lifetime.discount_rate_annual: ", {"from 0 to 10"}},
        BrokenCase{"gbdt", "logistic", "gbdt", 24, "models.churn.algorithm: ", {"not available in this version"}},
        BrokenCase{"churn horizon", "days: 60", "days: 0", 24, "models.churn.horizon_days: ", {"1 to 730"}}),
    [](const auto& info) {
      std::string name = info.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

TEST(JobFile, RefusesAFileThatFitsNoFrame) {
  const auto job = ParseJob(std::string(kSmall) + "#" + std::string(kMaxJobFileBytes, 'x'), "big.yaml");
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(std::string(job.status().message()), AllOf(HasSubstr("big.yaml"), HasSubstr("32768 at most")));
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
  Job job = *ParseJob(kWhole, "j");
  const auto before = LedgerFingerprint(job);
  job.rfm->scores = 9;
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

TEST(ModelFingerprint, ChangesWithEverySettingThatCounts) {
  const Job job = *ParseJob(kWhole, "j");
  const std::string before = ModelFingerprint(job);
  Job other = job;
  other.shards = 1;
  other.as_of.reset();
  other.clustering->k_max = 20;  // only read when k is auto
  EXPECT_EQ(ModelFingerprint(other), before);
  const auto differs = [&](auto change) {
    Job edited = job;
    change(&edited);
    return ModelFingerprint(edited) != before;
  };
  EXPECT_TRUE(differs([](Job* j) { j->seed = 3; }));
  EXPECT_TRUE(differs([](Job* j) { j->rfm.reset(); }));
  EXPECT_TRUE(differs([](Job* j) { j->rfm->scores = 3; }));
  EXPECT_TRUE(differs([](Job* j) { j->clustering->k.reset(); }));
  EXPECT_TRUE(differs([](Job* j) { j->clustering->iterations_max = 51; }));
  EXPECT_TRUE(differs([](Job* j) { j->lifetime->discount_rate_annual = 0.06; }));
  EXPECT_TRUE(differs([](Job* j) { j->lifetime->spend = true; }));
  EXPECT_TRUE(differs([](Job* j) { j->churn->eligible_days = 201; }));
}

}  // namespace
}  // namespace strata
