#include "model/clustering/moves.h"

#include <gtest/gtest.h>

#include <string>

namespace strata {
namespace {

constexpr Day kThen = 100, kSilent = 100, kBought = 101;

struct Case {
  const char* what;
  ClusterMove move;
  Day last_row_day;
  const char* cause;
  const char* part;
};

TEST(WhyMoved, IsTheTableOfCauses) {
  const Case cases[] = {
      {"the same cluster, whatever the last model says", {2, 5, 5, 2, true, true}, kBought, "stayed", ""},
      {"had none", {0, 4, 4, 3}, kBought, "entered", ""},
      {"has none any more", {3, 3, 3, 0}, kBought, "left", ""},
      {"never had one", {0, 3, 3, 0}, kBought, "stayed", ""},
      {"the last model sees the move too: bought", {1, 2, 9, 2}, kBought, "bought", ""},
      {"the same without a row since then: aged", {1, 2, 9, 2}, kSilent, "aged", ""},
      {"though a cluster appeared", {1, 2, 2, 2, false, true}, kSilent, "aged", ""},
      {"the last model sees no move, its centres in today's space do", {1, 1, 2, 2}, kBought, "transform", "transform"},
      {"neither does: the centres moved", {1, 1, 1, 2}, kBought, "centres", "centres"},
      {"the cluster is gone", {1, 1, 2, 2, true, false}, kBought, "k", "k"},
      {"the cluster is new", {1, 1, 1, 2, false, true}, kBought, "k", "k"},
      {"both, and bought", {1, 3, 1, 2}, kBought, "both_bought", "centres"},
      {"both, and aged", {1, 3, 2, 2}, kSilent, "both_aged", "transform"},
      {"both, with a new cluster", {1, 3, 2, 2, false, true}, kSilent, "both_aged", "k"},
      {"the last model would set the customer aside", {1, 0, 1, 2}, kBought, "both_bought", "centres"},
  };
  for (const Case& row : cases) {
    const MoveReason reason = WhyMoved(row.move, row.last_row_day, kThen);
    EXPECT_STREQ(Name(reason.cause), row.cause) << row.what;
    EXPECT_STREQ(Name(reason.part), row.part) << row.what;
  }
}

}  // namespace
}  // namespace strata
