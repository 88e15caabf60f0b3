// Members and moves as bytes, and back.
#include "data/snapshot/members_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "data/snapshot/moves_file.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

MemberBits RandomMembers(uint64_t seed, size_t segments, size_t customers) {
  std::mt19937_64 random(seed);
  MemberBits members;
  for (size_t i = 0; i < segments; ++i) {
    members.names.push_back("segment-" + std::string(1, static_cast<char>('a' + i)));
    members.definitions.push_back(std::to_string(random()));
    std::vector<uint64_t>& bits = members.bits.emplace_back((customers + 63) / 64);
    for (size_t row = 0; row < customers; ++row) bits[row / 64] |= (random() & 1) << row % 64;
  }
  return members;
}

TEST(MembersFile, SaysWhatWasWritten) {
  for (const size_t customers : {0u, 1u, 63u, 64u, 65u, 1000u}) {
    for (const size_t segments : {0u, 1u, 5u}) {
      const MemberBits members = RandomMembers(3, segments, customers);
      const auto bytes = EncodeMembers(members, customers);
      ASSERT_OK(bytes);
      EXPECT_EQ(*EncodeMembers(members, customers), *bytes);
      const auto file = MembersFile::Open(*bytes);
      ASSERT_OK(file);
      EXPECT_EQ(file->customers(), customers);
      const MemberBits read = file->Bits();
      EXPECT_EQ(read.names, members.names);
      EXPECT_EQ(read.definitions, members.definitions);
      EXPECT_EQ(read.bits, members.bits);
      for (size_t i = 0; i < segments; ++i) {
        for (size_t row = 0; row < customers; ++row) ASSERT_EQ(file->Has(i, row), members.Has(i, row));
      }
    }
  }
}

TEST(MembersFile, CutBytesAreAnErrorAndNeverMore) {
  const auto bytes = EncodeMembers(RandomMembers(4, 3, 500), 500);
  ASSERT_OK(bytes);
  for (size_t size = 0; size < bytes->size(); size += 37) {
    EXPECT_THAT(MembersFile::Open(std::string_view(*bytes).substr(0, size)),
                FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT"))
        << size;
  }
}

TEST(MovesFile, HasOneOrder) {
  std::vector<MemberMove> moves = {{"a", true, "1"}, {"a", true, "2"}, {"a", false, "0"}, {"b", false, "9"}};
  const std::vector<MemberMove> ordered = moves;
  const auto expected = EncodeMoves(moves);
  ASSERT_OK(expected);
  std::mt19937_64 random(1);
  for (int i = 0; i < 5; ++i) {
    std::shuffle(moves.begin(), moves.end(), random);
    EXPECT_EQ(*EncodeMoves(moves), *expected);
  }
  const auto read = DecodeMoves(*expected);
  ASSERT_OK(read);
  EXPECT_EQ(*read, ordered);
  EXPECT_EQ(*DecodeMoves(*EncodeMoves({})), std::vector<MemberMove>());
  EXPECT_THAT(DecodeMoves(expected->substr(0, expected->size() / 2)),
              FailsWith(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT"));
}

}  // namespace
}  // namespace strata
