// One small base from sources to answers, through the program as a person would use it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/base/temporary_folder.h"
#include "tests/client/command_line_run.h"
#include "tests/client/csv_reader.h"

namespace strata {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr int kCustomers = 1203;  // more than one chunk of a lookup

// Customer i buys on day 1 + i % 28 of the first 1 + i % 3 months of 2023 for i % 50 + 0.25.
void WriteSource(const std::string& path) {
  std::ofstream file(path);
  file << "customer_id,date,amount\n";
  for (int i = 0; i < kCustomers; ++i) {
    for (int month = 1; month <= 1 + i % 3; ++month) {
      file << "c" << i << ",2023-0" << month << "-" << (i % 28 < 9 ? "0" : "") << 1 + i % 28 << "," << i % 50
           << ".25\n";
    }
  }
}

class StateStory : public testing::Test {
 protected:
  void SetUp() override {
    WriteSource(folder_.Under("sales.csv"));
    std::ofstream(job_) << "name: shop\nas_of: 2023-03-31\ncurrency: EUR\nshards: 4\n"
                           "sources:\n  transactions:\n    uri: sales.csv\n"
                           "    columns: {customer_id: customer_id, time: date, amount: amount}\n"
                           "models:\n  rfm: {scores: 5}\n";
  }

  CommandResult Ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--state", state_});
    return Strata(arguments);
  }
  Json AskJson(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const CommandResult result = Ask(std::move(arguments));
    EXPECT_EQ(result.status, 0) << result.err;
    return Json::parse(result.out, nullptr, false);
  }

  const TemporaryFolder folder_;
  const std::string job_ = folder_.Under("job.yaml");
  const std::string state_ = folder_.Under("state");
};

TEST_F(StateStory, ARunIsReportedAndEveryCommandAnswersFromIt) {
  const CommandResult run = Ask({"run", job_});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("shop: snapshot 1 is published and answers from now on."));
  EXPECT_THAT(run.out, HasSubstr("customers  1,203, 1,203 of them with a purchase"));
  EXPECT_THAT(run.err, Not(HasSubstr("error")));

  // c4 bought on 5 January and 5 February: 4.25 each.
  const Json got = AskJson({"get", "c4"});
  EXPECT_EQ(got["score"]["purchase_days"], 2);
  EXPECT_EQ(got["score"]["net_micros"], 8'500'000);
  EXPECT_EQ(got["score"]["last_day"], "2023-02-05");
  EXPECT_THAT(Ask({"get", "c4"}).out, HasSubstr("Net spend      8.50 EUR"));

  const CommandResult nothing = Ask({"export", "--what", "features", "--out", folder_.Under("f.csv")});
  EXPECT_EQ(nothing.status, 1);
  EXPECT_THAT(nothing.err, HasSubstr("snapshot 1 of job shop has no clusters; the job does not ask for any"));

  const CommandResult unknown = Ask({"get", "nobody"});
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.err, HasSubstr("has no customer 'nobody'"));

  int64_t customers = 0;
  const Json segments = AskJson({"segments"});
  for (const Json& segment : segments["segments"]) customers += segment["customers"].get<int64_t>();
  EXPECT_EQ(customers, kCustomers);

  EXPECT_EQ(AskJson({"models"})["rfm"]["customers"], kCustomers);
  EXPECT_EQ(Ask({"snapshots", "digest"}).out, got["digest"].get<std::string>() + "\n");
  EXPECT_EQ(Ask({"snapshots", "verify"}).status, 0);
  EXPECT_EQ(Ask({"ledger", "verify"}).status, 0);
  EXPECT_EQ(AskJson({"ledger", "show"})["counts"]["read"], AskJson({"runs", "show", "1"})["rows"]["read"]);
  EXPECT_EQ(AskJson({"runs", "list"})["runs"].size(), 1u);
}

TEST_F(StateStory, LookupAndExportAgreeOnEverybody) {
  ASSERT_EQ(Ask({"run", job_, "--json"}).status, 0);
  std::ofstream ids(folder_.Under("ids"));
  for (int i = 0; i < kCustomers; ++i) ids << "c" << i << "\n";
  ids << "nobody\nc\xff\n" << std::string(257, 'x') << "\n";
  ids.close();
  const Json lookup = AskJson({"lookup", "--ids", folder_.Under("ids")});
  ASSERT_EQ(lookup["results"].size(), kCustomers + 3u);
  EXPECT_EQ(lookup["results"][kCustomers]["status"], "not_found");
  EXPECT_EQ(lookup["results"][kCustomers + 1]["status"], "invalid_id");
  EXPECT_EQ(lookup["results"][kCustomers + 2]["status"], "invalid_id");

  const Json exported = AskJson({"export", "--out", folder_.Under("scores.csv")});
  EXPECT_EQ(exported["customers"], kCustomers);
  EXPECT_EQ(AskJson({"export", "--out", folder_.Under("scores.parquet")})["customers"], kCustomers);
  std::ostringstream text;
  text << std::ifstream(folder_.Under("scores.csv")).rdbuf();
  const auto records = ReadCsv(text.str());
  ASSERT_EQ(records.size(), kCustomers + 1u);
  std::map<std::string, std::vector<std::string>> by_id;
  for (const auto& record : records) by_id[record[0]] = record;
  for (int i = 0; i < kCustomers; ++i) {
    const Json& result = lookup["results"][static_cast<size_t>(i)];
    const auto& record = by_id.at(result["customer_id"]);
    EXPECT_EQ(record[2], result["score"]["last_day"]);
    EXPECT_EQ(record[3], std::to_string(result["score"]["purchase_days"].get<int>()));
    EXPECT_EQ(record[10], result["score"]["segment"]);
  }
}

