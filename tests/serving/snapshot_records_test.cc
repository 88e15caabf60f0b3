#include <gtest/gtest.h>

#include "run/current.h"
#include "run/snapshot_record.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

TEST(CurrentPointers, HaveOneTextAndReadItBack) {
  const CurrentPointer pointer{.generation = 3, .snapshot = 12, .manifest_checksum = 0xab};
  EXPECT_EQ(pointer.ToJson(), R"({"format":1,"generation":3,"snapshot":12,"manifest_checksum":"00000000000000ab"})");
  EXPECT_EQ(*CurrentPointer::FromJson(pointer.ToJson()), pointer);
}

TEST(CurrentPointers, RefuseEveryOtherText) {
  const std::string good = CurrentPointer{.generation = 3, .snapshot = 12, .manifest_checksum = 0xab}.ToJson();
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(CurrentPointer::FromJson(good.substr(0, i)).ok()) << i;
    std::string changed = good;
    changed[i] = '~';
    EXPECT_FALSE(CurrentPointer::FromJson(changed).ok()) << i;
  }
  EXPECT_THAT(CurrentPointer::FromJson(" " + good), FailsWith(kDataLoss, "CURRENT_CORRUPT"));
  EXPECT_THAT(CurrentPointer::FromJson(CurrentPointer{.generation = 0, .snapshot = 12}.ToJson()),
              FailsWith(kDataLoss, "CURRENT_CORRUPT"));
  EXPECT_THAT(CurrentPointer::FromJson(R"({"format":2})"),
              FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
}

TEST(SnapshotRecords, ReadBackWhatTheyWrote) {
  const SnapshotRecord record{.number = 12,
                              .state = SnapshotState::kDeleting,
                              .manifest_checksum = ~uint64_t{0},
                              .digest = "00ff",
                              .as_of = ToDay({.year = 1997, .month = 9, .day = 30}),
                              .customers = 23570,
                              .published_ms = 1'704'067'200'123,
                              .run = 12,
                              .follows = 11,
                              .ledger_version = 4};
  EXPECT_EQ(*SnapshotRecord::FromJson(record.ToJson()), record);
  EXPECT_NE(record.ToJson().find(R"("as_of":"1997-09-30")"), std::string::npos);
}

TEST(SnapshotRecords, RefuseEveryOtherText) {
  const std::string good = SnapshotRecord{.number = 12, .digest = "00ff"}.ToJson();
  ASSERT_OK(SnapshotRecord::FromJson(good));
  const auto with = [&good](const std::string& from, const std::string& to) {
    std::string text = good;
    return SnapshotRecord::FromJson(text.replace(text.find(from), from.size(), to));
  };
  EXPECT_THAT(with("published\"", "lost\""), SaysThat("state is 'lost'"));
  EXPECT_THAT(with("1970-01-01", "1970-02-30"), SaysThat("as_of is '1970-02-30'"));
  EXPECT_THAT(with("\"number\":12", "\"number\":0"), SaysThat("number is 0"));
  EXPECT_THAT(with("\"number\":12", "\"number\":\"12\""), FailsWith(kDataLoss, "SNAPSHOT_RECORD_CORRUPT"));
  EXPECT_THAT(with("\"number\":12", "\"extra\":1,\"number\":12"), SaysThat("canonical"));
  EXPECT_THAT(with("\"format\":1", "\"format\":2"), FailsWith(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN"));
  EXPECT_THAT(SnapshotRecord::FromJson(""), FailsWith(kDataLoss, "SNAPSHOT_RECORD_CORRUPT"));
}

}  // namespace
}  // namespace strata
