// A base with a churn model, scores and profile, in shards as the reports of churn see them. All follows from features
// and hashes, so it is the same in any split.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "data/profile/churn_columns.h"
#include "data/reports/report.h"
#include "model/churn/catalogue.h"
#include "model/churn/survival.h"
#include "model/rfm/rfm_fitter.h"
#include "tests/base/status_matchers.h"
#include "tests/model/customer_table.h"

namespace strata {

class ChurnBase {
 public:
  static constexpr Day kAsOf = 10'500;
  static constexpr int kHorizon = 90, kEligible = 180;

  explicit ChurnBase(uint32_t shards)
      : rows_(RandomRows(21, 1500, kAsOf - 900, kAsOf)), base_(rows_, kAsOf, kHorizon, shards) {
    RfmFitter rfm{RfmFitSettings()};
    RunFit(&rfm, base_.shards());
    models_.rfm = rfm.result();
    models_.churn = MadeModel();
    job_.churn = ChurnSettings{.horizon_days = kHorizon, .eligible_days = kEligible};
    job_.churn->list = 25;
    for (const TestRow& row : rows_) {
      if (!row.is_return && row.day <= kAsOf) days_[HashOfCustomer(row.customer)][row.day] = true;
    }
    for (const ShardFeatures& features : base_.shards()) AddShard(features);
  }

  FittedModels& models() { return models_; }
  Job& job() { return job_; }
  const std::vector<ReportShard>& shards() const { return shards_; }
  ReportFacts facts() const { return {.as_of = kAsOf, .job = &job_, .models = &models_}; }

  // Ascending purchase days up to kAsOf.
  std::vector<Day> PurchaseDays(uint64_t hash) const {
    std::vector<Day> days;
    const auto found = days_.find(hash);
    if (found == days_.end()) return days;
    for (const auto& [day, bought] : found->second) days.push_back(day);
    return days;
  }

  absl::StatusOr<ReportTable> Made(const RegisteredReport& report) const {
    std::vector<std::string> partials;
    for (const ReportShard& shard : shards_) {
      STRATA_ASSIGN_OR_RETURN(std::string partial, report.accumulate(shard));
      partials.push_back(std::move(partial));
    }
    return report.finish({partials.rbegin(), partials.rend()}, facts());
  }

  static CustomerScore ScoreOf(const CustomerColumns& today, size_t row) {
    CustomerScore score;
    const uint64_t hash = today.hash[row];
    if (today.purchase_days[row] == 0 || today.as_of - today.last_day[row] >= kEligible) return score;
    score.churn_probability = static_cast<double>(hash % 1000) / 1000;
    const double p = score.churn_probability;
    score.churn.band = p < 0.33 ? ChurnBand::kLow : p < 0.66 ? ChurnBand::kMedium : ChurnBand::kHigh;
    score.churn.margin = 8 * p - 4;
    // Many alike, so that ties are met.
    if (hash % 11 != 0) score.churn.value_at_risk = p * static_cast<double>(hash / 1000 % 20);
    if (score.churn.band == ChurnBand::kLow) return score;
    score.churn.reasons[0] = {.group = 0, .feature = 0, .contribution = 1.5F, .value = 74};
    score.churn.reasons[1] = {.group = 1, .feature = 2, .contribution = -0.5F, .value = 3};
    return score;
  }

 private:
  struct Owned {
    std::vector<int64_t> tenure, lost;
    std::vector<CustomerScore> scores;
    std::vector<std::string> ids;
    ColumnSet columns;
  };

  static ChurnModel MadeModel() {
    ChurnModel model;
    model.fitted = true;
    model.horizon_days = kHorizon;
    model.eligible_days = kEligible;
    for (const ChurnFeature& feature : ChurnCatalogue()) {
      if (feature.source == ChurnSource::kDays) model.plan.features.push_back(feature);
    }
    return model;
  }

  void AddShard(const ShardFeatures& features) {
    Owned& owned = owned_.emplace_back();
    const CustomerColumns& today = features.today;
    for (size_t row = 0; row < today.size(); ++row) {
      const auto span = TenureOfBuyer(PurchaseDays(today.hash[row]), kAsOf, kHorizon);
      owned.tenure.push_back(span.has_value() ? span->exit : kNoWhole);
      owned.lost.push_back(span.has_value() ? int64_t{span->is_event} : kNoWhole);
      owned.scores.push_back(ScoreOf(today, row));
      owned.ids.push_back("customer-" + std::to_string(today.hash[row]));
    }
    for (const Column& column : features.profile->columns()) owned.columns.Add(column);
    for (const auto& [name, values] : {std::pair(kChurnTenure, &owned.tenure), std::pair(kChurnLost, &owned.lost)}) {
      Column column;
      column.name = name;
      column.whole = *values;
      owned.columns.Add(std::move(column));
    }
    ReportShard shard;
    shard.as_of = kAsOf;
    shard.job = &job_;
    shard.models = &models_;
    shard.today = &today;
    shard.churn_views = features.churn_views;
    shard.scores = owned.scores;
    shard.id = [&owned](size_t row) { return std::string_view(owned.ids[row]); };
    shard.columns = &owned.columns;
    shards_.push_back(std::move(shard));
  }

  std::vector<TestRow> rows_;
  TestBase base_;
  FittedModels models_;
  Job job_;
  std::map<uint64_t, std::map<Day, bool>> days_;
  std::deque<Owned> owned_;
  std::vector<ReportShard> shards_;
};

}  // namespace strata
