// Random draws as a pure function of (seed, purpose, identity): a stream counts up and mixes (splitmix64), so a
// customer's draws are the same whoever makes them, in any order. Distributions are exact up to the resolution of a
// double; they use the C library's log, exp and pow, so equal bytes are promised for one build on one kind of machine.
// A stream is a small value, not thread-safe.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/hash.h"

namespace strata {

class DrawStream {
 public:
  DrawStream(uint64_t seed, uint64_t purpose, uint64_t identity) : state_(KeyedDraw(seed, purpose, identity)) {}

  uint64_t Bits() {
    const uint64_t bits = Mix(state_);
    state_ += 0x9e3779b97f4a7c15ULL;  // the step of splitmix64
    return bits;
  }
  // In (0, 1), both ends left out: the middle of one of 2^52 equal cells.
  double Unit() { return (static_cast<double>(Bits() >> 12) + 0.5) * 0x1.0p-52; }
  // 0..n-1, each within 2^-32 of equally likely. Precondition: 0 < n < 2^32.
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(((Bits() >> 32) * n) >> 32); }

  double Exponential() { return -std::log(Unit()); }  // mean 1
  double Normal();                                    // mean 0, deviation 1: Marsaglia's polar method
  // Mean `shape`, scale 1. Marsaglia and Tsang (2000), ACM TOMS 26(3) 363-372; shape < 1 by the power of a uniform.
  // Precondition: shape > 0.
  double Gamma(double shape);
  double Beta(double a, double b);  // Precondition: a, b > 0
  // Trials up to and including the first success, from 1. At most kNever. Precondition: 0 <= p <= 1.
  int64_t Geometric(double p);
  static constexpr int64_t kNever = int64_t{1} << 60;

 private:
  uint64_t state_;
  bool has_spare_ = false;
  double spare_ = 0;
};

}  // namespace strata
