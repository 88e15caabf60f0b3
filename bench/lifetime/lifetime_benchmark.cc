// Fits and scores of lifetime models from per-customer columns in memory, as bench/lifetime/measure holds them beside
// other libraries:
//
//   lifetime_benchmark BASE TASK THREADS   TASK: a fit of nbd, bg_nbd, mbg_nbd, pareto_nbd, bg_cnbd, ..., gamma_gamma,
//                                          or scores of BG/NBD, scores_pareto of Pareto/NBD
//
// BASE is a folder with x.bin, t_x_days.bin, T_days.bin (int32) and net_micros.bin (int64, of repeat purchases), a
// number a customer. Prints one JSON object; the seconds are those from the columns to the estimates with their
// errors, or to P(alive), expected purchases in 13 weeks, expected spend and their product. Scores take also:
// value_seconds, the same with a year's value, discounted; outlook_seconds, all that is said of a customer, with
// intervals; and tables_seconds before them, once a process, for the tables of both. The columns are cut into shards,
// as a night's are; a small fit goes first, so that starting threads is not in the seconds. alpha, beta in weeks.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "model/customer_columns.h"
#include "model/lifetime/fit_lifetime.h"
#include "model/lifetime/purchase_table.h"
#include "model/lifetime/spend_fitter.h"
#include "model/lifetime/value.h"

namespace strata {
namespace {

constexpr size_t kShards = 16;
constexpr double kWeekDays = 7;

template <class T>
std::vector<T> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<T> values(static_cast<size_t>(file.tellg()) / sizeof(T));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

// What a night's feature file holds of the customers, as of a common day.
struct Base {
  std::vector<uint64_t> hash;
  std::vector<int32_t> purchase_days, first_day, last_day;
  std::vector<int64_t> repeat_net_micros;
  Day as_of = 0;

  CustomerColumns Columns(size_t begin, size_t end) const {
    const auto part = [begin, end](const auto& values) { return std::span(values).subspan(begin, end - begin); };
    CustomerColumns columns;
    columns.as_of = as_of;
    columns.hash = part(hash);
    columns.purchase_days = part(purchase_days);
    columns.first_day = part(first_day);
    columns.last_day = part(last_day);
    columns.repeat_net_micros = part(repeat_net_micros);
    return columns;
  }

