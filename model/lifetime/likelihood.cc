#include "model/lifetime/likelihood.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <span>
#include <vector>

#include "model/lifetime/bg_bb.h"
#include "model/lifetime/bg_family.h"
#include "model/lifetime/bg_rows.h"
#include "model/lifetime/pareto_nbd.h"

namespace strata {
namespace {

constexpr size_t kRowsPerBlock = 1024;  // short sums of sums round less than one long sum

template <class RowSum>
LogJet SumInBlocks(const std::vector<HistoryRow>& rows, RowSum row_sum) {
  const size_t blocks = (rows.size() + kRowsPerBlock - 1) / kRowsPerBlock;
  std::vector<LogJet> sums(blocks);
  tbb::parallel_for(size_t{0}, blocks, [&](size_t block) {
    const size_t begin = block * kRowsPerBlock;
    row_sum(std::span(rows).subspan(begin, std::min(kRowsPerBlock, rows.size() - begin)), &sums[block]);
  });
  LogJet total;
  for (const LogJet& sum : sums) total.Add(sum);  // in their order, whichever thread made them
  return total;
}

// [j]: customers with more than j repeat purchases.
std::vector<double> BuyersBeyond(const HistoryTable& table) {
  std::vector<double> beyond(table.rows.empty() ? 0 : static_cast<size_t>(table.rows.back().x), 0);
  for (const HistoryRow& row : table.rows) {
    if (row.x > 0) beyond[static_cast<size_t>(row.x) - 1] += row.customers;
  }
  for (size_t j = beyond.size(); j-- > 1;) beyond[j - 1] += beyond[j];
  return beyond;
}

// ln(r + j) - ln alpha of everybody's hits, and of their occasions to stay.
LogJet TermsOfCounts(const BgFamily& family, const std::vector<double>& beyond, double customers) {
  const BgFamilyRows rows(family);
  LogJet total;
  for (size_t j = 0; j < beyond.size(); ++j) {
    for (int hit = 0; hit < family.k; ++hit) {
      rows.AddHit(static_cast<double>(j) * family.k + hit, beyond[j], &total);
    }
  }
  if (family.a == 0) return total;
  const size_t first = family.coin_at_zero ? 1 : 0;
  if (family.coin_at_zero) rows.AddCoin(0, customers, &total);
  for (size_t j = 0; j < beyond.size(); ++j) rows.AddCoin(static_cast<double>(j + first), beyond[j], &total);
  return total;
}

// k = 1.
class PoissonLikelihood : public LifetimeLikelihood {
 public:
  explicit PoissonLikelihood(const HistoryTable& table)
      : table_(table), beyond_(BuyersBeyond(table)), customers_(table.customers()), alive_(table) {}

  Derivatives<4> Evaluate(const LifetimeParameters& at) const override {
    const BgFamily family = BgFamily::Of(at);
    LogJet total = TermsOfCounts(family, beyond_, customers_);
    total.Add(alive_.At(table_, family.r, family.alpha));
    if (family.a > 0) {
      const BgOddsRows rows(family, table_.times, *kernels_);
      total.Add(SumInBlocks(table_.rows,
                            [&rows](std::span<const HistoryRow> block, LogJet* sum) { *sum = rows.SumOf(block); }));
    }
    return total.InFull();
  }

 private:
  const HistoryTable& table_;
  std::vector<double> beyond_;
  double customers_;
  AliveByTime alive_;
  const Kernels* kernels_ = &WidestKernels();  // any give the same bits; to ask for the widest is slow
};

// k > 1.
class RegularLikelihood : public LifetimeLikelihood {
 public:
  explicit RegularLikelihood(const HistoryTable& table)
      : table_(table), beyond_(BuyersBeyond(table)), customers_(table.customers()) {}

  Derivatives<4> Evaluate(const LifetimeParameters& at) const override {
    const BgFamily family = BgFamily::Of(at);
    const BgFamilyRows rows(family);
    std::vector<BgFamilyRows::Time> times;
    times.reserve(table_.times.size());
    for (const double t : table_.times) times.push_back(rows.TimeOf(t));
    LogJet total = TermsOfCounts(family, beyond_, customers_);
    total.Add(SumInBlocks(table_.rows, [&](std::span<const HistoryRow> block, LogJet* sum) {
      int32_t x = block[0].x;
      BgFamilyRows::Count count = rows.CountOf(x);
      for (const HistoryRow& row : block) {
        if (row.x != x) {
          x = row.x;
          count = rows.CountOf(x);
        }
        sum->Add(rows.BranchesOf(count, times[row.t_x], times[row.T]).joined, row.customers);
      }
    }));
    return total.InFull();
  }