TEST_F(StateStory, SnapshotsAreActivatedRolledBackAndDeleted) {
  ASSERT_EQ(Ask({"run", job_, "--json"}).status, 0);
  ASSERT_EQ(Ask({"run", job_, "--as-of", "2023-04-30", "--json"}).status, 0);
  // Earlier than the current one: published, not activated, and still done.
  const CommandResult back = Ask({"run", job_, "--as-of", "2023-02-15", "--json"});
  EXPECT_EQ(back.status, 0) << back.err;
  EXPECT_EQ(Json::parse(back.out)["activated"], false);
  const CommandResult declined = Ask({"run", job_, "--as-of", "2023-05-31", "--no-activate", "--json"});
  EXPECT_EQ(declined.status, 0) << declined.err;
  EXPECT_EQ(AskJson({"get", "c4"})["snapshot"], 2);
  EXPECT_EQ(AskJson({"get", "c4", "--snapshot", "3"})["as_of"], "2023-02-15");

  EXPECT_EQ(Ask({"snapshots", "activate", "1"}).status, 0);
  EXPECT_EQ(AskJson({"get", "c4"})["snapshot"], 1);
  EXPECT_EQ(Ask({"snapshots", "delete", "1"}).status, 1) << "it answers";
  EXPECT_EQ(Ask({"snapshots", "delete", "3"}).status, 0);
  EXPECT_EQ(AskJson({"snapshots", "list"})["snapshots"].size(), 3u);
  const CommandResult gone = Ask({"snapshots", "digest", "3"});
  EXPECT_EQ(gone.status, 2);
  EXPECT_THAT(gone.err, HasSubstr("3"));
}

TEST_F(StateStory, DamageIsFoundAndNamed) {
  ASSERT_EQ(Ask({"run", job_, "--json"}).status, 0);
  std::string damaged;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state_)) {
    const std::string path = entry.path().string();
    if (path.find("/ledger/") != std::string::npos || path.find("plan") != std::string::npos) continue;
    if (path.find(".lookup") != std::string::npos && path.find("00002") != std::string::npos) damaged = path;
  }
  ASSERT_NE(damaged, "");
  std::filesystem::permissions(damaged, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
  std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(200);
  file.put('\x55');
  file.close();
  const CommandResult verify = Ask({"snapshots", "verify", "1"});
  EXPECT_EQ(verify.status, 1);
  EXPECT_THAT(verify.err, HasSubstr("00002"));
  EXPECT_EQ(Ask({"get", "c4"}).status, 1) << "a damaged snapshot does not answer";
}

TEST_F(StateStory, SeveralJobsWantAName) {
  ASSERT_EQ(Ask({"run", job_, "--json"}).status, 0);
  std::stringstream text;
  text << std::ifstream(job_).rdbuf();
  std::string other = text.str();
  other.replace(other.find("shop"), 4, "cafe");
  std::ofstream(folder_.Under("cafe.yaml")) << other;
  ASSERT_EQ(Ask({"run", folder_.Under("cafe.yaml"), "--json"}).status, 0);
  const CommandResult result = Ask({"segments"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, HasSubstr("cafe, shop"));
  EXPECT_EQ(AskJson({"segments", "--job", "cafe"})["job"], "cafe");
}

TEST_F(StateStory, RejectedRowsPastTheBudgetAreStatusTwoAndChangeNothing) {
  std::ofstream(folder_.Under("sales.csv"), std::ios::app) << "c1,2023-02-30,1\n";
  const CommandResult validate = Strata({"validate", job_});
  EXPECT_EQ(validate.status, 2);
  EXPECT_THAT(validate.out, HasSubstr("sales.csv:" + std::to_string(2 + 401 * 6) + ": date:"));
  EXPECT_THAT(validate.out, HasSubstr("computes nothing"));
  const CommandResult run = Ask({"run", job_, "--json"});
  EXPECT_EQ(run.status, 2);
  const Json json = Json::parse(run.out);
  EXPECT_EQ(json["published"], false);
  EXPECT_EQ(json["rejected_by_reason"], Json({{"DATE_IMPOSSIBLE", 1}}));
  EXPECT_EQ(json["error"]["reason"], "ERROR_BUDGET_EXCEEDED");
  EXPECT_EQ(Ask({"segments"}).status, 1);
}

}  // namespace
}  // namespace strata
