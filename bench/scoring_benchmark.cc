// Scores of customers by lifetime models: the numbers of every night, and the outlook with its intervals.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/lifetime/covariate_coding.h"
#include "model/lifetime/value.h"

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;
constexpr int32_t kDays = 728;

// Customers of a BG/NBD world in whole days, first purchases spread over the whole time.
class Base {
 public:
  explicit Base(size_t customers) {
    std::mt19937_64 random(5);
    for (size_t i = 0; i < customers; ++i) Add(i, &random);
  }

  CustomerColumns columns() const {
    CustomerColumns columns;
    columns.as_of = kAsOf;
    columns.hash = hash_;
    columns.purchase_days = purchase_days_;
    columns.first_day = first_day_;
    columns.last_day = last_day_;
    columns.repeat_net_micros = net_;
    return columns;
  }

 private:
  void Add(uint64_t hash, std::mt19937_64* random) {
    const double rate = std::gamma_distribution<double>(0.25, 1 / 30.0)(*random);  // a day
    const double stays = std::gamma_distribution<double>(2.4)(*random),
                 leaves = std::gamma_distribution<double>(0.8)(*random);
    const double thrift = std::gamma_distribution<double>(3.7, 1 / 15.0)(*random);
    const Day first = kAsOf - static_cast<Day>((*random)() % kDays);
    Day last = first;
    int32_t days = 1;
    double net = 0;
    for (double at = 0;;) {
      at += std::exponential_distribution<double>(rate)(*random);
      if (!(first + at < kAsOf)) break;
      const Day day = first + static_cast<Day>(at);
      if (day == last) continue;
      last = day;
      ++days;
      net += std::gamma_distribution<double>(6.2, 1 / thrift)(*random);
      if (std::uniform_real_distribution<double>()(*random) * (leaves + stays) < leaves) break;
    }
    hash_.push_back(hash);
    purchase_days_.push_back(days);
    first_day_.push_back(first);
    last_day_.push_back(last);
    net_.push_back(std::llround(net * 100) * 10'000);
  }

  std::vector<uint64_t> hash_;
  std::vector<int32_t> purchase_days_;
  std::vector<Day> first_day_, last_day_;
  std::vector<int64_t> net_;
};

const Base& BaseOf(size_t customers) {
  static const Base base(customers);
  return base;
}

LifetimeModel ModelOf(int64_t kind) {
  LifetimeModel model;
  model.fit.fitted = true;
  switch (static_cast<LifetimeKind>(kind)) {
    case LifetimeKind::kParetoNbd:
      model.fit.parameters = {.kind = LifetimeKind::kParetoNbd, .value = {0.553, 10.58, 0.606, 11.67}, .k = 1};
      break;
    case LifetimeKind::kMbgCnbd:
      model.fit.parameters = {.kind = LifetimeKind::kMbgCnbd, .value = {0.7, 2, 0.9, 3}, .k = 2};
      break;
    default:
      model.fit.parameters = {.kind = static_cast<LifetimeKind>(kind), .value = {0.25, 4.3, 0.8, 2.4}, .k = 1};
  }
  for (size_t i = 0; i < 4; ++i) model.fit.covariance[i][i] = 0.0004;
  model.T_max_days = kDays;
  return model;
}

SpendModel Spend() {
  SpendModel spend;
  spend.fitted = true;
  spend.customers = 1000;
  spend.p = 6.2;
  spend.q = 3.7;
  spend.v = 15;
  spend.population_mean = spend.p * spend.v / (spend.q - 1);
  for (size_t i = 0; i < 3; ++i) spend.covariance[i][i] = 0.0004;
  return spend;
}

// A part of a base, as shards have it.
CustomerColumns Part(CustomerColumns all, size_t part, size_t parts) {
  const size_t from = all.size() * part / parts, size = all.size() * (part + 1) / parts - from;
  all.hash = all.hash.subspan(from, size);
  all.purchase_days = all.purchase_days.subspan(from, size);
  all.first_day = all.first_day.subspan(from, size);
  all.last_day = all.last_day.subspan(from, size);
  all.repeat_net_micros = all.repeat_net_micros.subspan(from, size);
  return all;
}

constexpr size_t kShards = 16;

// Every shard, the threads in turns.
template <class Task>
void OverShards(size_t threads, Task task) {
  std::vector<std::jthread> running;
  for (size_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&task, thread, threads] {
      for (size_t shard = thread; shard < kShards; shard += threads) task(shard);
    });
  }
}

// P(alive), expected purchases, P(none), spend, discounted value; tables made before, as once a night.
void Numbers(benchmark::State& state) {
  const CustomerColumns all = BaseOf(1'000'000).columns();
  const SpendModel spend = Spend();
  const LifetimeScorer scorer(ModelOf(state.range(0)), &spend, {});
  LifetimeColumns warm;
  (void)scorer.Score(all, nullptr, &warm);
  std::vector<LifetimeColumns> out(kShards);
  for (auto _ : state) {
    OverShards(static_cast<size_t>(state.range(1)),
               [&](size_t shard) { (void)scorer.Score(Part(all, shard, kShards), nullptr, &out[shard]); });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(all.size()));
}
BENCHMARK(Numbers)
    ->Args({2, 1})
    ->Args({2, 2})
    ->Args({4, 2})
    ->Args({6, 2})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// The numbers and the outlook, tables and all.
