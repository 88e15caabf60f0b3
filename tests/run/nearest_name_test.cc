#include "run/nearest_name.h"

#include <gtest/gtest.h>

#include <vector>

namespace strata {
namespace {

TEST(NearestName, GuessesWhatWasMeant) {
  const std::vector<std::string> names = {"customer_id", "time", "amount", "quantity"};
  struct Case {
    const char* name;
    const char* guess;
  };
  const Case cases[] = {
      {"custmer_id", "customer_id"},
      {"CUSTOMER_ID", "customer_id"},
      {"amuont", "amount"},
      {"tiem", "time"},
      {"quantities", "quantity"},
      {"cust", "customer_id"},
      {"zebra", ""},
      {"", ""},
      {"t", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(NearestName(c.name, names), c.guess) << c.name;
}

TEST(NearestName, TakesTheFirstOfEquals) {
  EXPECT_EQ(NearestName("cot", std::vector<std::string>{"cat", "cut"}), "cat");
}

TEST(NearestName, SaysSoOnlyWhenThereIsAGuess) {
  const std::vector<std::string> names = {"amount"};
  EXPECT_EQ(DidYouMean("amout", names), "; did you mean 'amount'?");
  EXPECT_EQ(DidYouMean("xyz", names), "");
  EXPECT_EQ(DidYouMean(std::string(100'000, 'a'), names), "");
}

}  // namespace
}  // namespace strata
