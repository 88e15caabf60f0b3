#include <cmath>

#include "model/lifetime/forecast.h"
#include "model/lifetime/gamma_gamma.h"
#include "model/lifetime/likelihood.h"
#include "model/lifetime/sbg.h"
#include "tests/model/lifetime/golden_answers.h"
#include "tests/model/lifetime/oracle.h"

namespace strata {
namespace {

using Answer = std::optional<std::vector<double>>;

LifetimeParameters ParametersFrom(LifetimeKind kind, const std::vector<double>& values) {
  LifetimeParameters parameters{.kind = kind, .value = {}, .k = 1};
  for (size_t i = 0; i < values.size(); ++i) parameters.value[i] = values[i];
  return parameters;
}

// One customer a (x, t_x) of inputs.x_tx, or one an entry of inputs.x.
std::vector<PurchaseHistory> HistoriesOf(const GoldenEntry& entry) {
  std::vector<PurchaseHistory> histories;
  if (entry.inputs.contains("x_tx")) {
    for (const auto& pair : entry.inputs.at("x_tx")) {
      histories.push_back({.x = pair.at(0), .t_x = pair.at(1), .T = entry.Input("n")});
    }
    return histories;
  }
  const double T = entry.inputs.contains("T") ? entry.Input("T") : entry.Input("n");
  for (const double x : entry.Inputs("x")) {
    histories.push_back({.x = static_cast<int64_t>(x), .t_x = entry.Input("t_x"), .T = T});
  }
  return histories;
}

Answer SpendAnswer(const GoldenEntry& entry) {
  if (AsksFor(entry, "expected_spend")) {
    const std::vector<double> p = entry.Inputs("params");
    std::vector<double> found;
    for (size_t i = 0; i < entry.Inputs("x").size(); ++i) {
      found.push_back(ExpectedSpend({.p = p[0], .q = p[1], .v = p[2]}, static_cast<int64_t>(entry.Inputs("x")[i]),
                                    entry.Inputs("m")[i]));
    }
    return found;
  }
  if (entry.model != "BG/NBD + Gamma-Gamma") return std::nullopt;
  const std::vector<double> p = entry.Inputs("gamma_gamma");
  const PurchaseHistory history = entry.History();
  const double purchases =
      SteppedPurchases(ParametersFrom(LifetimeKind::kBgNbd, entry.Inputs("bg_nbd")), history,
                       entry.inputs.at("steps").get<int>(), entry.Input("step_weeks"), entry.Input("monthly_discount"));
  return std::vector{purchases * ExpectedSpend({.p = p[0], .q = p[1], .v = p[2]}, history.x, entry.Input("m"))};
}

Answer ContractAnswer(const GoldenEntry& entry) {
  if (!AsksFor(entry, "survivor")) return std::nullopt;
  const std::vector<double> p = entry.Inputs("params");
  std::vector<double> found;
  for (const double t : entry.Inputs("t")) {
    found.push_back(SbgSurvivor({.alpha = p[0], .beta = p[1]}, static_cast<int>(t)));
  }
  return found;
}

Answer NewCustomerAnswer(const GoldenEntry& entry) {
  const LifetimeParameters parameters = ParametersOf(entry);
  std::vector<double> found;
  if (AsksFor(entry, "pmf")) {
    const std::vector<double> counts = CountProbabilities(parameters, {}, entry.Input("t"));
    for (const double n : entry.Inputs("n")) {
      found.push_back(counts.at(static_cast<size_t>(n)));
      // One count alone goes another way.
      const double alone = std::exp(LogCountProbability(parameters, {}, entry.Input("t"), static_cast<int64_t>(n)));
      if (std::fabs(alone - found.back()) > 1e-10 * alone) return std::nullopt;
    }
    return found;
  }
  if (AsksFor(entry, "expected_counts_first")) {
    for (const double probability : CountProbabilities(parameters, {}, entry.Input("n"))) {
      found.push_back(entry.Input("donors") * probability);
    }
    return found;
  }
  if (!AsksFor(entry, "new_customer") && !AsksFor(entry, "expected_new") && !AsksFor(entry, "expectation_a")) {
    return std::nullopt;
  }
  for (const double t : entry.Inputs(entry.model == "BG/BB" ? "n" : "t")) {
    found.push_back(ExpectedPurchasesOfNewCustomer(parameters, t));
  }
  return found;
}

}  // namespace

Answer CustomerAnswer(const GoldenEntry& entry) {
  if (AsksFor(entry, "individual_loglik")) {
    return std::vector{oracle::IndividualBgLogLikelihood(entry.Input("lambda"), entry.Input("p"), entry.History())};
  }
  if (entry.model == "sBG") return ContractAnswer(entry);
  if (const Answer spend = SpendAnswer(entry)) return spend;
  if (!entry.inputs.contains("params") || entry.inputs.contains("dataset")) return std::nullopt;
  if (const Answer found = NewCustomerAnswer(entry)) return found;
  if (!entry.inputs.contains("x") && !entry.inputs.contains("x_tx")) return std::nullopt;
  const LifetimeParameters at = ParametersOf(entry);
  std::vector<double> found;
  for (const PurchaseHistory& history : HistoriesOf(entry)) {
    if (AsksFor(entry, "p_alive")) {
      found.push_back(ProbabilityAliveNext(at, history));
    } else if (AsksFor(entry, "p_no_purchase")) {
      found.push_back(ProbabilityNoPurchase(at, history, entry.Input("t")));
    } else if (AsksFor(entry, "loglik") || AsksFor(entry, "row_logliks")) {
      found.push_back(RowLogLikelihood(at, history).value);
    } else if (AsksFor(entry, "dert")) {
      found.push_back(ResidualTransactions(at, history, entry.Input(entry.model == "BG/BB" ? "d" : "delta")));
    } else if (AsksFor(entry, "nan_case")) {
      found.push_back(ProbabilityAlive(at, history));
    } else if (AsksFor(entry, "customer_")) {
      found.push_back(ExpectedPurchases(at, history, entry.Input("n_star")));
    } else if (AsksFor(entry, "expected_") || AsksFor(entry, "increasing_frequency") ||
               AsksFor(entry, "underflow_guard")) {
      found.push_back(ExpectedPurchases(at, history, entry.Input("t")));
    } else {
      return std::nullopt;
    }
  }
  return found;
}

}  // namespace strata