void Everything(benchmark::State& state) {
  const CustomerColumns all = BaseOf(1'000'000).columns();
  const SpendModel spend = Spend();
  for (auto _ : state) {
    const LifetimeScorer scorer(ModelOf(state.range(0)), &spend, {});
    OverShards(static_cast<size_t>(state.range(1)), [&](size_t shard) {
      LifetimeColumns numbers;
      std::vector<CustomerOutlook> outlooks;
      (void)scorer.Score(Part(all, shard, kShards), nullptr, &numbers);
      (void)scorer.Outlook(Part(all, shard, kShards), nullptr, &outlooks);
      benchmark::DoNotOptimize(outlooks.data());
    });
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(all.size()));
}
BENCHMARK(Everything)
    ->Args({2, 1})
    ->Args({2, 2})
    ->Args({4, 2})
    ->Args({6, 2})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// Traits of three columns of numbers, on buying and leaving: next to nobody shares parameters with anybody.
class Traits {
 public:
  explicit Traits(size_t customers) {
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    for (auto& column : columns_) {
      for (size_t i = 0; i < customers; ++i) column.push_back(std::llround(1e6 * normal(random)));
    }
  }

  // `error` is of every coefficient.
  static void Add(double error, LifetimeModel* model) {
    CovariateModel& covariates = model->covariates.emplace();
    for (const char* name : {"one", "two", "three"}) covariates.sources.push_back({.column = name, .deviation = 1e6});
    covariates.traits = TraitsOf(covariates.sources);
    covariates.effects = {.rate = {0, 1, 2}, .dropout = {0, 1, 2}};
    covariates.fit.fitted = true;
    covariates.fit.base = model->fit.parameters;
    covariates.fit.rate = {0.3, -0.2, 0.1};
    covariates.fit.dropout = {-0.2, 0.1, 0.3};
    covariates.fit.kept = covariates.effects;
    covariates.fit.covariance.assign(100, 0);
    for (size_t i = 0; i < 10; ++i) covariates.fit.covariance[i * 11] = error * error;
  }

  ColumnSet Part(size_t from, size_t size) const {
    ColumnSet profile;
    const char* names[] = {"one", "two", "three"};
    for (size_t c = 0; c < 3; ++c) {
      profile.Add({.name = names[c], .whole = std::span(columns_[c]).subspan(from, size)});
    }
    return profile;
  }

 private:
  std::vector<int64_t> columns_[3];
};

// Numbers and outlooks of customers with traits of their own, two threads. Coefficients are known well, or so badly
// that every draw is evaluated.
void OwnTraits(benchmark::State& state) {
  const auto customers = static_cast<size_t>(state.range(2));
  const Base base(customers);
  const Traits traits(customers);
  const SpendModel spend = Spend();
  LifetimeModel model = ModelOf(state.range(0));
  Traits::Add(state.range(1) == 0 ? 0.02 : 0.4, &model);
  for (auto _ : state) {
    const LifetimeScorer scorer(model, &spend, {});
    OverShards(2, [&](size_t shard) {
      LifetimeColumns numbers;
      std::vector<CustomerOutlook> outlooks;
      const CustomerColumns part = Part(base.columns(), shard, kShards);
      const ColumnSet profile = traits.Part(customers * shard / kShards, part.size());
      if (!scorer.Score(part, &profile, &numbers).ok() || !scorer.Outlook(part, &profile, &outlooks).ok()) std::abort();
      benchmark::DoNotOptimize(outlooks.data());
    });
  }
  state.SetItemsProcessed(state.iterations() * state.range(2));
}
BENCHMARK(OwnTraits)
    ->ArgNames({"kind", "wide", "customers"})
    ->ArgsProduct({{2, 3, 4}, {0, 1}, {2000}})
    ->Args({6, 0, 200})
    ->Args({2, 0, 50'000})
    ->Args({4, 0, 50'000})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// A few customers with dozens of purchases, parameters hardly known, spend that differs wildly: every draw is
// evaluated.
void FewBuyers(benchmark::State& state) {
  std::mt19937_64 random(6);
  std::vector<uint64_t> hash(900);
  std::vector<int32_t> purchase_days(900);
  std::vector<Day> first_day(900), last_day(900);
  std::vector<int64_t> net(900);
  for (size_t i = 0; i < hash.size(); ++i) {
    purchase_days[i] = 40 + static_cast<int32_t>(random() % 90);
    first_day[i] = kAsOf - 700 - static_cast<Day>(random() % 28);
    last_day[i] = kAsOf - static_cast<Day>(random() % 60);
    net[i] = static_cast<int64_t>(random() % 4'000'000'000);
  }
  CustomerColumns columns;
  columns.as_of = kAsOf;
  columns.hash = hash;
  columns.purchase_days = purchase_days;
  columns.first_day = first_day;
  columns.last_day = last_day;
  columns.repeat_net_micros = net;
  LifetimeModel model = ModelOf(state.range(0));
  if (state.range(0) == 2) model.fit.parameters.value = {7.07, 5.49, 1.07, 139};
  model.fit.customers = 900;
  for (size_t i = 0; i < 4; ++i) model.fit.covariance[i][i] = 0.16;
  SpendModel spend = Spend();
  spend.p = 0.039;
  spend.q = 1.095;
  for (auto _ : state) {
    const LifetimeScorer scorer(model, &spend, {});
    LifetimeColumns numbers;
    std::vector<CustomerOutlook> outlooks;
    (void)scorer.Score(columns, nullptr, &numbers);
    (void)scorer.Outlook(columns, nullptr, &outlooks);
    benchmark::DoNotOptimize(outlooks.data());
  }
}
BENCHMARK(FewBuyers)->Arg(2)->Arg(4)->Arg(6)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

}  // namespace
}  // namespace strata

BENCHMARK_MAIN();
