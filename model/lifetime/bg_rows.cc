#include "model/lifetime/bg_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace strata {
namespace {

enum Parameter : size_t { kR, kAlpha, kA, kB };

constexpr size_t kLanes = 4;  // partial sums side by side; part of the definition of a sum's last bits
using Block = std::array<double, kKernelBlock>;
using Lanes = std::array<double, kLanes>;

// Of rows with equal x, with u = P(dropped), w = P(dropped) P(alive), s = stretch, f = the rise of t / (alpha + t) and
// h = f (1 - the sum of both), each weighted by the customers.
struct Sums {
  Lanes value{}, u{}, us{}, uf{}, uh{}, w{}, ws{}, wf{}, wss{}, wsf{}, wff{};
};

struct Rows {
  Block odds, stretch, rise, curve, customers;  // logarithms of the odds
  Block small, log;                             // exp(-|odds|), ln(1 + small)
};

void AddBlock(const Rows& rows, size_t n, Sums* sums) {
  Sums total = *sums;
  for (size_t i = 0; i < n; i += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const size_t at = i + lane;
      const double small = rows.small[at];
      const double inverse = 1 / (1 + small);
      const double odds = rows.odds[at];
      const double positive = odds > 0 ? 1.0 : 0.0;
      const double count = rows.customers[at];
      const double u = count * inverse * (positive + (1 - positive) * small);
      const double w = count * inverse * inverse * small;
      const double s = rows.stretch[at];
      const double f = rows.rise[at];
      total.value[lane] += count * (positive * odds + rows.log[at]);
      total.u[lane] += u;
      total.us[lane] += u * s;
      total.uf[lane] += u * f;
      total.uh[lane] += u * rows.curve[at];
      total.w[lane] += w;
      total.ws[lane] += w * s;
      total.wf[lane] += w * f;
      total.wss[lane] += w * s * s;
      total.wsf[lane] += w * s * f;
      total.wff[lane] += w * f * f;
    }
  }
  *sums = total;
}

double SumOf(const Lanes& lanes) { return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]); }

}  // namespace

AliveByTime::AliveByTime(const HistoryTable& table) : customers_(table.times.size()), purchases_(table.times.size()) {
  for (const HistoryRow& row : table.rows) {
    customers_[row.T] += row.customers;
    purchases_[row.T] += row.customers * row.x;
  }
}

LogJet AliveByTime::At(const HistoryTable& table, double r, double alpha) const {
  LogJet sum;
  for (size_t i = 0; i < customers_.size(); ++i) {
    if (customers_[i] == 0) continue;
    const double t = table.times[i];
    const double growth = std::log1p(t / alpha);
    const double passed = t / (alpha + t);
    const double shape = r * customers_[i] + purchases_[i];
    LogJet term;
    term.AddPower(kR, kAlpha, r * customers_[i], shape, growth, passed);
    sum.Add(term);
  }
  return sum;
}

BgOddsRows::BgOddsRows(const BgFamily& family, std::span<const double> times, const Kernels& kernels)
    : family_(family), kernels_(&kernels) {
  times_.reserve(times.size());
  for (const double t : times) {
    times_.push_back({.growth = std::log1p(t / family.alpha), .passed = t / (family.alpha + t)});
  }
}

LogJet BgOddsRows::SumOf(std::span<const HistoryRow> rows) const {
  LogJet sum;
  size_t begin = 0;
  while (begin < rows.size()) {
    size_t end = begin + 1;
    while (end < rows.size() && rows[end].x == rows[begin].x) ++end;
    if (family_.Coins(rows[begin].x) > 0) AddEqualCounts(rows.subspan(begin, end - begin), &sum);
    begin = end;
  }
  return sum;
}

void BgOddsRows::AddEqualCounts(std::span<const HistoryRow> rows, LogJet* sum) const {
  const double r = family_.r;
  const double shape = r + rows[0].x;
  const double stayed = family_.b + static_cast<double>(family_.Coins(rows[0].x) - 1);
  const double log_odds = std::log(family_.a) - std::log(stayed);
  const double stay = family_.b / stayed;
  Sums sums;
  Rows block;
  for (size_t begin = 0; begin < rows.size(); begin += kKernelBlock) {
    const size_t n = std::min(kKernelBlock, rows.size() - begin);
    for (size_t i = 0; i < n; ++i) {
      const HistoryRow& row = rows[begin + i];
      const Time& last = times_[row.t_x];
      const Time& end = times_[row.T];
      block.stretch[i] = end.growth - last.growth;
      block.rise[i] = end.passed - last.passed;
      block.curve[i] = block.rise[i] * (1 - end.passed - last.passed);
      block.odds[i] = log_odds + shape * block.stretch[i];
      block.small[i] = -std::fabs(block.odds[i]);
      block.customers[i] = row.customers;
    }
    const size_t filled = (n + kLanesMax - 1) / kLanesMax * kLanesMax;
    for (Block* column : {&block.stretch, &block.rise, &block.curve, &block.odds, &block.small, &block.customers}) {
      std::fill(column->begin() + static_cast<ptrdiff_t>(n), column->begin() + static_cast<ptrdiff_t>(filled), 0.0);
    }
    kernels_->exp(block.small.data(), filled, block.small.data());
    kernels_->log1p(block.small.data(), filled, block.log.data());
    AddBlock(block, filled, &sums);
  }
  const double u = strata::SumOf(sums.u), w = strata::SumOf(sums.w);
  const double ws = strata::SumOf(sums.ws), wf = strata::SumOf(sums.wf);
  const double us = strata::SumOf(sums.us), uf = strata::SumOf(sums.uf);
  LogJet found;
  found.value = strata::SumOf(sums.value);
  found.gradient = {r * us, -shape * uf, u, -stay * u};
  found.hessian[LogJet::At(kR, kR)] = r * r * strata::SumOf(sums.wss) + r * us;
  found.hessian[LogJet::At(kR, kAlpha)] = -r * shape * strata::SumOf(sums.wsf) - r * uf;
  found.hessian[LogJet::At(kR, kA)] = r * ws;
  found.hessian[LogJet::At(kR, kB)] = -stay * r * ws;
  found.hessian[LogJet::At(kAlpha, kAlpha)] = shape * shape * strata::SumOf(sums.wff) + shape * strata::SumOf(sums.uh);
  found.hessian[LogJet::At(kAlpha, kA)] = -shape * wf;
  found.hessian[LogJet::At(kAlpha, kB)] = stay * shape * wf;
  found.hessian[LogJet::At(kA, kA)] = w;
  found.hessian[LogJet::At(kA, kB)] = -stay * w;
  found.hessian[LogJet::At(kB, kB)] = stay * stay * w - stay * (1 - stay) * u;
  sum->Add(found);
}

}  // namespace strata
