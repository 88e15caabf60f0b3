#include "tests/model/lifetime/simulate_histories.h"

#include <cmath>
#include <vector>

namespace strata {
namespace {

double Unit(Random* random) { return std::uniform_real_distribution<double>()(*random); }

double GammaDraw(double shape, double rate, Random* random) {
  // A power of a uniform takes a shape below 1 there from the one above, where the library's draws are sound.
  const double above = std::gamma_distribution<double>(shape + 1, 1 / rate)(*random);
  return above * std::pow(Unit(random), 1 / shape);
}

double BetaDraw(double a, double b, Random* random) {
  const double first = GammaDraw(a, 1, random);
  const double second = GammaDraw(b, 1, random);
  return first / (first + second);
}

double Gap(double rate, int k, Random* random) {
  double gap = 0;
  for (int hit = 0; hit < k; ++hit) gap -= std::log1p(-Unit(random)) / rate;
  return gap;
}

// Each opportunity: left before it, or there and buying or not.
PurchaseHistory Choosing(const Nature& nature, double n, Random* random) {
  PurchaseHistory history{.x = 0, .t_x = 0, .T = n};
  for (double i = 1; i <= n && Unit(random) >= nature.leaving; ++i) {
    if (Unit(random) >= nature.rate) continue;
    ++history.x;
    history.t_x = i;
  }
  return history;
}

}  // namespace

std::vector<double> PurchaseTimes(const LifetimeParameters& truth, const Nature& nature, double T, Random* random) {
  const bool dies = truth.kind == LifetimeKind::kParetoNbd;
  const double death = dies && nature.leaving > 0 ? Gap(nature.leaving, 1, random) : HUGE_VAL;
  const bool modified = truth.kind == LifetimeKind::kMbgNbd || truth.kind == LifetimeKind::kMbgCnbd;
  bool there = !modified || Unit(random) >= nature.leaving;
  std::vector<double> times;
  double time = 0;
  while (there) {
    time += Gap(nature.rate, truth.k, random);
    if (time > T || time > death) break;
    times.push_back(time);
    there = dies || Unit(random) >= nature.leaving;
  }
  return times;
}

DrawNature NatureOf(const LifetimeParameters& truth) {
  const auto value = truth.value;
  switch (truth.kind) {
    case LifetimeKind::kNbd:
      return [value](Random* random) { return Nature{GammaDraw(value[0], value[1], random), 0}; };
    case LifetimeKind::kParetoNbd:
      return [value](Random* random) {
        const double rate = GammaDraw(value[0], value[1], random);
        return Nature{rate, GammaDraw(value[2], value[3], random)};
      };
    case LifetimeKind::kBgBb:
      return [value](Random* random) {
        const double share = BetaDraw(value[0], value[1], random);
        return Nature{share, BetaDraw(value[2], value[3], random)};
      };
    default:
      return [value](Random* random) {
        const double rate = GammaDraw(value[0], value[1], random);
        return Nature{rate, BetaDraw(value[2], value[3], random)};
      };
  }
}

HistoryTable SimulateTable(const LifetimeParameters& truth, const DrawNature& nature, size_t customers, double T_min,
                           double T_max, uint64_t seed) {
  Random random(seed);
  double log_gaps = 0;
  std::vector<PurchaseHistory> histories;
  for (size_t i = 0; i < customers; ++i) {
    const Nature own = nature(&random);
    const double T = T_min + (T_max - T_min) * Unit(&random);
    if (truth.kind == LifetimeKind::kBgBb) {
      histories.push_back(Choosing(own, std::floor(T), &random));
      continue;
    }
    const std::vector<double> times = PurchaseTimes(truth, own, T, &random);
    double before = 0;
    for (const double time : times) {
      log_gaps += std::log(time - before);
      before = time;
    }
    histories.push_back({.x = static_cast<int64_t>(times.size()), .t_x = before, .T = T});
  }
  HistoryTable table = HistoryTable::Of(histories, {});
  table.log_gaps = log_gaps;
  return table;
}

}  // namespace strata
