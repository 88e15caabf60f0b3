// The log-likelihood of a table under any of the models of repeat buying, with exact derivatives; and the same of one
// customer. Contracts are in sbg.h.
#pragma once

#include <memory>

#include "model/lifetime/history_table.h"
#include "model/lifetime/lifetime_kind.h"
#include "model/lifetime/log_jet.h"

namespace strata {

// Immutable, thread-safe. Terms of a count or a time alone are made once an evaluation; rows are added in blocks, the
// blocks side by side on the TBB threads and then in their order: the same bits on any number of threads.
class LifetimeLikelihood {
 public:
  virtual ~LifetimeLikelihood() = default;
  // Sum over customers, derivatives in the logarithms of the kind's parameters (0 for those it lacks, and for a and b
  // where a = 0, gamma where gamma = 0); HistoryTable::GapTerm is not in it. Precondition: parameters of the kind and
  // k.
  virtual Derivatives<4> Evaluate(const LifetimeParameters& at) const = 0;
};

// `table` outlives it. Preconditions: kind is not kSbg; the table's times are whole numbers for kBgBb.
std::unique_ptr<LifetimeLikelihood> MakeLikelihood(LifetimeKind kind, const HistoryTable& table);

// One customer; not kSbg.
Derivatives<4> RowLogLikelihood(const LifetimeParameters& at, const PurchaseHistory& history);
// ln P(alive at T | x, t_x, T), and ln P(no purchase in (T, T + t] | x, t_x, T).
LogJet LogProbabilityAlive(const LifetimeParameters& at, const PurchaseHistory& history);
LogJet LogProbabilityNone(const LifetimeParameters& at, const PurchaseHistory& history, double t);

}  // namespace strata
