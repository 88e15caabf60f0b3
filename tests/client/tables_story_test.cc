// What a user sees of the tables of a job: what they are, a made-up base with all of them, and its check.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "run/job_file.h"
#include "run/table_schema.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"
#include "tests/client/command_line_run.h"

namespace strata {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using Json = nlohmann::json;

std::string Contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TEST(TablesCommand, ShowsTheSchemas) {
  const CommandResult all = Strata({"tables"});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("\nsurveys       events    response_id, item, form "));
  EXPECT_THAT(all.out, HasSubstr("\nkyc           versions  customer_id, valid_from "));
  const CommandResult one = Strata({"tables", "costs"});
  EXPECT_THAT(one.out, HasSubstr("costs: What was spent on customers, or on activities for all of them. (events)\n"));
  EXPECT_THAT(one.out, HasSubstr("goods, service, contact, retention, discount"));
  const Json json = Json::parse(Strata({"tables", "--json"}).out);
  ASSERT_THAT(json["tables"], SizeIs(kTableCount));
  EXPECT_EQ(json["tables"][1]["columns"][5]["words"], Json({"female", "male", "other", "unknown"}));
  EXPECT_EQ(Strata({"tables", "--markdown"}).out, Contents("docs/tables.md"));

  const CommandResult wrong = Strata({"tables", "costumers"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("NAME 'costumers': allowed are transactions, customers,"));
  EXPECT_THAT(wrong.err, HasSubstr("did you mean 'customers'?"));
  EXPECT_THAT(Strata({"tables", "costs", "--markdown"}).err, HasSubstr("--markdown with costs: "));
  EXPECT_THAT(Strata({"tables", "--json", "--markdown"}).err, HasSubstr("--markdown with --json: "));
}

TEST(TablesCommand, AMadeUpBaseHasAllOfThemAndIsValid) {
  for (const std::string format : {"parquet", "csv"}) {
    const TemporaryFolder folder;
    const std::string out = folder.Under("base");
    const CommandResult made = Strata({"generate", "--customers", "1500", "--transactions", "9000", "--tables", "all",
                                       "--dirty-ratio", "0.04", "--format", format, "--out", out});
    ASSERT_EQ(made.status, 0) << made.err;
    EXPECT_THAT(made.out, HasSubstr("Rows of the other tables: customers 1,6"));
    const auto job = ParseJob(Contents(out + "/job.yaml"), "job.yaml");
    ASSERT_OK(job);
    EXPECT_THAT(job->tables, SizeIs(kTableCount - 1));
    EXPECT_TRUE(job->value.has_value() && job->levels.has_value() && job->life_cycle.has_value() && job->all_reports);

    const CommandResult valid = Strata({"validate", out + "/job.yaml", "--json"});
    ASSERT_EQ(valid.status, 0) << valid.err;
    const Json said = Json::parse(valid.out), truth = Json::parse(Contents(out + "/truth_tables.json"));
    ASSERT_THAT(said["tables"], SizeIs(kTableCount - 1));
    for (const auto& [name, table] : said["tables"].items()) {
      if (!truth["tables"].contains(name)) continue;
      const Json& accounts = truth["tables"][name]["a_run_accounts"];
      EXPECT_EQ(table["rows"]["read"], accounts["read"]) << name;
      EXPECT_EQ(table["rows"]["rejected"], accounts["rejected"]) << name;
    }
    EXPECT_EQ(said["tables"]["usage"]["last_day"], "2026-01-30") << "future ones";
    EXPECT_THAT(Strata({"validate", out + "/job.yaml"}).out, HasSubstr("\nSource kyc: kyc\n"));
  }
}

TEST(TablesCommand, ATableBeyondItsBudgetIsNamed) {
  const TemporaryFolder folder;
  std::ofstream(folder.Under("sales.csv")) << "id,day,amount\n1,2024-01-02,5\n";
  std::ofstream(folder.Under("people.csv")) << "id,age\n1,200\n2,30\n";
  std::ofstream(folder.Under("job.yaml"))
      << "name: shop\ncurrency: EUR\nerror_budget: {rejected_max: 5, rejected_ratio_max: 1}\nsources:\n"
         "  transactions: {uri: sales.csv, columns: {customer_id: id, time: day, amount: amount}}\n"
         "  customers: {uri: people.csv, columns: {customer_id: id, age: age}, error_budget: {rejected_ratio_max: 0}}\n"
         "models: {rfm: {scores: 5}}\n";
  const CommandResult wrong = Strata({"validate", folder.Under("job.yaml")});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err,
              HasSubstr("customers: 1 of 2 rows of the sample are rejected, and sources.customers.error_budget"));
  EXPECT_THAT(wrong.out, HasSubstr("people.csv:2: age: age (column 'age') '200' is out of range; allowed: 0 to 130"));
  std::ofstream(folder.Under("people.csv")) << "id,years\n1,20\n";
  EXPECT_THAT(Strata({"validate", folder.Under("job.yaml")}).err, HasSubstr("sources.customers: "));
}

}  // namespace
}  // namespace strata
