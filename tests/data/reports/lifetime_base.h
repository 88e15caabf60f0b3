// A base whose customers buy as the models say, with a hold-out, in shards as the reports of lifetime values see them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "data/reports/report.h"
#include "model/lifetime/history_gatherer.h"
#include "model/lifetime/judge.h"
#include "tests/base/status_matchers.h"

namespace strata {

// One customer of the base, as drawn.
struct Buyer {
  uint64_t hash = 0;
  std::vector<CustomerDay> days;
};

class LifetimeBase {
 public:
  static constexpr Day kNow = 20'000;
  static constexpr int kHoldoutDays = 180;
  static constexpr Day kThen = kNow - kHoldoutDays;

  static LifetimeParameters Truth() { return {.kind = LifetimeKind::kBgNbd, .value = {0.8, 6, 0.7, 2.5}, .k = 1}; }
  static HoldoutSpend TrueSpend() { return {.fitted = true, .p = 6, .q = 4, .v = 15, .population_mean = 6 * 15.0 / 3}; }

  LifetimeBase(uint64_t seed, size_t customers) {
    std::mt19937_64 random(seed);
    for (size_t i = 0; i < customers; ++i) buyers_.push_back(Draw(&random));
    std::sort(buyers_.begin(), buyers_.end(), [](const Buyer& a, const Buyer& b) { return a.hash < b.hash; });
    MakeModels();
  }

  const std::vector<Buyer>& buyers() const { return buyers_; }
  FittedModels& models() { return models_; }
  ReportFacts facts() const { return {.as_of = kNow, .models = &models_, .customers = 0}; }

  absl::StatusOr<ReportTable> Made(const RegisteredReport& report, uint32_t shards) const {
    std::deque<Columns> owned;
    std::vector<std::string> partials;
    for (uint32_t number = 0; number < shards; ++number) {
      Columns& columns = owned.emplace_back();
      for (const Buyer& buyer : buyers_) {
        if (buyer.hash % shards == number) columns.Add(buyer);
      }
      const CustomerColumns then = columns.View();
      ReportShard shard;
      shard.as_of = kNow;
      shard.models = &models_;
      shard.today = shard.holdout = &then;  // reports look at today's for being there alone
      STRATA_ASSIGN_OR_RETURN(std::string partial, report.accumulate(shard));
      partials.push_back(std::move(partial));
    }
    std::reverse(partials.begin(), partials.end());
    // Two at a time as well, as tasks hand them over.
    if (shards > 2) {
      STRATA_ASSIGN_OR_RETURN(partials[1], report.merge({partials[0], partials[1]}));
      partials.erase(partials.begin());
    }
    return report.finish({partials.begin(), partials.end()}, facts());
  }

  // What was known of a customer at kThen, and what followed.
  struct Known {
    int32_t purchases = 0, purchases_before = 0, future_purchases = 0;
    Day first = 0, last = 0;
    int64_t net = 0, repeat_net = 0, future_net = 0;
  };
  static Known KnownOf(const Buyer& buyer) {
    Known known;
    for (const CustomerDay& day : buyer.days) {
      if (day.day > kThen) {
        known.future_purchases += day.is_purchase ? 1 : 0;
        known.future_net += day.net_micros;
        continue;
      }
      known.net += day.net_micros;
      if (!day.is_purchase) continue;
      if (known.purchases == 0) known.first = day.day;
      if (known.purchases > 0) known.repeat_net += day.net_micros;
      ++known.purchases;
      known.last = day.day;
      if (day.day > kThen - kHoldoutDays) ++known.purchases_before;
    }
    return known;
  }

 private:
  struct Columns {
    std::vector<uint64_t> hash;
    std::vector<int32_t> purchases, future_purchases, before;
    std::vector<Day> first, last;
    std::vector<int64_t> net, repeat_net, future_net;

    void Add(const Buyer& buyer) {
      const Known known = KnownOf(buyer);
      hash.push_back(buyer.hash);
      purchases.push_back(known.purchases);
      before.push_back(known.purchases_before);
      future_purchases.push_back(known.future_purchases);
      first.push_back(known.first);
      last.push_back(known.last);
      net.push_back(known.net);
      repeat_net.push_back(known.repeat_net);
      future_net.push_back(known.future_net);
    }
    CustomerColumns View() const {
      CustomerColumns view;
      view.as_of = kThen;
      view.hash = hash;
      view.purchase_days = purchases;
      view.first_day = first;
      view.last_day = last;
      view.net_micros = net;
      view.repeat_net_micros = repeat_net;
      view.future_purchase_days = future_purchases;
      view.future_net_micros = future_net;
      view.purchase_days_before = before;
      return view;
    }
  };

