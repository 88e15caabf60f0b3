// The slow and obvious way to every quantity of the lifetime models: what holds for one customer with known rate and
// drop-out probability (or death rate), integrated numerically over the distributions from which these are drawn. No
// closed form of an integral, no gamma, beta or hypergeometric function, in 64 or 113 bits of mantissa.
#pragma once

#include <cstdint>
#include <vector>

#include "model/lifetime/bg_nbd.h"
#include "model/lifetime/lifetime_kind.h"

namespace strata::oracle {

struct Question {
  LifetimeParameters at;
  PurchaseHistory history;
  double t = 0;         // of the forecast
  double discount = 0;  // rate
  std::vector<int> counts;
};

struct Answers {
  double log_likelihood = 0;
  double alive = 0, dropped = 0;
  double none = 0;                               // P(no purchase by t)
  double expected = 0, residual = 0, never = 0;  // while alive
  std::vector<double> counts;                    // P(n purchases by t) for each count asked for
};

// Kinds but kSbg. `quadruple`: 113 bits; 30 times slower.
Answers Ask(const Question& question, bool quadruple);

// ln of the likelihood of a BG/NBD customer whose rate and drop-out probability are known: Fader, Hardie and Lee
// (2005), eq. 3.
double IndividualBgLogLikelihood(double rate, double p, const PurchaseHistory& history);

}  // namespace strata::oracle
