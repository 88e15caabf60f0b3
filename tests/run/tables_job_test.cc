// Merged identities and rates in a job file: what is read, what the ledger depends on, and every way to get it wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "run/job_file.h"
#include "run/ledger_version.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

constexpr char kJob[] = R"(name: shop
currency: EUR
sources:
  transactions:
    uri: sales.csv
    columns: {customer_id: c, time: t, amount: a, currency: cur}
  aliases:
    uri: merged/*.csv
    columns: {old_id: old, new_id: new, date: since}
  fx:
    uri: s3://rates/ecb
    columns: {currency: code, day: d, rate: r}
)";

std::string Edited(const std::string& replace, const std::string& with) {
  std::string text = kJob;
  const size_t at = text.find(replace);
  EXPECT_NE(at, std::string::npos) << replace;
  return text.replace(at, replace.size(), with);
}

TEST(TablesInAJob, AreRead) {
  const auto job = ParseJob(kJob, "job.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->aliases->uri, "merged/*.csv");
  EXPECT_EQ(job->aliases->old_id + " " + job->aliases->new_id + " " + job->aliases->date, "old new since");
  EXPECT_EQ(job->fx->uri, "s3://rates/ecb");
  EXPECT_EQ(job->fx->currency + " " + job->fx->day + " " + job->fx->rate, "code d r");
}

TEST(TablesInAJob, BelongToTheFingerprintByTheirColumns) {
  const auto before = LedgerFingerprint(*ParseJob(kJob, "j"));
  EXPECT_EQ(LedgerFingerprint(*ParseJob(Edited("merged/*.csv", "elsewhere.csv"), "j")), before);
  const std::vector<std::pair<std::string, std::string>> edits = {
      {"old_id: old", "sources.aliases.columns.old_id: the ledger has 'old', the job has 'x'"},
      {"new_id: new", "sources.aliases.columns.new_id: the ledger has 'new', the job has 'x'"},
      {"date: since", "sources.aliases.columns.date: the ledger has 'since', the job has 'x'"},
      {"currency: code", "sources.fx.columns.currency: the ledger has 'code', the job has 'x'"},
      {"day: d", "sources.fx.columns.day: the ledger has 'd', the job has 'x'"},
      {"rate: r", "sources.fx.columns.rate: the ledger has 'r', the job has 'x'"},
  };
  for (const auto& [edit, difference] : edits) {
    const auto job = ParseJob(Edited(edit, edit.substr(0, edit.find(' ')) + " x"), "j");
    ASSERT_TRUE(job.ok()) << job.status();
    EXPECT_THAT(FingerprintDifferences(before, LedgerFingerprint(*job)), testing::ElementsAre(difference));
  }
  const std::string text = kJob;
  const auto without = ParseJob(text.substr(0, text.find("  aliases:")), "j");
  ASSERT_TRUE(without.ok());
  EXPECT_EQ(LedgerFingerprint(*without).size() + 6, before.size());
}

TEST(TablesInAJob, LedgerVersionsNameThemAndOldRecordsHaveNone) {
  LedgerVersion version{.version = 3, .parent = 2, .fingerprint = {}, .registry = {"r", 1, 2}, .digest = "d", .run = 4};
  EXPECT_EQ(version.ToJson().find("aliases"), std::string::npos);
  EXPECT_TRUE(LedgerVersion::FromJson(version.ToJson())->aliases.empty());
  version.aliases = {.key = "a", .checksum = UINT64_MAX, .size_bytes = 5};
  version.fx = {.key = "f", .checksum = 6, .size_bytes = 7};
  const auto again = LedgerVersion::FromJson(version.ToJson());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->aliases, version.aliases);
  EXPECT_EQ(again->fx, version.fx);
}

TEST(BrokenTablesInAJob, SayWhereWhatAndWhatIsAllowed) {
  struct Case {
    const char* replace;
    const char* with;
    int line;
    const char* key;
    std::vector<const char*> parts;
  };
  const std::vector<Case> cases = {
      {"  aliases:", "  aliasses:", 7, "sources.aliasses: ", {"unknown key", "did you mean 'aliases'?"}},
      {"    uri: merged/*.csv\n", "", 7, "sources.aliases.uri: ", {"missing", "glob"}},
      {"uri: merged/*.csv", "uri: [a]", 8, "sources.aliases.uri: ", {"a list"}},
      {"uri: merged/*.csv", "uri: a\n    delimiter: ;", 9, "sources.aliases.delimiter: ", {"unknown key"}},
      {"    columns: {old_id: old, new_id: new, date: since}\n",
       "",
       7,
       "sources.aliases.columns: ",
       {"old_id, new_id, date"}},
      {"old_id: old, ", "", 9, "sources.aliases.columns.old_id: ", {"missing", "a column of the table"}},
      {"new_id: new", "newid: new", 9, "sources.aliases.columns.newid: ", {"did you mean 'new_id'?"}},
      {"date: since", "date: ' '", 9, "sources.aliases.columns.date: ", {"not blank"}},
      {"uri: s3://rates/ecb", "url: x", 11, "sources.fx.url: ", {"did you mean 'uri'?"}},
      {", rate: r", "", 12, "sources.fx.columns.rate: ", {"missing"}},
      {", currency: cur",
       "",
       10,
       "sources.fx: ",
       {"no column says a row's currency", "sources.transactions.columns.currency"}},
      {"  fx:", "  products:", 12, "sources.products.columns.currency: ", {"unknown key"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(std::string(c.replace) + " → " + c.with);
    const auto job = ParseJob(Edited(c.replace, c.with), "night.yaml");
    ASSERT_FALSE(job.ok());
    EXPECT_EQ(DetailOf(job.status())->reason, "JOB_INVALID");
    const std::string message(job.status().message());
    EXPECT_THAT(message, HasSubstr("night.yaml:" + std::to_string(c.line) + ": " + c.key));
    for (const char* part : c.parts) EXPECT_THAT(message, HasSubstr(part));
  }
}

}  // namespace
}  // namespace strata
