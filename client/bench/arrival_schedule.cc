#include "client/bench/arrival_schedule.h"

#include <cmath>

#include "base/hash.h"
#include "base/int128.h"
#include "client/bench/nano_clock.h"

namespace strata {
namespace {

constexpr int64_t kNanosTimesMilli = kNanosPerSecond * 1000;

}  // namespace

const char* Name(ArrivalShape shape) { return shape == ArrivalShape::kConstant ? "constant" : "poisson"; }

ArrivalSchedule::ArrivalSchedule(ArrivalShape shape, int64_t milli_rate, uint64_t seed, int64_t part, int64_t parts)
    : shape_(shape), milli_rate_(milli_rate), seed_(seed), parts_(parts) {
  for (int64_t i = 0; i <= part; ++i) Step();
}

void ArrivalSchedule::Advance() {
  for (int64_t i = 0; i < parts_; ++i) Step();
}

void ArrivalSchedule::Step() {
  ++next_.index;
  if (shape_ == ArrivalShape::kConstant) {
    next_.due_ns = static_cast<int64_t>(static_cast<Int128>(next_.index) * kNanosTimesMilli / milli_rate_);
    return;
  }
  const double unit = UnitInterval(KeyedDraw(seed_, kArrivalRound, static_cast<uint64_t>(next_.index)));
  const double mean_ns = static_cast<double>(kNanosTimesMilli) / static_cast<double>(milli_rate_);
  next_.due_ns += std::llround(-std::log1p(-unit) * mean_ns);
}

}  // namespace strata