  std::vector<ShardFeatures> Shards(size_t customers) const {
    std::vector<ShardFeatures> shards(kShards);
    for (size_t s = 0; s < kShards; ++s) {
      shards[s].today = Columns(customers * s / kShards, customers * (s + 1) / kShards);
    }
    return shards;
  }
};

Base ReadBase(const std::string& folder) {
  Base base;
  base.purchase_days = Read<int32_t>(folder + "/x.bin");
  const std::vector<int32_t> t_x = Read<int32_t>(folder + "/t_x_days.bin");
  const std::vector<int32_t> T = Read<int32_t>(folder + "/T_days.bin");
  base.repeat_net_micros = Read<int64_t>(folder + "/net_micros.bin");
  base.as_of = *std::max_element(T.begin(), T.end());
  for (size_t i = 0; i < T.size(); ++i) {
    ++base.purchase_days[i];
    base.first_day.push_back(base.as_of - T[i]);
    base.last_day.push_back(base.as_of - T[i] + t_x[i]);
    base.hash.push_back(Mix(i));
  }
  return base;
}

// Partials of all shards on the TBB threads, merged in their order.
template <class Partial, class Of>
Partial Merged(const std::vector<ShardFeatures>& shards, Of of) {
  std::vector<Partial> partials(shards.size());
  tbb::parallel_for(size_t{0}, shards.size(), [&](size_t s) { partials[s] = of(shards[s]); });
  Partial merged;
  for (const Partial& partial : partials) merged.Merge(partial);
  return merged;
}

struct Answer {
  double table_seconds = 0;  // from columns to the rows that the likelihood sees
  double log_likelihood = 0;
  std::vector<double> parameters, errors;
  size_t rows = 0;
  int evaluations = 0;
};

Answer FitSpendOf(const std::vector<ShardFeatures>& shards, SpendFitter* fitter) {
  Answer answer;
  while (const auto next = fitter->Next()) {
    const auto merged = Merged<SpendFitter::Partial>(
        shards, [&next](const ShardFeatures& shard) { return SpendFitter::Accumulate(*next, shard, WidestKernels()); });
    if (!fitter->Absorb(merged).ok()) std::abort();
    ++answer.evaluations;
  }
  const SpendModel& model = fitter->result();
  answer.log_likelihood = model.log_likelihood;
  answer.parameters = {model.p, model.q, model.v};
  answer.errors.assign(model.standard_errors.begin(), model.standard_errors.end());
  answer.rows = static_cast<size_t>(model.customers);
  return answer;
}

Answer FitPurchasesOf(LifetimeKind kind, const std::vector<ShardFeatures>& shards) {
  const auto begin = std::chrono::steady_clock::now();
  const auto merged =
      Merged<PurchaseTable>(shards, [](const ShardFeatures& shard) { return PurchaseTable::Of(shard.today); });
  const HistoryTable table = HistoryTable::Of(merged.Rows().value(), kWeekDays);
  Answer answer;
  answer.table_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const LifetimeFit fit = FitLifetime(kind, IsRegular(kind) ? std::optional(2) : std::nullopt, table, {});
  answer.log_likelihood = fit.log_likelihood;
  for (const ParameterEstimate& estimate : fit.estimates) {
    answer.parameters.push_back(estimate.estimate.value_or(0));
    answer.errors.push_back(estimate.standard_error.value_or(0));
  }
  answer.rows = table.rows.size();
  answer.evaluations = fit.evaluations;
  return answer;
}

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Scores of all shards; the shards' columns one after another.
std::vector<LifetimeColumns> ScoresOf(const std::vector<ShardFeatures>& shards, const LifetimeScorer& scorer) {
  std::vector<LifetimeColumns> scores(shards.size());
  tbb::parallel_for(size_t{0}, shards.size(), [&](size_t s) {
    if (!scorer.Score(shards[s].today, nullptr, &scores[s]).ok()) std::abort();
  });
  return scores;
}

void OutlooksOf(const std::vector<ShardFeatures>& shards, const LifetimeScorer& scorer) {
  tbb::parallel_for(size_t{0}, shards.size(), [&](size_t s) {
    std::vector<CustomerOutlook> outlooks;
    if (!scorer.Outlook(shards[s].today, nullptr, &outlooks).ok()) std::abort();
  });
}

std::string ScoreBase(const Base& base, LifetimeKind kind) {
  const std::vector<ShardFeatures> shards = base.Shards(base.hash.size());
  const auto merged =
      Merged<PurchaseTable>(shards, [](const ShardFeatures& shard) { return PurchaseTable::Of(shard.today); });
  LifetimeModel lifetime;
  lifetime.time_unit_days = kWeekDays;
  lifetime.T_max_days = base.as_of + 1;
  lifetime.fit = FitLifetime(kind, std::nullopt, HistoryTable::Of(merged.Rows().value(), kWeekDays), {});
  SpendFitter fitter;
  FitSpendOf(shards, &fitter);
  // Without discounting the value is the product that the peers give.
  const LifetimeScorer quarter(lifetime, &fitter.result(), {.horizon_days = 91, .discount_rate_annual = 0});
  const LifetimeScorer year(lifetime, &fitter.result(), {.horizon_days = 365, .discount_rate_annual = 0.1});
  auto begin = std::chrono::steady_clock::now();
  ScoresOf(shards, quarter);
  ScoresOf(shards, year);
  OutlooksOf(shards, year);
  const double tables_seconds = SecondsSince(begin);
  begin = std::chrono::steady_clock::now();
  const std::vector<LifetimeColumns> scores = ScoresOf(shards, quarter);
  const double seconds = SecondsSince(begin);
  begin = std::chrono::steady_clock::now();
  ScoresOf(shards, year);
  const double value_seconds = SecondsSince(begin);
  begin = std::chrono::steady_clock::now();
  OutlooksOf(shards, year);
  const double outlook_seconds = SecondsSince(begin);
  std::array<double, 4> sums{};
  for (const LifetimeColumns& columns : scores) {
    const std::vector<double>* of_four[] = {&columns.p_alive, &columns.expected_purchases, &columns.expected_spend,
                                            &columns.lifetime_value};
    for (size_t q = 0; q < sums.size(); ++q) sums[q] = std::accumulate(of_four[q]->begin(), of_four[q]->end(), sums[q]);
  }
  return fmt::format(
      "{{\"seconds\": {:.5f}, \"value_seconds\": {:.5f}, \"outlook_seconds\": {:.5f}, \"tables_seconds\": {:.5f}, "
      "\"sums\": [{:.12g}]}}\n",
      seconds, value_seconds, outlook_seconds,
      std::max(0.0, tables_seconds - seconds - value_seconds - outlook_seconds), fmt::join(sums, ", "));
}

int Main(const std::vector<std::string>& arguments) {
  const std::string task = arguments.size() == 3 ? arguments[1] : "";
  const bool scores = task == "scores" || task == "scores_pareto";
  const auto kind = LifetimeKindOf(task);
  if (!scores && !kind && task != "gamma_gamma") {
    std::cerr << "usage: lifetime_benchmark BASE TASK THREADS\n";
    return 2;
  }
  const Base base = ReadBase(arguments[0]);
  const auto fit = [&](size_t customers) {
    const std::vector<ShardFeatures> shards = base.Shards(customers);
    SpendFitter spend;
    return kind ? FitPurchasesOf(*kind, shards) : FitSpendOf(shards, &spend);
  };
  tbb::task_arena arena(std::stoi(arguments[2]));
  if (scores) {
    const LifetimeKind of = task == "scores" ? LifetimeKind::kBgNbd : LifetimeKind::kParetoNbd;
    std::cout << arena.execute([&] { return ScoreBase(base, of); });
    return 0;
  }
  constexpr size_t kWarmCustomers = 20'000;
  arena.execute([&] { return fit(std::min(kWarmCustomers, base.hash.size())); });
  const auto begin = std::chrono::steady_clock::now();
  const Answer answer = arena.execute([&] { return fit(base.hash.size()); });
  const double seconds = SecondsSince(begin);
  std::cout << fmt::format(
      "{{\"seconds\": {:.5f}, \"table_seconds\": {:.5f}, \"rows\": {}, \"evaluations\": {}, \"log_likelihood\": "
      "{:.12g}, "
      "\"parameters\": [{:.10g}], \"errors\": [{:.6g}]}}\n",
      seconds, answer.table_seconds, answer.rows, answer.evaluations, answer.log_likelihood,
      fmt::join(answer.parameters, ", "), fmt::join(answer.errors, ", "));
  return 0;
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::Main(std::vector<std::string>(argv + 1, argv + argc)); }
