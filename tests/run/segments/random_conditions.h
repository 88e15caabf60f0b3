// Conditions over the sample catalogue and customers to try them on, drawn from a seed: of every kind the language has,
// with values that are not known, and small enough that nothing overflows. Not thread-safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

#include "tests/run/segments/scalar_evaluator.h"

namespace strata {

class RandomConditions {
 public:
  explicit RandomConditions(uint64_t seed) : random_(seed) {}

  // A condition as a person would write it, with at most `depth` levels of operators outside of a select.
  std::string Condition(int depth = 4);

  // As of day 20,000, with rows before, on and behind it.
  ScalarBase Base(size_t customers);

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  std::string_view OneOf(std::initializer_list<std::string_view> choices);

  std::string Flag(int depth);
  std::string Simple(int depth);
  std::string Text();
  std::string Numeric(int depth);
  std::string Date();
  std::string Literal();
  std::string Select(int depth);
  ScalarCustomer Customer();
  ScalarEvent Event(bool is_case);

  std::mt19937_64 random_;
  bool in_select_ = false;
};

}  // namespace strata
