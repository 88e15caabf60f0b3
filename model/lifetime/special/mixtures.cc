#include "model/lifetime/special/mixtures.h"

#include <algorithm>
#include <cmath>

namespace strata {
namespace {

// Nodes of less relative weight are left out. Of rates so little that even 1 / rate may be averaged.
constexpr double kLogRateWeightMin = -90;
constexpr double kLogShareWeightMin = -60;
constexpr int kNodesMax = 20'000;  // to either side: an end for hostile values; a few hundred are usual

double LogisticLog(double logit) {
  return logit > 0 ? -std::log1p(std::exp(-logit)) : logit - std::log1p(std::exp(logit));
}

template <class Node>
void Normalise(std::vector<Node>* nodes) {
  double total = 0;
  for (const Node& node : *nodes) total += node.weight;
  for (Node& node : *nodes) node.weight /= total;
}

}  // namespace

std::vector<RateNode> GammaNodes(double shape, double rate) {
  const double centre = std::log(shape);
  // The error falls like exp(-2 pi (pi / 2) / step), and for narrow densities like exp(-2 (pi deviation / step)^2).
  const double step = std::min(0.2, 0.5 / std::sqrt(shape));
  std::vector<RateNode> nodes;
  for (const int direction : {-1, 1}) {
    for (int k = direction < 0 ? 0 : 1; k < kNodesMax; ++k) {
      const double off = direction * k * step;
      const double log_weight = shape * (off - std::expm1(off));
      if (log_weight < kLogRateWeightMin) break;
      nodes.push_back({.rate = std::exp(centre + off) / rate, .weight = std::exp(log_weight)});
    }
  }
  Normalise(&nodes);
  return nodes;
}

std::vector<ShareNode> BetaNodes(double a, double b) {
  // Singularities of what is averaged lie at a distance of pi from the real line, wherever along it: on the stretched
  // line that is a strip of about pi / 20 for the scales that occur.
  constexpr double kStep = 0.02;
  const double centre = std::log(a / b);
  const double deviation = std::sqrt(1 / a + 1 / b);
  const double width = std::min(1.0, 4 * deviation);
  const double at_centre = a * LogisticLog(centre) + b * LogisticLog(-centre);
  std::vector<ShareNode> nodes;
  for (const int direction : {-1, 1}) {
    for (int k = direction < 0 ? 0 : 1; k < kNodesMax; ++k) {
      const double along = direction * k * kStep;
      const double logit = centre + width * std::sinh(along);
      const double log_weight = a * LogisticLog(logit) + b * LogisticLog(-logit) - at_centre;
      if (log_weight < kLogShareWeightMin) break;
      nodes.push_back({.p = std::exp(LogisticLog(logit)),
                       .q = std::exp(LogisticLog(-logit)),
                       .weight = std::exp(log_weight) * std::cosh(along)});
    }
  }
  Normalise(&nodes);
  return nodes;
}

}  // namespace strata
