#include "tests/simulation/fiber.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace strata::simulation {
namespace {

TEST(Fiber, GoesOnWhereItStopped) {
  std::string said;
  Fiber fiber([&] {
    for (const char* word : {"one ", "two ", "three"}) {
      said += word;
      Fiber::Yield();
    }
  });
  for (const char* expected : {"one ", "one two ", "one two three"}) {
    EXPECT_FALSE(fiber.done());
    fiber.Resume();
    EXPECT_EQ(said, expected);
    EXPECT_EQ(Fiber::Current(), nullptr);
  }
  fiber.Resume();
  EXPECT_TRUE(fiber.done());
}

TEST(Fiber, ADyingOneDestroysWhatItHolds) {
  const auto held = std::make_shared<int>(1);
  bool went_on = false;
  Fiber fiber([&went_on, held] {
    const auto mine = held;
    Fiber::Yield();
    went_on = true;
  });
  fiber.Resume();
  EXPECT_EQ(held.use_count(), 3);
  fiber.Resume(true);
  EXPECT_TRUE(fiber.done());
  EXPECT_FALSE(went_on);
  EXPECT_EQ(held.use_count(), 1);
}

TEST(Fiber, ManyTakeTurns) {
  std::string said;
  std::vector<std::unique_ptr<Fiber>> fibers;
  for (const char name : {'a', 'b', 'c'}) {
    fibers.push_back(std::make_unique<Fiber>([&said, name] {
      said += name;
      Fiber::Yield();
      said += name;
    }));
  }
  for (int round = 0; round < 2; ++round) {
    for (const auto& fiber : fibers) fiber->Resume();
  }
  EXPECT_EQ(said, "abcabc");
}

}  // namespace
}  // namespace strata::simulation
