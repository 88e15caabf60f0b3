// Futures of BG/BB.
#include <algorithm>
#include <cmath>

#include "model/lifetime/futures.h"
#include "model/lifetime/special/mixtures.h"
#include "model/lifetime/special/rising.h"

namespace strata {
namespace {

std::vector<ShareNode> LeavingNodes(double leaves, double stays) {
  return leaves > 0 ? BetaNodes(leaves, stays) : std::vector<ShareNode>{{.p = 0, .q = 1, .weight = 1}};
}

}  // namespace

OpportunityFuture::OpportunityFuture(const BgBb& model, int64_t x, double n)
    : buys_(model.alpha + static_cast<double>(x)),
      passes_(model.beta + n - static_cast<double>(x)),
      leaves_(model.gamma),
      stays_(model.delta + n) {}

void OpportunityFuture::Expected(std::span<const double> horizons, std::span<double> expected) const {
  double there = 1;
  double sum = 0;
  double i = 0;
  for (size_t h = 0; h < horizons.size(); ++h) {
    for (; i < horizons[h]; ++i) {
      there *= (stays_ + i) / (leaves_ + stays_ + i);
      sum += there;
    }
    expected[h] = buys_ / (buys_ + passes_) * sum;
  }
}

double OpportunityFuture::Discounted(double horizon, double rate) const {
  double there = 1;
  double factor = 1;
  double sum = 0;
  for (double i = 0; i < horizon; ++i) {
    there *= (stays_ + i) / (leaves_ + stays_ + i);
    factor /= 1 + rate;
    sum += there * factor;
  }
  return buys_ / (buys_ + passes_) * sum;
}

// The sum over i >= 1 of E[(1 - theta)^i] (1 + rate)^-i.
double OpportunityFuture::Residual(double rate) const {
  double sum = 0;
  for (const ShareNode& node : LeavingNodes(leaves_, stays_)) sum += node.weight * node.q / (node.p + rate);
  return buys_ / (buys_ + passes_) * sum;
}

double OpportunityFuture::NonePurchased(double t) const {
  double there = 1;  // until opportunity i
  double quiet = 1;  // none bought in i
  double sum = 0;
  for (double i = 0; i < t; ++i) {
    const double all = leaves_ + stays_ + i;
    sum += there * leaves_ / all * quiet;
    there *= (stays_ + i) / all;
    quiet *= (passes_ + i) / (buys_ + passes_ + i);
  }
  return sum + there * quiet;
}

// Leaves before the next purchase: at each opportunity gone with theta, else buying with p.
double OpportunityFuture::NoneEver() const {
  if (leaves_ == 0) return 0;
  double sum = 0;
  const std::vector<ShareNode> buying = BetaNodes(buys_, passes_);
  for (const ShareNode& leaving : BetaNodes(leaves_, stays_)) {
    double inner = 0;
    for (const ShareNode& share : buying) {
      const double either = leaving.p + leaving.q * share.p;
      if (either > 0) inner += share.weight * (leaving.p / either);  // both may be too small for a double
    }
    sum += leaving.weight * inner;
  }
  return sum;
}

std::vector<double> OpportunityFuture::Counts(double t, double mass_left) const {
  const auto opportunities = static_cast<size_t>(t);
  std::vector<double> probabilities(opportunities + 1, 0);
  double there = 1;
  for (size_t i = 0; i <= opportunities; ++i) {
    const double all = leaves_ + stays_ + static_cast<double>(i);
    const double ends = i == opportunities ? there : there * leaves_ / all;
    there *= (stays_ + static_cast<double>(i)) / all;
    if (ends == 0) continue;
    // Beta-binomial counts of i opportunities, from none upwards or, where that is too improbable, from the mode.
    const auto count = static_cast<double>(i);
    const double mode = std::floor(count * buys_ / (buys_ + passes_));
    const LogRise chosen_up = RiseOf(buys_, static_cast<int64_t>(mode));
    const LogRise chosen_down = RiseOf(passes_, static_cast<int64_t>(count - mode));
    const double ways = RiseOf(1, static_cast<int64_t>(count)).value - RiseOf(1, static_cast<int64_t>(mode)).value -
                        RiseOf(1, static_cast<int64_t>(count - mode)).value;
    const double at_mode = ends * std::exp(ways + chosen_up.value + chosen_down.value -
                                           RiseOf(buys_ + passes_, static_cast<int64_t>(count)).value);
    double probability = at_mode;
    for (double y = mode; y < count + 1; ++y) {
      probabilities[static_cast<size_t>(y)] += probability;
      probability *= (count - y) * (buys_ + y) / ((y + 1) * (passes_ + count - y - 1));
    }
    probability = at_mode;
    for (double y = mode; y > 0; --y) {
      probability *= y * (passes_ + count - y) / ((count - y + 1) * (buys_ + y - 1));
      probabilities[static_cast<size_t>(y) - 1] += probability;
    }
  }
  TrimTail(mass_left, &probabilities);
  return probabilities;
}

double OpportunityFuture::LogCount(double t, int64_t n) const {
  const std::vector<double> probabilities = Counts(t, 0);
  const auto place = static_cast<size_t>(n);
  return place < probabilities.size() ? std::log(probabilities[place]) : -HUGE_VAL;
}

}  // namespace strata