 private:
  const HistoryTable& table_;
  std::vector<double> beyond_;
  double customers_;
};

// The k of a CNBD model is known with the parameters.
class FamilyLikelihood : public LifetimeLikelihood {
 public:
  explicit FamilyLikelihood(const HistoryTable& table) : poisson_(table), regular_(table) {}

  Derivatives<4> Evaluate(const LifetimeParameters& at) const override {
    return at.k == 1 ? poisson_.Evaluate(at) : regular_.Evaluate(at);
  }

 private:
  PoissonLikelihood poisson_;
  RegularLikelihood regular_;
};

class ParetoLikelihood : public LifetimeLikelihood {
 public:
  explicit ParetoLikelihood(const HistoryTable& table) : table_(table), beyond_(BuyersBeyond(table)) {}

  Derivatives<4> Evaluate(const LifetimeParameters& at) const override {
    const ParetoNbdRows rows(ParetoNbd::Of(at));
    std::vector<ParetoNbdRows::Time> times;
    times.reserve(table_.times.size());
    for (const double t : table_.times) times.push_back(rows.TimeOf(t));
    LogJet total;
    for (size_t j = 0; j < beyond_.size(); ++j) rows.AddHit(static_cast<double>(j), beyond_[j], &total);
    total.Add(SumInBlocks(table_.rows, [&](std::span<const HistoryRow> block, LogJet* sum) {
      for (const HistoryRow& row : block) {
        sum->Add(rows.BranchesOf(row.x, times[row.t_x], times[row.T]).joined, row.customers);
      }
    }));
    return total.InFull();
  }

 private:
  const HistoryTable& table_;
  std::vector<double> beyond_;
};

class BgBbLikelihood : public LifetimeLikelihood {
 public:
  explicit BgBbLikelihood(const HistoryTable& table) : table_(table) {}

  Derivatives<4> Evaluate(const LifetimeParameters& at) const override {
    const BgBb model = BgBb::Of(at);
    return SumInBlocks(table_.rows,
                       [&](std::span<const HistoryRow> block, LogJet* sum) {
                         for (const HistoryRow& row : block) {
                           const PurchaseHistory history{
                               .x = row.x, .t_x = table_.times[row.t_x], .T = table_.times[row.T]};
                           sum->Add(BgBbBranches(model, history).joined, row.customers);
                         }
                       })
        .InFull();
  }

 private:
  const HistoryTable& table_;
};

Branches BranchesOf(const LifetimeParameters& at, const PurchaseHistory& history) {
  switch (at.kind) {
    case LifetimeKind::kParetoNbd:
      return ParetoNbdBranches(ParetoNbd::Of(at), history);
    case LifetimeKind::kBgBb:
      return BgBbBranches(BgBb::Of(at), history);
    default:
      return BgFamilyBranches(BgFamily::Of(at), history);
  }
}

}  // namespace

std::unique_ptr<LifetimeLikelihood> MakeLikelihood(LifetimeKind kind, const HistoryTable& table) {
  switch (kind) {
    case LifetimeKind::kParetoNbd:
      return std::make_unique<ParetoLikelihood>(table);
    case LifetimeKind::kBgBb:
      return std::make_unique<BgBbLikelihood>(table);
    case LifetimeKind::kBgCnbd:
    case LifetimeKind::kMbgCnbd:
      return std::make_unique<FamilyLikelihood>(table);
    default:
      return std::make_unique<PoissonLikelihood>(table);
  }
}

Derivatives<4> RowLogLikelihood(const LifetimeParameters& at, const PurchaseHistory& history) {
  return BranchesOf(at, history).joined.InFull();
}

LogJet LogProbabilityAlive(const LifetimeParameters& at, const PurchaseHistory& history) {
  return BranchesOf(at, history).log_alive;
}

LogJet LogProbabilityNone(const LifetimeParameters& at, const PurchaseHistory& history, double t) {
  LogJet none = BranchesOf(at, {.x = history.x, .t_x = history.t_x, .T = history.T + t}).joined;
  none.Add(BranchesOf(at, history).joined, -1);
  return none;
}

}  // namespace strata
