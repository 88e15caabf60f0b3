// Random values of the domain, for round trips: every field differs from its default most of the time.
#pragma once

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/date.h"
#include "run/row_counts.h"

namespace strata {

class Draw {
 public:
  explicit Draw(uint64_t seed) : random_(seed) {}

  int64_t Int(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  bool Coin() { return Int(0, 1) == 1; }
  double Double() {
    return std::ldexp(static_cast<double>(Int(-(1LL << 53), 1LL << 53)), static_cast<int>(Int(-80, 20)));
  }
  double DoubleOrAbsent() { return Coin() ? Double() : std::nan(""); }
  Day AnyDay() {
    return static_cast<Day>(Int(ToDay({.year = kFirstYear}), ToDay({.year = kLastYear, .month = 12, .day = 31})));
  }
  std::string Text() {
    static constexpr const char* kPieces[] = {"a", "Z", "9", " ", "\xc3\xa9", "\xe2\x82\xac", "'", "/"};
    std::string text;
    for (int64_t n = Int(0, 12); n > 0; --n) text += kPieces[Int(0, 7)];
    return text;
  }
  std::vector<double> Doubles(int64_t n) {
    std::vector<double> values;
    for (; n > 0; --n) values.push_back(Double());
    return values;
  }
  std::vector<int64_t> Ints(int64_t n) {
    std::vector<int64_t> values;
    for (; n > 0; --n) values.push_back(Int(-1'000'000'000'000, 1'000'000'000'000));
    return values;
  }
  std::vector<std::string> Texts(int64_t n) {
    std::vector<std::string> values;
    for (; n > 0; --n) values.push_back(Text());
    return values;
  }
  RowCounts Rows() {
    RowCounts rows{.accepted = Int(0, 1000),
                   .rejected = Int(0, 1000),
                   .duplicates = Int(0, 1000),
                   .blank = Int(0, 1000),
                   .skipped_no_customer = Int(0, 1000),
                   .skipped_after_as_of = Int(0, 1000),
                   .skipped_known_file = Int(0, 1000)};
    rows.read = rows.accepted + rows.rejected + rows.duplicates + rows.blank + rows.skipped();
    return rows;
  }

 private:
  std::mt19937_64 random_;
};

// Equal to the bit, and absent where the other is absent.
inline bool SameNumber(double a, double b) { return (std::isnan(a) && std::isnan(b)) || a == b; }

inline constexpr uint64_t kSeeds = 200;

}  // namespace strata
