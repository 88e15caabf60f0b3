#include "model/lifetime/sbg.h"

#include <cmath>

#include "model/lifetime/special/mixtures.h"

namespace strata {

ContractTable ContractTable::OfCohort(const std::vector<double>& survivors) {
  ContractTable table;
  for (size_t t = 1; t < survivors.size(); ++t) table.lost.push_back(survivors[t - 1] - survivors[t]);
  table.still.assign(survivors.size(), 0);
  if (!survivors.empty()) table.still.back() = survivors.back();
  return table;
}

double ContractTable::customers() const {
  double sum = 0;
  for (const double count : lost) sum += count;
  for (const double count : still) sum += count;
  return sum;
}

Derivatives<2> SbgLogLikelihood(const Sbg& model, const ContractTable& table) {
  const auto [alpha, beta] = model;
  double value = 0, in_alpha = 0, in_beta = 0, alpha_alpha = 0, alpha_beta = 0, beta_beta = 0;
  // Counted from the last period backwards: how many were asked to renew j + 1 times and did, and how many left then.
  double renewed = 0;
  const size_t periods = std::max(table.lost.size() + 1, table.still.size());
  for (size_t j = periods; j-- > 0;) {
    const double left = j < table.lost.size() ? table.lost[j] : 0;
    if (j + 1 < table.still.size()) renewed += table.still[j + 1];
    const double stays = beta + static_cast<double>(j);
    const double all = alpha + stays;
    value += renewed * -std::log1p(alpha / stays) + left * std::log(alpha / all);
    in_alpha += left / alpha - (renewed + left) / all;
    in_beta += renewed / stays - (renewed + left) / all;
    alpha_alpha += (renewed + left) / (all * all) - left / (alpha * alpha);
    alpha_beta += (renewed + left) / (all * all);
    beta_beta += (renewed + left) / (all * all) - renewed / (stays * stays);
    renewed += left;
  }
  Derivatives<2> found;
  found.value = value;
  found.gradient = {alpha * in_alpha, beta * in_beta};
  found.hessian[0] = {alpha * (alpha * alpha_alpha + in_alpha), alpha * beta * alpha_beta};
  found.hessian[1] = {alpha * beta * alpha_beta, beta * (beta * beta_beta + in_beta)};
  return found;
}

double SbgSurvivor(const Sbg& model, int t) {
  double log_survivor = 0;
  for (int j = 0; j < t; ++j) log_survivor -= std::log1p(model.alpha / (model.beta + j));
  return std::exp(log_survivor);
}

double SbgRetention(const Sbg& model, int t) { return 1 / (1 + model.alpha / (model.beta + t - 1)); }

double SbgResidualLifetime(const Sbg& model, int n, double rate) {
  // With theta the probability to leave, Beta(alpha, beta + n - 1) by now: the sum of (1 - theta)^i (1 + rate)^(1 - i).
  double sum = 0;
  for (const ShareNode& node : BetaNodes(model.alpha, model.beta + n - 1)) {
    sum += node.weight * node.q * (1 + rate) / (node.p + rate);
  }
  return sum;
}

}  // namespace strata