  // Buys from some day of the last three years on.
  static Buyer Draw(std::mt19937_64* random) {
    const auto gamma = [random](double shape, double rate) {
      return std::gamma_distribution<double>(shape, 1 / rate)(*random);
    };
    const LifetimeParameters truth = Truth();
    const HoldoutSpend spend = TrueSpend();
    const double rate = gamma(truth.value[0], truth.value[1]) / 7;
    const double a = gamma(truth.value[2], 1), leaving = a / (a + gamma(truth.value[3], 1));
    const double nu = gamma(spend.q, spend.v);
    Buyer buyer;
    buyer.hash = (*random)();
    double time = kNow - 1000 + static_cast<double>((*random)() % 950);
    while (time <= kNow) {
      const auto day = static_cast<Day>(std::ceil(time));
      const auto net = static_cast<int64_t>(std::llround(1e6 * gamma(spend.p, nu)));
      if (buyer.days.empty() || buyer.days.back().day < day) {
        buyer.days.push_back({.day = day, .net_micros = net, .is_purchase = true});
      }
      if (buyer.days.size() > 1 && std::uniform_real_distribution<double>()(*random) < leaving) break;
      time += std::exponential_distribution<double>(rate)(*random);
    }
    return buyer;
  }

  void MakeModels() {
    LifetimeModel& model = models_.lifetime.emplace();
    model.fit.fitted = true;
    model.fit.asked = LifetimeKind::kBgNbd;
    model.fit.parameters = Truth();
    model.fitted_as_of = kNow;
    model.fit.estimates = {
        {.name = "r", .estimate = 0.8, .standard_error = 0.1, .low = 0.6, .high = 1, .by = "hessian", .words = ""},
        {.name = "alpha",
         .estimate = 6.0,
         .standard_error = 0.2,
         .low = 5.6,
         .high = 6.4,
         .by = "hessian",
         .words = ""},
        {.name = "a", .words = "not determined"}};
    std::vector<HoldoutRow> rows;
    HistoryGatherer gatherer(kThen);
    for (const Buyer& buyer : buyers_) {
      gatherer.Add(buyer.days);
      const Known known = KnownOf(buyer);
      if (known.purchases == 0) continue;
      rows.push_back({.x = known.purchases - 1,
                      .t_x_days = known.last - known.first,
                      .T_days = kThen - known.first,
                      .y = known.future_purchases,
                      .customers = 1,
                      .y_before = known.purchases_before});
    }
    model.history = gatherer.Take();
    model.holdout = JudgeHoldout(rows, model.fit, {.time_unit_days = 7, .as_of = kThen, .days = kHoldoutDays});
    model.holdout->spend = TrueSpend();
    SpendModel& spend = models_.spend.emplace();
    spend.fitted = true;
    spend.population_mean = TrueSpend().population_mean;
    spend.estimates = {{.name = "p", .estimate = 6.0}};
  }

  std::vector<Buyer> buyers_;
  FittedModels models_;
};

// One for all tests.
inline const LifetimeBase& Base() {
  static const LifetimeBase base(7, 3000);
  return base;
}

inline ReportTable Table(const RegisteredReport& report, const LifetimeBase& base = Base(), uint32_t shards = 1) {
  auto table = base.Made(report, shards);
  EXPECT_OK(table) << report.info.name;
  return table.ok() ? *std::move(table) : EmptyTable(report.info.columns.size());
}

// Columns of a table by name.
class Read {
 public:
  Read(const RegisteredReport& report, const ReportTable& table) : columns_(report.info.columns), table_(table) {}
  const std::vector<int64_t>& Whole(const std::string& name) const { return table_.whole[PlaceOf(name)]; }
  const std::vector<double>& Number(const std::string& name) const { return table_.number[PlaceOf(name)]; }
  const std::vector<std::optional<std::string>>& Text(const std::string& name) const {
    return table_.text[PlaceOf(name)];
  }

 private:
  size_t PlaceOf(const std::string& name) const {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].name == name) return i;
    }
    ADD_FAILURE() << "no column " << name;
    return 0;
  }
  std::vector<ReportColumn> columns_;
  const ReportTable& table_;
};

}  // namespace strata
