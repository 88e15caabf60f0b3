// A base with models, profile, classes and a night before, in shards as class reports see them. All follows from
// features and hashes, so it is the same in any split.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/reports/report.h"
#include "model/classes/life_cycle.h"
#include "model/classes/scheme_fitter.h"
#include "model/rfm/rfm_fitter.h"
#include "tests/model/customer_table.h"

namespace strata {

class ClassBase {
 public:
  static constexpr Day kAsOf = 10'500;
  static constexpr Day kPreviousAsOf = kAsOf - 30;

  explicit ClassBase(uint32_t shards, const RfmFitSettings& rfm = {})
      : base_(RandomRows(11, 1500, kAsOf - 900, kAsOf), kAsOf, 0, shards) {
    FitModels(rfm);
    for (const ShardFeatures& features : base_.shards()) AddShard(features);
    for (uint64_t number = 0; number < 40; ++number) {
      const uint64_t hash = HashOfCustomer(1'000'000 + number);
      ScoredCustomer gone{.hash = hash, .id = gone_ids_.emplace_back("gone-" + std::to_string(number)), .score = {}};
      gone.score.classes[static_cast<size_t>(SchemeId::kCore)] = static_cast<uint8_t>(1 + number % 3);
      gone.score.classes[static_cast<size_t>(SchemeId::kLifeCycle)] = static_cast<uint8_t>(1 + number % 7);
      owned_[hash % shards].gone.push_back(gone);
    }
  }

  const std::vector<ReportShard>& shards() const { return shards_; }
  const FittedModels& models() const { return models_; }
  ReportFacts facts() const { return {.as_of = kAsOf, .models = &models_, .customers = customers_}; }

  // Calls visit(shard, row) for every customer.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const ReportShard& shard : shards_) {
      for (size_t row = 0; row < shard.today->size(); ++row) visit(shard, row);
    }
  }

 private:
  struct Owned {
    std::map<std::string, std::vector<int64_t>> whole;
    ColumnSet columns;
    ClassCodes classes;
    ClassHistory history;
    std::vector<ScoredCustomer> gone;
    std::vector<std::string> ids;
  };

  void FitModels(const RfmFitSettings& rfm_settings) {
    RfmFitter rfm(rfm_settings);
    RunFit(&rfm, base_.shards());
    models_.rfm = rfm.result();
    GapStatistics gaps;
    for (Day length = 1; length <= 200; ++length) gaps.Add(std::vector<Day>{0, length}, 1000, 365);
    SchemeFitSettings settings;
    settings.value = true;
    settings.basis = "net";
    settings.peers_min = 20;
    settings.levels.fill(LevelRule());
    settings.life_cycle = FitLifeCycle(gaps, {}, kAsOf);
    SchemeFitter schemes(settings);
    RunFit(&schemes, base_.shards());
    models_.schemes = schemes.result();
    old_models_ = models_;
    old_models_.schemes->value->a_from = *models_.schemes->value->a_from + 1'000'000;
    old_models_.schemes->life_cycle->days = {50, 120, 190};
  }

  void AddShard(const ShardFeatures& features) {
    Owned& owned = owned_.emplace_back();
    const CustomerColumns& today = features.today;
    for (const Column& column : features.profile->columns()) owned.columns.Add(column);
    for (const char* name : {"last_row_day", "gross", "returns", "discount", "goods_cost", "service_cost",
                             "contact_cost", "retention_cost", "discount_cost"}) {
      owned.whole[name];
    }
    ClassHistory& history = owned.history;
    history.previous_as_of = kPreviousAsOf;
    history.compared.fill(true);
    for (size_t row = 0; row < today.size(); ++row) {
      const uint64_t hash = today.hash[row];
      const auto part = [&](uint64_t divisor) { return static_cast<int64_t>(hash / divisor % 50) * 1'000'000; };
      owned.whole["last_row_day"].push_back(today.last_day[row]);
      owned.whole["gross"].push_back(today.net_micros[row] + part(3));
      owned.whole["returns"].push_back(part(3));
      owned.whole["discount"].push_back(hash % 4 == 0 ? kNoWhole : part(5));
      owned.whole["goods_cost"].push_back(hash % 5 == 0 ? kNoWhole : today.net_micros[row] / 2 + part(7));
      for (const char* name : {"service_cost", "contact_cost", "retention_cost", "discount_cost"}) {
        owned.whole[name].push_back(hash % 3 == 0 ? kNoWhole : part(static_cast<uint64_t>(name[0])));
      }
      owned.ids.push_back("customer-" + std::to_string(hash));
      history.is_new.push_back(hash % 29 == 0);
    }
    for (const auto& [name, values] : owned.whole) {
      Column column;
      column.name = name;
      column.whole = values;
      owned.columns.Add(std::move(column));
    }
    owned.classes = ClassifyCustomers(models_, today, owned.columns);
    history.by_old_cuts = ClassifyCustomers(old_models_, today, owned.columns).codes;
    history.before = history.by_old_cuts;
    for (std::vector<uint8_t>& codes : history.before) {
      for (size_t row = 0; row < codes.size(); ++row) {
        const uint64_t hash = today.hash[row];
        if (hash % 7 == 0 && codes[row] > 1) --codes[row];
        if (history.is_new[row]) codes[row] = 0;
      }
    }
    ReportShard shard;
    shard.as_of = kAsOf;
    shard.models = &models_;
    shard.today = &today;
    shard.id = [&owned](size_t row) { return std::string_view(owned.ids[row]); };
    shard.columns = &owned.columns;
    shard.classes = &owned.classes;
    shard.history = &history;
    shard.gone = &owned.gone;
    shards_.push_back(std::move(shard));
    customers_ += static_cast<int64_t>(today.size());
  }

  TestBase base_;
  FittedModels models_, old_models_;
  std::deque<Owned> owned_;
  std::deque<std::string> gone_ids_;
  std::vector<ReportShard> shards_;
  int64_t customers_ = 0;
};

}  // namespace strata
