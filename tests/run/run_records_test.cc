// Records of runs: what was written comes back, and records of before still do.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "run/job.h"
#include "run/ledger_version.h"
#include "run/on_finish.h"
#include "run/run_state.h"
#include "run/summary.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

TEST(FinishRecord, ComesBack) {
  for (const bool flag : {false, true}) {
    FinishRecord record{.on_finish = {.command = {"notify", "--to", "a b"},
                                      .webhook = "https://hooks.example.com/x",
                                      .timeout_seconds = 7,
                                      .on_succeeded = flag,
                                      .on_failed = !flag,
                                      .on_cancelled = flag},
                        .folder = "/jobs"};
    EXPECT_EQ(*FinishRecord::Decode(record.Encode()), record);
  }
  std::string other = FinishRecord{}.Encode();
  other[0] = 9;
  EXPECT_THAT(FinishRecord::Decode(other), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
  EXPECT_FALSE(FinishRecord::Decode("xy").ok());
  EXPECT_FALSE(FinishRecord::Decode(FinishRecord{}.Encode() + "x").ok());
}

TEST(LedgerRegistry, KeepsTheDigestsOfItsShards) {
  LedgerRegistry registry{.customers = 3, .rows = 4, .conflicts = 1};
  registry.segments = {{{.object = {.key = "k", .checksum = 5, .size_bytes = 6}, .version = 7}}, {}};
  registry.digests = {{.high = 8, .low = 9}, {}};
  registry.rows_by_day = {{-3, 4}};
  const auto read = LedgerRegistry::Decode(registry.Encode());
  ASSERT_OK(read);
  EXPECT_EQ(read->Encode(), registry.Encode());
  EXPECT_EQ(read->digests, registry.digests);
  std::string old = registry.Encode();
  old[0] = 2;  // digests of these were hashes over all rows in order
  EXPECT_THAT(LedgerRegistry::Decode(old), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
}

TEST(HostOf, LeavesOutWhatMayBeASecret) {
  const std::pair<const char*, const char*> rows[] = {
      {"https://hooks.example.com/services/T0/secret", "https://hooks.example.com"},
      {"http://localhost:8080", "http://localhost:8080"},
      {"http://h?token=secret", "http://h"},
      {"http://[::1]:80/x", "http://[::1]:80"},
  };
  for (const auto& [url, host] : rows) EXPECT_EQ(HostOf(url), host);
}

RunRequestRecord Asked() {
  RunRequestRecord record;
  record.build_id = "b1";
  record.job_yaml = "name: shop";
  record.job_folder = "/jobs";
  record.as_of = 7;
  record.activation = Activation::kNoActivate;
  record.verify_sources = true;
  return record;
}

TEST(RunRequestRecord, ComesBackInOneFormat) {
  RunRequestRecord asked = Asked();
  EXPECT_EQ(*RunRequestRecord::Decode(asked.Encode()), asked);
  asked.ignore_veto = true;
  EXPECT_EQ(*RunRequestRecord::Decode(asked.Encode()), asked);
  asked.backfill = true;
  EXPECT_EQ(*RunRequestRecord::Decode(asked.Encode()), asked);

  for (const bool only : {false, true}) {
    asked.rebuild_ledger = !only;
    asked.ledger_only = only;
    EXPECT_EQ(*RunRequestRecord::Decode(asked.Encode()), asked);
  }

  std::string second = asked.Encode();
  second[0] = 2;
  EXPECT_THAT(RunRequestRecord::Decode(second), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
}

TEST(RunRequestRecord, ALongOneLiesInPieces) {
  EXPECT_EQ(Asked().Pieces(), (std::vector<std::pair<std::string, std::string>>{{"request", Asked().Encode()}}));
  RunRequestRecord asked = Asked();
  while (asked.job_yaml.size() < kMaxJobFileBytes) asked.job_yaml += std::to_string(asked.job_yaml.size());
  std::string joined;
  std::string last;
  for (const auto& [name, value] : asked.Pieces()) {
    EXPECT_GT(name, last) << "as metadata lists them";
    EXPECT_LE(value.size(), 64 * 1024) << "what a metadata value may have";
    last = name;
    joined += value;
  }
  EXPECT_EQ(*RunRequestRecord::Decode(joined), asked);
}

TEST(RunSummary, KeepsWhatRulesAndHooksSaid) {
  RunSummary summary;
  summary.job = "shop";
  const std::string plain = summary.ToJson();
  EXPECT_EQ(plain.find("broken_rules"), std::string::npos) << "as records of before";
  EXPECT_EQ(RunSummary::FromJson(plain)->ToJson(), plain);
  summary.broken_rules = {{"veto.customers_min", "1 customers", "at least 2"}};
  summary.on_finish = {{.kind = "webhook", .ok = false, .attempts = 3, .seconds = 5.5, .message = "status 503"}};
  const auto read = RunSummary::FromJson(summary.ToJson());
  ASSERT_OK(read);
  EXPECT_EQ(read->broken_rules, summary.broken_rules);
  EXPECT_EQ(read->on_finish, summary.on_finish);
}

}  // namespace
}  // namespace strata
